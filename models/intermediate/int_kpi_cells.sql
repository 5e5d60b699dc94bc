with

flows as (

    select
        kpi,
        first_day as event_date,
        business_unit,
        {{ added_up() }} as numerator,
        {{ money('sum(denominator)') }} as denominator
    from {{ ref('int_kpi_records') }}
    where not ({{ adds_up_as('balance') }})
    group by kpi, first_day, business_unit

),

balances as (

    {% for kpi in kpis_that('balance') %}
    select
        '{{ kpi }}' as kpi,
        event_date,
        business_unit,
        {{ kpi }} as numerator,
        {{ money(0) }} as denominator
    from {{ ref('int_daily_balances') }}
    where {{ kpi }} != 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select * from flows
    union all
    select * from balances

)

select * from final
