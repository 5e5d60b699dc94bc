{{ config(severity='warn') }}

select
    report,
    period_start,
    period_end,
    member,
    kpi,
    round(reported_value, 2) as reported,
    round(our_value, 2) as ours,
    round(difference, 2) as difference,
    {{ written_instant('pulled_at') }} as pulled_at
from {{ ref('report_parity') }}
where status = 'off'
order by period_end desc, kpi asc, member asc
