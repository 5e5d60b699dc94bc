select
    id as job_type_id,
    {{ trim_blanks('name') }} as job_type_name,
    soldThreshold as sold_threshold,
    noCharge as is_no_charge,
    coalesce(active, true) as is_active,
    createdOn as created_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_job_types') }}
