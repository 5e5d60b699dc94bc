with

records as (

    select * from {{ ref('int_kpi_records') }}
    where not ({{ adds_up_as('balance') }})

),

cells as (

    select * from {{ ref('int_kpi_cells') }}
    where not ({{ adds_up_as('balance') }})

),

final as (

    select
        kpi,
        first_day as event_date,
        business_unit,
        record_kind,
        record_id,
        job_id,
        counted_key,
        numerator,
        denominator
    from records

    union all

    -- A unit where nothing happened is 0, one to which the KPI does not apply is not there.
    select
        kpi,
        event_date,
        business_unit,
        'day' as record_kind,
        cast(event_date as {{ dbt.type_string() }}) as record_id,
        cast(null as {{ dbt.type_bigint() }}) as job_id,
        cast(null as {{ dbt.type_string() }}) as counted_key,
        {{ money(0) }} as numerator,
        {{ money(0) }} as denominator
    from cells

)

select * from final
