select
    id as business_unit_id,
    {{ trim_blanks('name') }} as business_unit_name,
    coalesce(active, true) as is_active,
    createdOn as created_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_business_units') }}
