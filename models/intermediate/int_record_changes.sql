with

invoices as (

    select * from {{ ref('stg_servicetitan__invoices') }}

),

purchase_orders as (

    select * from {{ ref('stg_servicetitan__purchase_orders') }}

),

{#- Records that belong to a job by themselves. -#}
{%- set of_jobs = ['jobs', 'appointments', 'estimates', 'invoices', 'purchase_orders', 'inventory_bills'] %}

changes_of_jobs as (

    {% for records in of_jobs %}
    select
        job_id,
        modified_at
    from {{ ref('stg_servicetitan__' ~ records) }}
    union all
    {% endfor %}
    select
        coalesce(pay.job_id, invoices.job_id) as job_id,
        pay.modified_at
    from {{ ref('stg_servicetitan__gross_pay_items') }} as pay
    left join invoices
        on pay.invoice_id = invoices.invoice_id

    union all

    select
        coalesce(returns.job_id, purchase_orders.job_id) as job_id,
        returns.modified_at
    from {{ ref('stg_servicetitan__returns') }} as returns
    left join purchase_orders
        on returns.purchase_order_id = purchase_orders.purchase_order_id

),

changes as (

    select
        'job' as record_kind,
        {{ job_key('jobs') }} as record_key,
        changes_of_jobs.modified_at
    from changes_of_jobs
    inner join {{ ref('stg_servicetitan__jobs') }} as jobs
        on changes_of_jobs.job_id = jobs.job_id

    union all

    select
        'payment' as record_kind,
        cast(payment_id as {{ dbt.type_string() }}) as record_key,
        modified_at
    from {{ ref('stg_servicetitan__payments') }}

    union all

    select
        'payment' as record_kind,
        cast(applications.payment_id as {{ dbt.type_string() }}) as record_key,
        invoices.modified_at
    from {{ ref('stg_servicetitan__payment_applications') }} as applications
    inner join invoices
        on applications.invoice_id = invoices.invoice_id

    union all

    select
        'receivable line' as record_kind,
        movements.line as record_key,
        invoices.modified_at
    from {{ ref('int_receivable_movements') }} as movements
    inner join invoices
        on movements.invoice_id = invoices.invoice_id

    union all

    select
        'receivable line' as record_kind,
        movements.line as record_key,
        payments.modified_at
    from {{ ref('int_receivable_movements') }} as movements
    inner join {{ ref('stg_servicetitan__payments') }} as payments
        on movements.payment_id = payments.payment_id

),

final as (

    select
        record_kind,
        record_key,
        max(modified_at) as changed_at
    from changes
    group by record_kind, record_key

)

select * from final
