select
    kpi,
    list_name,
    rule,
    {{ first_valid_day() }} as first_day,
    {{ last_valid_day() }} as last_day

from {{ ref('kpi_lists') }}
