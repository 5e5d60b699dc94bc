"""How old what has landed is: read from the run log, judged by dbt's own limits."""

import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
import yaml

from extract import entities, status
from extract.__main__ import main
from extract.errors import SettingsError
from extract.sync import sync
from extract.warehouse import Cursor, Run, Standing
from extract.warehouse.duckdb import DuckDB
from tests.extract.scripted_tenant import Tenant, answer, client, job, pay

ALL = entities.load()
OTHERS = ("SERVICETITAN_SKIP", "KPI_TARGET", "KPI_RAW_DATASET", "SERVICETITAN_CLIENT_ID")
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMITS = status.Limits(30 * HOUR, 54 * HOUR)


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """A warehouse into which everything has just landed."""
    path = tmp_path_factory.mktemp("clean") / "kpis.duckdb"
    tenant = Tenant({"jobs": [job(1), job(2), job(3)], "gross_pay_items": [pay("2025-01-01")]})
    warehouse = DuckDB(path, "st_raw_v2")
    warehouse.prepare(ALL.values())
    outcomes = sync(ALL.values(), client(tenant), warehouse, run_id="1")
    assert {outcome.state for outcome in outcomes} == {"landed"}
    warehouse.close()
    return path


@pytest.fixture
def path(clean, tmp_path):
    return shutil.copy(clean, tmp_path / "kpis.duckdb")


@pytest.fixture
def run(path, monkeypatch, capfd):
    """Runs `status` without credentials: (exit code, lines of output by entity, all of it)."""
    for name in OTHERS:
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("KPI_DUCKDB_PATH", str(path))

    def command():
        code = main(["status"])
        said = "".join(capfd.readouterr())
        return code, {line.split()[0]: line for line in said.splitlines()}, said

    return command


def change(path, sql):
    with duckdb.connect(str(path)) as db:
        db.execute(sql)


OLDER = (
    "update st_raw_v2.sync_runs set started_at = started_at - interval {0}, "
    "ended_at = ended_at - interval {0} where entity = '{1}'"
)


def test_what_has_just_landed_is_fine_and_code_0(run):
    code, lines, _ = run()
    assert code == 0
    assert set(lines) == {"entity", *(entity.label for entity in ALL.values())}
    date, clock, zone, age, unit, read, rows, *rest = lines["jobs"].split()[1:]
    assert datetime.now(UTC) - datetime.fromisoformat(f"{date}T{clock}:00+00:00") < 2 * HOUR
    assert (zone, age, unit) == ("UTC", "0", "min")
    assert (read, rows, rest) == ("3", "3", ["from", "t3", "fine"])
    assert lines["gross-pay-items"].split()[6:8] == ["1", "1"]
    assert "read whole each time" in lines["job-types"]


@pytest.mark.parametrize(
    ("age", "code", "said"),
    [
        ("29 hour", 0, "29 h 00 min"),
        ("31 hour", 0, "late: more than 30 h"),
        ("55 hour", 1, "too old: more than 54 h"),
    ],
)
def test_an_age_is_held_against_the_limits_of_the_build(run, path, age, code, said):
    change(path, OLDER.format(age, "jobs"))
    found, lines, all_of_it = run()
    assert found == code
    assert said in lines["jobs"]
    assert ("too old" in all_of_it) == (code == 1)
    assert all_of_it.count("fine") == (15 if age == "29 hour" else 14)


def test_what_is_skipped_may_be_of_any_age(run, path, monkeypatch):
    change(path, OLDER.format("9 day", "jobs"))
    change(path, "delete from st_raw_v2.sync_runs where entity = 'payments'")
    assert run()[0] == 1
    monkeypatch.setenv("SERVICETITAN_SKIP", "jobs,payments")
    code, lines, _ = run()
    assert code == 0
    assert "9 days" in lines["jobs"]
    assert "skipped, named in SERVICETITAN_SKIP; never read to its end" in lines["payments"]


def test_what_was_never_read_is_said_and_code_1(run, path):
    change(path, "delete from st_raw_v2.sync_runs where entity = 'payments'")
    change(path, "delete from st_raw_v2.sync_cursors where entity = 'payments'")
    change(path, "drop table st_raw_v2.raw_payments")
    code, lines, _ = run()
    assert code == 1
    assert lines["payments"].split() == ["payments", "never", "never", "read", "to", "its", "end"]


ADD = (
    "insert into st_raw_v2.sync_runs (run_id, entity, started_at, ended_at, state, rows, error) "
    "values ('9', 'jobs', now() - interval 90 minute, {}, '{}', 0, {})"
)


@pytest.mark.parametrize(
    ("ended", "state", "error", "said"),
    [
        ("now() - interval 61 minute", "failed", "'GET x: 403'", "failed 1 h 01 min ago: GET x"),
        ("null", "running", "null", "a run began 1 h 30 min ago and has not ended, or was broken"),
        ("now() - interval 61 minute", "adopted", "null", "adopted 1 h 01 min ago"),
        ("now() - interval 61 minute", "healed", "null", "healed 1 h 01 min ago"),
    ],
)
def test_what_became_of_a_later_run_is_said_beside_the_last_success(
    run, path, ended, state, error, said
):
    change(path, OLDER.format("20 hour", "jobs"))
    change(path, ADD.format(ended, state, error))
    code, lines, _ = run()
    assert code == 0
    assert said in lines["jobs"]
    assert " 20 h 0" in lines["jobs"]
    assert lines["jobs"].split()[7:10] == ["min", "3", "3"]
    change(path, "delete from st_raw_v2.sync_runs where entity = 'jobs' and state = 'landed'")
    code, lines, _ = run()
    assert code == 1  # none of these states is a reading to the end
    assert "never read to its end" in lines["jobs"]


