{{ config(tags=['parity']) }}

{{ kpi_differences(
    found=ref('weekly_kpis_region'),
    expected=source('oracle', 'weekly_kpis_region'),
    keys=['event_date', 'region']
) }}
