{{ config(severity='warn') }}

select
    units.business_unit_name,
    units.is_active,
    count(jobs.job_id) as jobs,
    'add a row to seeds/business_units.csv' as fix

from {{ ref('dim_business_units') }} as units
left join {{ ref('dim_jobs') }} as jobs
    on units.business_unit_id = jobs.business_unit_id

where units.unit_kind = 'unmapped'

group by units.business_unit_name, units.is_active
order by units.business_unit_name
