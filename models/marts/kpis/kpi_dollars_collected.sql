with

payments as (

    select * from {{ ref('int_payments_attributed') }}
    where payment_date is not null

),

final as (

    select
        'dollars_collected' as kpi,
        payment_date as event_date,
        reporting_unit as business_unit,
        part_kind as record_kind,
        cast(payment_id as {{ dbt.type_string() }})
        || '-' || cast(application_number as {{ dbt.type_string() }}) as record_id,
        job_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as counted_key,
        amount as numerator,
        {{ money(0) }} as denominator

    from payments

)

select * from final
