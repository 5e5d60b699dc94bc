{# Reading the JSON columns of the raw tables. #}

{# One field of a JSON object as text, without quotes; null where it is missing or JSON null. #}
{% macro json_text(object, path) -%}{{ adapter.dispatch('json_text')(object, path) }}{%- endmacro %}
{% macro default__json_text(object, path) -%}{{ refuse_warehouse('json_text') }}{%- endmacro %}
{% macro duckdb__json_text(object, path) -%}
    json_extract_string({{ object }}, '$.{{ path }}')
{%- endmacro %}
{% macro bigquery__json_text(object, path) -%}
    json_value({{ object }}, '$.{{ path }}')
{%- endmacro %}

{# A join that gives one row, `element`, for each element of a JSON array; none where it is null. #}
{% macro cross_join_elements(array) -%}{{ adapter.dispatch('cross_join_elements')(array) }}{%- endmacro %}
{% macro default__cross_join_elements(array) -%}{{ refuse_warehouse('cross_join_elements') }}{%- endmacro %}
{% macro duckdb__cross_join_elements(array) -%}
    cross join unnest(cast({{ array }} as json[])) as elements (element)
{%- endmacro %}
{% macro bigquery__cross_join_elements(array) -%}
    cross join unnest(json_query_array({{ array }})) as element
{%- endmacro %}
