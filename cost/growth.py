"""What grows with the volume, and what does not."""

from cost.queries import Name

# Ten times the records are not ten times the days, units, types or people: these tables have a row
# per day and unit, or per line of a list. With the years the first of them do grow.
STAYS = {
    "raw_business_units",
    "raw_job_types",
    "raw_campaigns",
    "raw_technicians",
    "sync_cursors",
    "sync_runs",
    "report_runs",
    "dim_business_units",
    "dim_reporting_units",
    "dim_job_types",
    "dim_campaigns",
    "int_kpi_scopes",
    "int_unit_days",
    "int_daily_balances",
    "int_report_runs",
    "kpi_builds",
    "kpi_cells_history",
    "parity_history",
    "report_parity",
    "int_our_values",
    "int_reported_values",
    "int_restated_cells",
    "kpi_restatements",
}
SCHEMAS_THAT_STAY = {"st_seed", "st_test_failures"}
PERIODS = ("daily_kpis", "weekly_kpis", "monthly_kpis")


def grows(table: Name) -> bool:
    """Whether a table has more rows where there are more records."""
    schema, name = table
    return not (name in STAYS or schema in SCHEMAS_THAT_STAY or name.startswith(PERIODS))
