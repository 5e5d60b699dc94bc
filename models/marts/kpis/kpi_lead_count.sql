with

jobs as (

    select
        *,
        case
            when nullif({{ name_key('customer_name') }}, '') is not null
                then 'name ' || {{ name_key('customer_name') }}
            when customer_id is not null
                then 'customer ' || cast(customer_id as {{ dbt.type_string() }})
            else 'job ' || cast(job_id as {{ dbt.type_string() }})
        end as customer_key
    from {{ ref('dim_jobs') }}
    where created_date is not null
    -- Leads are the only KPI that leaves out test customers.
    and coalesce(lower(customer_name), '') not like '%test%'

),

scopes as (

    select * from {{ ref('int_kpi_scopes') }}
    where kpi = 'lead_count'

),

final as (

    select
        scopes.kpi,
        jobs.created_date as event_date,
        jobs.reporting_unit as business_unit,
        'job' as record_kind,
        cast(jobs.job_id as {{ dbt.type_string() }}) as record_id,
        jobs.job_id,
        jobs.customer_id,
        {%- if lead_count_by() == 'job' %}
        'job ' || cast(jobs.job_id as {{ dbt.type_string() }}) as counted_key,
        {%- else %}
        jobs.customer_key as counted_key,
        {%- endif %}
        {{ money(1) }} as numerator,
        {{ money(0) }} as denominator

    from jobs
    inner join scopes
        on
            jobs.unit_kind = scopes.unit_kind
            and jobs.job_type_list = scopes.job_type_list

)

select * from final
