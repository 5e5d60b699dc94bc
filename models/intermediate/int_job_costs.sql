with

jobs as (

    select job_id from {{ ref('stg_servicetitan__jobs') }}

),

active_invoices as (

    select * from {{ ref('stg_servicetitan__invoices') }}
    where is_active

),

active_invoice_items as (

    select * from {{ ref('stg_servicetitan__invoice_items') }}
    where is_active

),

gross_pay_items as (

    select * from {{ ref('stg_servicetitan__gross_pay_items') }}

),

purchase_orders as (

    select * from {{ ref('stg_servicetitan__purchase_orders') }}

),

invoices_by_job as (

    select
        job_id,
        sum(subtotal) as subtotal
    from active_invoices
    where job_id is not null
    group by job_id

),

items_by_job as (

    select
        job_id,
        sum(
            case when coalesce(general_ledger_account_type, 'Income') = 'Income' then total else 0 end
        ) as margin_revenue,
        sum(case when item_type in ('Material', 'Equipment') then total_cost else 0 end) as invoice_item_cost
    from active_invoice_items
    where job_id is not null
    group by job_id

),

-- Pay names its job, or the invoice whose job it is. An inactive invoice is no link.
pay_by_job as (

    select
        coalesce(gross_pay_items.job_id, active_invoices.job_id) as job_id,
        sum(
            case when gross_pay_items.gross_pay_item_type = 'TimesheetTime' then gross_pay_items.amount else 0 end
        ) as labor_pay,
        sum(
            case
                when gross_pay_items.gross_pay_item_type = 'TimesheetTime' then 0
                else gross_pay_items.amount
            end + gross_pay_items.amount_adjustment
        ) as payroll_adjustments
    from gross_pay_items
    left join active_invoices
        on gross_pay_items.invoice_id = active_invoices.invoice_id
    group by coalesce(gross_pay_items.job_id, active_invoices.job_id)

),

purchase_orders_by_job as (

    select
        job_id,
        sum(total) as purchase_order_cost
    from purchase_orders
    where coalesce(purchase_order_status, '') != 'Canceled'
    group by job_id

),

-- A bill of a purchase order bills what that order already counts.
bills_by_job as (

    select
        job_id,
        sum(bill_amount) as inventory_bill_cost
    from {{ ref('stg_servicetitan__inventory_bills') }}
    where
        is_active
        and purchase_order_id is null
    group by job_id

),

-- A return without a job belongs to the job of its purchase order, whatever that order's status.
returns_by_job as (

    select
        coalesce(returns.job_id, purchase_orders.job_id) as job_id,
        -sum(returns.return_amount) as return_cost
    from {{ ref('stg_servicetitan__returns') }} as returns
    left join purchase_orders
        on returns.purchase_order_id = purchase_orders.purchase_order_id
    where
        returns.is_active
        and coalesce(returns.return_status, '') != 'Canceled'
        and returns.canceled_at is null
    group by coalesce(returns.job_id, purchase_orders.job_id)

),

by_component as (

    select
        jobs.job_id,
        coalesce(invoices_by_job.subtotal, 0) as subtotal,
        coalesce(items_by_job.margin_revenue, 0) as margin_revenue,
        coalesce(pay_by_job.labor_pay, 0) as labor_pay,
        coalesce(pay_by_job.payroll_adjustments, 0) as payroll_adjustments,
        coalesce(purchase_orders_by_job.purchase_order_cost, 0)
        + coalesce(items_by_job.invoice_item_cost, 0)
        + coalesce(bills_by_job.inventory_bill_cost, 0) as material_cost,
        coalesce(returns_by_job.return_cost, 0) as return_cost

    from jobs
    left join invoices_by_job
        on jobs.job_id = invoices_by_job.job_id
    left join items_by_job
        on jobs.job_id = items_by_job.job_id
    left join pay_by_job
        on jobs.job_id = pay_by_job.job_id
    left join purchase_orders_by_job
        on jobs.job_id = purchase_orders_by_job.job_id
    left join bills_by_job
        on jobs.job_id = bills_by_job.job_id
    left join returns_by_job
        on jobs.job_id = returns_by_job.job_id

),

final as (

    select
        job_id,
        subtotal,
        margin_revenue,
        labor_pay,
        payroll_adjustments,
        material_cost,
        return_cost,
        labor_pay + payroll_adjustments + material_cost + return_cost as total_cost

    from by_component

)

select * from final
