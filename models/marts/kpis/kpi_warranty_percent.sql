with

-- The lists of this KPI choose the jobs of the numerator only.
warranty_jobs as (

    select * from {{ ref('int_kpi_jobs') }}
    where
        kpi = 'warranty_percent'
        and start_date between counted_from and counted_to

),

costs as (

    select * from {{ ref('int_job_costs') }}

),

-- The denominator is dollars_produced as published, with the lists of that KPI.
produced as (

    select * from {{ ref('kpi_dollars_produced') }}

),

final as (

    select
        'warranty_percent' as kpi,
        coalesce(warranty_jobs.start_date, produced.event_date) as event_date,
        coalesce(warranty_jobs.reporting_unit, produced.business_unit) as business_unit,
        'job' as record_kind,
        cast(coalesce(warranty_jobs.job_id, produced.job_id) as {{ dbt.type_string() }}) as record_id,
        coalesce(warranty_jobs.job_id, produced.job_id) as job_id,
        coalesce(warranty_jobs.customer_id, produced.customer_id) as customer_id,
        cast(null as {{ dbt.type_string() }}) as counted_key,
        {{ money('costs.total_cost') }} as numerator,
        {{ money('produced.numerator') }} as denominator

    from warranty_jobs
    inner join costs
        on warranty_jobs.job_id = costs.job_id
    full outer join produced
        on warranty_jobs.job_id = produced.job_id

)

select * from final
