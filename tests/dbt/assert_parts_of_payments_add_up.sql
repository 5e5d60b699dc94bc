with

parts as (

    select
        payment_id,
        sum(amount) as amount
    from {{ ref('int_payments_attributed') }}
    group by payment_id

),

payments as (

    select
        payment_id,
        total
    from {{ ref('stg_servicetitan__payments') }}
    where
        is_active
        and total != 0

)

select
    coalesce(payments.payment_id, parts.payment_id) as payment_id,
    payments.total,
    parts.amount as sum_of_parts

from payments
full outer join parts
    on payments.payment_id = parts.payment_id

where coalesce(payments.total, 0) is distinct from coalesce(parts.amount, 0)
