{#- An amount with at most 29 digits before and 9 after the point; zeros beyond them say nothing. Blank is missing. -#}
{%- set amount = '^-?([0-9]{1,29}([.][0-9]{0,9}0*)?|[.][0-9]{1,9}0*)$' -%}

with

amounts as (

    select
        'invoice ' || cast(invoice_id as {{ dbt.type_string() }}) as record,
        'items[].total' as field,
        total_as_sent as value
    from {{ ref('stg_servicetitan__invoice_items') }}

    union all

    select
        'invoice ' || cast(invoice_id as {{ dbt.type_string() }}) as record,
        'items[].totalCost' as field,
        total_cost_as_sent as value
    from {{ ref('stg_servicetitan__invoice_items') }}

    union all

    select
        'payment ' || cast(payment_id as {{ dbt.type_string() }}) as record,
        'appliedTo[].appliedAmount' as field,
        applied_amount_as_sent as value
    from {{ ref('stg_servicetitan__payment_applications') }}

)

select
    record,
    field,
    value,
    'an amount has at most 9 decimals: correct the record in ServiceTitan, then sync' as fix

from amounts

where {{ replace_pattern(trim_blanks('value'), amount, "''") }} != ''
