with

builds as (

    {{ history_of(ref('kpi_builds'), {'built_at': type_instant()}) | indent(4) }}

),

versions as (

    {{ history_of(ref('kpi_cells_history'), {
        'kpi': dbt.type_string(),
        'event_date': 'date',
        'business_unit': dbt.type_string(),
        'numerator': type_money(),
        'denominator': type_money(),
        'dbt_valid_from': type_instant(),
        'dbt_valid_to': type_instant()
    }) | indent(4) }}

),

cells_now as (

    select * from {{ ref('int_kpi_cells') }}

),

-- A build of an earlier as-of day says nothing of the days after it.
compared as (

    select
        versions.*,
        {{ money('cells_now.numerator') }} as numerator_now,
        {{ money('cells_now.denominator') }} as denominator_now
    from versions
    left join cells_now
        on
            versions.kpi = cells_now.kpi
            and versions.event_date = cells_now.event_date
            and versions.business_unit = cells_now.business_unit
    where versions.event_date <= {{ as_of_date() }}

),

valued as (

    select
        kpi,
        event_date,
        business_unit,
        dbt_valid_from,
        dbt_valid_to,
        {{ kpi_value('kpi', 'numerator', 'denominator') }} as value_shown,
        {{ kpi_value('kpi', 'numerator_now', 'denominator_now') }} as value_now
    from compared

),

restated as (

    select * from valued
    where value_shown is distinct from value_now

),

-- A version that no build finished with was never shown. A day that was still running when a build showed it was bound
-- to change: the last build that showed it decides.
final as (

    select
        restated.kpi,
        restated.event_date,
        restated.business_unit,
        min(builds.built_at) as shown_from,
        max(builds.built_at) as last_shown_at,
        restated.dbt_valid_to as shown_until,
        {{ local_date('max(builds.built_at)') }} > restated.event_date as day_was_over,
        restated.value_shown,
        restated.value_now

    from restated
    inner join builds
        on
            restated.dbt_valid_from <= builds.built_at
            and (restated.dbt_valid_to is null or restated.dbt_valid_to > builds.built_at)
    group by
        restated.kpi,
        restated.event_date,
        restated.business_unit,
        restated.dbt_valid_from,
        restated.dbt_valid_to,
        restated.value_shown,
        restated.value_now

)

select * from final
