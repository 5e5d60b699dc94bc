{# What earlier builds showed, kept by the snapshots of snapshots/. #}

{% macro history_begins(as_of=none) -%}{{ add_days(as_of or as_of_date(), -90) }}{%- endmacro %}

{% macro built_at() -%}
    cast('{{ run_started_at.isoformat() }}' as {{ type_instant() }})
{%- endmacro %}

{% macro could_know(reported, as_of) -%}
    {{ as_of }} >= least({{ reported }}.period_end, {{ local_date(reported ~ '.pulled_at') }})
{%- endmacro %}

{% macro duckdb__snapshot_get_time() -%}{{ built_at() }}{%- endmacro %}
{% macro bigquery__snapshot_get_time() -%}{{ built_at() }}{%- endmacro %}

{% macro history_of(snapshot, columns) -%}
    {%- if execute and flags.INTROSPECT and not adapter.get_relation(snapshot.database, snapshot.schema, snapshot.identifier) -%}
    select
        {%- for name, type in columns.items() %}
        cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (select 1 as nothing) as nothing
    where false
    {%- else -%}
    select
        {%- for name in columns %}
        {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ snapshot }}
    {%- endif -%}
{%- endmacro %}
