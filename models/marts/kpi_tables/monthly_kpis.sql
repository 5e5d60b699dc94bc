{{ kpi_table(period='month', level='business_unit') }}
