"""The week as a branch manager reads it."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from review.__main__ import main

UNIT = ("Phoenix-Sales", 3, Decimal("1234.5"), None, None, Decimal("-20"), 2, 50.0, None, None, 0)
COMPANY = (3, Decimal("1234.5"), 0, None, Decimal("-20"), 2, 50.0, 0, None, 0)


@pytest.fixture
def warehouse(tmp_path):
    """A warehouse of two weeks, the second of them running until a Wednesday."""
    path = tmp_path / "kpis.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema st_mart")
        columns = (
            "lead_count int, total_booked decimal(38, 9), dollars_produced decimal(38, 9), "
            "gpm_percent double, dollars_collected decimal(38, 9), num_estimates int, "
            "close_rate_percent double, future_bookings decimal(38, 9), warranty_percent double, "
            "outstanding_ar decimal(38, 9)"
        )
        for table in ("daily_kpis", "weekly_kpis"):
            connection.execute(
                f"create table st_mart.{table} (event_date date, business_unit text, {columns})"
            )
        connection.execute(f"create table st_mart.weekly_kpis_company (event_date date, {columns})")
        marks = ", ".join("?" * 12)
        connection.execute(
            f"insert into st_mart.daily_kpis values ({marks})", [date(2025, 10, 29), *UNIT]
        )
        for monday in (date(2025, 10, 20), date(2025, 10, 27)):
            connection.execute(f"insert into st_mart.weekly_kpis values ({marks})", [monday, *UNIT])
            connection.execute(
                f"insert into st_mart.weekly_kpis_company values ({marks[3:]})", [monday, *COMPANY]
            )
    return path


def test_the_last_full_week_is_shown(warehouse, capsys):
    assert main(["week", "--warehouse", str(warehouse)]) == 0
    shown = capsys.readouterr().out
    assert "Week of 2025-10-20 to 2025-10-26" in shown
    assert "$1,234.50" in shown
    assert "-$20.00" in shown
    assert "50.00%" in shown
    assert "Company" in shown


def test_a_week_that_ends_on_the_last_day_is_full(warehouse, capsys):
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update st_mart.daily_kpis set event_date = date '2025-11-02'")
    assert main(["week", "--warehouse", str(warehouse)]) == 0
    assert "Week of 2025-10-27 to 2025-11-02" in capsys.readouterr().out


def test_a_day_that_begins_no_week_is_answered(warehouse, capsys):
    assert main(["week", "--warehouse", str(warehouse), "--monday", "2025-10-21"]) == 1
    assert "no week of Tuesday 2025-10-21" in capsys.readouterr().err


def test_a_missing_warehouse_is_answered(tmp_path, capsys):
    assert main(["week", "--warehouse", str(tmp_path / "none.duckdb")]) == 1
    assert "there is no warehouse at" in capsys.readouterr().err


def test_a_warehouse_without_kpis_is_answered(tmp_path, capsys):
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    assert main(["week", "--warehouse", str(tmp_path / "empty.duckdb")]) == 1
    assert "run `dbt build` first" in capsys.readouterr().err
