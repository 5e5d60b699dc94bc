{{ kpi_table(period='week', level='region') }}
