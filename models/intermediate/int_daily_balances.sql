{%- set balances = kpis_that('balance') -%}

with

unit_days as (

    select * from {{ ref('int_unit_days') }}

),

records as (

    select * from {{ ref('int_kpi_records') }}
    where {{ adds_up_as('balance') }}

),

-- A record steps in on its first day and out on the day after its last.
steps as (

    select
        kpi,
        business_unit,
        first_day as step_date,
        numerator as amount
    from records

    union all

    select
        kpi,
        business_unit,
        {{ add_days('least(last_day, ' ~ as_of_date() ~ ')', 1) }} as step_date,
        -numerator as amount
    from records
    where last_day < {{ as_of_date() }}

),

steps_by_day as (

    select
        business_unit,
        step_date,
        {% for kpi in balances %}
        sum(case when kpi = '{{ kpi }}' then amount else 0 end) as {{ kpi }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from steps
    group by business_unit, step_date

),

dense as (

    select
        unit_days.event_date,
        unit_days.business_unit,
        {% for kpi in balances %}
        {{ money('steps_by_day.' ~ kpi) }} as {{ kpi }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from unit_days
    left join steps_by_day
        on
            unit_days.business_unit = steps_by_day.business_unit
            and unit_days.event_date = steps_by_day.step_date

),

-- noqa: disable=layout.indent
final as (

    select
        event_date,
        business_unit,
        {% for kpi in balances %}
        sum({{ kpi }}) over (
            partition by business_unit order by event_date
        ) as {{ kpi }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from dense

)

select * from final
