{{ config(tags=['parity']) }}

{{ kpi_differences(
    found=ref('daily_kpis_region'),
    expected=source('oracle', 'daily_kpis_region'),
    keys=['event_date', 'region']
) }}
