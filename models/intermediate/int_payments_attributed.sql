with

payments as (

    select * from {{ ref('stg_servicetitan__payments') }}
    where is_active

),

applications as (

    select * from {{ ref('stg_servicetitan__payment_applications') }}
    where is_active

),

active_invoices as (

    select * from {{ ref('stg_servicetitan__invoices') }}
    where is_active

),

business_units as (

    select * from {{ ref('dim_business_units') }}

),

-- What a payment applied to an active invoice stands under the unit of the invoice.
applied as (

    select
        applications.payment_id,
        applications.application_number,
        applications.payment_date,
        active_invoices.invoice_id,
        active_invoices.business_unit_id,
        active_invoices.job_id,
        applications.applied_amount as amount

    from applications
    inner join active_invoices
        on applications.invoice_id = active_invoices.invoice_id

),

applied_by_payment as (

    select
        payment_id,
        sum(amount) as amount
    from applied
    group by payment_id

),

-- What is left of the payment, too much applied included, stands under the payment's own unit.
rests as (

    select
        payments.payment_id,
        0 as application_number,
        payments.payment_date,
        cast(null as {{ dbt.type_bigint() }}) as invoice_id,
        payments.business_unit_id,
        cast(null as {{ dbt.type_bigint() }}) as job_id,
        payments.total - coalesce(applied_by_payment.amount, 0) as amount

    from payments
    left join applied_by_payment
        on payments.payment_id = applied_by_payment.payment_id
    where payments.total != coalesce(applied_by_payment.amount, 0)

),

parts as (

    select
        payment_id,
        application_number,
        payment_date,
        invoice_id,
        business_unit_id,
        job_id,
        amount
    from applied

    union all

    select
        payment_id,
        application_number,
        payment_date,
        invoice_id,
        business_unit_id,
        job_id,
        amount
    from rests

),

final as (

    select
        parts.payment_id,
        parts.application_number,
        case when parts.application_number = 0 then 'payment rest' else 'payment application' end as part_kind,
        parts.payment_date,
        parts.invoice_id,
        parts.job_id,
        {{ reporting_unit('business_units') }} as reporting_unit,
        parts.amount,
        payments.customer_id

    from parts
    inner join payments
        on parts.payment_id = payments.payment_id
    left join business_units
        on parts.business_unit_id = business_units.business_unit_id

)

select * from final
