{{ kpi_table(period='day', level='business_unit') }}
