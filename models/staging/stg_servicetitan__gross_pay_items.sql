select
    _row_key as gross_pay_item_key,
    nullif(employeeId, 0) as employee_id,
    nullif(jobId, 0) as job_id,
    nullif(invoiceId, 0) as invoice_id,
    grossPayItemType as gross_pay_item_type,
    activity,
    {{ money('amount') }} as amount,
    {{ money('amountAdjustment') }} as amount_adjustment,
    {{ adapter.quote('date') }} as pay_date,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_gross_pay_items') }}
