{# How names are trimmed and matched. #}

{% macro blank() -%}[\s\x0B\x{85}\p{Z}]{%- endmacro %}

{% macro trim_blanks(name) -%}
    {{ replace_pattern(name, '^' ~ blank() ~ '+|' ~ blank() ~ '+$', "''") }}
{%- endmacro %}

{% macro name_key(name) -%}
    {%- set straight = replace_pattern(name, '[‘’‛ʼ]', 'chr(39)') -%}
    {%- set one_dash = replace_pattern(straight, '[\\p{Pd}−]', "'-'") -%}
    {%- set one_blank = replace_pattern(one_dash, blank() ~ '+', "' '") -%}
    lower(trim({{ one_blank }}))
{%- endmacro %}

{% macro replace_pattern(text, pattern, replacement) -%}
    {{ adapter.dispatch('replace_pattern')(text, pattern, replacement) }}
{%- endmacro %}
{% macro default__replace_pattern(text, pattern, replacement) -%}{{ refuse_warehouse('replace_pattern') }}{%- endmacro %}
{% macro duckdb__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', {{ replacement }}, 'g')
{%- endmacro %}
{% macro bigquery__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, r'{{ pattern }}', {{ replacement }})
{%- endmacro %}

{% macro matches(text, pattern) -%}{{ adapter.dispatch('matches')(text, pattern) }}{%- endmacro %}
{% macro default__matches(text, pattern) -%}{{ refuse_warehouse('matches') }}{%- endmacro %}
{% macro duckdb__matches(text, pattern) -%}regexp_matches({{ text }}, '{{ pattern }}'){%- endmacro %}
{% macro bigquery__matches(text, pattern) -%}regexp_contains({{ text }}, r'{{ pattern }}'){%- endmacro %}

{% macro captured(text, pattern) -%}{{ adapter.dispatch('captured')(text, pattern) }}{%- endmacro %}
{% macro default__captured(text, pattern) -%}{{ refuse_warehouse('captured') }}{%- endmacro %}
{% macro duckdb__captured(text, pattern) -%}regexp_extract({{ text }}, '{{ pattern }}', 1){%- endmacro %}
{% macro bigquery__captured(text, pattern) -%}regexp_extract({{ text }}, r'{{ pattern }}'){%- endmacro %}
