{% macro money(amount) -%}
    coalesce(cast({{ amount }} as {{ type_money() }}), cast(0 as {{ type_money() }}))
{%- endmacro %}

{% macro money_from_text(amount) -%}
    coalesce({{ try_money(amount) }}, cast(0 as {{ type_money() }}))
{%- endmacro %}

{% macro percent(numerator, denominator) -%}
    100 * cast({{ numerator }} as {{ type_ratio() }}) / nullif(cast({{ denominator }} as {{ type_ratio() }}), 0)
{%- endmacro %}

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

{% macro printed_decimals(text) -%}
    length(coalesce({{ captured(text, '[.]([0-9]+)') }}, ''))
{%- endmacro %}
