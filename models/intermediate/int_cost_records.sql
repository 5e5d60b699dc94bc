with

jobs as (

    select job_id from {{ ref('stg_servicetitan__jobs') }}

),

active_invoices as (

    select * from {{ ref('stg_servicetitan__invoices') }}
    where is_active

),

gross_pay_items as (

    select * from {{ ref('stg_servicetitan__gross_pay_items') }}

),

purchase_orders as (

    select * from {{ ref('stg_servicetitan__purchase_orders') }}

),

-- Pay names its job, or the invoice whose job it is. An inactive invoice is no link.
pay as (

    select
        gross_pay_items.gross_pay_item_key,
        gross_pay_items.gross_pay_item_type,
        gross_pay_items.amount,
        gross_pay_items.amount_adjustment,
        gross_pay_items.modified_at,
        coalesce(gross_pay_items.job_id, active_invoices.job_id) as job_id,
        case
            when gross_pay_items.invoice_id is null then null
            when active_invoices.invoice_id is null then 'its invoice is inactive or not landed'
            else 'its invoice has no job'
        end as missing_link
    from gross_pay_items
    left join active_invoices
        on gross_pay_items.invoice_id = active_invoices.invoice_id

),

records as (

    select
        'gross pay item' as record_kind,
        gross_pay_item_key as record_id,
        'labor_pay' as component,
        job_id,
        missing_link,
        amount,
        modified_at
    from pay
    where gross_pay_item_type = 'TimesheetTime'

    union all

    select
        'gross pay item' as record_kind,
        gross_pay_item_key as record_id,
        'payroll_adjustments' as component,
        job_id,
        missing_link,
        case when gross_pay_item_type = 'TimesheetTime' then 0 else amount end + amount_adjustment as amount,
        modified_at
    from pay
    where
        gross_pay_item_type is distinct from 'TimesheetTime'
        or amount_adjustment != 0

    union all

    select
        'purchase order' as record_kind,
        cast(purchase_order_id as {{ dbt.type_string() }}) as record_id,
        'material_cost' as component,
        job_id,
        cast(null as {{ dbt.type_string() }}) as missing_link,
        total as amount,
        modified_at
    from purchase_orders
    where coalesce(purchase_order_status, '') != 'Canceled'

    union all

    select
        'invoice' as record_kind,
        cast(invoice_id as {{ dbt.type_string() }}) as record_id,
        'material_cost' as component,
        job_id,
        cast(null as {{ dbt.type_string() }}) as missing_link,
        sum(total_cost) as amount,
        modified_at
    from {{ ref('stg_servicetitan__invoice_items') }}
    where
        is_active
        and item_type in ('Material', 'Equipment')
    group by invoice_id, job_id, modified_at

    union all

    -- A bill of a purchase order bills what that order already counts.
    select
        'inventory bill' as record_kind,
        cast(bills.inventory_bill_id as {{ dbt.type_string() }}) as record_id,
        'material_cost' as component,
        case when bills.purchase_order_id is null then bills.job_id end as job_id,
        case
            when bills.purchase_order_id is null then null
            when purchase_orders.purchase_order_id is null or purchase_orders.purchase_order_status = 'Canceled'
                then 'it bills a purchase order that is canceled or not landed'
        end as missing_link,
        bills.bill_amount as amount,
        bills.modified_at
    from {{ ref('stg_servicetitan__inventory_bills') }} as bills
    left join purchase_orders
        on bills.purchase_order_id = purchase_orders.purchase_order_id
    where bills.is_active

    union all

    -- A return without a job belongs to the job of its purchase order, whatever that order's status.
    select
        'return' as record_kind,
        cast(returns.return_id as {{ dbt.type_string() }}) as record_id,
        'return_cost' as component,
        coalesce(returns.job_id, purchase_orders.job_id) as job_id,
        case
            when returns.purchase_order_id is not null then 'its purchase order has no job or is not landed'
        end as missing_link,
        -returns.return_amount as amount,
        returns.modified_at
    from {{ ref('stg_servicetitan__returns') }} as returns
    left join purchase_orders
        on returns.purchase_order_id = purchase_orders.purchase_order_id
    where
        returns.is_active
        and coalesce(returns.return_status, '') != 'Canceled'
        and returns.canceled_at is null

),

final as (

    select
        records.record_kind,
        records.record_id,
        records.component,
        jobs.job_id,
        case
            when jobs.job_id is not null then null
            when records.job_id is not null then 'its job is not landed'
            else records.missing_link
        end as missing_job_reason,
        records.amount,
        records.modified_at

    from records
    left join jobs
        on records.job_id = jobs.job_id

)

select * from final
