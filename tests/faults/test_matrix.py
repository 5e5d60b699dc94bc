"""The fault matrix: whatever goes wrong on the way, the tables end as those of a clean run.

A fault is passing (the run overcomes it, code 0) or it fails its entity (code 1, the others land,
and the next run heals). Kills, full disks and locked files are in modules of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from extract import entities
from extract.client import TRIES, Client
from simulator import build_tenant, one_day
from tests.faults import bad_lines as bad
from tests.faults.office import (
    CHOSEN,
    Fault,
    Office,
    assert_no_secret,
    left_behind,
    on_the_line,
    tables,
)

ALL = entities.load()
SOON = "Wed, 21 Oct 2026 07:28:09 GMT"
THEN = "Wed, 21 Oct 2026 07:28:00 GMT"


@dataclass(frozen=True)
class Case:
    """A fault, what the run says of it, and the wait that it asks for."""

    fault: Callable[[], Fault]
    says: str = ""
    wait: float | None = None


def passing(*spoils: bad.Spoil, **rest) -> Case:
    return Case(lambda: bad.first_time(*spoils), **rest)


def on(entity: str, change, **rest) -> Case:
    return Case(lambda: bad.edited(entity, change), **rest)


def seven_digits(record):
    """Instants as .NET writes them."""
    return {
        name: value.replace("Z", ".0000000Z" if "." not in value else "0Z")
        if name in ("createdOn", "modifiedOn", "completedOn") and value
        else value
        for name, value in record.items()
    }


PASSING = {
    "429 with Retry-After": passing(bad.status(429, Retry_After="7"), wait=7.0),
    "429 with a date": passing(bad.status(429, Retry_After=SOON, Date=THEN), wait=9.0),
    "429 without Retry-After": passing(bad.status(429)),
    "429 with the wait in the title": passing(
        bad.titled(429, "Rate limit is exceeded. Try again in 50 seconds."), wait=50.0
    ),
    "500": passing(bad.status(500), bad.status(500)),
    "502 with HTML": passing(bad.html(502)),
    "503, 504, then dropped": passing(bad.status(503), bad.html(504), bad.dropped),
    "dropped before the answer": passing(bad.dropped),
    "dropped before the body": passing(bad.cut(0)),
    "dropped inside the body": passing(bad.cut(0.1), bad.cut(0.9)),
    "dropped after the body": passing(bad.closed_after),
    "half JSON": passing(bad.half_json),
    "a login page": passing(bad.html(200)),
    "nothing at all": passing(bad.body(b"")),
    "records repeated": Case(lambda: bad.repeating("jobs")),
    "empty pages with hasMore": Case(lambda: bad.empty_between("jobs")),
    "list pages that shift": Case(lambda: bad.shifting("job_types", 7)),
    "7-digit fractions": on("jobs", seven_digits),
    "numbers as text and text as numbers": on(
        "jobs",
        lambda job: {
            **job,
            "total": job["total"] and str(job["total"]),
            "jobNumber": int(job["jobNumber"]),
        },
    ),
}

# What make test runs of both; make test-full runs all.
QUICK = {
    "429 with Retry-After",
    "429 with the wait in the title",
    "502 with HTML",
    "503, 504, then dropped",
    "dropped inside the body",
    "dropped after the body",
    "half JSON",
    "records repeated",
    "empty pages with hasMore",
    "list pages that shift",
    "7-digit fractions",
    "always 500",
    "the same token for ever",
    "a field that changes type",
}

FAILING = {
    "always 500": Case(
        lambda: bad.always(bad.status(500), of=("jobs",)), "jobs: GET jpm/v2/…/export/jobs"
    ),
    "always 502": Case(lambda: bad.always(bad.html(502), of=("jobs",)), "502, tried 5 times"),
    "a wait beyond all measure": Case(
        lambda: bad.always(bad.status(429, Retry_After="7200"), of=("jobs",)),
        "it asks to wait 7200 s",
    ),
    "always half JSON": Case(
        lambda: bad.always(bad.half_json, of=("jobs",)), "200, but the body is not JSON"
    ),
    "always dropped": Case(lambda: bad.always(bad.dropped, of=("jobs",)), "no answer"),
    "the same token for ever": Case(
        lambda: bad.same_token("jobs"), "the same continueFrom twice, it would never end"
    ),
    "a field that changes type": on(
        "jobs",
        lambda job: {**job, "total": {"amount": job["total"]}},
        says="field total: expected a number, found",
    ),
    "an amount with ten decimals": on(
        "jobs", lambda job: {**job, "total": Decimal("0.0000000001")}, says="more than 9 decimals"
    ),
    "a record without its id": on(
        "jobs", lambda job: {**job, "id": None}, says="jobs: a record without id"
    ),
    "records that are none": on("jobs", lambda job: [job["id"]], says="is not a record"),
    "no data": Case(
        lambda: bad.pages_of("jobs", lambda _, page: {"hasMore": False}), "has no list `data`"
    ),
}


@pytest.fixture(scope="module")
def tenant():
    return build_tenant(seed=3, size="cases", weeks=6)


@pytest.fixture(scope="module")
def line(tenant):
    with on_the_line(tenant) as running:
        yield running


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """Warehouses by name, each the work of clean runs."""
    folder = tmp_path_factory.mktemp("clean")
    return {"yesterday": folder / "yesterday.duckdb", "clean": folder / "clean.duckdb"}


@pytest.fixture
def unsearched(line, tmp_path, monkeypatch, capfd, caplog):
    """A test's runs."""
    caplog.set_level("DEBUG")
    line.tokens.clear()
    return Office(line, tmp_path / "kpis.duckdb", monkeypatch, capfd, caplog)


