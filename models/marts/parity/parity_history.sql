with

reported as (

    select * from {{ ref('int_reported_values') }} as reported_values
    where
        pulled_at <= {{ built_at() }}
        and {{ could_know('reported_values', as_of_date()) }}
    {%- if flags.INTROSPECT and is_incremental() %}
        and reported_value_id not in (select judged.reported_value_id from {{ this }} as judged)
        {%- endif %}

),

builds as (

    {{ history_of(ref('kpi_builds'), {'built_at': type_instant(), 'as_of_date': 'date'}) | indent(4) }}

),

records_shown as (

    {{ history_of(ref('kpi_records_history'), {
        'kpi': dbt.type_string(),
        'business_unit': dbt.type_string(),
        'event_date': 'date',
        'counted_key': dbt.type_string(),
        'numerator': type_money(),
        'denominator': type_money(),
        'dbt_valid_from': type_instant(),
        'dbt_valid_to': type_instant()
    }) | indent(4) }}

),

first_builds as (

    select
        reported.reported_value_id,
        min(builds.built_at) as built_at
    from reported
    inner join builds
        on
            reported.pulled_at <= builds.built_at
            and {{ could_know('reported', 'builds.as_of_date') }}
    group by reported.reported_value_id

),

-- A value that was pasted late is held against what the first build after its pull showed, as far back as that build
-- kept records: the thirteen weeks before it, and the balances of its own as-of day.
remembered as (

    select
        reported.*,
        first_builds.built_at
    from reported
    inner join first_builds
        on reported.reported_value_id = first_builds.reported_value_id
    inner join builds
        on first_builds.built_at = builds.built_at
    where
        ({{ adds_up_as('balance', 'reported.kpi') }} and reported.period_end = builds.as_of_date)
        or (
            not ({{ adds_up_as('balance', 'reported.kpi') }})
            and reported.period_start >= {{ history_begins('builds.as_of_date') }}
        )

),

-- All that was valid at a build; a part of a balance then stood on that build's as-of day.
records_then as (

    select
        builds_in_use.built_at,
        records_shown.kpi,
        records_shown.business_unit,
        coalesce(records_shown.event_date, builds.as_of_date) as first_day,
        coalesce(records_shown.event_date, builds.as_of_date) as last_day,
        records_shown.counted_key,
        records_shown.numerator,
        records_shown.denominator
    from (select distinct built_at from remembered) as builds_in_use
    inner join builds
        on builds_in_use.built_at = builds.built_at
    inner join records_shown
        on
            builds_in_use.built_at >= records_shown.dbt_valid_from
            and (records_shown.dbt_valid_to is null or builds_in_use.built_at < records_shown.dbt_valid_to)

),

values_then as (

    {{ our_values('remembered', 'records_then', 'reported.built_at = records.built_at') | indent(4) }}

),

values_now as (

    select * from {{ ref('int_our_values') }}

),

final as (

    select
        reported.reported_value_id,
        {{ kpi_value(
            'reported.kpi',
            'coalesce(values_then.numerator, values_now.numerator)',
            'coalesce(values_then.denominator, values_now.denominator)'
        ) }} as our_value,
        coalesce(remembered.built_at, {{ built_at() }}) as built_at

    from reported
    left join remembered
        on reported.reported_value_id = remembered.reported_value_id
    left join values_then
        on reported.reported_value_id = values_then.reported_value_id
    left join values_now
        on reported.reported_value_id = values_now.reported_value_id

)

select * from final
