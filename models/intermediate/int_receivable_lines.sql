with

movements as (

    select * from {{ ref('int_receivable_movements') }}
    where not is_left_out

),

by_day as (

    select
        line,
        reporting_unit,
        movement_date,
        min(customer_id) as customer_id,
        sum(amount) as amount
    from movements
    group by line, reporting_unit, movement_date

),

final as (

    select
        line,
        reporting_unit,
        customer_id,
        movement_date as first_day,
        coalesce(
            {{ add_days(
                'lead(movement_date) over (partition by line, reporting_unit order by movement_date)', -1
            ) }},
            cast('9999-12-31' as date)
        ) as last_day,
        sum(amount) over (
            partition by line, reporting_unit
            order by movement_date
            rows between unbounded preceding and current row
        ) as net

    from by_day

)

select * from final
