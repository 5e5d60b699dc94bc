select
    'seeds/monthly_targets.csv' as file,
    row_name,
    fault as found,
    case
        when fault like 'kpi %' then 'write one of: {{ kpis().keys() | join(", ") }}'
        when fault like 'region %' then 'write a region of seeds/business_units.csv, its code or name, or Company'
        when fault like 'month %' then 'write the month as 2025-10, or its first day as 2025-10-01 or 10/1/2025'
        when fault like 'target %' then 'write a number such as 450000, "$450,000" or 37.5%'
        else 'keep one row'
    end as fix
from {{ ref('stg_monthly_targets') }}
where fault is not null
order by row_name
