with

targets as (

    select * from {{ ref('stg_monthly_targets') }}
    where fault is null

),

weeks as (

    select
        event_date,
        {{ first_of_month('least(' ~ add_days('event_date', 3) ~ ', ' ~ as_of_date() ~ ')') }} as month
    from {{ ref('weekly_kpis_company') }}

),

months as (

    select
        weeks.event_date,
        targets.month,
        targets.level,
        targets.member,
        targets.kpi,
        targets.target,
        {{ add_days(first_of_month(add_days('targets.month', 31)), -1) }} as last_day
    from targets
    inner join weeks
        on targets.month = weeks.month

),

periods as (

    select
        level || ' ' || member || ' ' || kpi || ' ' || cast(event_date as {{ dbt.type_string() }}) as reported_value_id,
        event_date,
        level,
        member,
        kpi,
        target,
        last_day,
        month as period_start,
        least({{ add_days('event_date', 6) }}, last_day, {{ as_of_date() }}) as period_end
    from months

),

ours as (

    {{ our_values('periods', ref('int_kpi_records')) | indent(4) }}

),

paced as (

    select
        periods.*,
        {{ kpi_value('periods.kpi', money('ours.numerator'), money('ours.denominator')) }} as month_to_date,
        {{ working_days('periods.period_start', 'periods.period_end') }} as working_days_gone,
        {{ working_days('periods.period_start', 'periods.last_day') }} as working_days
    from periods
    inner join ours
        on periods.reported_value_id = ours.reported_value_id

),

final as (

    select
        event_date,
        level,
        member,
        kpi,
        period_start,
        period_end,
        target,
        month_to_date,
        cast(working_days_gone as {{ dbt.type_bigint() }}) as working_days_gone,
        cast(working_days as {{ dbt.type_bigint() }}) as working_days,
        case
            when {{ adds_up_as('ratio') }} or {{ adds_up_as('balance') }} then target
            else cast(target * working_days_gone / working_days as {{ type_money() }})
        end as expected

    from paced

)

select * from final
