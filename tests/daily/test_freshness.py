"""A failed entity holds up the KPIs that need it, and no other."""

import json

import pytest

from daily.freshness import SOURCE, freshness
from tests.parity.warehouse import dbt

SALES = {"lead_count", "num_estimates", "total_booked", "close_rate_percent"}
PRODUCTION = {"dollars_produced", "gpm_percent", "future_bookings", "warranty_percent"}
JOBS = SALES | PRODUCTION
CASH = {"dollars_collected", "outstanding_ar"}
COSTS = {"gpm_percent", "warranty_percent"}

# Raw table: the KPIs that need it, by their definitions.
NEEDED = {
    "jobs": JOBS,
    "business_units": JOBS | CASH,
    # Lists of types filter the KPIs; close_rate_percent needs the types' thresholds.
    "job_types": JOBS - {"total_booked"},
    "customers": {"lead_count"},
    "campaigns": set(),
    "appointments": PRODUCTION,
    # close_rate_percent: a job without money stands in for a no-charge one.
    "invoices": PRODUCTION | CASH | {"close_rate_percent"},
    "estimates": {"total_booked", "close_rate_percent"},
    "payments": CASH,
    "locations": {"outstanding_ar"},
    "gross_pay_items": COSTS,
    "purchase_orders": COSTS,
    "returns": COSTS,
    "inventory_bills": COSTS,
    "technicians": set(),
}
# Every KPI of jobs takes them from dim_jobs, with all that it knows of a job. So these stand behind
# each of them, needed or not: a dimension per KPI would cost more than a name that is a day old.
IN_DIM_JOBS = {"business_units", "job_types", "customers", "campaigns", "appointments"}


@pytest.fixture(scope="module")
def kpis_on(tmp_path_factory):
    """The KPIs on each raw table by the project's lineage, as dbt writes it."""
    target = tmp_path_factory.mktemp("target")
    run = dbt("parse", path=target / "none.duckdb", target=target)
    assert run.returncode == 0, run.stdout
    sources = json.loads((target / "manifest.json").read_text())["sources"].values()
    results = [
        {"unique_id": source["unique_id"], "status": "pass"}
        for source in sources
        if source["source_name"] == SOURCE
    ]
    (target / "sources.json").write_text(json.dumps({"results": results}))
    return {table.entity: set(table.kpis) for table in freshness(target)}


def test_every_raw_table_is_judged(kpis_on):
    assert set(kpis_on) == set(NEEDED)


@pytest.mark.parametrize("entity", NEEDED)
def test_the_kpis_on_a_raw_table_are_those_that_need_it(entity, kpis_on):
    behind_dim_jobs = JOBS if entity in IN_DIM_JOBS else set()
    assert kpis_on[entity] == NEEDED[entity] | behind_dim_jobs
