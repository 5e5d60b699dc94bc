select
    run_id,
    report,
    layout,
    source as came_from,
    file_name,
    report_id,
    report_name,
    report_modified_at,
    period_start,
    period_end,
    row_count,
    pulled_at

from {{ source('reports', 'report_runs') }}
