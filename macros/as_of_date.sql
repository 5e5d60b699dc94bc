{#- The last day that is counted: the var `as_of_date`, else today in the business's zone. -#}
{% macro as_of_date() -%}
    {%- if var('as_of_date') is none -%}
        {{ local_date('current_timestamp') }}
    {%- else -%}
        cast('{{ var("as_of_date") }}' as date)
    {%- endif -%}
{%- endmacro %}
