with

payments as (

    select * from {{ ref('stg_servicetitan__payments') }}

),

applications as (

    select
        payments.payment_id,
        {{ json_text('element', 'appliedId') }} as application_id,
        nullif(cast({{ json_text('element', 'appliedTo') }} as {{ dbt.type_bigint() }}), 0) as invoice_id,
        {{ json_text('element', 'appliedAmount') }} as applied_amount_as_sent,
        {{ money_from_text(json_text('element', 'appliedAmount')) }} as applied_amount,
        payments.payment_date,
        payments.is_active

    from {{ with_elements('payments', 'applications') }}

),

-- An application's own id may be missing or repeated, so its place within the payment names it.
numbered as (

    select
        *,
        row_number() over (
            partition by payment_id
            order by application_id, invoice_id, applied_amount
        ) as application_number
    from applications

),

final as (

    select
        cast(payment_id as {{ dbt.type_string() }})
        || '-' || cast(application_number as {{ dbt.type_string() }}) as payment_application_key,
        payment_id,
        application_number,
        invoice_id,
        applied_amount_as_sent,
        applied_amount,
        payment_date,
        is_active

    from numbered

)

select * from final
