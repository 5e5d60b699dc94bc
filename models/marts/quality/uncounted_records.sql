{%- set parts = [
    'sold_estimates', 'jobs_without_a_date', 'money_without_a_date', 'parts_of_missing_jobs', 'costs_without_a_link',
    'produced_by_sales',
] -%}

with

jobs as (

    select * from {{ ref('dim_jobs') }}

),

costs as (

    select * from {{ ref('int_job_costs') }}

),

scopes as (

    select * from {{ ref('int_kpi_scopes') }}

),

jobs_of_kpis as (

    select
        scopes.kpi,
        jobs.*
    from jobs
    inner join scopes
        on
            jobs.unit_kind = scopes.unit_kind
            and jobs.job_type_list = scopes.job_type_list

),

sold_estimates as (

    select
        'total_booked' as kpi,
        'estimate' as record_kind,
        cast(estimates.estimate_id as {{ dbt.type_string() }}) as record_id,
        case
            when estimates.job_id is null then 'sold without a job'
            when jobs.job_id is null then 'its job is not landed'
            when estimates.sold_date is null then 'sold without a date'
            when jobs.unit_kind = 'production' then 'sold on a production unit'
        end as reason,
        estimates.subtotal as amount

    from {{ ref('stg_servicetitan__estimates') }} as estimates
    left join jobs
        on estimates.job_id = jobs.job_id
    where
        estimates.is_active
        and estimates.estimate_status = 'Sold'

),

jobs_without_a_date as (

    select
        kpi,
        'job' as record_kind,
        cast(job_id as {{ dbt.type_string() }}) as record_id,
        'created at no time' as reason,
        {{ money(0) }} as amount
    from jobs_of_kpis
    where
        kpi = 'lead_count'
        and created_date is null

    union all

    select
        kpi,
        'job' as record_kind,
        cast(job_id as {{ dbt.type_string() }}) as record_id,
        'completed without a completion time' as reason,
        {{ money(0) }} as amount
    from jobs_of_kpis
    where
        kpi = 'num_estimates'
        and job_status = 'Completed'
        and completed_date is null

    union all

    select
        jobs_of_kpis.kpi,
        'job' as record_kind,
        cast(jobs_of_kpis.job_id as {{ dbt.type_string() }}) as record_id,
        'completed without a completion time' as reason,
        {{ money(0) }} as amount
    from jobs_of_kpis
    inner join {{ ref('int_opportunities') }} as opportunities
        on jobs_of_kpis.job_id = opportunities.job_id
    where
        jobs_of_kpis.kpi = 'close_rate_percent'
        and opportunities.opportunity_date is null

    union all

    select
        jobs_of_kpis.kpi,
        'job' as record_kind,
        cast(jobs_of_kpis.job_id as {{ dbt.type_string() }}) as record_id,
        case
            when jobs_of_kpis.start_date is null then 'no usable appointment'
            else 'created at no time'
        end as reason,
        costs.subtotal as amount
    from jobs_of_kpis
    inner join costs
        on jobs_of_kpis.job_id = costs.job_id
    where
        jobs_of_kpis.kpi = 'future_bookings'
        and coalesce(jobs_of_kpis.job_status, '') != 'Canceled'
        and costs.subtotal != 0
        and (jobs_of_kpis.start_date is null or jobs_of_kpis.created_date is null)

    union all

    select
        jobs_of_kpis.kpi,
        'job' as record_kind,
        cast(jobs_of_kpis.job_id as {{ dbt.type_string() }}) as record_id,
        'no usable appointment' as reason,
        case when jobs_of_kpis.kpi = 'dollars_produced' then costs.subtotal else costs.total_cost end as amount
    from jobs_of_kpis
    inner join costs
        on jobs_of_kpis.job_id = costs.job_id
    where
        jobs_of_kpis.kpi in ('dollars_produced', 'gpm_percent', 'warranty_percent')
        and jobs_of_kpis.start_date is null
        and case when jobs_of_kpis.kpi = 'dollars_produced' then costs.subtotal else costs.total_cost end != 0

),

money_without_a_date as (

    select
        'outstanding_ar' as kpi,
        'invoice' as record_kind,
        cast(invoice_id as {{ dbt.type_string() }}) as record_id,
        'no invoice date' as reason,
        total as amount
    from {{ ref('stg_servicetitan__invoices') }}
    where
        is_active
        and invoice_date is null

    union all

    select
        'dollars_collected' as kpi,
        'payment' as record_kind,
        cast(payment_id as {{ dbt.type_string() }}) as record_id,
        'no payment date' as reason,
        total as amount
    from {{ ref('stg_servicetitan__payments') }}
    where
        is_active
        and payment_date is null

),

