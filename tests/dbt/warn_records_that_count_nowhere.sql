{{ config(severity='warn') }}

select
    kpi,
    record_kind,
    reason,
    count(*) as records,
    round(sum(amount), 2) as amount,
    min(record_id) as for_example

from {{ ref('uncounted_records') }}

group by kpi, record_kind, reason
order by kpi, record_kind, reason
