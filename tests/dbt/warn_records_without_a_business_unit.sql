{{ config(severity='warn') }}

-- Of payments only what is left on them stands under a unit of their own.
with

records as (

    select
        'job' as record_kind,
        job_id as record_id,
        reporting_unit,
        {{ money(0) }} as amount
    from {{ ref('dim_jobs') }}

    union all

    select
        movement_kind as record_kind,
        coalesce(invoice_id, payment_id) as record_id,
        reporting_unit,
        amount
    from {{ ref('int_receivable_movements') }}
    where movement_kind != 'payment application'

)

select
    record_kind,
    count(*) as records,
    round(sum(amount), 2) as amount,
    min(record_id) as for_example

from records

where reporting_unit = {{ no_business_unit() }}

group by record_kind
order by record_kind
