{%- set flows = [
    'kpi_lead_count', 'kpi_total_booked', 'kpi_dollars_produced', 'kpi_gpm_percent', 'kpi_dollars_collected',
    'kpi_num_estimates', 'kpi_close_rate_percent', 'kpi_warranty_percent',
] -%}
{%- set balances = ['kpi_future_bookings', 'kpi_outstanding_ar'] -%}

with

flows as (

    {% for model in flows %}
    select
        kpi,
        event_date as first_day,
        event_date as last_day,
        business_unit,
        record_kind,
        record_id,
        job_id,
        counted_key,
        numerator,
        denominator
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

balances as (

    {% for model in balances %}
    select
        kpi,
        first_day,
        last_day,
        business_unit,
        record_kind,
        record_id,
        job_id,
        counted_key,
        numerator,
        denominator
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

records as (

    select
        kpi,
        first_day,
        last_day,
        business_unit,
        record_kind,
        record_id,
        job_id,
        counted_key,
        numerator,
        denominator
    from flows

    union all

    select
        kpi,
        first_day,
        last_day,
        business_unit,
        record_kind,
        record_id,
        job_id,
        counted_key,
        numerator,
        denominator
    from balances

),

final as (

    select * from records
    where first_day <= {{ as_of_date() }}

)

select * from final
