{{ config(severity='warn') }}

{%- set models = [
    'business_units', 'job_types', 'campaigns', 'jobs', 'appointments', 'customers', 'locations', 'estimates', 'invoices',
    'payments', 'gross_pay_items', 'purchase_orders', 'returns', 'inventory_bills',
] %}

with

counted as (

    {% for model in models %}
    select
        'raw_{{ model }}' as raw_table,
        count(*) as row_count
    from {{ ref('stg_servicetitan__' ~ model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    raw_table,
    'run `python -m extract sync`, or `python -m extract check` to see why it gives nothing' as fix

from counted

where row_count = 0

order by raw_table
