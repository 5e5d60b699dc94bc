{#- The office's lists apply where the report does not choose its jobs itself: to job cost. -#}
{%- set rows_of_job_cost = "named.layout = 'job_cost'" -%}

with

runs as (

    select * from {{ ref('stg_reports__runs') }}

),

report_rows as (

    select * from {{ ref('stg_reports__rows') }}

),

scopes as (

    select * from {{ ref('int_kpi_scopes') }}

),

reporting_units as (

    select * from {{ ref('dim_reporting_units') }}

),

unit_names as (

    select
        {{ name_key('business_unit_name') }} as unit_key,
        reporting_unit
    from {{ ref('dim_business_units') }}

    union distinct

    select
        {{ name_key('reporting_unit') }} as unit_key,
        reporting_unit
    from reporting_units

),

jobs as (

    select
        job_number,
        min(reporting_unit) as reporting_unit,
        min(job_type_key) as job_type_key
    from {{ ref('dim_jobs') }}
    where job_number is not null
    group by job_number

),

listed_types as (

    select distinct job_type_key
    from {{ ref('stg_job_type_lists') }}

),

-- Some exports of jobs name neither unit nor job type: then those of our job stand in. Money does not follow its job.
placed as (

    select
        report_rows.*,
        runs.layout,
        runs.period_start,
        runs.period_end,
        coalesce(
            unit_names.reporting_unit,
            nullif({{ trim_blanks('report_rows.business_unit_name') }}, ''),
            case when runs.layout not in ('collections', 'receivables') then jobs.reporting_unit end,
            {{ no_business_unit() }}
        ) as business_unit,
        coalesce(
            listed_types.job_type_key,
            case when nullif({{ trim_blanks('report_rows.job_type_name') }}, '') is null then jobs.job_type_key end,
            {{ no_list_row() }}
        ) as job_type_key,
        -- The day whose lists apply; a balance is judged on its own.
        case
            when runs.layout = 'job_cost' then coalesce(report_rows.event_date, runs.period_end)
            else runs.period_end
        end as listed_on

    from report_rows
    inner join runs
        on report_rows.run_id = runs.run_id
    left join unit_names
        on {{ name_key('report_rows.business_unit_name') }} = unit_names.unit_key
    left join jobs
        on report_rows.job_number = jobs.job_number
    left join listed_types
        on {{ name_key('report_rows.job_type_name') }} = listed_types.job_type_key

),

named as (

    select
        placed.*,
        coalesce(reporting_units.unit_kind, 'unmapped') as unit_kind,
        case
            when placed.payment_id is not null then 'payment'
            when placed.layout = 'receivables' then 'receivable line'
            else 'job'
        end as record_kind,
        case
            when placed.payment_id is not null then placed.payment_id
            when placed.layout != 'receivables' then placed.job_number
            when placed.location_id is not null then 'location ' || placed.location_id
            when placed.customer_id is not null then 'customer ' || placed.customer_id
            else 'no location, no customer'
        end as record_key,
        {%- if lead_count_by() == 'job' %}
        placed.job_number as counted_key
        {%- else %}
        coalesce(nullif({{ name_key('placed.customer_name') }}, ''), placed.job_number) as counted_key
        {%- endif %}

    from placed
    left join reporting_units
        on placed.business_unit = reporting_units.reporting_unit

),

counted as (

    select
        named.*,
        'lead_count' as kpi,
        {{ money(1) }} as numerator,
        {{ money(0) }} as denominator
    from named
    where named.layout = 'leads'

    union all

    select
        named.*,
        'total_booked' as kpi,
        named.estimate_subtotal as numerator,
        {{ money(0) }} as denominator
    from named
    where
        named.layout = 'sales'
        and (named.estimate_subtotal != 0 or coalesce(trim(named.sold_dates), '') != '')

    union all

    select
        named.*,
        'close_rate_percent' as kpi,
        {{ money('named.closed_opportunities') }} as numerator,
        named.sales_opportunities as denominator
    from named
    where
        named.layout = 'sales'
        and named.sales_opportunities > 0
        -- a file may hold a job of another week, of which an estimate was sold in this one
        and coalesce(named.event_date, named.period_start) between named.period_start and named.period_end

    union all

    select
        named.*,
        'num_estimates' as kpi,
        named.completed_estimates as numerator,
        {{ money(0) }} as denominator
    from named
    where
        named.layout = 'sales'
        and named.completed_estimates > 0

    union all

    select
        named.*,
        'dollars_produced' as kpi,
        named.subtotal as numerator,
        {{ money(0) }} as denominator
    from named
    inner join scopes
        on
            scopes.kpi = 'dollars_produced'
            and named.unit_kind = scopes.unit_kind
            and named.job_type_key = scopes.job_type_key
            and named.listed_on between scopes.counted_from and scopes.counted_to
    where {{ rows_of_job_cost }}

    union all

    select
        named.*,
        'gpm_percent' as kpi,
        named.subtotal - named.total_cost as numerator,
        named.subtotal as denominator
    from named
    inner join scopes
        on
            scopes.kpi = 'gpm_percent'
            and named.unit_kind = scopes.unit_kind
            and named.job_type_key = scopes.job_type_key
            and named.listed_on between scopes.counted_from and scopes.counted_to
    where {{ rows_of_job_cost }}

    union all

    select
        named.*,
        'warranty_percent' as kpi,
        case when warranty.kpi is not null then named.total_cost else {{ money(0) }} end as numerator,
        case when produced.kpi is not null then named.subtotal else {{ money(0) }} end as denominator
    from named
    left join scopes as warranty
        on
            warranty.kpi = 'warranty_percent'
            and named.unit_kind = warranty.unit_kind
            and named.job_type_key = warranty.job_type_key
            and named.listed_on between warranty.counted_from and warranty.counted_to
    left join scopes as produced
        on
            produced.kpi = 'dollars_produced'
            and named.unit_kind = produced.unit_kind
            and named.job_type_key = produced.job_type_key
            and named.listed_on between produced.counted_from and produced.counted_to
    where
        {{ rows_of_job_cost }}
        and (warranty.kpi is not null or produced.kpi is not null)

    union all

    select
        named.*,
        'future_bookings' as kpi,
        named.subtotal as numerator,
        {{ money(0) }} as denominator
    from named
    inner join scopes
        on
            scopes.kpi = 'future_bookings'
            and named.unit_kind = scopes.unit_kind
            and named.job_type_key = scopes.job_type_key
            and named.listed_on between scopes.counted_from and scopes.counted_to
    where
        named.layout = 'bookings'
        and coalesce(named.job_status, '') != 'Canceled'

    union all

    select
        named.*,
        'dollars_collected' as kpi,
        named.amount as numerator,
        {{ money(0) }} as denominator
    from named
    where named.layout = 'collections'

    union all

    select
        named.*,
        'outstanding_ar' as kpi,
        named.amount as numerator,
        {{ money(0) }} as denominator
    from named
    where
        named.layout = 'receivables'
        and coalesce({{ name_key('named.location_name') }}, '') != 'name'

),

added as (

    select
        run_id,
        kpi,
        business_unit,
        record_kind,
        record_key,
        min(event_date) as event_date,
        min(counted_key) as counted_key,
        min(customer_name) as customer_name,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(subtotal) as subtotal,
        sum(labor_pay) as labor_pay,
        sum(payroll_adjustments) as payroll_adjustments,
        sum(material_cost) as material_cost,
        sum(return_cost) as return_cost

    from counted
    group by run_id, kpi, business_unit, record_kind, record_key

),

-- A line counts by what it nets in the whole reporting unit.
final as (

    select * from added
    where
        kpi != 'outstanding_ar'
        or numerator >= {{ ar_threshold() }}

)

select * from final
