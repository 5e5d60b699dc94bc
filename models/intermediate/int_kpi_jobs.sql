with

scopes as (

    select * from {{ ref('int_kpi_scopes') }}

),

jobs as (

    select * from {{ ref('dim_jobs') }}

),

costs as (

    select * from {{ ref('int_job_costs') }}

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
        costs.subtotal,
        costs.total_cost

    from jobs
    inner join scopes
        on
            jobs.unit_kind = scopes.unit_kind
            and jobs.job_type_list = scopes.job_type_list
    inner join costs
        on jobs.job_id = costs.job_id

)

select * from final
