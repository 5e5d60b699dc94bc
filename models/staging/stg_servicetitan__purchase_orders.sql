select
    id as purchase_order_id,
    {{ adapter.quote('number') }} as purchase_order_number,
    nullif(jobId, 0) as job_id,
    nullif(businessUnitId, 0) as business_unit_id,
    status as purchase_order_status,
    {{ money('total') }} as total,
    {{ adapter.quote('date') }} as purchase_order_date,
    createdOn as created_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_purchase_orders') }}