@pytest.fixture
def office(unsearched):
    """A test's runs; at its end no output, log or table of them may hold a secret."""
    yield unsearched
    assert unsearched.heard
    assert_no_secret(unsearched.everything_written(), unsearched.secrets())


@pytest.fixture
def clean(office, tenant, landed):
    """The tables of a clean run. The first to ask lets a day pass in the tenant."""
    if not landed["clean"].exists():
        mine = office.warehouse
        office.warehouse = landed["yesterday"]
        assert office.sync().code == 0
        one_day(tenant)
        office.warehouse = landed["clean"]
        assert office.sync().code == 0
        office.warehouse = mine
    found = tables(landed["clean"])
    assert {name: len(rows) for name, rows in found.items()} == {
        name: tenant.counts()[name] for name in CHOSEN
    }
    return found


def full(value):
    return pytest.param(value, marks=pytest.mark.full)


def each(cases):
    """Every case on a first load and on a daily run."""
    return pytest.mark.parametrize(
        ("name", "begin"),
        [
            pytest.param(
                name,
                begin,
                marks=[] if name in QUICK and begin == "first load" else pytest.mark.full,
            )
            for name in cases
            for begin in ("first load", "daily run")
        ],
    )


@each(PASSING)
def test_a_passing_fault_changes_nothing(office, clean, landed, name, begin):
    if begin == "daily run":
        office.copy_of(landed["yesterday"])
    case = PASSING[name]
    said = office.sync(fault=case.fault())
    assert said.code == 0, said.text
    assert tables(office.warehouse) == clean
    assert left_behind(office.warehouse) == []
    assert case.wait is None or case.wait in office.waits


@each(FAILING)
def test_a_failing_entity_leaves_the_others_landed_and_heals(office, clean, landed, name, begin):
    if begin == "daily run":
        office.copy_of(landed["yesterday"])
    case = FAILING[name]
    said = office.sync(fault=case.fault())
    assert said.code == 1, said.text
    assert [line for line in said.text.splitlines() if case.says in line], said.text
    assert "Traceback" not in said.text
    found = tables(office.warehouse)
    assert {**found, "jobs": None} == {**clean, "jobs": None}
    assert begin == "daily run" or found["jobs"] == []
    assert office.sync().code == 0
    assert tables(office.warehouse) == clean
    assert left_behind(office.warehouse) == []


