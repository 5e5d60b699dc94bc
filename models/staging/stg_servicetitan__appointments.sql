select
    id as appointment_id,
    nullif(jobId, 0) as job_id,
    appointmentNumber as appointment_number,
    status as appointment_status,
    coalesce(unused, false) as is_unused,
    coalesce(active, true) as is_active,
    {{ local_date(adapter.quote('start')) }} as start_date,
    {{ adapter.quote('start') }} as starts_at,
    {{ adapter.quote('end') }} as ends_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_appointments') }}
