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

{#- A number as a report prints it, as plain digits: "$489,199.28", "37.62%", "(12.00)" or "-12" for less than nothing. Null
    where it is anything else. -#}
{% macro printed_number(text) -%}
    {%- set digits = replace_pattern(text, '[$,%()\\-−]|' ~ blank(), "''") -%}
    case
        when {{ matches(text, '^' ~ blank() ~ '*([(]' ~ printed_amount() ~ '[)]|[-−]?' ~ printed_amount() ~ ')' ~ blank() ~ '*$') }}
            then {{ try_money(digits) }} * case when {{ matches(text, '[(\\-−]') }} then -1 else 1 end
    end
{%- endmacro %}

{#- Dollar or percent sign, thousands in groups of three or none, decimals. -#}
{% macro printed_amount() -%}
    [$]?[-−]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)?([.][0-9]+)?%?
{%- endmacro %}

{#- How many decimals a printed number shows. -#}
{% macro printed_decimals(text) -%}
    length(coalesce({{ captured(text, '[.]([0-9]+)') }}, ''))
{%- endmacro %}
