{{ kpi_table(period='day', level='company') }}