def test_an_older_failure_is_past(run, path):
    change(path, ADD.format("now() - interval 80 minute", "failed", "'x'"))
    assert "failed" not in run()[2]


def test_a_full_load_under_way_is_said(run, path):
    warehouse = DuckDB(path, "st_raw_v2")
    warehouse.begin_full(ALL["jobs"], Cursor({"from": "t3"}, {"from": "t9"}))
    warehouse.close()
    code, lines, _ = run()
    assert code == 0
    said = " ".join(lines["jobs"].split())
    assert "loading: from t9 a full load is under way: the next sync goes on" in said


@pytest.mark.parametrize("there", [False, True])
def test_without_a_run_log_it_is_one_clear_line(run, path, there):
    path.unlink()
    if there:
        change(path, "create table notes (text varchar)")
    code, _, said = run()
    assert code == 1
    assert said.count("\n") == 1
    assert said.startswith(str(path) if there else f"there is no warehouse at {path}")
    assert "run python -m extract sync" in said
    assert path.exists() == there


def test_it_writes_nothing_and_reads_beside_another_reader(run, path):
    before = path.read_bytes()
    with duckdb.connect(str(path), read_only=True, config={"threads": 1, "memory_limit": "128MB"}):
        assert run()[0] == 0
    assert path.read_bytes() == before


# -- the limits --------------------------------------------------------------------------


def test_the_limits_are_those_of_the_sources(tmp_path):
    found = status.limits()
    assert set(found) == {entity.table for entity in ALL.values()}
    blocks = yaml.safe_load(status.SOURCES.read_text())["sources"]
    [of] = [block["config"]["freshness"] for block in blocks if block["name"] == "servicetitan"]
    assert set(found.values()) == {
        status.Limits(
            *(timedelta(hours=of[name]["count"]) for name in ("warn_after", "error_after"))
        )
    }


def test_a_table_has_its_own_limits_where_it_says_so(tmp_path):
    own = {"error_after": {"count": 2, "period": "day"}}
    tables = [
        {"name": "a"},
        {"name": "b", "config": {"freshness": own}},
        {"name": "c", "freshness": None},
        {"name": "d", "config": {"freshness": {"warn_after": {"count": 90, "period": "minute"}}}},
    ]
    of = {
        "warn_after": {"count": 30, "period": "hour"},
        "error_after": {"count": 54, "period": "hour"},
    }
    file = tmp_path / "sources.yml"
    file.write_text(
        yaml.safe_dump(
            {
                "sources": [
                    {"name": "servicetitan", "config": {"freshness": of}, "tables": tables},
                    {"name": "other"},
                ]
            }
        )
    )
    assert status.limits(file) == {
        "a": LIMITS,
        "b": status.Limits(30 * HOUR, 48 * HOUR),
        "c": status.Limits(None, None),
        "d": status.Limits(1.5 * HOUR, 54 * HOUR),
    }
    landed = Run("1", "jobs", NOW - 999 * HOUR, NOW - 999 * HOUR, "landed")
    standing = {"jobs": Standing(landed, landed, Cursor({}), 1)}
    [found] = status.statuses(standing, {"raw_jobs": status.Limits(None, None)}, (), NOW)
    assert (found.is_too_old, found.said) == (False, "")


@pytest.mark.parametrize("text", ["sources: [", "sources: []", "sources: [{name: servicetitan}]"])
def test_limits_that_cannot_be_read_are_said(tmp_path, text):
    file = tmp_path / "sources.yml"
    file.write_text(text)
    with pytest.raises(SettingsError, match="no limits can be read from it"):
        status.limits(file)


# -- the run log -------------------------------------------------------------------------


def test_side_by_side_each_entity_is_charged_its_own_traffic(tmp_path):
    """Pages, rows, bytes, retries and waits, of entities that are read at the same time."""
    tenant = Tenant({ALL[name].name: [job(n) for n in range(n_rows)] for name, n_rows in ROWS})
    tenant.script = [
        ("export/jobs", answer({}, 503)),
        ("export/jobs", answer({}, 429, Retry_After="7")),
        ("export/customers", answer({}, 503)),
        ("export/returns", answer({"title": "no scope"}, 403)),
    ]
    sent = Counter()
    pages = Counter()
    real = Tenant.__call__

    def counting(self, method, url, headers):
        given = real(self, method, url, headers)
        for name, entity in ALL.items():
            if entity.path.partition("{tenant}")[2] in url and given[0] == 200:
                sent[name] += len(given[2])
                pages[name] += 1
        return given

    tenant.__class__ = type("Counting", (Tenant,), {"__call__": counting})
    warehouse = DuckDB(tmp_path / "kpis.duckdb", "st_raw_v2")
    warehouse.prepare(ALL.values())
    chosen = [ALL[name] for name, _ in [*ROWS, ("returns", 0)]]
    sync(chosen, client(tenant), warehouse, run_id="1")
    columns = "entity, pages, rows, bytes, retries, waited_seconds"
    logged = warehouse.query(
        f"select {columns}, ended_at >= started_at, error from st_raw_v2.sync_runs"
    )
    warehouse.close()
    found = {entity: rest for entity, *rest in logged}
    assert set(found) == {name for name, _ in ROWS} | {"returns"}
    for name, rows in ROWS:
        assert found[name][:3] == [pages[name], rows, sent[name]], name
        assert found[name][5:] == [True, None]
    assert pages["jobs"] == 6
    assert found["jobs"][3:5] == [2, 8.0]  # a second, then the seven that were asked for
    assert found["customers"][3:5] == [1, 1.0]
    assert found["locations"][3:5] == [0, 0.0]
    assert "403: no scope" in found["returns"][6]


ROWS = [("jobs", 11), ("customers", 5), ("locations", 4), ("estimates", 2), ("invoices", 9)]
