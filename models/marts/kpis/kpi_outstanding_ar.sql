with

lines as (

    select * from {{ ref('int_receivable_lines') }}
    where net >= {{ ar_threshold() }}

),

final as (

    select
        'outstanding_ar' as kpi,
        first_day,
        last_day,
        reporting_unit as business_unit,
        'receivable line' as record_kind,
        line as record_id,
        cast(null as {{ dbt.type_bigint() }}) as job_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as counted_key,
        net as numerator,
        {{ money(0) }} as denominator

    from lines

)

select * from final
