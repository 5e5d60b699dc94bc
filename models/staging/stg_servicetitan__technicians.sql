select
    id as technician_id,
    {{ trim_blanks('name') }} as technician_name,
    nullif(businessUnitId, 0) as business_unit_id,
    coalesce(active, true) as is_active,
    createdOn as created_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_technicians') }}
