select
    id as customer_id,
    {{ trim_blanks('name') }} as customer_name,
    type as customer_type,
    nullif(mergedToId, 0) as merged_to_customer_id,
    coalesce(active, true) as is_active,
    createdOn as created_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_customers') }}
