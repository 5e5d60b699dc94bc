"""What has landed beside the API's own totals: a difference is found with its size, and healed."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime

import duckdb
import pytest

from extract import entities, heal, pages
from extract.__main__ import main
from extract.counts import compare
from extract.entities import Total
from extract.errors import ApiError
from extract.sync import sync
from extract.warehouse import Cursor
from extract.warehouse.duckdb import DuckDB
from simulator import Response, build_tenant, serve
from tests.extract.scripted_tenant import Tenant, answer, client, job, pay

ALL = entities.load()
OPTIONAL = ("SERVICETITAN_SKIP", "KPI_TARGET", "KPI_RAW_DATASET")
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def api():
    with serve(build_tenant(seed=3, weeks=12, size="tiny"), page_size=50) as running:
        yield running


@pytest.fixture(scope="module")
def clean(api, tmp_path_factory):
    """A warehouse with all that the tenant holds."""
    path = tmp_path_factory.mktemp("clean") / "kpis.duckdb"
    with pytest.MonkeyPatch.context() as patched:
        settings(patched, api, path)
        assert main(["sync"]) == 0
    return path


def settings(patched, api, path, **others):
    """The settings that lead to the tenant and the warehouse."""
    own = {"KPI_DUCKDB_PATH": str(path), "SERVICETITAN_CALLS_PER_SECOND": "60"}
    for name, value in {
        **dict.fromkeys(OPTIONAL, ""),
        **api.environment(),
        **own,
        **others,
    }.items():
        patched.setenv(name, value)


@pytest.fixture
def path(clean, tmp_path):
    """A copy of the clean warehouse."""
    return shutil.copy(clean, tmp_path / "kpis.duckdb")


@pytest.fixture
def run(api, path, monkeypatch, capfd):
    """Runs a command: (exit code, output)."""
    settings(monkeypatch, api, path)

    def command(*argv):
        code = main(argv)
        return code, "".join(capfd.readouterr())

    return command


def rows(path, entity):
    with duckdb.connect(str(path), read_only=True) as db:
        return db.execute(
            "select columns(c -> c <> '_ingested_at')::varchar "
            f"from st_raw_v2.{entity.table} order by all"
        ).fetchall()


def plant(path, sql, entity):
    with duckdb.connect(str(path)) as db:
        db.execute(sql.format(table=f"st_raw_v2.{entity.table}", key=f'"{entity.key}"'))


def line(said, entity):
    [found] = [each for each in said.splitlines() if each.split()[:1] == [entity.label]]
    return found


def test_every_entity_is_counted_with_one_call(run, api):
    begun = len(api.requests)
    code, said = run("check", "--counts")
    assert code == 0, said
    asked = [request for request in api.requests[begun:] if request.entity]
    assert [request.entity for request in asked] == list(ALL)
    for request in asked:
        of = ALL[request.entity].total
        assert request.params == {**of.params, "page": "1", "pageSize": "1", "includeTotal": "true"}
        [landed, counted, result, *_] = line(said, ALL[request.entity]).split()[1:]
        assert (landed, result) == (counted, "equal")
        assert int(landed) > 0


MISSING = "delete from {table} where {key} in (select {key} from {table} order by 1 limit 3)"
DOUBLED = "insert into {table} select * from {table} order by {key} limit 2"
ONE_EACH = "insert into {table} (id, active) values (99, true), (98, false)"
PAY = (
    "insert into {table} (_row_key, date) values ('x', date '2019-05-01'), ('y', date '2025-12-01')"
)
OF_EVERY_FEED = ("jobs", "customers", "job_types", "gross_pay_items")
PLANTED = {
    "missing": dict.fromkeys(OF_EVERY_FEED, (MISSING, "3 missing: ")),
    "doubled": dict.fromkeys(OF_EVERY_FEED, (DOUBLED, "2 standing twice: ")),
    "extra": {
        "jobs": (ONE_EACH, "1 that the API does not count: "),
        "purchase_orders": (
            "insert into {table} (id) values (99), (98)",
            "2 that the API does not count: ",
        ),
        "gross_pay_items": (PAY, "2 that the API does not count: "),
    },
    "both": dict.fromkeys(
        ("invoices", "technicians", "campaigns"),
        (f"{MISSING}; {DOUBLED}", "3 missing, 2 standing twice: "),
    ),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_difference_is_found_with_its_size_and_healed_to_equality(run, path, clean, kind):
    for name, (sql, _) in PLANTED[kind].items():
        plant(path, sql, ALL[name])
    planted = {name: rows(path, ALL[name]) for name in PLANTED[kind]}
    code, found = run("check", "--counts")
    assert code == 1
    for entity in ALL.values():
        _, said = PLANTED[kind].get(entity.name, ("", "equal"))
        assert f" {said}" in line(found, entity)
    for name in PLANTED[kind]:
        assert f"--heal --only {ALL[name].label}" in line(found, ALL[name])
        assert rows(path, ALL[name]) == planted[name]
    code, found = run("check", "--heal", "--only", ",".join(PLANTED[kind]))
    assert code == 0, found
    for name in PLANTED[kind]:
        assert rows(path, ALL[name]) == rows(clean, ALL[name])
    if kind == "extra":
        assert "jobs: loaded in full (2 that the API gives no more went): equal" in found


def test_what_a_list_never_gave_becomes_inactive_as_if_it_had_gone(run, path, clean):
    types = ALL["job_types"]
    plant(path, "insert into {table} (id, name, active) values (99, 'x', true)", types)
    assert "1 that the API does not count" in run("check", "--counts", "--only", "job-types")[1]
    code, said = run("check", "--heal", "--only", "job-types")
    assert code == 0
    assert "job-types: read again: equal; 1 inactive that no list shows" in said
    assert len(rows(path, types)) == len(rows(clean, types)) + 1
    assert "1 inactive that no list shows" in run("check", "--counts", "--only", "job-types")[1]


def test_an_entity_that_cannot_be_counted_or_healed_is_code_1(run, path, api):
    api.denied = {"jobs"}
    try:
        code, said = run("check", "--counts")
    finally:
        api.denied = set()
    assert code == 1
    assert "not counted: GET jpm/v2/…/jobs" in said
    assert said.count("equal") == len(ALL) - 1
    plant(path, MISSING, ALL["jobs"])
    try:
        api.fault = lambda request: Response(403, b"{}") if "/export/jobs" in request.path else None
        code, said = run("check", "--heal", "--only", "jobs")
    finally:
        api.fault = lambda request: None
    assert code == 1
    assert "jobs: loaded in full: failed: GET jpm/v2/…/export/jobs" in said


def test_what_is_skipped_or_never_read_is_said(run, path, monkeypatch, tmp_path):
    monkeypatch.setenv("SERVICETITAN_SKIP", "jobs")
    code, said = run("check", "--counts", "--only", "jobs,customers")
    assert code == 0
    assert "not counted: skipped" in line(said, ALL["jobs"])
    plant(path, "delete from st_raw_v2.sync_cursors where entity = 'customers'", ALL["customers"])
    code, said = run("check", "--counts", "--only", "customers")
    assert code == 1
    assert "not counted: never read to its end" in said
    monkeypatch.setenv("KPI_DUCKDB_PATH", str(tmp_path / "none.duckdb"))
    code, said = run("check", "--counts")
    assert code == 1
    assert said.startswith(f"there is no warehouse at {tmp_path}/none.duckdb: run python -m")
    assert said.count("\n") == 1
    assert not (tmp_path / "none.duckdb").exists()


def test_a_cure_never_mixes_names_with_their_hashes(run, path, monkeypatch):
    plant(path, "delete from {table} where id = (select min(id) from {table})", ALL["campaigns"])
    monkeypatch.setenv("KPI_HASH_NAMES", "1")
    monkeypatch.setenv("KPI_HASH_KEY", "a-key-that-is-long-enough-0123456789")
    before = rows(path, ALL["campaigns"])
    code, said = run("check", "--heal", "--only", "campaigns")
    assert code == 1
    assert "to be read anew: run python -m extract sync" in said
    assert rows(path, ALL["campaigns"]) == before


# -- what differs rightly, and what only seems to ------------------------------------------


class Office:
    """A scripted tenant and a warehouse; `hide` are ids that no list shows."""

    def __init__(self, path):
        self.tenant = Tenant()
        self.warehouse = DuckDB(path, "st_raw_v2")
        self.warehouse.prepare(ALL.values())
        self.hide = set()
        newest = self.tenant._newest
        self.tenant._newest = lambda entity, params: [
            row for row in newest(entity, params) if row["id"] not in self.hide
        ]

    def sync(self, name, run_id="1", **options):
        [outcome] = sync(
            [options.pop("entity", ALL[name])],
            client(self.tenant),
            self.warehouse,
            run_id=run_id,
            now=lambda: NOW,
            **options,
        )
        return outcome

    def compare(self, name):
        return compare(ALL[name], client(self.tenant).get, self.warehouse, NOW)

    def heal(self, name):
        return heal.heal(self.compare(name), client(self.tenant), self.warehouse, lambda: NOW)

    def count(self, name):
        return self.warehouse.query(f"select count(*) from st_raw_v2.raw_{name}")[0][0]


@pytest.fixture
def office(tmp_path):
    opened = Office(tmp_path / "kpis.duckdb")
    yield opened
    opened.warehouse.close()


@pytest.mark.parametrize("name", ["jobs", "customers"])
def test_deleted_records_that_no_list_shows_are_no_difference_and_said(office, name):
    """With a parameter for inactive rows (customers) and without one (jobs: by their ids)."""
    office.tenant.records[name] = [job(n, active=n > 60) for n in range(1, 71)]
    office.hide = set(range(1, 58))
    outcome = office.sync(name)
    assert outcome.notes == ["equal; 57 inactive that no list shows: deleted in ServiceTitan"]
    found = office.compare(name)
    assert (found.is_equal, found.unlisted, found.total) == (True, 57, 13)
    office.hide.add(65)  # an active one is not deleted
    found = office.compare(name)
    assert (found.extra, found.missing, found.unlisted) == (1, 0, 57)


@pytest.mark.parametrize("name", ["jobs", "customers"])
def test_a_record_too_many_is_not_taken_for_a_deleted_one(office, name):
    office.tenant.records[name] = [job(1, active=False), job(2, active=True)]
    assert office.sync(name).notes == []
    office.hide = {2}
    found = office.compare(name)
    assert (found.extra, found.unlisted) == (1, 0)
    assert found.said.startswith("1 that the API does not count: ")


def test_what_was_created_since_the_last_reading_is_no_difference_and_said(office):
    office.tenant.records["jobs"] = [job(1, createdOn="2025-01-01T00:00:00Z"), job(2)]
    office.sync("jobs")
    late, today = "2026-01-15T11:30:00Z", "2026-01-16T08:00:00Z"  # 30 minutes before the reading
    office.tenant.records["jobs"] += [job(3, createdOn=late), job(4, createdOn=today)]
    found = office.compare("jobs")
    assert (found.is_equal, found.newer) == (True, 2)
    assert found.said == "equal; 2 newer in the API: the next sync brings them"
    office.tenant.records["jobs"] += [job(5, createdOn="2026-01-15T10:00:00Z")]
    found = office.compare("jobs")
    assert (found.missing, found.newer) == (1, 2)


def test_a_record_too_many_that_is_new_is_still_one(office):
    office.tenant.records["jobs"] = [job(1), job(2, createdOn="2026-01-15T11:59:00Z")]
    office.sync("jobs")
    office.hide = {2}
    assert office.compare("jobs").extra == 1


def test_a_change_is_no_second_record(office):
    office.tenant.records["jobs"] = [job(1), job(2), job(1, "2026-01-03T00:00:00Z")]
    assert office.sync("jobs").notes == []
    assert office.compare("jobs").total == 2


# -- after a full load --------------------------------------------------------------------


def test_a_full_load_is_counted_by_itself_and_a_difference_is_a_note(office):
    office.tenant.records["customers"] = [job(1), job(2), job(3)]
    office.hide = {2}
    outcome = office.sync("customers")
    assert outcome.state == "landed"
    assert outcome.notes == [
        "1 that the API does not count: python -m extract check --counts --heal --only customers"
    ]
    assert office.warehouse.query("select state, note from st_raw_v2.sync_runs") == [
        ("landed", outcome.notes[0])
    ]
    calls = len(office.tenant.calls)
    assert office.sync("customers", "2").notes == []  # a run of changes is not counted
    assert len(office.tenant.calls) == calls + 2  # its token and its feed
    assert len(office.sync("customers", "3", full=True).notes) == 1


def test_what_cannot_be_counted_is_said_and_fails_no_load(office):
    office.tenant.records["jobs"] = [job(1)]
    office.tenant.script = [("jpm/v2/tenant/42/jobs", answer({"title": "no scope"}, 403))]
    outcome = office.sync("jobs")
    assert (outcome.state, outcome.landed.new) == ("landed", 1)
    [note] = outcome.notes
    assert note.startswith("not counted: GET jpm/v2/…/jobs page=1")
    assert note.endswith("403: no scope")
    bare = {"page": 1, "pageSize": 1, "hasMore": False, "totalCount": None, "data": []}
    office.tenant.script = [("jpm/v2/tenant/42/jobs", answer(bare))]
    outcome = office.sync("jobs", "2", full=True)
    assert outcome.notes == ["not counted: GET jpm/v2/…/jobs: the answer has no totalCount"]
    outcome = office.sync("jobs", "3", full=True, entity=replace(ALL["jobs"], total=None))
    assert outcome.notes == [
        "not counted: its feed has no total, and entities.yml names no list that has one"
    ]


def test_a_total_stands_in_one_line_of_the_table_where_it_is_another_list():
    assert ALL["invoices"].total == Total(
        "accounting/v2/tenant/{tenant}/invoices", {"activeState": "All"}
    )
    assert ALL["job_types"].total == Total(ALL["job_types"].path, {"active": "Any"})
    assert ALL["gross_pay_items"].total == Total(ALL["gross_pay_items"].path)
    assert all(entity.total for entity in ALL.values())


# -- how it is healed ---------------------------------------------------------------------


@pytest.fixture
def paid(office, monkeypatch):
    """Sixty days with a row of pay each, on pages of four rows."""
    office.tenant.cap, office.tenant.inclusive = 4, False
    monkeypatch.setattr(pages, "PAGE_SIZE", 4)
    days = [date(2025, 3 + n // 30, 1 + n % 30) for n in range(60)]
    office.tenant.records["gross_pay_items"] = [pay(f"{day}", f"{n}") for n, day in enumerate(days)]
    assert office.sync("gross_pay_items").notes == []
    return office


def test_of_pay_only_the_days_whose_counts_differ_are_read_again(paid):
    paid.warehouse.query(
        "delete from st_raw_v2.raw_gross_pay_items where date in ('2025-03-07', '2025-04-20')"
    )
    before = len(paid.tenant.asked("gross_pay_items"))
    healing = paid.heal("gross_pay_items")
    assert healing.is_healed
    assert paid.count("gross_pay_items") == 60
    asked = paid.tenant.asked("gross_pay_items")[before:]
    read = [call for call in asked if call["pageSize"] == "4"]
    assert len(read) == 2
    for call, day in zip(read, ("2025-03-07", "2025-04-20"), strict=True):
        assert call["dateOnOrAfter"][:10] <= day < call["dateOnOrBefore"][:10]
    assert len(asked) <= 20
    logged = paid.warehouse.query(
        "select state, rows, new from st_raw_v2.sync_runs order by started_at, state"
    )
    # Not `landed`: the other days are as old as they were.
    assert logged == [("healed", 8, 2), ("landed", 60, 60)]


@pytest.mark.parametrize(
    ("first", "last", "want"),
    [("2025-03-01", "2025-03-05", 60), ("2025-04-26", "2025-04-30", 60), ("2025-03-01", None, 60)],
)
def test_days_before_and_behind_those_that_landed_are_found(paid, first, last, want):
    until = f"and date <= '{last}'" if last else "and date < '2025-04-30'"
    paid.warehouse.query(
        f"delete from st_raw_v2.raw_gross_pay_items where date >= '{first}' {until}"
    )
    healing = paid.heal("gross_pay_items")
    assert healing.is_healed
    [tried] = healing.tried
    assert tried.startswith("read again ")
    assert paid.count("gross_pay_items") == want


def test_a_full_load_under_way_is_ended_first(paid):
    """Else the days would go into the half-loaded table."""
    entity = ALL["gross_pay_items"]
    paid.warehouse.query("delete from st_raw_v2.raw_gross_pay_items where date = '2025-03-07'")
    done = paid.warehouse.cursor(entity).position
    loading = Cursor(done, {"since": NOW.isoformat()})
    paid.warehouse.begin_full(entity, loading)
    healing = paid.heal("gross_pay_items")
    assert healing.said == "the full load that was under way was ended: equal"
    assert paid.count("gross_pay_items") == 60


def test_what_no_reading_cures_is_said(office):
    office.tenant.records["customers"] = [job(1), job(2)]
    office.hide = {2}
    office.sync("customers")
    healing = office.heal("customers")
    assert not healing.is_healed
    assert healing.said.startswith("loaded in full: 1 that the API does not count")


def test_a_failed_reading_is_the_result_of_healing(office):
    office.tenant.records["job_types"] = [{"id": 1, "active": True}, {"id": 2, "active": True}]
    office.sync("job_types")
    office.warehouse.query("delete from st_raw_v2.raw_job_types where id = 1")
    found = office.compare("job_types")
    office.tenant.script = [("job-types", answer({"title": "gone"}, 404))]
    healing = heal.heal(found, client(office.tenant), office.warehouse, lambda: NOW)
    assert not healing.is_healed
    assert "read again: failed: GET jpm/v2/…/job-types" in healing.said


def test_a_total_that_is_not_answered_raises(office):
    office.tenant.script = [("jobs", answer({"title": "gone"}, 404))]
    with pytest.raises(ApiError):
        pages.total(client(office.tenant).get, ALL["jobs"].path, {})
