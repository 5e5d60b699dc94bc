{{ config(tags=['parity']) }}

{{ kpi_differences(
    found=ref('monthly_kpis_company'),
    expected=source('oracle', 'monthly_kpis_company'),
    keys=['event_date']
) }}
