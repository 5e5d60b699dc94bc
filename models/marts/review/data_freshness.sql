{%- set run_log = source('run_log', 'sync_runs') -%}

with

entities as (

    {{ freshness_limits() }}

),

landed as (

    {% if is_there(run_log) -%}
    select
        entity,
        max(ended_at) as last_landed_at
    from {{ run_log }}
    where state = 'landed'
    group by entity
    {%- else -%}
    select
        cast(null as {{ dbt.type_string() }}) as entity,
        cast(null as {{ type_instant() }}) as last_landed_at
    {%- endif %}

),

final as (

    select
        entities.entity,
        landed.last_landed_at,
        cast(entities.limit_hours as {{ dbt.type_bigint() }}) as limit_hours,
        {{ built_at() }} as built_at

    from entities
    left join landed
        on entities.entity = landed.entity

)

select * from final
