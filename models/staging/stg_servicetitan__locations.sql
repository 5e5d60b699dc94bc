select
    id as location_id,
    nullif(customerId, 0) as customer_id,
    {{ trim_blanks('name') }} as location_name,
    coalesce(active, true) as is_active,
    createdOn as created_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_locations') }}
