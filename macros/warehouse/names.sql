{# How names are trimmed and matched. #}

{# One blank: any white space of Unicode, tab and no-break space among it. #}
{% macro blank() -%}[\s\x0B\x{85}\p{Z}]{%- endmacro %}

{% macro trim_blanks(name) -%}
    {{ replace_pattern(name, '^' ~ blank() ~ '+|' ~ blank() ~ '+$', "''") }}
{%- endmacro %}

{# Two names match when their keys are equal: case, outer blanks, the length of runs of blanks, the kind of dash and
   straight or curly apostrophes make no difference. #}
{% macro name_key(name) -%}
    {%- set straight = replace_pattern(name, '[‘’‛ʼ]', 'chr(39)') -%}
    {%- set one_dash = replace_pattern(straight, '[\\p{Pd}−]', "'-'") -%}
    {%- set one_blank = replace_pattern(one_dash, blank() ~ '+', "' '") -%}
    lower(trim({{ one_blank }}))
{%- endmacro %}

{# Replaces every match of a regular expression (RE2 in both warehouses) by the value of an SQL expression. #}
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

{# Whether a text matches a regular expression somewhere. #}
{% macro matches(text, pattern) -%}{{ adapter.dispatch('matches')(text, pattern) }}{%- endmacro %}
{% macro default__matches(text, pattern) -%}{{ refuse_warehouse('matches') }}{%- endmacro %}
{% macro duckdb__matches(text, pattern) -%}regexp_matches({{ text }}, '{{ pattern }}'){%- endmacro %}
{% macro bigquery__matches(text, pattern) -%}regexp_contains({{ text }}, r'{{ pattern }}'){%- endmacro %}

{# What the one group of a regular expression captures; null or empty where nothing matches. #}
{% macro captured(text, pattern) -%}{{ adapter.dispatch('captured')(text, pattern) }}{%- endmacro %}
{% macro default__captured(text, pattern) -%}{{ refuse_warehouse('captured') }}{%- endmacro %}
{% macro duckdb__captured(text, pattern) -%}regexp_extract({{ text }}, '{{ pattern }}', 1){%- endmacro %}
{% macro bigquery__captured(text, pattern) -%}regexp_extract({{ text }}, r'{{ pattern }}'){%- endmacro %}
