{%- set last_day, days = last_finished_day(), judged_days() -%}

with

builds as (

    {{ history_of(ref('kpi_builds'), {'built_at': type_instant()}) | indent(4) }}

),

build_before as (

    select {{ local_date('max(built_at)') }} as ran_on
    from builds
    where built_at < {{ built_at() }}

),

-- The build before saw its own day running. The last finished day is judged in any case, and no more than a week.
final as (

    select
        {% if days is none -%}
        greatest(
            least(coalesce(ran_on, {{ last_day }}), {{ last_day }}),
            {{ add_days(last_day, -6) }}
        ) as first_day,
        {%- else -%}
        {{ add_days(last_day, 1 - days) }} as first_day,
        {%- endif %}
        {{ last_day }} as last_day

    from build_before

)

select * from final
