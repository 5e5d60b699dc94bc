{%- set components = ['labor_pay', 'payroll_adjustments', 'material_cost', 'return_cost'] -%}

with

jobs as (

    select job_id from {{ ref('stg_servicetitan__jobs') }}

),

revenue as (

    select
        job_id,
        sum(subtotal) as subtotal
    from {{ ref('stg_servicetitan__invoices') }}
    where is_active
    group by job_id

),

margin_revenue as (

    select
        job_id,
        sum(
            case when coalesce(general_ledger_account_type, 'Income') = 'Income' then total else 0 end
        ) as margin_revenue
    from {{ ref('stg_servicetitan__invoice_items') }}
    where is_active
    group by job_id

),

costs as (

    select
        job_id,
        {% for component in components %}
        sum(case when component = '{{ component }}' then amount else 0 end) as {{ component }},
        {% endfor %}
        sum(amount) as total_cost
    from {{ ref('int_cost_records') }}
    group by job_id

),

final as (

    select
        jobs.job_id,
        coalesce(revenue.subtotal, 0) as subtotal,
        coalesce(margin_revenue.margin_revenue, 0) as margin_revenue,
        {% for component in components %}
        coalesce(costs.{{ component }}, 0) as {{ component }},
        {% endfor %}
        coalesce(costs.total_cost, 0) as total_cost

    from jobs
    left join revenue
        on jobs.job_id = revenue.job_id
    left join margin_revenue
        on jobs.job_id = margin_revenue.job_id
    left join costs
        on jobs.job_id = costs.job_id

)

select * from final
