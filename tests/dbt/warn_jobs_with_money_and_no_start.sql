{{ config(severity='warn') }}

select
    jobs.job_number,
    jobs.reporting_unit,
    jobs.job_type_name,
    jobs.job_status,
    round(costs.subtotal, 2) as subtotal,
    round(costs.total_cost, 2) as total_cost

from {{ ref('dim_jobs') }} as jobs
inner join {{ ref('int_job_costs') }} as costs
    on jobs.job_id = costs.job_id

where
    jobs.start_date is null
    and jobs.unit_kind != 'sales'
    and (costs.subtotal != 0 or costs.total_cost != 0)

order by jobs.job_number
