{{ config(severity='warn') }}

{#- A mistyped year makes a unit begin in the year 1, or hides a record behind the as-of day for ever. -#}

with

days as (

    select
        'job' as record_kind,
        job_id as record_id,
        'createdOn' as field,
        created_date as day
    from {{ ref('dim_jobs') }}

    union all

    select
        'job' as record_kind,
        job_id as record_id,
        'start of its appointment' as field,
        start_date as day
    from {{ ref('dim_jobs') }}

    union all

    select
        'estimate' as record_kind,
        estimate_id as record_id,
        'soldOn' as field,
        sold_date as day
    from {{ ref('stg_servicetitan__estimates') }}
    where is_active

    union all

    select
        'invoice' as record_kind,
        invoice_id as record_id,
        'invoiceDate' as field,
        invoice_date as day
    from {{ ref('stg_servicetitan__invoices') }}
    where is_active

    union all

    select
        'payment' as record_kind,
        payment_id as record_id,
        'date' as field,
        payment_date as day
    from {{ ref('stg_servicetitan__payments') }}
    where is_active

)

select
    record_kind,
    record_id,
    field,
    day,
    'correct it in ServiceTitan, then sync' as fix

from days

where
    day < cast('2000-01-01' as date)
    or day > {{ add_years(as_of_date(), 3) }}

order by day
