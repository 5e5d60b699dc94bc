with

opportunities as (

    select * from {{ ref('int_opportunities') }}
    where opportunity_date is not null

),

jobs as (

    select * from {{ ref('int_kpi_jobs') }}
    where kpi = 'close_rate_percent'

),

final as (

    select
        jobs.kpi,
        opportunities.opportunity_date as event_date,
        jobs.reporting_unit as business_unit,
        'job' as record_kind,
        cast(jobs.job_id as {{ dbt.type_string() }}) as record_id,
        jobs.job_id,
        jobs.customer_id,
        cast(null as {{ dbt.type_string() }}) as counted_key,
        {{ money('case when opportunities.is_closed then 1 else 0 end') }} as numerator,
        {{ money(1) }} as denominator

    from opportunities
    inner join jobs
        on
            opportunities.job_id = jobs.job_id
            and opportunities.opportunity_date between jobs.counted_from and jobs.counted_to

)

select * from final
