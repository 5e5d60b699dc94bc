{%- set rule = unusual_rule() -%}
{#- A week longer than is compared, for a balance's first step. -#}
{%- set furthest_back = -7 * (rule.weeks + 1) - rule.ripe_after.values() | max -%}

with

judged_days as (

    select * from {{ ref('int_judged_days') }}

),

cells as (

    select
        kpi,
        event_date,
        business_unit,
        numerator,
        denominator
    from {{ ref('int_kpi_cells') }}
    where
        event_date >= (select {{ add_days('first_day', furthest_back) }} from judged_days)
        and event_date <= (select last_day from judged_days)

),

sundays as (

    select * from cells
    where event_date = {{ add_days(monday_of('event_date'), 6) }}

),

-- Of a week distincts are counted anew, and ratios divided once.
flows_of_weeks as (

    select
        kpi,
        business_unit,
        {{ add_days(monday_of('first_day'), 6) }} as event_date,
        {{ added_up() }} as numerator,
        {{ money('sum(denominator)') }} as denominator
    from {{ ref('int_kpi_records') }}
    where not ({{ adds_up_as('balance') }})
    group by kpi, business_unit, {{ add_days(monday_of('first_day'), 6) }}

),

-- noqa: disable=layout.indent
steps as (

    select
        kpi,
        event_date,
        business_unit,
        {% for span, of_span in rule.spans.items() %}
        numerator - lag(numerator, {{ of_span.days }}) over (
            partition by kpi, business_unit order by event_date
        ) as step_of_{{ span }}{{ ',' if not loop.last }}
        {% endfor %}
    from cells
    where {{ adds_up_as('balance') }}

),
-- noqa: enable=layout.indent

spans as (

    select
        'day' as span,
        kpi,
        event_date,
        business_unit,
        numerator,
        denominator
    from cells
    where not ({{ adds_up_as('balance') }})

    union all

    select
        'week' as span,
        sundays.kpi,
        sundays.event_date,
        sundays.business_unit,
        {{ money('flows_of_weeks.numerator') }} as numerator,
        {{ money('flows_of_weeks.denominator') }} as denominator
    from sundays
    left join flows_of_weeks
        on
            sundays.kpi = flows_of_weeks.kpi
            and sundays.event_date = flows_of_weeks.event_date
            and sundays.business_unit = flows_of_weeks.business_unit
    where not ({{ adds_up_as('balance', 'sundays.kpi') }})

    union all

    select
        'day' as span,
        kpi,
        event_date,
        business_unit,
        step_of_day as numerator,
        {{ money(0) }} as denominator
    from steps

    union all

    select
        'week' as span,
        kpi,
        event_date,
        business_unit,
        step_of_week as numerator,
        {{ money(0) }} as denominator
    from steps
    where event_date = {{ add_days(monday_of('event_date'), 6) }}

),

measured as (

    select
        span,
        kpi,
        event_date,
        business_unit,
        cast({{ kpi_value('kpi', 'numerator', 'denominator') }} as {{ type_ratio() }}) as number
    from spans
    where
        numerator is not null
        and denominator >= coalesce({{ by_kpi(rule.least_denominators) }}, 0)

),

judged as (

    select measured.*
    from measured
    cross join judged_days
    where
        {{ dbt.datediff('measured.event_date', 'judged_days.first_day', 'day') }}
        <= coalesce({{ by_kpi(rule.ripe_after, 'measured.kpi') }}, 0)
        and {{ dbt.datediff('measured.event_date', 'judged_days.last_day', 'day') }}
        >= coalesce({{ by_kpi(rule.ripe_after, 'measured.kpi') }}, 0)

),

compared as (

    select
        judged.span,
        judged.kpi,
        judged.event_date,
        judged.business_unit,
        judged.number,
        earlier.number as earlier_number
    from judged
    inner join measured as earlier
        on
            judged.span = earlier.span
            and judged.kpi = earlier.kpi
            and judged.business_unit = earlier.business_unit
            and earlier.event_date between {{ add_days('judged.event_date', -7 * rule.weeks) }}
            and {{ add_days('judged.event_date', -7) }}
            and mod({{ dbt.datediff('earlier.event_date', 'judged.event_date', 'day') }}, 7) = 0

),

-- noqa: disable=layout.indent
in_order as (

    select
        *,
        row_number() over (
            partition by span, kpi, event_date, business_unit order by earlier_number
        ) as place,
        count(*) over (partition by span, kpi, event_date, business_unit) as how_many
    from compared

),

usual as (

    select
        span,
        kpi,
        event_date,
        business_unit,
        {{ median_of('earlier_number', 'place', 'how_many') }} as usual
    from in_order
    where how_many >= {{ rule.fewest_weeks }}
    group by span, kpi, event_date, business_unit

),

distances as (

    select
        compared.*,
        usual.usual,
        abs(
            {{ evened('compared.earlier_number', 'compared.kpi') }}
            - {{ evened('usual.usual', 'compared.kpi') }}
        ) as distance
    from compared
    inner join usual
        on
            compared.span = usual.span
            and compared.kpi = usual.kpi
            and compared.event_date = usual.event_date
            and compared.business_unit = usual.business_unit

),

distances_in_order as (

    select
        *,
        row_number() over (
            partition by span, kpi, event_date, business_unit order by distance
        ) as place,
        count(*) over (partition by span, kpi, event_date, business_unit) as how_many
    from distances

),
-- noqa: enable=layout.indent

spread as (

    select
        span,
        kpi,
        event_date,
        business_unit,
        number,
        usual,
        how_many as weeks_compared,
        {{ median_of('distance', 'place', 'how_many') }}
        * case span
            {%- for span, of_span in rule.spans.items() %}
            when '{{ span }}' then {{ of_span.times }}
            {%- endfor %}
        end as reach,
        {{ by_kpi(rule.floors) }} as least_move
    from distances_in_order
    group by span, kpi, event_date, business_unit, number, usual, how_many

),

bounded as (

    select
        span,
        kpi,
        event_date,
        business_unit,
        number,
        usual,
        weeks_compared,
        least({{ unevened(evened('usual') ~ ' - reach') }}, usual - least_move) as lowest_usual,
        greatest({{ unevened(evened('usual') ~ ' + reach') }}, usual + least_move) as highest_usual
    from spread
    where
        usual != 0
        or {{ adds_up_as('balance') }}

),

final as (

    select
        span,
        kpi,
        event_date,
        business_unit,
        number as value,
        usual,
        lowest_usual,
        highest_usual,
        cast(weeks_compared as {{ dbt.type_bigint() }}) as weeks_compared,
        coalesce(number < lowest_usual or number > highest_usual, false) as is_unusual
    from bounded

)

select * from final
