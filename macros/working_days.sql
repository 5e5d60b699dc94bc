{% macro working_days(first_day, last_day) -%}
    ({{ working_days_before(add_days(last_day, 1)) }}) - ({{ working_days_before(first_day) }})
{%- endmacro %}

{% macro working_days_before(day) -%}
    {#- 1 January 1900 was a Monday: five for each whole week since, and those of the day's own week. -#}
    {%- set monday = monday_of(day) -%}
    5 * {{ dbt.datediff("cast('1900-01-01' as date)", monday, 'day') }} / 7
    + least(5, {{ dbt.datediff(monday, day, 'day') }})
{%- endmacro %}
