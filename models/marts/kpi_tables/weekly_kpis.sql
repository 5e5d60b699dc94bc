{{ kpi_table(period='week', level='business_unit') }}
