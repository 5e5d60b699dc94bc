{{ config(tags=['parity']) }}

{{ kpi_differences(
    found=ref('monthly_kpis'),
    expected=source('oracle', 'monthly_kpis'),
    keys=['event_date', 'business_unit']
) }}
