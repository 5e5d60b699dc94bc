with

opportunities as (

    select * from {{ ref('int_opportunities') }}
    where opportunity_date is not null

),

jobs as (

    select * from {{ ref('dim_jobs') }}

),

scopes as (

    select * from {{ ref('int_kpi_scopes') }}
    where kpi = 'close_rate_percent'

),

final as (

    select
        scopes.kpi,
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
        on opportunities.job_id = jobs.job_id
    inner join scopes
        on
            jobs.unit_kind = scopes.unit_kind
            and jobs.job_type_list = scopes.job_type_list

)

select * from final