job_parts as (

    select
        'dollars_produced' as kpi,
        'invoice' as record_kind,
        cast(invoice_id as {{ dbt.type_string() }}) as record_id,
        job_id,
        'its job is not landed' as reason,
        subtotal as amount
    from {{ ref('stg_servicetitan__invoices') }}
    where is_active

    union all

    select
        'gpm_percent' as kpi,
        'gross pay item' as record_kind,
        pay.gross_pay_item_key as record_id,
        coalesce(pay.job_id, invoices.job_id) as job_id,
        'its job is not landed' as reason,
        pay.amount + pay.amount_adjustment as amount
    from {{ ref('stg_servicetitan__gross_pay_items') }} as pay
    left join {{ ref('stg_servicetitan__invoices') }} as invoices
        on
            pay.invoice_id = invoices.invoice_id
            and invoices.is_active

    union all

    select
        'gpm_percent' as kpi,
        'purchase order' as record_kind,
        cast(purchase_order_id as {{ dbt.type_string() }}) as record_id,
        job_id,
        'its job is not landed' as reason,
        total as amount
    from {{ ref('stg_servicetitan__purchase_orders') }}
    where coalesce(purchase_order_status, '') != 'Canceled'

    union all

    select
        'gpm_percent' as kpi,
        'inventory bill' as record_kind,
        cast(inventory_bill_id as {{ dbt.type_string() }}) as record_id,
        job_id,
        'its job is not landed' as reason,
        bill_amount as amount
    from {{ ref('stg_servicetitan__inventory_bills') }}
    where
        is_active
        and purchase_order_id is null

    union all

    select
        'gpm_percent' as kpi,
        'return' as record_kind,
        cast(returns.return_id as {{ dbt.type_string() }}) as record_id,
        coalesce(returns.job_id, purchase_orders.job_id) as job_id,
        'its job is not landed' as reason,
        -returns.return_amount as amount
    from {{ ref('stg_servicetitan__returns') }} as returns
    left join {{ ref('stg_servicetitan__purchase_orders') }} as purchase_orders
        on returns.purchase_order_id = purchase_orders.purchase_order_id
    where
        returns.is_active
        and coalesce(returns.return_status, '') != 'Canceled'
        and returns.canceled_at is null

),

parts_of_missing_jobs as (

    select
        job_parts.kpi,
        job_parts.record_kind,
        job_parts.record_id,
        job_parts.reason,
        job_parts.amount
    from job_parts
    left join jobs
        on job_parts.job_id = jobs.job_id
    where
        job_parts.job_id is not null
        and jobs.job_id is null

),

active_invoices as (

    select * from {{ ref('stg_servicetitan__invoices') }}
    where is_active

),

-- Cost that only another record could bring to a job, and that record is inactive, canceled, without a job or missing.
costs_without_a_link as (

    select
        'gpm_percent' as kpi,
        'gross pay item' as record_kind,
        pay.gross_pay_item_key as record_id,
        case
            when active_invoices.invoice_id is null then 'its invoice is inactive or not landed'
            else 'its invoice has no job'
        end as reason,
        pay.amount + pay.amount_adjustment as amount
    from {{ ref('stg_servicetitan__gross_pay_items') }} as pay
    left join active_invoices
        on pay.invoice_id = active_invoices.invoice_id
    where
        pay.job_id is null
        and pay.invoice_id is not null
        and active_invoices.job_id is null

    union all

    select
        'gpm_percent' as kpi,
        'return' as record_kind,
        cast(returns.return_id as {{ dbt.type_string() }}) as record_id,
        'its purchase order has no job or is not landed' as reason,
        -returns.return_amount as amount
    from {{ ref('stg_servicetitan__returns') }} as returns
    left join {{ ref('stg_servicetitan__purchase_orders') }} as purchase_orders
        on returns.purchase_order_id = purchase_orders.purchase_order_id
    where
        returns.is_active
        and coalesce(returns.return_status, '') != 'Canceled'
        and returns.canceled_at is null
        and returns.job_id is null
        and returns.purchase_order_id is not null
        and purchase_orders.job_id is null

    union all

    select
        'gpm_percent' as kpi,
        'inventory bill' as record_kind,
        cast(bills.inventory_bill_id as {{ dbt.type_string() }}) as record_id,
        'it bills a purchase order that is canceled or not landed' as reason,
        bills.bill_amount as amount
    from {{ ref('stg_servicetitan__inventory_bills') }} as bills
    left join {{ ref('stg_servicetitan__purchase_orders') }} as purchase_orders
        on bills.purchase_order_id = purchase_orders.purchase_order_id
    where
        bills.is_active
        and bills.purchase_order_id is not null
        and (
            purchase_orders.purchase_order_id is null
            or purchase_orders.purchase_order_status = 'Canceled'
        )

    union all

    -- The revenue of such an invoice is named above; this is the material on it.
    select
        'gpm_percent' as kpi,
        'invoice' as record_kind,
        cast(items.invoice_id as {{ dbt.type_string() }}) as record_id,
        'its job is not landed' as reason,
        sum(items.total_cost) as amount
    from {{ ref('stg_servicetitan__invoice_items') }} as items
    left join jobs
        on items.job_id = jobs.job_id
    where
        items.is_active
        and items.item_type in ('Material', 'Equipment')
        and items.job_id is not null
        and jobs.job_id is null
    group by items.invoice_id

),

produced_by_sales as (

    select
        'dollars_produced' as kpi,
        'job' as record_kind,
        cast(jobs.job_id as {{ dbt.type_string() }}) as record_id,
        'revenue of a job on a sales unit' as reason,
        costs.subtotal as amount
    from jobs
    inner join costs
        on jobs.job_id = costs.job_id
    where
        jobs.unit_kind = 'sales'
        and costs.subtotal != 0

),

final as (

    {% for part in parts %}
    select
        kpi,
        record_kind,
        record_id,
        reason,
        amount
    from {{ part }}
    where reason is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from final
