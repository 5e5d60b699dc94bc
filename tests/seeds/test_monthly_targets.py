"""Monthly targets are read as analysts write them, or refused: the row, the fault, the fix."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from editing.check import check
from tests.parity.warehouse import copy_project, dbt

# as written -> level, member, month, target
GOOD = {
    'total_booked,PHX,2025-10,"$450,000",': ("region", "PHX", date(2025, 10, 1), 450000),
    "gpm_percent,tucson,2025-10-01,37.5%,": ("region", "TUC", date(2025, 10, 1), Decimal("37.5")),
    "lead_count,Company,10/1/2025,90,": ("company", "Company", date(2025, 10, 1), 90),
    "lead_count, company ,11/15/2025,0,": ("company", "Company", date(2025, 11, 1), 0),
}
# as written -> what is found, and what to write instead
BAD = {
    "gpm,PHX,2025-10,37,": ('kpi is "gpm"', "gpm_percent"),
    ",PHX,2025-10,37,": ("kpi is empty", "gpm_percent"),
    "total_booked,Yuma,2025-10,1000,": ('region is "Yuma"', "seeds/business_units.csv"),
    "total_booked,PHX,Octember,1000,": ('month is "Octember"', "as 2025-10"),
    "total_booked,PHX,2025-13,1000,": ('month is "2025-13"', "as 2025-10"),
    "total_booked,PHX,2025-11,lots,": ('target is "lots"', "a number such as"),
    "total_booked,PHX,2025-12,-5,": ('target is "-5"', "a number such as"),
    "num_estimates,NEV,2025-10,90,": ("more than one target", "keep one row"),
    "num_estimates,Nevada,10/1/2025,95,": ("more than one target", "keep one row"),
}


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Rows of stg_monthly_targets, findings of its test, how dbt ended, and the project."""
    folder = tmp_path_factory.mktemp("targets")
    project, warehouse = copy_project(folder / "project"), folder / "kpis.duckdb"
    lines = ["kpi,region,month,target,note", *GOOD, *BAD]
    (project / "seeds" / "monthly_targets.csv").write_text("\n".join(lines) + "\n")
    words = ["build", "--select", "business_units", "monthly_targets", "stg_monthly_targets"]
    words += ["assert_monthly_targets_can_be_read", "--indirect-selection", "empty"]
    run = dbt(*words, path=warehouse, project=project, target=folder / "target")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return (
            connection.execute(
                "select level, member, month, target from st_staging.stg_monthly_targets "
                "where fault is null"
            ).fetchall(),
            connection.execute(
                "from st_test_failures.assert_monthly_targets_can_be_read"
            ).fetchall(),
            run,
            project,
        )


def test_good_rows_are_understood(read):
    assert sorted(read[0]) == sorted(GOOD.values())


@pytest.mark.parametrize("row", BAD)
def test_a_bad_row_is_named_with_what_to_write(read, row):
    kpi, region, month, *_ = row.split(",")
    name = f"{kpi or '?'}, {region}, {month}"
    found, fix = BAD[row]
    assert any(
        file == "seeds/monthly_targets.csv" and said == name and found in what and fix in instead
        for file, said, what, instead in read[1]
    ), read[1]


def test_a_bad_row_stops_the_build(read):
    assert read[2].returncode == 1
    assert len(read[1]) == len(BAD)
    assert "write a region of seeds/business_units.csv" in read[2].stdout


def test_seeds_check_refuses_the_same_rows(read):
    told = [(f.file, f.found, f.fix) for f in check(read[3]).faults]
    assert sorted(told) == sorted((file, found, fix) for file, _, found, fix in read[1])
