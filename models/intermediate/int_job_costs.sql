{%- set components = ['labor_pay', 'payroll_adjustments', 'material_cost', 'return_cost'] -%}

with

revenue as (

    select * from {{ ref('int_job_revenue') }}

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
        revenue.job_id,
        revenue.subtotal,
        revenue.margin_revenue,
        {% for component in components %}
        coalesce(costs.{{ component }}, 0) as {{ component }},
        {% endfor %}
        coalesce(costs.total_cost, 0) as total_cost

    from revenue
    left join costs
        on revenue.job_id = costs.job_id

)

select * from final
