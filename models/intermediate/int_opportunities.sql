with

jobs as (

    select * from {{ ref('dim_jobs') }}
    where coalesce(job_status, '') != 'Canceled'

),

active_estimates as (

    select * from {{ ref('stg_servicetitan__estimates') }}
    where is_active

),

revenue as (

    select * from {{ ref('int_job_revenue') }}

),

estimates_by_job as (

    select
        job_id,
        count(*) as estimate_count
    from active_estimates
    where job_id is not null
    group by job_id

),

sales_by_job as (

    select
        job_id,
        min(sold_date) as first_sold_date,
        sum(subtotal) as sold_subtotal
    from active_estimates
    where
        estimate_status = 'Sold'
        and sold_date is not null
    group by job_id

),

judged as (

    select
        jobs.job_id,
        jobs.job_status,
        jobs.completed_date,
        sales_by_job.first_sold_date,
        sales_by_job.sold_subtotal,
        jobs.sold_threshold,
        -- Old rows have no `noCharge`: a job without an estimate and without money stands in for it.
        coalesce(
            jobs.is_no_charge,
            estimates_by_job.estimate_count is null and revenue.subtotal = 0
        ) as is_no_charge,
        coalesce(
            sales_by_job.job_id is not null
            and (jobs.sold_threshold is null or sales_by_job.sold_subtotal >= jobs.sold_threshold),
            false
        ) as is_closed

    from jobs
    inner join revenue
        on jobs.job_id = revenue.job_id
    left join estimates_by_job
        on jobs.job_id = estimates_by_job.job_id
    left join sales_by_job
        on jobs.job_id = sales_by_job.job_id

),

final as (

    select
        job_id,
        is_closed,
        case when is_closed then first_sold_date else completed_date end as opportunity_date,
        sold_subtotal,
        sold_threshold

    from judged
    where
        not is_no_charge
        and (is_closed or job_status = 'Completed')

)

select * from final
