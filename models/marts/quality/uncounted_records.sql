{%- set parts = [
    'sold_estimates', 'jobs_without_a_date', 'money_without_a_date', 'revenue_of_missing_jobs', 'costs_without_a_job',
    'produced_by_sales',
] -%}

with

jobs as (

    select * from {{ ref('dim_jobs') }}

),

kpi_jobs as (

    select
        kpi_jobs.*,
        costs.subtotal,
        costs.total_cost
    from {{ ref('int_kpi_jobs') }} as kpi_jobs
    inner join {{ ref('int_job_costs') }} as costs
        on kpi_jobs.job_id = costs.job_id

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

-- Without a day no list can be asked for: a job whose type was ever counted stands here, once.
jobs_without_a_date as (

    select
        kpi,
        'job' as record_kind,
        cast(job_id as {{ dbt.type_string() }}) as record_id,
        'created at no time' as reason,
        {{ money(0) }} as amount
    from kpi_jobs
    where
        kpi = 'lead_count'
        and created_date is null

    union distinct

    select
        kpi,
        'job' as record_kind,
        cast(job_id as {{ dbt.type_string() }}) as record_id,
        'completed without a completion time' as reason,
        {{ money(0) }} as amount
    from kpi_jobs
    where
        kpi = 'num_estimates'
        and job_status = 'Completed'
        and completed_date is null

    union distinct

    select
        kpi_jobs.kpi,
        'job' as record_kind,
        cast(kpi_jobs.job_id as {{ dbt.type_string() }}) as record_id,
        'completed without a completion time' as reason,
        {{ money(0) }} as amount
    from kpi_jobs
    inner join {{ ref('int_opportunities') }} as opportunities
        on kpi_jobs.job_id = opportunities.job_id
    where
        kpi_jobs.kpi = 'close_rate_percent'
        and opportunities.opportunity_date is null

    union distinct

    select
        kpi,
        'job' as record_kind,
        cast(job_id as {{ dbt.type_string() }}) as record_id,
        case
            when start_date is null then 'no usable appointment'
            else 'created at no time'
        end as reason,
        subtotal as amount
    from kpi_jobs
    where
        kpi = 'future_bookings'
        and coalesce(job_status, '') != 'Canceled'
        and subtotal != 0
        and (start_date is null or created_date is null)

    union distinct

    select
        kpi,
        'job' as record_kind,
        cast(job_id as {{ dbt.type_string() }}) as record_id,
        'no usable appointment' as reason,
        case when kpi = 'dollars_produced' then subtotal else total_cost end as amount
    from kpi_jobs
    where
        kpi in ('dollars_produced', 'gpm_percent', 'warranty_percent')
        and start_date is null
        and case when kpi = 'dollars_produced' then subtotal else total_cost end != 0

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

revenue_of_missing_jobs as (

    select
        'dollars_produced' as kpi,
        'invoice' as record_kind,
        cast(invoices.invoice_id as {{ dbt.type_string() }}) as record_id,
        'its job is not landed' as reason,
        invoices.subtotal as amount
    from {{ ref('stg_servicetitan__invoices') }} as invoices
    left join jobs
        on invoices.job_id = jobs.job_id
    where
        invoices.is_active
        and invoices.job_id is not null
        and jobs.job_id is null

),

costs_without_a_job as (

    select
        'gpm_percent' as kpi,
        record_kind,
        record_id,
        missing_job_reason as reason,
        sum(amount) as amount
    from {{ ref('int_cost_records') }}
    group by record_kind, record_id, missing_job_reason

),

produced_by_sales as (

    select
        'dollars_produced' as kpi,
        'job' as record_kind,
        cast(jobs.job_id as {{ dbt.type_string() }}) as record_id,
        'revenue of a job on a sales unit' as reason,
        revenue.subtotal as amount
    from jobs
    inner join {{ ref('int_job_revenue') }} as revenue
        on jobs.job_id = revenue.job_id
    where
        jobs.unit_kind = 'sales'
        and revenue.subtotal != 0

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
