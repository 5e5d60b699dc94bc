"""Every number opens into its records, and they add up to it."""

from datetime import date

import duckdb
import pytest

from review.__main__ import main
from tests.parity.random_records import draw
from tests.parity.warehouse import dbt, land

AS_OF = date(2025, 11, 5)
UNIT = "Andy's Painting-Production"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    """Random records, built without the tests."""
    folder = tmp_path_factory.mktemp("explain")
    path = folder / "kpis.duckdb"
    land(draw(4, jobs=80), path, AS_OF)
    words = ["build", "--exclude-resource-type", "test", "unit_test"]
    run = dbt(*words, path=path, target=folder / "target", as_of_date=AS_OF)
    assert run.returncode == 0, run.stdout
    return path


def test_the_records_add_up_to_every_cell(warehouse):
    sums = """
        with sums as (
            select days.business_unit, days.event_date, records.kpi,
                count(distinct counted_key) as customers, sum(numerator) as numerator,
                100 * sum(numerator)::double / nullif(sum(denominator)::double, 0) as percent
            from st_mart.daily_kpis as days
            inner join st_mart.kpi_records as records
                on days.business_unit = records.business_unit
                and days.event_date between records.first_day and records.last_day
            group by all
        ),
        cells as (
            unpivot (
                select event_date, business_unit,
                    columns(* exclude (event_date, business_unit))::varchar
                from st_mart.daily_kpis
            ) on columns(* exclude (event_date, business_unit)) into name kpi value value
        )
        select cells.*, sums.* from cells full outer join sums
            using (kpi, business_unit, event_date)
        where coalesce(
            case
                when kpi = 'lead_count' then customers != value::int
                when kpi like '%percent' then abs(percent - value::double) > 1e-9 * abs(percent)
                else numerator != value::decimal(38, 9)
            end,
            -- no records: 0; no value: a ratio without a denominator
            case when kpi like '%percent' then value is not null else value::double != 0 end
        )
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute(sums).fetchall() == []
        filled = connection.execute(
            "select count(distinct kpi) from st_mart.kpi_records"
        ).fetchone()
    assert filled == (10,)


@pytest.mark.parametrize(
    "kpi", ["gpm_percent", "future_bookings", "outstanding_ar", "dollars_collected"]
)
def test_a_number_is_explained_by_values_from_the_environment(warehouse, monkeypatch, capsys, kpi):
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        day, value = connection.execute(
            f"select event_date, {kpi} from st_mart.daily_kpis "
            f"where business_unit = ? and {kpi} != 0 order by event_date desc limit 1",
            [UNIT],
        ).fetchone()
    for name, given in {"KPI": kpi, "DAY": str(day), "UNIT": UNIT}.items():
        monkeypatch.setenv(name, given)
    assert main(["explain", "--warehouse", str(warehouse)]) == 0
    shown = capsys.readouterr().out
    assert f"{kpi} of {UNIT}" in shown
    assert f"{abs(value):,.2f}" in shown


@pytest.mark.parametrize("place", [UNIT, "ANDYS", "Company"])
@pytest.mark.parametrize("kpi", ["lead_count", "gpm_percent", "outstanding_ar", "total_booked"])
def test_a_week_of_any_level_is_explained(warehouse, capsys, place, kpi):
    """The newest number that is not 0; its records are those of the week."""
    table, where = {
        UNIT: ("weekly_kpis", "business_unit = ?"),
        "ANDYS": ("weekly_kpis_region", "region = ?"),
        "Company": ("weekly_kpis_company", "? = 'Company'"),
    }[place]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(
            f"select event_date, {kpi} from st_mart.{table} where {where} and {kpi} != 0 "
            "order by event_date desc limit 1",
            [place],
        ).fetchone()
    if found is None:
        assert (place, kpi) in {(UNIT, "lead_count"), (UNIT, "total_booked")}  # a production unit
        return
    monday, value = found
    words = ["--kpi", kpi, "--week", str(monday), "--unit", place]
    assert main(["explain", "--warehouse", str(warehouse), *words]) == 0
    shown = capsys.readouterr().out
    assert f"{kpi} of {place} in the week of {monday}" in shown
    assert f"{kpi}: {value}" in shown if kpi == "lead_count" else f"{abs(value):,.2f}" in shown
    if kpi in ("outstanding_ar", "total_booked"):
        (total,) = [line for line in shown.splitlines() if line.startswith("│ sum ")]
        assert f"{abs(value):,.2f}" in total


def test_a_day_that_begins_no_week_is_named(warehouse, capsys):
    words = ["--kpi", "total_booked", "--week", "2025-10-21", "--unit", "Company"]
    assert main(["explain", "--warehouse", str(warehouse), *words]) == 1
    assert "no week of Tuesday 2025-10-21" in capsys.readouterr().err


def test_a_day_and_a_week_are_refused_together(warehouse, capsys):
    words = ["--kpi", "total_booked", "--week", "2025-10-20", "--unit", "Company"]
    assert main(["explain", "--warehouse", str(warehouse), *words, "--day", "2025-10-20"]) == 1
    assert "say DAY or WEEK, not both" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kpi", "day", "unit", "answer"),
    [
        ("gpm", "2025-10-20", UNIT, "'gpm' is no KPI"),
        ("close_rate", "2025-10-20", UNIT, "do you mean 'close_rate_percent'?"),
        ("gpm_percent", "2025-10-32", UNIT, "'2025-10-32' is no day"),
        ("gpm_percent", "2031-01-01", UNIT, "has numbers from"),
        ("gpm_percent", "2025-10-20", "Andys Painting-Production", f"do you mean {UNIT!r}?"),
        ("gpm_percent", "2025-10-20", "PHXX", "no business unit or region; do you mean 'PHX'?"),
        (None, "2025-10-20", UNIT, "say KPI, as in make explain"),
    ],
)
def test_what_cannot_be_explained_is_answered(warehouse, capsys, kpi, day, unit, answer):
    words = ["explain", "--warehouse", str(warehouse), "--day", day, "--unit", unit]
    assert main([*words, *(["--kpi", kpi] if kpi else [])]) == 1
    assert answer in capsys.readouterr().err
