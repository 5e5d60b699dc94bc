{% snapshot kpi_cells_history %}

{{ config(
    unique_key=['kpi', 'event_date', 'business_unit'],
    strategy='check',
    check_cols=['numerator', 'denominator'],
    hard_deletes='invalidate'
) }}

select
    kpi,
    event_date,
    business_unit,
    numerator,
    denominator
from {{ ref('int_kpi_cells') }}
where
    event_date >= {{ history_begins() }}
    and (event_date = {{ as_of_date() }} or not ({{ adds_up_as('balance') }}))

{% endsnapshot %}
