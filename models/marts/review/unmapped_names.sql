with

jobs as (

    select * from {{ ref('dim_jobs') }}

),

units as (

    select
        'business unit' as kind,
        units.business_unit_name as name,
        units.is_active,
        count(jobs.job_id) as job_count
    from {{ ref('dim_business_units') }} as units
    left join jobs
        on units.business_unit_id = jobs.business_unit_id
    where units.unit_kind = 'unmapped'
    group by units.business_unit_name, units.is_active

),

job_types as (

    select
        'job type' as kind,
        job_types.job_type_name as name,
        job_types.is_active,
        count(jobs.job_id) as job_count
    from {{ ref('dim_job_types') }} as job_types
    left join jobs
        on job_types.job_type_id = jobs.job_type_id
    where not job_types.has_list_row
    group by job_types.job_type_name, job_types.is_active

),

final as (

    select
        kind,
        name,
        is_active,
        job_count
    from units

    union all

    select
        kind,
        name,
        is_active,
        job_count
    from job_types

)

select * from final
