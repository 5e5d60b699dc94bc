{#- What makes a record's number, per KPI: only a change of these explains a difference in it. -#}
{%- set jobs_and_estimates = ['jobs', 'estimates'] -%}
{%- set revenue = ['jobs', 'appointments', 'invoices'] -%}
{%- set cost = ['gross pay', 'purchase orders', 'inventory bills', 'returns'] -%}
{%- set what_makes = {
    'lead_count': ['jobs', 'customers'],
    'num_estimates': ['jobs'],
    'total_booked': jobs_and_estimates,
    'close_rate_percent': jobs_and_estimates + ['invoices'],
    'dollars_produced': revenue,
    'future_bookings': revenue,
    'gpm_percent': revenue + cost,
    'warranty_percent': revenue + cost,
} -%}

with

-- Only a record that differs from a report is ever asked for.
compared_records as (

    select distinct
        kpi,
        record_kind,
        record_key
    from {{ ref('int_report_differences') }}

),

compared_jobs as (

    select
        compared_records.kpi,
        compared_records.record_key,
        jobs.job_id,
        jobs.customer_id
    from {{ ref('stg_servicetitan__jobs') }} as jobs
    inner join compared_records
        on {{ job_key('jobs') }} = compared_records.record_key
    where compared_records.record_kind = 'job'

),

invoices as (

    select
        *,
        'location ' || cast(location_id as {{ dbt.type_string() }}) as line
    from {{ ref('stg_servicetitan__invoices') }}

),

payments as (

    select * from {{ ref('stg_servicetitan__payments') }}

),

invoices_of_payments as (

    select
        payments.payment_id,
        payments.modified_at as payment_modified_at,
        invoices.modified_at as invoice_modified_at,
        invoices.line
    from {{ ref('stg_servicetitan__payment_applications') }} as applications
    inner join payments
        on applications.payment_id = payments.payment_id
    inner join invoices
        on applications.invoice_id = invoices.invoice_id

),

purchase_orders as (

    select * from {{ ref('stg_servicetitan__purchase_orders') }}

),

kpis as (

    {% for kpi, kinds in what_makes.items() %}
    {%- set kpi_loop = loop %}
    {%- for changed in kinds %}
    select
        '{{ kpi }}' as kpi,
        '{{ changed }}' as changed
    {% if not (loop.last and kpi_loop.last) %}union all{% endif %}
    {% endfor %}
    {%- endfor %}

),

changes_of_jobs as (

    {% for changed in ['jobs', 'appointments', 'estimates', 'invoices', 'purchase orders', 'inventory bills'] %}
    select
        job_id,
        '{{ changed }}' as changed,
        modified_at
    from {{ ref('stg_servicetitan__' ~ changed | replace(' ', '_')) }}
    union all
    {% endfor %}
    select
        coalesce(pay.job_id, invoices.job_id) as job_id,
        'gross pay' as changed,
        pay.modified_at
    from {{ ref('stg_servicetitan__gross_pay_items') }} as pay
    left join invoices
        on pay.invoice_id = invoices.invoice_id

    union all

    select
        coalesce(returns.job_id, purchase_orders.job_id) as job_id,
        'returns' as changed,
        returns.modified_at
    from {{ ref('stg_servicetitan__returns') }} as returns
    left join purchase_orders
        on returns.purchase_order_id = purchase_orders.purchase_order_id

    union all

    select distinct
        compared_jobs.job_id,
        'customers' as changed,
        customers.modified_at
    from compared_jobs
    inner join {{ ref('stg_servicetitan__customers') }} as customers
        on compared_jobs.customer_id = customers.customer_id

),

-- Money without a location stands on a line of its customer's: on which one depends on what else there is.
lines_of_customers as (

    select
        customer_id,
        'location ' || cast(location_id as {{ dbt.type_string() }}) as line
    from {{ ref('stg_servicetitan__locations') }}

    union all

    select
        customer_id,
        'customer ' || cast(customer_id as {{ dbt.type_string() }}) as line
    from {{ ref('stg_servicetitan__customers') }}

),

-- Deleted invoices and payments, too: that is a change of the line.
changes as (

    select
        compared_jobs.kpi,
        'job' as record_kind,
        compared_jobs.record_key,
        changes_of_jobs.changed,
        changes_of_jobs.modified_at
    from compared_jobs
    inner join kpis
        on compared_jobs.kpi = kpis.kpi
    inner join changes_of_jobs
        on
            compared_jobs.job_id = changes_of_jobs.job_id
            and kpis.changed = changes_of_jobs.changed

    union all

    select
        'dollars_collected' as kpi,
        'payment' as record_kind,
        cast(payment_id as {{ dbt.type_string() }}) as record_key,
        'payments' as changed,
        modified_at
    from payments

    union all

    select
        'dollars_collected' as kpi,
        'payment' as record_kind,
        cast(payment_id as {{ dbt.type_string() }}) as record_key,
        'invoices' as changed,
        invoice_modified_at as modified_at
    from invoices_of_payments

    union all

    select
        'outstanding_ar' as kpi,
        'receivable line' as record_kind,
        line as record_key,
        'invoices' as changed,
        modified_at
    from invoices

    union all

    select
        'outstanding_ar' as kpi,
        'receivable line' as record_kind,
        lines_of_customers.line as record_key,
        'invoices' as changed,
        invoices.modified_at
    from invoices
    inner join lines_of_customers
        on invoices.customer_id = lines_of_customers.customer_id
    where invoices.line is null

    union all

    select
        'outstanding_ar' as kpi,
        'receivable line' as record_kind,
        line as record_key,
        'payments' as changed,
        payment_modified_at as modified_at
    from invoices_of_payments

    union all

    select
        'outstanding_ar' as kpi,
        'receivable line' as record_kind,
        lines_of_customers.line as record_key,
        'payments' as changed,
        payments.modified_at
    from payments
    inner join lines_of_customers
        on payments.customer_id = lines_of_customers.customer_id

),

final as (

    select
        changes.kpi,
        changes.record_kind,
        changes.record_key,
        changes.changed,
        max(changes.modified_at) as changed_at
    from changes
    inner join compared_records
        on
            changes.kpi = compared_records.kpi
            and changes.record_kind = compared_records.record_kind
            and changes.record_key = compared_records.record_key
    group by changes.kpi, changes.record_kind, changes.record_key, changes.changed

)

select * from final
