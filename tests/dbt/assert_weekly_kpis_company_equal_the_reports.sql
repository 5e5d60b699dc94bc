{{ config(tags=['parity']) }}

{{ kpi_differences(
    found=ref('weekly_kpis_company'),
    expected=source('oracle', 'weekly_kpis_company'),
    keys=['event_date']
) }}
