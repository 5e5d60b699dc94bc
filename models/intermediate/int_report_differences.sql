with

runs as (

    select * from {{ ref('int_report_runs') }}
    where is_newest

),

theirs as (

    select reported.*
    from {{ ref('int_reported_records') }} as reported
    inner join runs
        on
            reported.run_id = runs.run_id
            and reported.kpi = runs.kpi

),

units_of_runs as (

    select distinct
        run_id,
        business_unit
    from theirs

),

-- A file may be an export of some units: the others are not compared.
ours as (

    select
        runs.run_id,
        records.kpi,
        records.business_unit,
        records.record_kind,
        records.record_key,
        min(records.first_day) as event_date,
        sum(records.numerator) as numerator,
        sum(records.denominator) as denominator

    from {{ ref('int_our_records') }} as records
    inner join runs
        on
            records.kpi = runs.kpi
            and {{ is_in_period('records', 'runs') }}
    left join units_of_runs
        on
            runs.run_id = units_of_runs.run_id
            and records.business_unit = units_of_runs.business_unit
    where
        runs.came_from = 'api'
        or units_of_runs.run_id is not null
    group by runs.run_id, records.kpi, records.business_unit, records.record_kind, records.record_key

),

-- A job is in one unit; a payment or a receivable line may be in several.
final as (

    select
        coalesce(theirs.run_id, ours.run_id) as run_id,
        coalesce(theirs.kpi, ours.kpi) as kpi,
        coalesce(theirs.record_kind, ours.record_kind) as record_kind,
        coalesce(theirs.record_key, ours.record_key) as record_key,
        case
            when ours.run_id is null then 'only in the report'
            when theirs.run_id is null then 'only in ours'
            else 'in both'
        end as found_in,
        theirs.business_unit as reported_unit,
        ours.business_unit as our_unit,
        theirs.customer_name as reported_customer,
        theirs.event_date as reported_day,
        ours.event_date as our_day,
        theirs.numerator as reported_numerator,
        theirs.denominator as reported_denominator,
        ours.numerator as our_numerator,
        ours.denominator as our_denominator,
        theirs.subtotal as reported_subtotal,
        theirs.labor_pay as reported_labor_pay,
        theirs.payroll_adjustments as reported_payroll_adjustments,
        theirs.material_cost as reported_material_cost,
        theirs.return_cost as reported_return_cost

    from theirs
    full outer join ours
        on
            theirs.run_id = ours.run_id
            and theirs.kpi = ours.kpi
            and theirs.record_kind = ours.record_kind
            and theirs.record_key = ours.record_key
            and case when theirs.record_kind = 'job' then '' else theirs.business_unit end
            = case when ours.record_kind = 'job' then '' else ours.business_unit end
    where
        theirs.run_id is null
        or ours.run_id is null
        or theirs.business_unit != ours.business_unit
        or round(theirs.numerator, 2) != round(ours.numerator, 2)
        or round(theirs.denominator, 2) != round(ours.denominator, 2)

)

select * from final
