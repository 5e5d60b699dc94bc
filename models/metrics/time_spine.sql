with

unit_days as (

    select * from {{ ref('int_unit_days') }}

),

final as (

    select distinct event_date as date_day
    from unit_days

)

select * from final
