{{ config(tags=['parity']) }}

{{ kpi_differences(
    found=ref('weekly_kpis'),
    expected=source('oracle', 'weekly_kpis'),
    keys=['event_date', 'business_unit']
) }}
