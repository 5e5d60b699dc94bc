with

invoices as (

    select * from {{ ref('stg_servicetitan__invoices') }}
    where
        is_active
        and invoice_date is not null

),

payments as (

    select * from {{ ref('int_payments_attributed') }}
    where payment_date is not null

),

locations as (

    select
        *,
        {{ name_key('location_name') }} as location_key
    from {{ ref('stg_servicetitan__locations') }}

),

business_units as (

    select * from {{ ref('dim_business_units') }}

),

-- Where a record names no location, its customer's only one stands in.
only_locations as (

    select
        customer_id,
        min(location_id) as location_id
    from locations
    where customer_id is not null
    group by customer_id
    having count(*) = 1

),

billed as (

    select
        'invoice' as movement_kind,
        invoices.invoice_id,
        cast(null as {{ dbt.type_bigint() }}) as payment_id,
        0 as application_number,
        {{ reporting_unit('business_units') }} as reporting_unit,
        invoices.location_id,
        invoices.customer_id,
        invoices.invoice_date as movement_date,
        invoices.total as amount

    from invoices
    left join business_units
        on invoices.business_unit_id = business_units.business_unit_id

),

-- A deposit lowers its invoice's line from the day that both exist.
applied as (

    select
        'payment application' as movement_kind,
        billed.invoice_id,
        payments.payment_id,
        payments.application_number,
        billed.reporting_unit,
        billed.location_id,
        billed.customer_id,
        greatest(payments.payment_date, billed.movement_date) as movement_date,
        -payments.amount as amount

    from payments
    inner join billed
        on payments.invoice_id = billed.invoice_id
    where payments.part_kind = 'payment application'

),

rests as (

    select
        part_kind as movement_kind,
        invoice_id,
        payment_id,
        application_number,
        reporting_unit,
        cast(null as {{ dbt.type_bigint() }}) as location_id,
        customer_id,
        payment_date as movement_date,
        -amount as amount

    from payments
    where part_kind = 'payment rest'

),

movements as (

    {% for part in ['billed', 'applied', 'rests'] %}
    select
        movement_kind,
        invoice_id,
        payment_id,
        application_number,
        reporting_unit,
        location_id,
        customer_id,
        movement_date,
        amount
    from {{ part }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

placed as (

    select
        movements.*,
        coalesce(movements.location_id, only_locations.location_id) as line_location_id

    from movements
    left join only_locations
        on movements.customer_id = only_locations.customer_id

),

final as (

    select
        placed.movement_kind,
        placed.invoice_id,
        placed.payment_id,
        placed.application_number,
        placed.reporting_unit,
        coalesce(locations.customer_id, placed.customer_id) as customer_id,
        case
            when placed.line_location_id is not null
                then 'location ' || cast(placed.line_location_id as {{ dbt.type_string() }})
            when placed.customer_id is not null
                then 'customer ' || cast(placed.customer_id as {{ dbt.type_string() }})
            else 'no location, no customer'
        end as line,
        -- `Name` is what an imported location is called that nobody ever named.
        coalesce(locations.location_key = 'name', false) as is_left_out,
        placed.movement_date,
        placed.amount

    from placed
    left join locations
        on placed.line_location_id = locations.location_id

)

select * from final
