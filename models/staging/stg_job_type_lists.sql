select
    {{ name_key('job_type_name') }} as job_type_key,
    job_type_name,
    list_name,
    {{ first_valid_day() }} as first_day,
    {{ last_valid_day() }} as last_day

from {{ ref('job_type_lists') }}
