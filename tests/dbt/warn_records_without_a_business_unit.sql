{{ config(severity='warn') }}

{%- set sources = {
    'job': ref('stg_servicetitan__jobs'),
    'invoice': ref('stg_servicetitan__invoices'),
    'payment': ref('stg_servicetitan__payments'),
} -%}

{% for record_kind, relation in sources.items() %}
select
    '{{ record_kind }}' as record_kind,
    records.business_unit_id,
    count(*) as records,
    min(records.{{ record_kind }}_id) as for_example

from {{ relation }} as records
left join {{ ref('dim_business_units') }} as units
    on records.business_unit_id = units.business_unit_id

where units.business_unit_id is null

group by records.business_unit_id
{% if not loop.last %}union all{% endif %}
{% endfor %}
