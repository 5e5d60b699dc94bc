select
    id as estimate_id,
    nullif(jobId, 0) as job_id,
    nullif(customerId, 0) as customer_id,
    name as estimate_name,
    status as estimate_status,
    {{ money('subtotal') }} as subtotal,
    coalesce(active, true) as is_active,
    {{ local_date('soldOn') }} as sold_date,
    soldOn as sold_at,
    createdOn as created_at,
    modifiedOn as modified_at

from {{ source('servicetitan', 'raw_estimates') }}
