with

completed_jobs as (

    select * from {{ ref('int_kpi_jobs') }}
    -- Canceled jobs carry a completion time, too: the status decides.
    where
        kpi = 'num_estimates'
        and job_status = 'Completed'
        and completed_date between counted_from and counted_to

),

final as (

    select
        kpi,
        completed_date as event_date,
        reporting_unit as business_unit,
        'job' as record_kind,
        cast(job_id as {{ dbt.type_string() }}) as record_id,
        job_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as counted_key,
        {{ money(1) }} as numerator,
        {{ money(0) }} as denominator

    from completed_jobs

)

select * from final
