{{ config(tags=['parity']) }}

{{ kpi_differences(
    found=ref('monthly_kpis_region'),
    expected=source('oracle', 'monthly_kpis_region'),
    keys=['event_date', 'region']
) }}
