{#- The ten KPIs as one table: one row per period and member of a level, every period from the first record to the as-of
    day. Flows are added, distincts counted anew, ratios divided once, balances taken on the period's last day.

    period  'day' or 'week' (event_date is the Monday)
    level   'business_unit' (the reporting unit) or 'company' (no column; one row per period)

    A KPI that does not apply to a unit's kind is null there; everywhere else a flow or balance without records is 0. -#}
{% macro kpi_table(period, level) -%}
{%- set level_columns = {'business_unit': ['business_unit'], 'company': []}[level] -%}
{%- set period_start = {'day': '{day}', 'week': monday_of('{day}')}[period] -%}

with

unit_days as (

    select * from {{ ref('int_unit_days') }}

),

periods as (

    select
        {{ period_start | replace('{day}', 'event_date') }} as event_date
        {%- for column in level_columns %},
        {{ column }}
        {%- endfor %},
        max(event_date) as last_day
    from unit_days
    group by {{ period_start | replace('{day}', 'event_date') }}{% for column in level_columns %}, {{ column }}{% endfor %}

),

flows as (

    select
        {{ period_start | replace('{day}', 'first_day') }} as event_date
        {%- for column in level_columns %},
        {{ column }}
        {%- endfor %}
        {%- for kpi, rule in kpis().items() %}
        {%- if rule.adds_up == 'distinct' %},
        count(distinct case when kpi = '{{ kpi }}' then counted_key end) as {{ kpi }}
        {%- elif rule.adds_up in ('count', 'sum') %},
        sum(case when kpi = '{{ kpi }}' then numerator end) as {{ kpi }}
        {%- elif rule.adds_up == 'ratio' %},
        {{ percent(
            "sum(case when kpi = '" ~ kpi ~ "' then numerator end)",
            "sum(case when kpi = '" ~ kpi ~ "' then denominator end)"
        ) }} as {{ kpi }}
        {%- endif %}
        {%- endfor %}
    from {{ ref('kpi_records') }}
    where kpi not in ('{{ kpis_that('balance') | join("', '") }}')
    group by {{ period_start | replace('{day}', 'first_day') }}{% for column in level_columns %}, {{ column }}{% endfor %}

),

balances as (

    select
        event_date as last_day
        {%- for column in level_columns %},
        {{ column }}
        {%- endfor %}
        {%- for kpi, rule in kpis().items() if rule.adds_up == 'balance' %},
        sum({{ kpi }}) as {{ kpi }}
        {%- endfor %}
    from {{ ref('int_daily_balances') }}
    group by event_date{% for column in level_columns %}, {{ column }}{% endfor %}

),

final as (

    select
        periods.event_date
        {%- for column in level_columns %},
        periods.{{ column }}
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
        {%- for column in level_columns %}
        and periods.{{ column }} = flows.{{ column }}
        {%- endfor %}
    left join balances
        on periods.last_day = balances.last_day
        {%- for column in level_columns %}
        and periods.{{ column }} = balances.{{ column }}
        {%- endfor %}
    {%- if level == 'business_unit' %}
    left join {{ ref('dim_reporting_units') }} as units
        on periods.business_unit = units.reporting_unit
    {%- endif %}

)

select * from final
{%- endmacro %}
