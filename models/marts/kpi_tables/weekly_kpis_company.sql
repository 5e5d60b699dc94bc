{{ kpi_table(period='week', level='company') }}
