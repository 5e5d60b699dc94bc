select
    id as invoice_id,
    referenceNumber as invoice_number,
    nullif(jobId, 0) as job_id,
    nullif(businessUnitId, 0) as business_unit_id,
    nullif(customerId, 0) as customer_id,
    nullif(locationId, 0) as location_id,
    nullif(adjustmentToId, 0) as adjustment_to_invoice_id,
    {{ money('subTotal') }} as subtotal,
    {{ money('total') }} as total,
    {{ money('balance') }} as balance,
    items,
    coalesce(active, true) as is_active,
    invoiceDate as invoice_date,
    createdOn as created_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_invoices') }}
