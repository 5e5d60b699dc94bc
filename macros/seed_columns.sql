{# A CSV of before there were dates has no such columns: all its rows hold always. #}
{% macro add_missing_columns(columns) -%}
    {%- if execute -%}
        {%- set written = load_agate_table().column_names -%}
        {%- for column in columns if column not in written -%}
            {%- do run_query('alter table ' ~ this ~ ' add column ' ~ column ~ ' ' ~ dbt.type_string()) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
