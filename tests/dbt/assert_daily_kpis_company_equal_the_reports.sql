{{ config(tags=['parity']) }}

{{ kpi_differences(
    found=ref('daily_kpis_company'),
    expected=source('oracle', 'daily_kpis_company'),
    keys=['event_date']
) }}
