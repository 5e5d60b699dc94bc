{# How dbt makes tables and views in DuckDB: by one statement, which is atomic there. dbt's own way (another name, two renames,
   a drop, each a statement of its own) takes as long as the SQL of most models. BigQuery keeps dbt's way. #}

{% materialization table, adapter='duckdb' -%}
    {{ return({'relations': [replaced('table')]}) }}
{%- endmaterialization %}

{% materialization view, adapter='duckdb' -%}
    {{ return({'relations': [replaced('view')]}) }}
{%- endmaterialization %}

{% macro replaced(type) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type=type) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {#- DuckDB does not replace a table by a view, or the other way round. -#}
    {%- if existing is not none and existing.type != type -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        create or replace {{ type }} {{ target_relation }} as (
            {{ model['compiled_code'] }}
        )
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {%- do return(target_relation) -%}
{%- endmacro %}

{#- A test's findings are made and counted by a statement each, and committed between: a test that asked the warehouse while it was
    compiled has begun a transaction, which dbt rolls back at its end. -#}
{% materialization test, adapter='duckdb' -%}
    {%- set findings = get_limit_subquery_sql(sql, config.get('limit')) -%}
    {%- if should_store_failures() -%}
        {%- set kept = api.Relation.create(database=database, schema=schema, identifier=model['alias'], type='table') -%}
        {%- call statement('kept') -%}
            create or replace table {{ kept }} as (
                {{ findings }}
            )
        {%- endcall -%}
        {%- do adapter.commit() -%}
        {%- set findings = 'select * from ' ~ kept -%}
    {%- endif -%}
    {%- call statement('main', fetch_result=True, auto_begin=False) -%}
        {{ get_test_sql(findings, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), limit=none) }}
    {%- endcall -%}
    {{ return({'relations': [kept] if kept else []}) }}
{%- endmaterialization %}

{#- As BigQuery does: dbt's own way empties the old table, which does not have the columns that a CSV has gained. -#}
{% macro duckdb__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- do adapter.drop_relation(old_relation) -%}
    {%- do return(create_csv_table(model, agate_table)) -%}
{%- endmacro %}

{% macro write_file_once() -%}{{ adapter.dispatch('write_file_once')() }}{%- endmacro %}
{% macro default__write_file_once() -%}{{ refuse_warehouse('write_file_once') }}{%- endmacro %}
{% macro duckdb__write_file_once() -%}set checkpoint_threshold = '4GB'{%- endmacro %}
{% macro bigquery__write_file_once() -%}{%- endmacro %}
