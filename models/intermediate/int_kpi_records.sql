{#- Each KPI's model with the columns that bound its records' days. -#}
{%- set models = {} -%}
{%- for kpi, rule in kpis().items() -%}
{%- set days = ['first_day', 'last_day'] if rule.adds_up == 'balance' else ['event_date', 'event_date'] -%}
{%- do models.update({'kpi_' ~ kpi: days}) -%}
{%- endfor -%}

with

records as (

    {% for model, (first_day, last_day) in models.items() %}
    select
        kpi,
        {{ first_day }} as first_day,
        {{ last_day }} as last_day,
        business_unit,
        record_kind,
        record_id,
        job_id,
        customer_id,
        counted_key,
        numerator,
        denominator
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select * from records
    where first_day <= {{ as_of_date() }}

)

select * from final
