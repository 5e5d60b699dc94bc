{# Reading the JSON columns of the raw tables. #}

{% macro json_text(object, path) -%}{{ adapter.dispatch('json_text')(object, path) }}{%- endmacro %}
{% macro default__json_text(object, path) -%}{{ refuse_warehouse('json_text') }}{%- endmacro %}
{% macro duckdb__json_text(object, path) -%}
    json_extract_string({{ object }}, '$.{{ path }}')
{%- endmacro %}
{% macro bigquery__json_text(object, path) -%}
    json_value({{ object }}, '$.{{ path }}')
{%- endmacro %}

{% macro with_elements(relation, array) -%}{{ adapter.dispatch('with_elements')(relation, array) }}{%- endmacro %}
{% macro default__with_elements(relation, array) -%}{{ refuse_warehouse('with_elements') }}{%- endmacro %}
{% macro duckdb__with_elements(relation, array) -%}
    (select *, unnest(cast({{ array }} as json[])) as element from {{ relation }}) as {{ relation }}
{%- endmacro %}
{% macro bigquery__with_elements(relation, array) -%}
    {{ relation }} cross join unnest(json_query_array({{ relation }}.{{ array }})) as element
{%- endmacro %}
