with

started_jobs as (

    select * from {{ ref('int_kpi_jobs') }}
    where
        kpi = 'dollars_produced'
        and start_date between counted_from and counted_to

),

revenue as (

    select * from {{ ref('int_job_revenue') }}

),

final as (

    select
        started_jobs.kpi,
        started_jobs.start_date as event_date,
        started_jobs.reporting_unit as business_unit,
        'job' as record_kind,
        cast(started_jobs.job_id as {{ dbt.type_string() }}) as record_id,
        started_jobs.job_id,
        started_jobs.customer_id,
        cast(null as {{ dbt.type_string() }}) as counted_key,
        revenue.subtotal as numerator,
        {{ money(0) }} as denominator

    from started_jobs
    inner join revenue
        on started_jobs.job_id = revenue.job_id

)

select * from final
