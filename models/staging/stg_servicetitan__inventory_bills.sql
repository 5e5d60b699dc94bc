select
    id as inventory_bill_id,
    referenceNumber as bill_number,
    nullif(purchaseOrderId, 0) as purchase_order_id,
    nullif(jobId, 0) as job_id,
    {{ money('billAmount') }} as bill_amount,
    coalesce(active, true) as is_active,
    billDate as bill_date,
    createdOn as created_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_inventory_bills') }}
