with

completed_jobs as (

    select * from {{ ref('dim_jobs') }}
    -- Canceled jobs carry a completion time, too: the status decides.
    where
        job_status = 'Completed'
        and completed_date is not null

),

scopes as (

    select * from {{ ref('int_kpi_scopes') }}
    where kpi = 'num_estimates'

),

final as (

    select
        scopes.kpi,
        completed_jobs.completed_date as event_date,
        completed_jobs.reporting_unit as business_unit,
        'job' as record_kind,
        cast(completed_jobs.job_id as {{ dbt.type_string() }}) as record_id,
        completed_jobs.job_id,
        completed_jobs.customer_id,
        cast(null as {{ dbt.type_string() }}) as counted_key,
        {{ money(1) }} as numerator,
        {{ money(0) }} as denominator

    from completed_jobs
    inner join scopes
        on
            completed_jobs.unit_kind = scopes.unit_kind
            and completed_jobs.job_type_list = scopes.job_type_list

)

select * from final
