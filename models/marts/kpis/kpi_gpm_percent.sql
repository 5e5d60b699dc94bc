with

started_jobs as (

    select * from {{ ref('int_kpi_jobs') }}
    where
        kpi = 'gpm_percent'
        and start_date between counted_from and counted_to

),

costs as (

    select * from {{ ref('int_job_costs') }}

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
        costs.subtotal - costs.total_cost as numerator,
        costs.subtotal as denominator

    from started_jobs
    inner join costs
        on started_jobs.job_id = costs.job_id

)

select * from final
