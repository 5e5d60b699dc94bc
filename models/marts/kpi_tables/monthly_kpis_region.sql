{{ kpi_table(period='month', level='region') }}