@pytest.mark.parametrize("good", [0, full(4)])
def test_a_storm_over_all_entities_stops_early_and_says_so(office, clean, good):
    asked = len(office.line.calls)
    storm = bad.always(bad.status(503), of=tuple(ALL), after=good)
    said = office.sync(fault=storm, only=())
    assert said.code == 1
    # Of those that were never begun, each says so; no thread tries more than one of them in vain.
    assert said.text.count("the host is taken for down: run again later") >= len(ALL) - 2 * 6
    assert "Traceback" not in said.text
    assert len(office.line.calls) - asked <= 1 + good + 6 * TRIES
    assert office.sync(only=()).code == 0
    assert tables(office.warehouse) == clean


@pytest.mark.full
def test_an_entity_that_breaks_off_in_mid_feed_goes_on_from_there(office, clean):
    broken = bad.always(bad.status(500), of=("jobs",), after=2)
    assert office.sync(fault=broken).code == 1
    asked = len(office.line.calls)
    said = office.sync()
    assert said.code == 0
    assert "went on with an interrupted full load" in said.text
    first = next(call for call in office.line.calls[asked:] if call.entity == "jobs")
    assert first.params["from"]
    assert tables(office.warehouse) == clean


@pytest.mark.full
def test_a_host_that_hangs_up_on_everything_is_down_as_well(office, clean):
    said = office.sync(fault=bad.always(bad.dropped))
    assert said.code == 1
    assert "connect/token: no answer" in said.text
    assert "Traceback" not in said.text
    assert office.sync().code == 0
    assert tables(office.warehouse) == clean


@pytest.mark.parametrize("call", [full(3), 6, full(8)])
def test_a_token_that_ends_in_mid_feed_is_renewed(office, clean, call):
    ends = bad.at_call({call: office.line.api.forget_tokens})
    assert office.sync(fault=ends).code == 0
    assert len(office.line.tokens) >= 2
    assert tables(office.warehouse) == clean


def test_a_token_endpoint_that_fails_for_a_while_is_waited_for(office, clean):
    spoils = (bad.status(500), bad.dropped, bad.status(429, Retry_After="11"), bad.half_json)
    said = office.sync(fault=bad.first_time(*spoils))
    assert said.code == 0, said.text
    assert 11.0 in office.waits
    assert tables(office.warehouse) == clean


@pytest.mark.parametrize("renewal", [full(False), True])
def test_a_token_endpoint_that_does_not_come_back_fails_the_run(office, clean, renewal):
    ends = bad.at_call({9: office.line.api.forget_tokens})
    gone = bad.always(bad.status(503), of=(None,), after=1 if renewal else 0)

    def fault(request, ask):
        return gone(request, lambda request: ends(request, ask))

    said = office.sync(fault=fault)
    assert said.code == 1
    assert "/connect/token: 503" in said.text
    assert "Traceback" not in said.text
    assert office.sync().code == 0
    assert tables(office.warehouse) == clean


@pytest.mark.parametrize("interrupted", [False, full(True)])
def test_a_refused_continuation_token_starts_again_and_says_so(office, clean, landed, interrupted):
    if interrupted:
        broken = bad.always(bad.status(500), of=("jobs",), after=2)
        assert office.sync(fault=broken).code == 1
    else:
        office.copy_of(landed["yesterday"])
    said = office.sync(fault=bad.refused_tokens("jobs"))
    assert said.code == 0, said.text
    where = "the beginning" if interrupted else "20"
    assert f"the stored token was refused: read from {where}" in said.text
    assert tables(office.warehouse) == clean


def test_the_search_for_secrets_would_find_them(unsearched, monkeypatch):
    monkeypatch.setattr(Client, "_redact", lambda _, text: text)
    fault = bad.always(bad.status(403), of=("jobs",))
    assert unsearched.sync(fault=fault).code == 1
    assert len(unsearched.secrets()) == 3
    for secret in unsearched.secrets():
        with pytest.raises(AssertionError, match="a secret shows"):
            assert_no_secret(unsearched.everything_written(), {secret})
