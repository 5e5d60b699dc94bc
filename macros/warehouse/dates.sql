{# Instants to days, and arithmetic on days. #}

{% macro local_date(instant) -%}{{ adapter.dispatch('local_date')(instant) }}{%- endmacro %}
{% macro default__local_date(instant) -%}{{ refuse_warehouse('local_date') }}{%- endmacro %}
{% macro duckdb__local_date(instant) -%}
    cast(timezone('{{ business_timezone() }}', {{ instant }}) as date)
{%- endmacro %}
{% macro bigquery__local_date(instant) -%}
    date({{ instant }}, '{{ business_timezone() }}')
{%- endmacro %}

{% macro add_days(day, number) -%}{{ adapter.dispatch('add_days')(day, number) }}{%- endmacro %}
{% macro default__add_days(day, number) -%}{{ refuse_warehouse('add_days') }}{%- endmacro %}
{% macro duckdb__add_days(day, number) -%}
    cast({{ day }} + to_days(cast({{ number }} as integer)) as date)
{%- endmacro %}
{% macro bigquery__add_days(day, number) -%}
    date_add({{ day }}, interval {{ number }} day)
{%- endmacro %}

{% macro add_years(day, number) -%}{{ adapter.dispatch('add_years')(day, number) }}{%- endmacro %}
{% macro default__add_years(day, number) -%}{{ refuse_warehouse('add_years') }}{%- endmacro %}
{% macro duckdb__add_years(day, number) -%}
    cast({{ day }} + to_years(cast({{ number }} as integer)) as date)
{%- endmacro %}
{% macro bigquery__add_years(day, number) -%}
    date_add({{ day }}, interval {{ number }} year)
{%- endmacro %}

{% macro monday_of(day) -%}{{ adapter.dispatch('monday_of')(day) }}{%- endmacro %}
{% macro default__monday_of(day) -%}{{ refuse_warehouse('monday_of') }}{%- endmacro %}
{% macro duckdb__monday_of(day) -%}
    cast({{ day }} - to_days(cast(isodow({{ day }}) - 1 as integer)) as date)
{%- endmacro %}
{% macro bigquery__monday_of(day) -%}
    date_sub({{ day }}, interval mod(extract(dayofweek from {{ day }}) + 5, 7) day)
{%- endmacro %}

{% macro first_of_month(day) -%}{{ adapter.dispatch('first_of_month')(day) }}{%- endmacro %}
{% macro default__first_of_month(day) -%}{{ refuse_warehouse('first_of_month') }}{%- endmacro %}
{% macro duckdb__first_of_month(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}
{% macro bigquery__first_of_month(day) -%}
    cast(date_trunc({{ day }}, month) as date)
{%- endmacro %}

{% macro cross_join_days(first_day, last_day) -%}{{ adapter.dispatch('cross_join_days')(first_day, last_day) }}{%- endmacro %}
{% macro default__cross_join_days(first_day, last_day) -%}{{ refuse_warehouse('cross_join_days') }}{%- endmacro %}
{% macro duckdb__cross_join_days(first_day, last_day) -%}
    cross join unnest(
        cast(generate_series({{ first_day }}, {{ last_day }}, to_days(1)) as date[])
    ) as days (day)
{%- endmacro %}
{% macro bigquery__cross_join_days(first_day, last_day) -%}
    cross join unnest(generate_date_array({{ first_day }}, {{ last_day }})) as day
{%- endmacro %}

{% macro utc_date(instant) -%}{{ adapter.dispatch('utc_date')(instant) }}{%- endmacro %}
{% macro default__utc_date(instant) -%}{{ refuse_warehouse('utc_date') }}{%- endmacro %}
{% macro duckdb__utc_date(instant) -%}cast(timezone('UTC', {{ instant }}) as date){%- endmacro %}
{% macro bigquery__utc_date(instant) -%}date({{ instant }}, 'UTC'){%- endmacro %}
