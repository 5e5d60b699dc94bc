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
    where it is anything else, such as "1,23" or a number of more than nine decimals. -#}
{% macro printed_number(text) -%}
    {%- set gap, minus = blank() ~ '*', '[\\p{Pd}−]' -%}
    {%- set amount = '([0-9]+|[1-9][0-9]{0,2}(,[0-9]{3})+)?([.][0-9]{1,9})?' -%}
    {%- set forms = [
        minus ~ '?' ~ gap ~ '[$]?' ~ gap ~ amount ~ gap ~ '%?',
        '[$]' ~ gap ~ minus ~ gap ~ amount,
        '[$]?' ~ gap ~ '[(]' ~ gap ~ '[$]?' ~ gap ~ amount ~ gap ~ '%?' ~ gap ~ '[)]',
    ] -%}
    case
        when {{ matches(text, '^' ~ gap ~ '(' ~ forms | join('|') ~ ')' ~ gap ~ '$') }}
            then {{ try_money(replace_pattern(text, '[^0-9.]', "''")) }}
                * case when {{ matches(text, '[(]|' ~ minus) }} then -1 else 1 end
    end
{%- endmacro %}

{#- How many decimals a printed number shows. -#}
{% macro printed_decimals(text) -%}
    length(coalesce({{ captured(text, '[.]([0-9]+)') }}, ''))
{%- endmacro %}
