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
