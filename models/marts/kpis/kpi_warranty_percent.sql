with

started_jobs as (

    select * from {{ ref('dim_jobs') }}
    where start_date is not null

),

costs as (

    select * from {{ ref('int_job_costs') }}

),

scopes as (

    select * from {{ ref('int_kpi_scopes') }}
    where kpi = 'warranty_percent'

),

-- The lists of this KPI choose the jobs of the numerator only.
warranty_jobs as (

    select
        started_jobs.job_id,
        started_jobs.customer_id,
        started_jobs.start_date,
        started_jobs.reporting_unit,
        costs.total_cost

    from started_jobs
    inner join costs
        on started_jobs.job_id = costs.job_id
    inner join scopes
        on
            started_jobs.unit_kind = scopes.unit_kind
            and started_jobs.job_type_list = scopes.job_type_list

),

-- The denominator is dollars_produced as published, with the lists of that KPI.
produced as (

    select
        job_id,
        customer_id,
        event_date as start_date,
        business_unit as reporting_unit,
        numerator as dollars_produced
    from {{ ref('kpi_dollars_produced') }}

),

final as (

    select
        'warranty_percent' as kpi,
        coalesce(warranty_jobs.start_date, produced.start_date) as event_date,
        coalesce(warranty_jobs.reporting_unit, produced.reporting_unit) as business_unit,
        'job' as record_kind,
        cast(coalesce(warranty_jobs.job_id, produced.job_id) as {{ dbt.type_string() }}) as record_id,
        coalesce(warranty_jobs.job_id, produced.job_id) as job_id,
        coalesce(warranty_jobs.customer_id, produced.customer_id) as customer_id,
        cast(null as {{ dbt.type_string() }}) as counted_key,
        {{ money('warranty_jobs.total_cost') }} as numerator,
        {{ money('produced.dollars_produced') }} as denominator

    from warranty_jobs
    full outer join produced
        on warranty_jobs.job_id = produced.job_id

)

select * from final
