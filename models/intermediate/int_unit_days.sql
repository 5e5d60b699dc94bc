with

records as (

    select * from {{ ref('int_kpi_records') }}

),

bookings as (

    select * from {{ ref('kpi_future_bookings') }}
    where first_day <= {{ as_of_date() }}

),

movements as (

    select * from {{ ref('int_receivable_movements') }}
    where
        movement_kind = 'invoice'
        and not is_left_out

),

-- A booking is known from the day its job was created and of a list that counts, a receivable from its invoice's date.
known_from as (

    select
        business_unit,
        first_day as day_known
    from records

    union all

    select
        business_unit,
        known_from as day_known
    from bookings

    union all

    select
        reporting_unit as business_unit,
        movement_date as day_known
    from movements

),

first_days as (

    select
        business_unit,
        min(day_known) as first_day
    from known_from
    group by business_unit

),

final as (

    select
        first_days.business_unit,
        day as event_date

    from first_days
    {{ cross_join_days('first_days.first_day', as_of_date()) }}

)

select * from final
