{#- On the as-of day each unit's balance is the sum of the records that are part of it then. -#}
{%- set balances = kpis_that('balance') -%}

with

balances as (

    {% for kpi in balances %}
    select
        '{{ kpi }}' as kpi,
        business_unit,
        {{ kpi }} as balance
    from {{ ref('int_daily_balances') }}
    where
        event_date = {{ as_of_date() }}
        and {{ kpi }} != 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

records as (

    select
        kpi,
        business_unit,
        sum(numerator) as balance
    from {{ ref('int_kpi_records') }}
    where
        {{ adds_up_as('balance') }}
        and {{ as_of_date() }} between first_day and last_day
    group by kpi, business_unit
    having sum(numerator) != 0

)

select
    coalesce(balances.kpi, records.kpi) as kpi,
    coalesce(balances.business_unit, records.business_unit) as business_unit,
    balances.balance,
    records.balance as sum_of_records

from balances
full outer join records
    on
        balances.kpi = records.kpi
        and balances.business_unit = records.business_unit

where balances.balance is distinct from records.balance
