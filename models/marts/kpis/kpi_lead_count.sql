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
    from {{ ref('int_kpi_jobs') }}
    where
        kpi = 'lead_count'
        and created_date between counted_from and counted_to
        -- Leads are the only KPI that leaves out test customers.
        and coalesce(lower(customer_name), '') not like '%test%'

),

final as (

    select
        kpi,
        created_date as event_date,
        reporting_unit as business_unit,
        'job' as record_kind,
        cast(job_id as {{ dbt.type_string() }}) as record_id,
        job_id,
        customer_id,
        {%- if lead_count_by() == 'job' %}
        'job ' || cast(job_id as {{ dbt.type_string() }}) as counted_key,
        {%- else %}
        customer_key as counted_key,
        {%- endif %}
        {{ money(1) }} as numerator,
        {{ money(0) }} as denominator

    from jobs

)

select * from final
