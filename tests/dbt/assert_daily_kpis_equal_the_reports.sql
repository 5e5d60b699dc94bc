{{ config(tags=['parity']) }}

{{ kpi_differences(
    found=ref('daily_kpis'),
    expected=source('oracle', 'daily_kpis'),
    keys=['event_date', 'business_unit']
) }}
