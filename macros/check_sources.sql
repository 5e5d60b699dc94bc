{% macro check_sources() %}
    {%- if execute and flags.INTROSPECT and flags.WHICH in ('run', 'build') -%}
        {%- set missing = [] -%}
        {%- for source in graph.sources.values() if source.source_name in ('servicetitan', 'reports') -%}
            {%- if not adapter.get_relation(source.database, source.schema, source.identifier) -%}
                {%- do missing.append(source.identifier) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if missing -%}
            {%- do exceptions.warn(
                'no raw table ' ~ missing | join(', ') ~ ': run `python -m extract sync` first; it creates every table'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
