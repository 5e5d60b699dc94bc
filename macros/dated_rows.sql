{# Rows of a seed that hold for some days: valid_from to valid_to, both included, empty = always. #}

{% macro first_of_days() -%}cast('0001-01-01' as date){%- endmacro %}
{% macro last_of_days() -%}cast('9999-12-31' as date){%- endmacro %}

{% macro first_valid_day() -%}
    {{ written_day('valid_from', first_of_days()) }}
{%- endmacro %}

{% macro last_valid_day() -%}
    {{ written_day('valid_to', last_of_days()) }}
{%- endmacro %}

{% macro written_day(column, if_empty) -%}
    case when coalesce({{ column }}, '') = '' then {{ if_empty }} else {{ try_date(column) }} end
{%- endmacro %}

{# The rows that can hold on some day, numbered in the order of their days within what they are for. #}
{% macro dated_rows_of_seed(model, names, says) %}
{%- set keys = [] -%}
{%- for name in names -%}{%- do keys.append(name_key(name)) -%}{%- endfor %}
select
    *,
    row_number() over (partition by row_key order by first_day, last_day, says) as row_number
from (
    select
        {{ names | join(" || ', ' || ") }} as row_name,
        {{ keys | join(" || ', ' || ") }} as row_key,
        coalesce({{ says }}, '(empty)') as says,
        {{ first_valid_day() }} as first_day,
        {{ last_valid_day() }} as last_day
    from {{ model }}
) as read_days
where row_key is not null
    and first_day <= last_day
{% endmacro %}

{% macro written_days(first_day, last_day) -%}
case
    when {{ first_day }} = {{ first_of_days() }} and {{ last_day }} = {{ last_of_days() }} then 'all days'
    when {{ first_day }} = {{ first_of_days() }} then 'the days until ' || cast({{ last_day }} as {{ dbt.type_string() }})
    when {{ last_day }} = {{ last_of_days() }} then 'the days from ' || cast({{ first_day }} as {{ dbt.type_string() }})
    when {{ first_day }} = {{ last_day }} then cast({{ first_day }} as {{ dbt.type_string() }})
    else cast({{ first_day }} as {{ dbt.type_string() }}) || ' to ' || cast({{ last_day }} as {{ dbt.type_string() }})
end
{%- endmacro %}
