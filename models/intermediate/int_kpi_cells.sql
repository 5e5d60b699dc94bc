with

kpis as (

    {% for kpi, rule in kpis().items() %}
    select
        '{{ kpi }}' as kpi,
        '{{ rule.applies_to }}' as applies_to
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

unit_days as (

    select * from {{ ref('int_unit_days') }}

),

reporting_units as (

    select * from {{ ref('dim_reporting_units') }}

),

-- Days without a record, too: what was shown as 0 may be something else later.
cells as (

    select
        kpis.kpi,
        unit_days.event_date,
        unit_days.business_unit
    from unit_days
    inner join reporting_units
        on unit_days.business_unit = reporting_units.reporting_unit
    inner join kpis
        on
            kpis.applies_to in (reporting_units.unit_kind, 'any')
            or reporting_units.unit_kind = 'unmapped'

),

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
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

values_with_records as (

    select * from flows
    union all
    select * from balances

),

final as (

    select
        cells.kpi,
        cells.event_date,
        cells.business_unit,
        {{ money('found.numerator') }} as numerator,
        {{ money('found.denominator') }} as denominator
    from cells
    left join values_with_records as found
        on
            cells.kpi = found.kpi
            and cells.event_date = found.event_date
            and cells.business_unit = found.business_unit

)

select * from final
