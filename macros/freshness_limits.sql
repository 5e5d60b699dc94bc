{% macro freshness_limits() -%}
    {%- set rows, hours_of = [], {'hour': 1, 'day': 24} -%}
    {%- set sources = graph.sources.values() if execute else [] -%}
    {%- for table in sources | sort(attribute='name') if table.source_name == 'servicetitan' -%}
        {%- set limit = (table.freshness or {}).error_after or {} -%}
        {%- set hours = limit.count * hours_of[limit.period | string] if limit.count else 'null' -%}
        {%- set entity = table.name | replace('raw_', '') -%}
        {%- do rows.append("select '" ~ entity ~ "' as entity, " ~ hours ~ ' as limit_hours') -%}
    {%- endfor -%}
    {{ (rows or ["select 'none' as entity, 0 as limit_hours"]) | join('\n    union all\n    ') }}
{%- endmacro %}

{% macro is_there(relation) -%}
    {%- do return(
        not (execute and flags.INTROSPECT)
        or adapter.get_relation(relation.database, relation.schema, relation.identifier) is not none
    ) -%}
{%- endmacro %}
