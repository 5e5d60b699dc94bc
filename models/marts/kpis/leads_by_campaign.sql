with

leads as (

    select * from {{ ref('kpi_records') }}
    where kpi = 'lead_count'

),

final as (

    {% for period in ['day', 'week', 'month'] %}
    select
        '{{ period }}' as period,
        {{ period_start(period, 'first_day') }} as event_date,
        business_unit,
        coalesce(campaign_name, '(no campaign)') as campaign_name,
        cast(count(distinct counted_key) as {{ dbt.type_int() }}) as lead_count,
        cast(count(*) as {{ dbt.type_int() }}) as job_count
    from leads
    group by {{ period_start(period, 'first_day') }}, business_unit, coalesce(campaign_name, '(no campaign)')
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from final
