"""Lists that change on 1 March: what lies before stays, what follows is what the reports show."""

from datetime import date
from types import SimpleNamespace

import duckdb
import pytest

from simulator import build_tenant
from tests.parity import dated_lists
from tests.parity.warehouse import copy_project, dbt, land

pytestmark = pytest.mark.full

MARCH, AS_OF = date(2025, 3, 1), date(2025, 4, 30)
RECORDS = (
    "select kpi, event_date, business_unit, record_kind, record_id, numerator, denominator "
    "from (select *, unnest(generate_series(greatest(first_day, date '2025-01-01'), "
    f"least(last_day, date '{AS_OF}'), interval 1 day))::date as event_date "
    "from st_mart.kpi_records) order by all"
)


@pytest.fixture(scope="module")
def builds(tmp_path_factory):
    """Rows of daily_kpis (`cells`) and of the records of each day of 2025, `undated` and `dated`.

    Both builds run every dbt test, parity with the oracle in all nine tables among them.
    """
    folder = tmp_path_factory.mktemp("dated")
    tenant = build_tenant(size="tiny", last_day=AS_OF)
    dated_lists.plant(tenant, MARCH)

    def built(name: str, day: date | None) -> dict[str, list[tuple]]:
        project, warehouse = copy_project(folder / name), folder / f"{name}.duckdb"
        dated_lists.edit_seeds(project, day)
        land(tenant.records(), warehouse, AS_OF, rules=dated_lists.rules(day))
        words = ["build", "--exclude-resource-type", "unit_test"]
        target = folder / f"{name}_target"
        run = dbt(*words, path=warehouse, project=project, target=target, as_of_date=AS_OF)
        assert run.returncode == 0, run.stdout
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            cells = connection.execute("from st_mart.daily_kpis order by all").fetchall()
            return {"cells": cells, "records": connection.execute(RECORDS).fetchall()}

    return SimpleNamespace(undated=built("undated", None), dated=built("dated", MARCH))


def before_and_after(rows: list[tuple], day_column: int) -> tuple[list[tuple], list[tuple]]:
    return (
        [row for row in rows if row[day_column] < MARCH],
        [row for row in rows if row[day_column] >= MARCH],
    )


@pytest.mark.parametrize(("what", "day_column"), [("cells", 0), ("records", 1)])
def test_february_is_as_it_was_to_the_row_and_march_is_not(builds, what, day_column):
    undated, dated = (
        before_and_after(each[what], day_column) for each in (builds.undated, builds.dated)
    )
    assert undated[0] == dated[0]
    assert undated[1] != dated[1]


def test_every_kpi_that_a_list_filters_has_moved_in_march(builds):
    """All but dollars collected and outstanding A/R, which have no job type."""
    moved = {
        kpi
        for each, other in ((builds.undated, builds.dated), (builds.dated, builds.undated))
        for kpi, day, *_ in set(each["records"]) - set(other["records"])
        if day >= MARCH
    }
    assert moved == {
        "lead_count",
        "num_estimates",
        "total_booked",
        "close_rate_percent",
        "dollars_produced",
        "gpm_percent",
        "future_bookings",
        "warranty_percent",
    }
