"""The invented tenant: deterministic, of the wanted size, plausible, changeable."""

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from simulator import build_tenant, one_day, oracle
from simulator.business import REAL
from simulator.company import BRANCHES, JOB_TYPES

WORKED = ("jobs", "estimates", "invoices", "payments")


@pytest.fixture(scope="module")
def tenant():
    return build_tenant(size="small")


@pytest.fixture(scope="module")
def records(tenant):
    return tenant.records()


def bodies(tenant):
    return {entity: feed.bodies for entity, feed in tenant.store.feeds.items()}


def test_the_seed_decides_everything():
    first, again, other = (build_tenant(seed=seed, size="tiny") for seed in (3, 3, 4))
    assert bodies(first) == bodies(again)
    assert bodies(first)["jobs"] != bodies(other)["jobs"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [({"size": "huge"}, "size is 'huge'"), ({"weeks": 0}, "weeks is 0")],
)
def test_impossible_tenants_are_refused_by_name(options, complaint):
    with pytest.raises(ValueError, match=complaint):
        build_tenant(**options)


def test_weeks_end_with_the_running_one():
    tenant = build_tenant(size="cases", weeks=2)
    assert (tenant.first_day, tenant.last_day) == (date(2025, 12, 22), date(2025, 12, 31))


def test_a_part_of_the_real_volumes_is_met_exactly():
    tenant = build_tenant(size="real", weeks=8)
    counts = tenant.counts()
    share = ((tenant.last_day - tenant.first_day).days + 1) / 2192
    # Payments lag behind in so few weeks: nothing was painted before the first.
    for entity in ("jobs", "estimates", "invoices"):
        assert counts[entity] == round(getattr(REAL, entity) * share)


@pytest.mark.full
def test_the_real_volumes_are_met_exactly():
    counts = build_tenant(size="real").counts()
    assert {entity: counts[entity] for entity in WORKED} == {
        entity: getattr(REAL, entity) for entity in WORKED
    }
    assert counts.total() > 1_300_000


def test_every_unit_and_job_type_of_a_branch_has_work(records):
    units = Counter(job["businessUnitId"] for job in records["jobs"])
    for branch in BRANCHES:
        for unit in (branch.sales, branch.production, branch.older_sales, branch.older_production):
            assert unit is None or units[unit.id] >= 10, unit
    types = Counter(job["jobTypeId"] for job in records["jobs"])
    assert not [t for t in JOB_TYPES if t.active and not types[t.id]]


def test_inactive_units_and_types_carry_history(records):
    inactive = {unit["id"] for unit in records["business_units"] if not unit["active"]}
    assert len(inactive) == 2
    assert {job["businessUnitId"] for job in records["jobs"]} >= inactive
    assert any(not job_type["active"] for job_type in records["job_types"])
    assert any(job_type["soldThreshold"] for job_type in records["job_types"])


def test_nothing_was_written_after_the_last_day(tenant, records):
    now = datetime.fromisoformat(tenant.now)
    for entity, rows in records.items():
        for row in rows:
            for name in ("createdOn", "modifiedOn", "completedOn", "soldOn"):
                if row.get(name):
                    assert datetime.fromisoformat(row[name]) <= now, (entity, name, row)
        modified = tenant.store.feeds[entity].modified
        assert modified == sorted(modified), entity


def test_people_work_in_the_tenants_zone():
    for name in ("America/Phoenix", "America/Denver"):
        zone = ZoneInfo(name)
        jobs = build_tenant(size="tiny", timezone=name).records()["jobs"]
        created = [datetime.fromisoformat(job["createdOn"]) for job in jobs]
        hours = {moment.astimezone(zone).hour for moment in created}
        assert hours <= set(range(7, 24)) | {0}
        other_day = [m for m in created if m.astimezone(zone).date() != m.astimezone(UTC).date()]
        assert len(other_day) > 20


def test_instants_have_zero_to_seven_fractional_digits(records):
    lengths = {len(job["createdOn"]) for job in records["jobs"]}
    assert {len("2025-10-21T01:02:03Z"), len("2025-10-21T01:02:03.1234567Z")} <= lengths


def test_the_company_looks_like_a_contractor(tenant, records):
    rows = oracle.company_weekly_kpis(records, timezone=tenant.timezone, as_of=tenant.last_day)
    year = rows[-53:-1]
    mean = {kpi: sum(float(row[kpi]) for row in year) / len(year) for kpi in year[0] if "_p" in kpi}
    assert 30 <= mean["close_rate_percent"] <= 46
    assert 35 <= mean["gpm_percent"] <= 50
    assert 1 <= mean["warranty_percent"] <= 4
    produced = sum(row["dollars_produced"] for row in year)
    collected = sum(row["dollars_collected"] for row in year)
    assert 0.8 <= collected / produced <= 1.1


def test_some_estimates_are_sold_months_after_the_visit(records):
    completed = {job["id"]: job["completedOn"] for job in records["jobs"]}
    late = [
        estimate
        for estimate in records["estimates"]
        if estimate["soldOn"]
        and completed.get(estimate["jobId"])
        and (
            datetime.fromisoformat(estimate["soldOn"])
            - datetime.fromisoformat(completed[estimate["jobId"]])
        ).days
        > 60
    ]
    assert len(late) > 20


def test_a_change_is_the_newest_version_and_comes_last():
    tenant = build_tenant(size="cases")
    job = tenant.records()["jobs"][0]
    changed = tenant.change("jobs", job | {"jobStatus": "Hold"})
    jobs = tenant.records()["jobs"]
    assert jobs[-1] == changed == job | {"jobStatus": "Hold", "modifiedOn": tenant.now}
    assert len(jobs) == tenant.counts()["jobs"] == len({row["id"] for row in jobs})


def test_pay_changes_by_its_values_one_row_at_a_time():
    tenant = build_tenant(size="cases")
    twin = next(p for p in tenant.cases if p.case.name == "equal_pay_twice").records[-1][1]
    before = tenant.records()["gross_pay_items"]
    assert before.count(twin) == 2
    tenant.change("gross_pay_items", twin | {"memo": "checked"}, instead_of=twin)
    assert tenant.records()["gross_pay_items"].count(twin) == 1
    tenant.remove_pay(twin)
    assert len(tenant.records()["gross_pay_items"]) == len(before) - 1
    with pytest.raises(LookupError, match="no such gross pay item"):
        tenant.remove_pay(twin)


def test_a_day_of_changes_edits_adds_and_deletes():
    tenant, again = build_tenant(size="tiny"), build_tenant(size="tiny")
    before = tenant.counts()
    changed = one_day(tenant)
    assert one_day(again) == changed
    assert bodies(again) == bodies(tenant)
    after = tenant.counts()
    assert all(changed[entity] for entity in (*WORKED, "gross_pay_items", "returns"))
    assert after["jobs"] > before["jobs"]
    inactive = {
        entity
        for entity, feed in tenant.store.feeds.items()
        for _, row in feed.numbered()
        if row.get("active") is False and row["modifiedOn"] > "2026-01-01T06"
    }
    assert inactive >= {"payments", "inventory_bills"}
