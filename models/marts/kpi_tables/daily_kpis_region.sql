{{ kpi_table(period='day', level='region') }}
