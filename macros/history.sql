{# What earlier builds showed, kept by the snapshots of snapshots/. #}

{#- The first day whose numbers a build keeps: thirteen weeks up to the as-of day. -#}
{% macro history_begins(as_of=none) -%}{{ add_days(as_of or as_of_date(), -90) }}{%- endmacro %}

{#- The moment of this build, one for all its history. -#}
{% macro built_at() -%}
    cast('{{ run_started_at.isoformat() }}' as {{ type_instant() }})
{%- endmacro %}

{#- Whether a build of this as-of day counted all that a reported value (a relation with period_end and pulled_at) could show:
    a build of an earlier day would be held against what it left out on purpose. -#}
{% macro could_know(reported, as_of) -%}
    {{ as_of }} >= least({{ reported }}.period_end, {{ local_date(reported ~ '.pulled_at') }})
{%- endmacro %}

{#- dbt stamps the versions of a snapshot with this: with the moment at which the build began, so that what was valid at
    that moment is exactly what the build showed. -#}
{% macro duckdb__snapshot_get_time() -%}{{ built_at() }}{%- endmacro %}
{% macro bigquery__snapshot_get_time() -%}{{ built_at() }}{%- endmacro %}

{#- The columns (name: type) of a snapshot; no rows where no build has taken one yet, so that a model that reads history
    is empty rather than broken. -#}
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
