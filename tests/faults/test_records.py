"""Records that change while they are read, and records that are not as the specification says."""

import duckdb
import pytest

from simulator import build_tenant
from tests.faults import bad_lines as bad
from tests.faults.office import Office, assert_no_secret, on_the_line, tables

BIG = 2**53 + 1  # the first whole number that a float cannot hold
NAMES = {
    BIG: "x" * 200_000,
    BIG + 2: "Zażółć 🎨🖌️ “paint” 漆",
    2**63 - 1: "a \"quoted\" name, it's\nin two\tlines \\ and \u2028 more; -- ',null,",
    BIG + 4: "null",
    BIG + 6: "\u0001\u007f\ufeff\ufffd",
}


@pytest.fixture
def tenant():
    """One of its own: these tests change it."""
    return build_tenant(seed=6, size="cases", weeks=6)


@pytest.fixture
def line(tenant):
    with on_the_line(tenant) as running:
        yield running


@pytest.fixture
def office(line, tmp_path, monkeypatch, capfd, caplog):
    opened = Office(line, tmp_path / "kpis.duckdb", monkeypatch, capfd, caplog)
    yield opened
    assert_no_secret(opened.everything_written(), opened.secrets())


def clean_tables(office):
    """What a clean first load of the tenant as it is now lands, in a warehouse of its own."""
    mine, office.warehouse = office.warehouse, office.warehouse.with_name("clean.duckdb")
    office.warehouse.unlink(missing_ok=True)
    assert office.sync().code == 0
    found, office.warehouse = tables(office.warehouse), mine
    return found


def query(office, sql):
    with duckdb.connect(str(office.warehouse), read_only=True) as db:
        return db.execute(sql).fetchall()


def edits(tenant, turn):
    """A record of each feed changes, one is new, pay comes and goes."""

    def happen():
        for entity in ("jobs", "invoices", "job_types"):
            found = tenant.records()[entity]
            tenant.change(entity, found[turn] | {"name": f"turn {turn}", "active": turn % 2 == 0})
            tenant.change(entity, found[-1] | {"id": 990_000_000 + turn})
        pay = sorted(tenant.records()["gross_pay_items"], key=lambda item: item["date"])
        tenant.change("gross_pay_items", pay[0] | {"amount": turn}, instead_of=pay[0])
        tenant.change("gross_pay_items", pay[1] | {"amount": 1_000 + turn})
        # Old pay that is taken back leaves no trace: only --full (or the day's next change) tells.
        tenant.remove_pay(pay[-1])

    return happen


@pytest.mark.parametrize("full", [False, pytest.param(True, marks=pytest.mark.full)])
def test_records_that_change_and_come_while_pages_are_read(office, tenant, full):
    if full:
        assert office.sync().code == 0
    moments = {call: edits(tenant, turn) for turn, call in enumerate((3, 5, 6, 8, 9))}
    before = tenant.counts()
    assert office.sync(*["--full"] * full, fault=bad.at_call(moments)).code == 0
    assert tenant.counts()["jobs"] == before["jobs"] + len(moments)
    # An export tells it in the same run; a list that was read before, and days, in the next one.
    assert office.sync().code == 0
    assert tables(office.warehouse) == clean_tables(office)


def test_a_record_that_changes_between_two_pages_stands_in_its_last_version(office, tenant):
    first = tenant.records()["jobs"][0]
    change = {5: lambda: tenant.change("jobs", first | {"jobStatus": "Hold"})}
    assert office.sync("--only", "jobs", fault=bad.at_call(change)).code == 0
    found = query(office, f"select jobStatus from st_raw_v2.raw_jobs where id = {first['id']}")
    assert found == [("Hold",)]


def test_long_names_odd_names_and_big_ids_stand_as_they_came(office, tenant):
    kind = tenant.records()["job_types"][0]
    for number, name in NAMES.items():
        tenant.change("job_types", kind | {"id": number, "name": name, "priority": name})
    assert office.sync().code == 0
    found = query(
        office, f"select id, name, priority from st_raw_v2.raw_job_types where id >= {BIG}"
    )
    assert {number: texts for number, *texts in found} == {
        number: [name, name] for number, name in NAMES.items()
    }
    assert office.sync("--full").code == 0
    assert tables(office.warehouse) == clean_tables(office)


def test_a_new_field_is_kept_and_a_full_load_heals(office):
    novel = {"novel": {"deep": [1.5, None, "🎨"]}}
    assert office.sync(fault=bad.edited("jobs", lambda job: {**job, **novel})).code == 0
    found = query(office, "select distinct _extra_fields->'novel' from st_raw_v2.raw_jobs")
    assert found == [('{"deep":[1.5,null,"🎨"]}',)]
    assert office.sync("--full").code == 0
    assert tables(office.warehouse) == clean_tables(office)


@pytest.mark.parametrize(
    "without",
    [
        lambda job: {name: value for name, value in job.items() if name != "jobStatus"},
        pytest.param(lambda job: {**job, "jobStatus": None}, marks=pytest.mark.full),
    ],
    ids=["a missing field", "null where the specification says never"],
)
def test_a_field_without_a_value_is_null_and_a_full_load_heals(office, without):
    assert office.sync(fault=bad.edited("jobs", without)).code == 0
    found = query(office, "select distinct jobStatus, id is null from st_raw_v2.raw_jobs")
    assert found == [(None, False)]
    assert office.sync("--full").code == 0
    assert tables(office.warehouse) == clean_tables(office)


@pytest.mark.full
def test_a_version_that_is_missing_for_a_while_hides_no_change(office, tenant):
    """Without modifiedOn the later arrival counts."""
    bare = bad.edited("jobs", lambda job: {**job, "modifiedOn": None})
    assert office.sync(fault=bare).code == 0
    job = tenant.records()["jobs"][0]
    tenant.change("jobs", job | {"jobStatus": "Hold"})
    assert office.sync(fault=bare).code == 0
    found = query(office, f"select jobStatus from st_raw_v2.raw_jobs where id = {job['id']}")
    assert found == [("Hold",)]
    assert office.sync("--full").code == 0
    assert tables(office.warehouse) == clean_tables(office)
