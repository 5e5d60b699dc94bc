with

kpis_of_runs as (

    select * from {{ ref('int_report_runs') }}
    where came_from = 'api'

),

records as (

    select * from {{ ref('int_reported_records') }}

),

reporting_units as (

    select * from {{ ref('dim_reporting_units') }}

),

-- A unit that the report does not name has nothing in it: that is a value, too.
places as (

    select
        kpis_of_runs.run_id,
        kpis_of_runs.kpi,
        'business_unit' as level,
        reporting_units.reporting_unit as member
    from kpis_of_runs
    inner join reporting_units
        on
            kpis_of_runs.applies_to = reporting_units.unit_kind
            or (kpis_of_runs.applies_to = 'any' and reporting_units.unit_kind != 'unmapped')

    union distinct

    select
        run_id,
        kpi,
        'business_unit' as level,
        business_unit as member
    from records

    union distinct

    select
        run_id,
        kpi,
        'company' as level,
        'Company' as member
    from kpis_of_runs

),

totals as (

    select
        places.run_id,
        places.kpi,
        places.level,
        places.member,
        {{ added_up('places.kpi', 'records.numerator', 'records.counted_key') }} as numerator,
        {{ money('sum(records.denominator)') }} as denominator
    from places
    left join records
        on
            places.run_id = records.run_id
            and places.kpi = records.kpi
            and (places.level = 'company' or places.member = records.business_unit)
    group by places.run_id, places.kpi, places.level, places.member

),

pulled as (

    select
        kpis_of_runs.run_id || ' | ' || totals.level || ' | ' || totals.member || ' | ' || totals.kpi
            as reported_value_id,
        'pulled' as came_from,
        kpis_of_runs.report_name as report,
        kpis_of_runs.period_start,
        kpis_of_runs.period_end,
        totals.level,
        totals.member,
        totals.kpi,
        {{ kpi_value('totals.kpi', 'totals.numerator', 'totals.denominator') }} as value,
        2 as decimals,
        kpis_of_runs.pulled_at
    from totals
    inner join kpis_of_runs
        on
            totals.run_id = kpis_of_runs.run_id
            and totals.kpi = kpis_of_runs.kpi

),

pasted as (

    select
        reported_value_id,
        'pasted' as came_from,
        report,
        period_start,
        period_end,
        level,
        member,
        kpi,
        value,
        decimals,
        pulled_at
    from {{ ref('stg_report_values') }}
    where fault is null

),

final as (

    select * from pasted

    union all

    -- a ratio without a denominator is no value
    select * from pulled
    where value is not null

)

select * from final
