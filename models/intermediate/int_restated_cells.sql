with

builds as (

    {{ history_of(ref('kpi_builds'), {'built_at': type_instant(), 'as_of_date': 'date'}) | indent(4) }}

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

-- A day that was still running when a build showed it was bound to change: the last build that showed it decides.
shown as (

    select
        versions.kpi,
        versions.event_date,
        versions.business_unit,
        versions.numerator,
        versions.denominator,
        versions.dbt_valid_from as shown_from,
        versions.dbt_valid_to as shown_until,
        max(builds.as_of_date) > versions.event_date as day_was_over

    from versions
    inner join builds
        on
            versions.dbt_valid_from <= builds.built_at
            and (versions.dbt_valid_to is null or versions.dbt_valid_to > builds.built_at)
    group by
        versions.kpi,
        versions.event_date,
        versions.business_unit,
        versions.numerator,
        versions.denominator,
        versions.dbt_valid_from,
        versions.dbt_valid_to

),

cells_now as (

    select * from {{ ref('int_kpi_cells') }}

),

compared as (

    select
        shown.*,
        {{ money('cells_now.numerator') }} as numerator_now,
        {{ money('cells_now.denominator') }} as denominator_now
    from shown
    left join cells_now
        on
            shown.kpi = cells_now.kpi
            and shown.event_date = cells_now.event_date
            and shown.business_unit = cells_now.business_unit

),

valued as (

    select
        *,
        {{ kpi_value('kpi', 'numerator', 'denominator') }} as value_shown,
        {{ kpi_value('kpi', 'numerator_now', 'denominator_now') }} as value_now
    from compared

),

final as (

    select
        kpi,
        event_date,
        business_unit,
        shown_from,
        shown_until,
        day_was_over,
        value_shown,
        value_now
    from valued
    where value_shown is distinct from value_now

)

select * from final
