with

jobs as (

    select * from {{ ref('stg_servicetitan__jobs') }}

),

usable_appointments as (

    select * from {{ ref('stg_servicetitan__appointments') }}
    where
        is_active
        and not is_unused
        and starts_at is not null

),

earliest as (

    select
        job_id,
        min(starts_at) as starts_at
    from usable_appointments
    group by job_id

),

final as (

    select
        jobs.job_id,
        coalesce(first_appointments.starts_at, earliest.starts_at) as starts_at,
        {{ local_date('coalesce(first_appointments.starts_at, earliest.starts_at)') }} as start_date

    from jobs
    left join usable_appointments as first_appointments
        on jobs.first_appointment_id = first_appointments.appointment_id
    left join earliest
        on jobs.job_id = earliest.job_id

    where coalesce(first_appointments.starts_at, earliest.starts_at) is not null

)

select * from final
