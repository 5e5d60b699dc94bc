with

scopes as (

    select * from {{ ref('int_kpi_scopes') }}

),

jobs as (

    select * from {{ ref('dim_jobs') }}

),

final as (

    select
        scopes.kpi,
        jobs.job_id,
        jobs.customer_id,
        jobs.customer_name,
        jobs.job_status,
        jobs.reporting_unit,
        jobs.created_date,
        jobs.completed_date,
        jobs.start_date,
        scopes.counted_from,
        scopes.counted_to

    from jobs
    inner join scopes
        on
            jobs.unit_kind = scopes.unit_kind
            and jobs.job_type_key = scopes.job_type_key

)

select * from final
