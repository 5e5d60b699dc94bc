{#- What the jobs add up to is what the records of landed jobs add up to: no join drops or doubles money. -#}

with

jobs as (

    select job_id from {{ ref('stg_servicetitan__jobs') }}

),

active_invoices as (

    select * from {{ ref('stg_servicetitan__invoices') }}
    where is_active

),

records as (

    select
        'subtotal' as component,
        sum(subtotal) as amount
    from active_invoices
    where job_id in (select job_id from jobs)

    union all

    select
        'pay' as component,
        sum(amount + amount_adjustment) as amount
    from {{ ref('stg_servicetitan__gross_pay_items') }}
    where
        job_id in (select job_id from jobs)
        or (
            job_id is null
            and invoice_id in (
                select invoice_id from active_invoices
                where job_id in (select job_id from jobs)
            )
        )

    union all

    select
        'purchase orders' as component,
        sum(total) as amount
    from {{ ref('stg_servicetitan__purchase_orders') }}
    where
        coalesce(purchase_order_status, '') != 'Canceled'
        and job_id in (select job_id from jobs)

    union all

    select
        'bills' as component,
        sum(bill_amount) as amount
    from {{ ref('stg_servicetitan__inventory_bills') }}
    where
        is_active
        and purchase_order_id is null
        and job_id in (select job_id from jobs)

    union all

    select
        'invoice items' as component,
        sum(total_cost) as amount
    from {{ ref('stg_servicetitan__invoice_items') }}
    where
        is_active
        and item_type in ('Material', 'Equipment')
        and job_id in (select job_id from jobs)

    union all

    select
        'returns' as component,
        -sum(returns.return_amount) as amount
    from {{ ref('stg_servicetitan__returns') }} as returns
    left join {{ ref('stg_servicetitan__purchase_orders') }} as purchase_orders
        on returns.purchase_order_id = purchase_orders.purchase_order_id
    where
        returns.is_active
        and coalesce(returns.return_status, '') != 'Canceled'
        and returns.canceled_at is null
        and coalesce(returns.job_id, purchase_orders.job_id) in (select job_id from jobs)

),

expected as (

    select
        sum(case when component = 'subtotal' then amount else 0 end) as subtotal,
        sum(case when component = 'pay' then amount else 0 end) as pay,
        sum(case when component = 'returns' then amount else 0 end) as returns,
        sum(case when component not in ('subtotal', 'pay', 'returns') then amount else 0 end) as materials
    from records

),

found as (

    select
        sum(subtotal) as subtotal,
        sum(labor_pay + payroll_adjustments) as pay,
        sum(return_cost) as returns,
        sum(material_cost) as materials
    from {{ ref('int_job_costs') }}

)

select
    expected.subtotal as subtotal_of_records,
    found.subtotal as subtotal_of_jobs,
    expected.pay as pay_of_records,
    found.pay as pay_of_jobs,
    expected.materials as materials_of_records,
    found.materials as materials_of_jobs,
    expected.returns as returns_of_records,
    found.returns as returns_of_jobs

from expected
cross join found

where
    coalesce(expected.subtotal, 0) is distinct from coalesce(found.subtotal, 0)
    or coalesce(expected.pay, 0) is distinct from coalesce(found.pay, 0)
    or coalesce(expected.materials, 0) is distinct from coalesce(found.materials, 0)
    or coalesce(expected.returns, 0) is distinct from coalesce(found.returns, 0)
