{% snapshot kpi_builds %}

-- A build counts once both histories have it.
-- depends_on: {{ ref('kpi_cells_history') }}
-- depends_on: {{ ref('kpi_records_history') }}

{{ config(unique_key='built_at', strategy='check', check_cols=['as_of_date']) }}

select
    {{ built_at() }} as built_at,
    {{ as_of_date() }} as as_of_date

{% endsnapshot %}
