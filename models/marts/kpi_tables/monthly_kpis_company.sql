{{ kpi_table(period='month', level='company') }}
