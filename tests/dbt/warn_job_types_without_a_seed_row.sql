{{ config(severity='warn') }}

select
    job_types.job_type_name,
    job_types.is_active,
    count(jobs.job_id) as jobs,
    'add a row to seeds/job_type_lists.csv (list none is allowed)' as fix

from {{ ref('dim_job_types') }} as job_types
left join {{ ref('dim_jobs') }} as jobs
    on job_types.job_type_id = jobs.job_type_id

where not job_types.has_list_row

group by job_types.job_type_name, job_types.is_active
order by job_types.job_type_name
