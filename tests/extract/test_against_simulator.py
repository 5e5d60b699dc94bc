"""The real command line against the invented tenant's API: what it holds is what lands."""

import json
from collections import Counter
from datetime import datetime
from decimal import Decimal

import duckdb
import pytest

from extract import entities
from extract.__main__ import main
from simulator import Response, build_tenant, serve

ALL = entities.load()
OPTIONAL = ("SERVICETITAN_SKIP", "KPI_TARGET", "KPI_RAW_DATASET")


@pytest.fixture
def tenant():
    return build_tenant(seed=3, weeks=12, size="tiny")


@pytest.fixture
def api(tenant):
    with serve(tenant, page_size=25) as running:
        yield running


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kpis.duckdb"


@pytest.fixture
def run(api, path, monkeypatch, capfd):
    """Runs a command against the tenant: (exit code, all that it said)."""
    for name in OPTIONAL:
        monkeypatch.setenv(name, "")
    for name, value in api.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SERVICETITAN_CALLS_PER_SECOND", "60")

    def command(*argv, into=path):
        monkeypatch.setenv("KPI_DUCKDB_PATH", str(into))
        code = main(argv)
        return code, "".join(capfd.readouterr())

    return command


def rows(path, entity):
    """The landed rows as dicts, instants as text."""
    kinds = entity.row_types
    columns = ", ".join(
        f'"{name}"::varchar as "{name}"' if kinds[name] in ("instant", "date") else f'"{name}"'
        for name in kinds
    )
    with duckdb.connect(str(path), read_only=True) as db:
        found = db.execute(f"select {columns} from st_raw_v2.{entity.table}")
        return [dict(zip(kinds, row, strict=True)) for row in found.fetchall()]


def expected(entity, record):
    """A record as its row should be, worked out field by field without the extractor's code."""
    row = {}
    for column in entity.columns:
        value = record
        for part in column.source:
            value = None if value is None else value.get(part)
        if value is not None and column.type == "decimal":
            value = Decimal(str(value)).normalize()
        elif value is not None and column.type == "date":
            value = value[:10]
        elif value is not None and column.type == "instant":
            value = datetime.fromisoformat(value)
        elif value is not None and column.type == "json":
            if column.name == "items":  # written by hand, so it is not stored
                value = [{k: v for k, v in item.items() if k != "description"} for item in value]
            value = json.dumps(value, default=str, sort_keys=True)
        row[column.name] = value
    return row


def landed(entity, row):
    row = {column.name: row[column.name] for column in entity.columns}
    for column in entity.columns:
        value = row[column.name]
        if value is not None and column.type == "instant":
            row[column.name] = datetime.fromisoformat(value)
        elif value is not None and column.type == "decimal":
            row[column.name] = value.normalize()
        elif value is not None and column.type == "json":
            parsed = json.loads(value, parse_float=Decimal)
            row[column.name] = json.dumps(parsed, default=str, sort_keys=True)
    return row


def assert_equal(path, tenant):
    for entity in ALL.values():
        want = Counter(repr(expected(entity, r)) for r in tenant.records()[entity.name])
        found = Counter(repr(landed(entity, r)) for r in rows(path, entity))
        assert found == want, entity.name


def test_every_record_lands_field_by_field(run, tenant, api, path):
    code, said = run("sync")
    assert code == 0, said
    assert_equal(path, tenant)
    assert len([r for r in api.requests if r.entity == "jobs"]) > 2
    # The rows that lists and exports hide by default carry our history.
    for entity in ("business_units", "job_types"):
        assert {row["active"] for row in rows(path, ALL[entity])} == {True, False}


def test_a_later_run_reads_what_changed_and_nothing_else(run, tenant, path):
    assert run("sync")[0] == 0
    records = tenant.records()
    tenant.change("jobs", records["jobs"][5] | {"jobStatus": "Hold"})
    tenant.change("estimates", records["estimates"][2] | {"active": False})
    tenant.change("invoices", records["invoices"][0] | {"id": 987654321, "total": "1.005"})
    tenant.change("job_types", records["job_types"][0] | {"name": "Renamed"})
    oldest, newest = (
        pick(records["gross_pay_items"], key=lambda item: item["date"]) for pick in (min, max)
    )
    tenant.change("gross_pay_items", oldest | {"amount": Decimal("7.77")}, instead_of=oldest)
    tenant.remove_pay(newest)
    code, said = run("sync")
    assert code == 0, said
    counts = {
        line.split()[0]: line.split()[2:6] for line in said.splitlines() if "landed  " in line
    }
    assert counts["jobs"] == ["1", "0", "1", "0"]
    assert counts["estimates"] == ["1", "0", "1", "0"]
    assert counts["invoices"] == ["1", "1", "0", "0"]
    assert counts["job-types"][1:] == ["0", "1", "0"]
    assert counts["gross-pay-items"][1:] == ["1", "0", "2"]
    assert counts["payments"] == ["0", "0", "0", "0"]
    assert_equal(path, tenant)
    assert run("sync", "--full")[0] == 0
    assert_equal(path, tenant)


def test_faults_on_the_way_change_nothing(run, tenant, api, path):
    faults = iter(
        [
            Response(status=429, headers={"Retry-After": "0"}),
            Response(status=502, body=b"<html>bad gateway</html>"),
            Response(dropped=True),
            Response(sent=10),
            Response(halved=True),
        ]
    )
    turn = Counter()

    def fault(request):
        turn["calls"] += 1
        if turn["calls"] == 20:
            api.forget_tokens()
        return next(faults, None) if turn["calls"] % 4 == 0 else None

    api.fault = fault
    code, said = run("sync")
    assert code == 0, said
    assert_equal(path, tenant)
    assert len([request for request in api.requests if "token" in request.path]) == 2


def test_a_missing_scope_fails_its_entity_and_keeps_its_empty_table(run, api, path):
    api.denied = {"payments"}
    code, said = run("sync")
    assert code == 1
    assert "Accounting > Payments (read)" in said
    assert said.count("landed  ") == 14
    assert rows(path, ALL["payments"]) == []
    assert run("check")[0] == 1


def test_no_secret_is_written_anywhere(run, api, path):
    api.denied = {"payments"}
    _, said = run("sync")
    sent = [r.headers["authorization"].split()[1] for r in api.requests if r.entity]
    settings = api.environment()
    secrets = {settings["SERVICETITAN_CLIENT_SECRET"], settings["SERVICETITAN_APP_KEY"], *sent}
    stored = path.read_bytes()
    for secret in secrets:
        assert secret not in said
        assert secret.encode() not in stored


@pytest.mark.parametrize("name", ["SERVICETITAN_TENANT_ID", "SERVICETITAN_APP_KEY"])
@pytest.mark.parametrize("command", ["sync", "check"])
def test_where_every_entity_is_refused_a_setting_is_wrong(run, monkeypatch, name, command):
    monkeypatch.setenv(name, "7")
    code, said = run(command)
    assert code == 2
    assert "Every entity is refused: check SERVICETITAN_TENANT_ID" in said
    assert name in said
