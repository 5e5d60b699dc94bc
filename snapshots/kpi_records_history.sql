{% snapshot kpi_records_history %}

{{ config(
    unique_key=['kpi', 'record_kind', 'record_id', 'business_unit'],
    strategy='check',
    check_cols=['event_date', 'counted_key', 'numerator', 'denominator'],
    hard_deletes='invalidate'
) }}

select
    kpi,
    record_kind,
    record_id,
    business_unit,
    -- a part of a balance belongs to the as-of day of each build that shows it
    case when not ({{ adds_up_as('balance') }}) then first_day end as event_date,
    job_id,
    customer_id,
    counted_key,
    numerator,
    denominator
from {{ ref('int_kpi_records') }}
where
    (not ({{ adds_up_as('balance') }}) and first_day >= {{ history_begins() }})
    or ({{ adds_up_as('balance') }} and {{ as_of_date() }} between first_day and last_day)

{% endsnapshot %}
