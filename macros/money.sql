{#- An amount in the type of money; a missing amount is 0. -#}
{% macro money(amount) -%}
    coalesce(cast({{ amount }} as {{ type_money() }}), cast(0 as {{ type_money() }}))
{%- endmacro %}

{#- An amount that is text within JSON; blank is missing. What is no amount, or has more than nine decimals, is named by
    the test assert_amounts_in_json_are_exact, which stops the build before any KPI is published. -#}
{% macro money_from_text(amount) -%}
    coalesce({{ try_money(amount) }}, cast(0 as {{ type_money() }}))
{%- endmacro %}

{#- 100 * numerator / denominator, divided once; null where the denominator is 0. -#}
{% macro percent(numerator, denominator) -%}
    100 * cast({{ numerator }} as {{ type_ratio() }}) / nullif(cast({{ denominator }} as {{ type_ratio() }}), 0)
{%- endmacro %}
