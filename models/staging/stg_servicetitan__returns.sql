select
    id as return_id,
    {{ adapter.quote('number') }} as return_number,
    nullif(purchaseOrderId, 0) as purchase_order_id,
    nullif(jobId, 0) as job_id,
    status as return_status,
    {{ money('returnAmount') }} as return_amount,
    coalesce(active, true) as is_active,
    returnDate as return_date,
    dateCanceled as canceled_at,
    createdOn as created_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_returns') }}
