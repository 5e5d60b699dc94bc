with

sold_estimates as (

    select * from {{ ref('stg_servicetitan__estimates') }}
    where
        is_active
        and estimate_status = 'Sold'
        and sold_date is not null

),

jobs as (

    select * from {{ ref('int_kpi_jobs') }}
    where kpi = 'total_booked'

),

final as (

    select
        jobs.kpi,
        sold_estimates.sold_date as event_date,
        jobs.reporting_unit as business_unit,
        'estimate' as record_kind,
        cast(sold_estimates.estimate_id as {{ dbt.type_string() }}) as record_id,
        jobs.job_id,
        jobs.customer_id,
        cast(null as {{ dbt.type_string() }}) as counted_key,
        sold_estimates.subtotal as numerator,
        {{ money(0) }} as denominator

    from sold_estimates
    inner join jobs
        on
            sold_estimates.job_id = jobs.job_id
            and sold_estimates.sold_date between jobs.counted_from and jobs.counted_to

)

select * from final
