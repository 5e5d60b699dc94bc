with

jobs as (

    select job_id from {{ ref('stg_servicetitan__jobs') }}

),

subtotals as (

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

final as (

    select
        jobs.job_id,
        coalesce(subtotals.subtotal, 0) as subtotal,
        coalesce(margin_revenue.margin_revenue, 0) as margin_revenue

    from jobs
    left join subtotals
        on jobs.job_id = subtotals.job_id
    left join margin_revenue
        on jobs.job_id = margin_revenue.job_id

)

select * from final
