{% macro kpi_table(period, level) -%}
{%- set keys = {'business_unit': ['business_unit'], 'region': ['region'], 'company': []}[level] -%}

with

units as (

    select
        reporting_unit as business_unit,
        unit_kind,
        region
    from {{ ref('dim_reporting_units') }}

),

periods as (

    select
        {%- for key in keys %}
        units.{{ key }},
        {%- endfor %}
        {{ period_start(period, 'unit_days.event_date') }} as event_date,
        max(unit_days.event_date) as last_day
    from {{ ref('int_unit_days') }} as unit_days
    left join units
        on unit_days.business_unit = units.business_unit
    group by {% for key in keys %}units.{{ key }}, {% endfor %}{{ period_start(period, 'unit_days.event_date') }}

),

flows as (

    select
        {%- for key in keys %}
        units.{{ key }},
        {%- endfor %}
        {{ period_start(period, 'records.first_day') }} as event_date
        {%- for kpi, rule in kpis().items() %}
        {%- if rule.adds_up == 'distinct' %},
        count(distinct case when records.kpi = '{{ kpi }}' then records.counted_key end) as {{ kpi }}
        {%- elif rule.adds_up in ('count', 'sum') %},
        sum(case when records.kpi = '{{ kpi }}' then records.numerator end) as {{ kpi }}
        {%- elif rule.adds_up == 'ratio' %},
        {{ percent(
            "sum(case when records.kpi = '" ~ kpi ~ "' then records.numerator end)",
            "sum(case when records.kpi = '" ~ kpi ~ "' then records.denominator end)"
        ) }} as {{ kpi }}
        {%- endif %}
        {%- endfor %}
    from {{ ref('int_kpi_records') }} as records
    left join units
        on records.business_unit = units.business_unit
    where not ({{ adds_up_as('balance', 'records.kpi') }})
    group by {% for key in keys %}units.{{ key }}, {% endfor %}{{ period_start(period, 'records.first_day') }}

),

balances as (

    select
        {%- for key in keys %}
        units.{{ key }},
        {%- endfor %}
        daily.event_date as last_day
        {%- for kpi in kpis_that('balance') %},
        sum(daily.{{ kpi }}) as {{ kpi }}
        {%- endfor %}
    from {{ ref('int_daily_balances') }} as daily
    left join units
        on daily.business_unit = units.business_unit
    group by {% for key in keys %}units.{{ key }}, {% endfor %}daily.event_date

),

final as (

    select
        periods.event_date
        {%- for key in keys %},
        periods.{{ key }}
        {%- endfor %}
        {%- for kpi, rule in kpis().items() %}
        {%- set value = ('balances.' if rule.adds_up == 'balance' else 'flows.') ~ kpi %}
        {%- if rule.adds_up in ('distinct', 'count') %}
        {%- set value = 'cast(coalesce(' ~ value ~ ', 0) as ' ~ dbt.type_int() ~ ')' %}
        {%- elif rule.adds_up in ('sum', 'balance') %}
        {%- set value = money(value) %}
        {%- endif %},
        {%- if level == 'business_unit' and rule.applies_to != 'any' %}
        case when units.unit_kind in ('{{ rule.applies_to }}', 'unmapped') then {{ value }} end as {{ kpi }}
        {%- else %}
        {{ value }} as {{ kpi }}
        {%- endif %}
        {%- endfor %}

    from periods
    left join flows
        on periods.event_date = flows.event_date
        {%- for key in keys %}
        and periods.{{ key }} = flows.{{ key }}
        {%- endfor %}
    left join balances
        on periods.last_day = balances.last_day
        {%- for key in keys %}
        and periods.{{ key }} = balances.{{ key }}
        {%- endfor %}
    {%- if level == 'business_unit' %}
    left join units
        on periods.business_unit = units.business_unit
    {%- endif %}

)

select * from final
{%- endmacro %}

{% macro period_start(period, day) -%}
    {%- if period == 'day' -%}{{ day }}
    {%- elif period == 'week' -%}{{ monday_of(day) }}
    {%- elif period == 'month' -%}{{ first_of_month(day) }}
    {%- endif -%}
{%- endmacro %}
