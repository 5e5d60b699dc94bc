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


@pytest.mark.parametrize(
    ("kpi", "day", "unit", "answer"),
    [
        ("gpm", "2025-10-20", UNIT, "'gpm' is no KPI"),
        ("close_rate", "2025-10-20", UNIT, "do you mean 'close_rate_percent'?"),
        ("gpm_percent", "2025-10-32", UNIT, "'2025-10-32' is no day"),
        ("gpm_percent", "2031-01-01", UNIT, "has numbers from"),
        ("gpm_percent", "2025-10-20", "Andys Painting-Production", f"do you mean {UNIT!r}?"),
        (None, "2025-10-20", UNIT, "say KPI, as in make explain"),
    ],
)
def test_what_cannot_be_explained_is_answered(warehouse, capsys, kpi, day, unit, answer):
    words = ["explain", "--warehouse", str(warehouse), "--day", day, "--unit", unit]
    assert main([*words, *(["--kpi", kpi] if kpi else [])]) == 1
    assert answer in capsys.readouterr().err
