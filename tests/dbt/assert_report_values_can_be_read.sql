select
    'seeds/report_values.csv' as file,
    reported_value_id as row_name,
    fault as found,
    fix
from {{ ref('stg_report_values') }}
where fault is not null
order by reported_value_id
