with

started_jobs as (

    select * from {{ ref('int_kpi_jobs') }}
    where
        kpi = 'dollars_produced'
        and start_date is not null

),

final as (

    select
        kpi,
        start_date as event_date,
        reporting_unit as business_unit,
        'job' as record_kind,
        cast(job_id as {{ dbt.type_string() }}) as record_id,
        job_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as counted_key,
        subtotal as numerator,
        {{ money(0) }} as denominator

    from started_jobs

)

select * from final
