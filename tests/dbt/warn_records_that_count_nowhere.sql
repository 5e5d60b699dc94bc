{{ config(severity='warn') }}

select
    kpi,
    record_kind,
    reason,
    count(*) as records,
    sum(amount) as amount,
    min(record_id) as for_example

from {{ ref('uncounted_records') }}

group by kpi, record_kind, reason
order by kpi, record_kind, reason
