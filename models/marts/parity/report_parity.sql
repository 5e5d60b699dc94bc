with

reported as (

    select * from {{ ref('int_reported_values') }}

),

tolerances as (

    select
        kpi,
        {{ try_money('tolerance') }} as tolerance
    from {{ ref('parity_tolerances') }}

),

compared as (

    select
        reported.*,
        history.our_value,
        history.built_at,
        {{ kpi_value('reported.kpi', 'values_now.numerator', 'values_now.denominator') }} as our_value_now,
        coalesce(tolerances.tolerance, 0) as tolerance

    from reported
    left join {{ ref('parity_history') }} as history
        on reported.reported_value_id = history.reported_value_id
    left join {{ ref('int_our_values') }} as values_now
        on reported.reported_value_id = values_now.reported_value_id
    left join tolerances
        on reported.kpi = tolerances.kpi

),

final as (

    select
        reported_value_id,
        came_from,
        report,
        period_start,
        period_end,
        level,
        member,
        kpi,
        value as reported_value,
        our_value,
        our_value - value as difference,
        -- equal at the precision reported: no more than half a unit of the last decimal apart
        case
            when abs(our_value - value) <= cast(5 * power(10, -decimals - 1) as {{ type_money() }}) then 'exact'
            when abs(our_value - value) <= tolerance then 'near'
            else 'off'
        end as status,
        tolerance,
        pulled_at,
        built_at,
        our_value_now

    from compared
    where built_at is not null

)

select * from final
