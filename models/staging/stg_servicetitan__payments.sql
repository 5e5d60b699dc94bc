select
    id as payment_id,
    referenceNumber as payment_number,
    type as payment_type,
    nullif(businessUnitId, 0) as business_unit_id,
    nullif(customerId, 0) as customer_id,
    {{ money('total') }} as total,
    appliedTo as applications,
    coalesce(active, true) as is_active,
    {{ adapter.quote('date') }} as payment_date,
    createdOn as created_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_payments') }}
