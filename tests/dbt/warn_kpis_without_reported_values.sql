{{ config(severity='warn') }}

with

kpis as (

    {% for kpi in kpis() %}
    select '{{ kpi }}' as kpi
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

reported as (

    select
        kpi,
        max(pulled_at) as last_pulled_at
    from {{ ref('int_reported_values') }}
    group by kpi

)

select
    kpis.kpi,
    reported.last_pulled_at
from kpis
left join reported
    on kpis.kpi = reported.kpi
where
    reported.last_pulled_at is null
    or {{ local_date('reported.last_pulled_at') }} < {{ add_days(local_date(built_at()), -35) }}
order by kpis.kpi
