"""Which days a build judges for unusual moves: all that have ended and that none has judged."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from tests.parity.warehouse import dbt

pytestmark = pytest.mark.full

MODEL = "compiled/servicetitan_kpis/models/intermediate/int_judged_days.sql"
ZONE = ZoneInfo("America/Phoenix")


def compiled(folder, **vars) -> tuple[str, str]:
    """The model's SQL for a warehouse in which builds have kept history; what dbt said."""
    warehouse = folder / "kpis.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema if not exists st_history")
        connection.execute(
            "create table if not exists st_history.kpi_builds (built_at timestamptz)"
        )
    words = ("compile", "--select", "int_judged_days")
    run = dbt(*words, path=warehouse, target=folder / "target", **vars)
    file = folder / "target" / MODEL
    return (file.read_text() if file.exists() else ""), run.stdout


def judged(folder, sql, *built) -> tuple:
    """The first and the last judged day after earlier builds that began at these instants."""
    with duckdb.connect(str(folder / "kpis.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("delete from st_history.kpi_builds")
        for instant in built:
            connection.execute("insert into st_history.kpi_builds values (?)", [instant])
        [found] = connection.execute(sql).fetchall()
    return found


def test_the_days_since_the_build_before(tmp_path):
    sql, _ = compiled(tmp_path)
    today = datetime.now(ZONE).date()
    yesterday = today - timedelta(days=1)

    def at(days: int, hour: int) -> datetime:
        return datetime.combine(today - timedelta(days=days), time(hour), ZONE)

    def ago(days: int) -> tuple:
        return (today - timedelta(days=days), yesterday)

    assert judged(tmp_path, sql) == ago(1), "the first build"
    assert judged(tmp_path, sql, at(1, 5)) == ago(1), "every morning"
    assert judged(tmp_path, sql, at(1, 5), at(0, 0)) == ago(1), "once more on the same day"
    assert judged(tmp_path, sql, at(3, 5)) == ago(3), "two nights without a run"
    # 23 o'clock in Phoenix is the next day in UTC.
    assert judged(tmp_path, sql, at(3, 23)) == ago(3)
    assert judged(tmp_path, sql, at(40, 5)) == ago(7), "a week at most"
    assert judged(tmp_path, sql, at(3, 5), at(-1, 5)) == ago(3), "none that is still to come"


def test_the_var_says_how_many_days_and_is_refused_where_it_does_not(tmp_path):
    sql, _ = compiled(tmp_path, judged_days=364, as_of_date="2025-12-31")
    first, last = judged(tmp_path, sql)
    assert (str(first), str(last)) == ("2025-01-02", "2025-12-31")
    _, said = compiled(tmp_path, judged_days="many")
    assert "the var judged_days is 'many': write a number of days, or null" in said
