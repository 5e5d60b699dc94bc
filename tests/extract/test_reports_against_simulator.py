"""The command line against the invented tenant's reports: what they show is what lands."""

import json
from decimal import Decimal

import duckdb
import pytest

from extract import reports
from extract.__main__ import main
from extract.warehouse.reports import ROLES
from simulator import build_tenant, serve

OPTIONAL = ("SERVICETITAN_SKIP", "KPI_TARGET", "KPI_RAW_DATASET")


@pytest.fixture(scope="module")
def tenant():
    return build_tenant(seed=3, weeks=12, size="tiny")


@pytest.fixture
def api(tenant):
    with serve(tenant) as running:
        yield running


@pytest.fixture
def run(api, tmp_path, monkeypatch, capfd):
    """Runs a command against the tenant: (exit code, all that it said)."""
    for name in OPTIONAL:
        monkeypatch.setenv(name, "")
    for name, value in api.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KPI_DUCKDB_PATH", str(tmp_path / "kpis.duckdb"))

    def command(*argv):
        code = main(argv)
        return code, "".join(capfd.readouterr())

    return command


@pytest.fixture
def period(tenant):
    """The whole history, or its last day for a balance, as arguments of the command."""

    def of(name):
        last = tenant.last_day
        first = last if reports.load()[name].layout.balance else tenant.first_day
        return "--from", str(first), "--to", str(last)

    return of


def landed(tmp_path):
    """The rows as dicts, cells decoded."""
    with duckdb.connect(str(tmp_path / "kpis.duckdb"), read_only=True) as db:
        found = db.execute(
            f"select cells::varchar, {', '.join(ROLES)} from st_raw_v2.report_rows order by all"
        ).fetchall()
    return [
        (json.loads(cells, parse_float=Decimal), dict(zip(ROLES, roles, strict=True)))
        for cells, *roles in found
    ]


@pytest.mark.parametrize("name", list(reports.load()))
def test_every_declared_report_lands_all_its_rows(run, period, tmp_path, name):
    code, said = run("report", name, *period(name))
    assert code == 0, said
    rows = landed(tmp_path)
    assert rows
    assert said.startswith(f"{name}: {len(rows):,} row")
    columns = reports.load()[name].columns
    for cells, roles in rows:
        for role, kind in ROLES.items():
            cell = cells[columns[role]] if role in columns else None
            if cell is None:
                assert roles[role] is None
            elif kind == "date":
                assert str(roles[role]) == cell[:10]
            elif kind == "decimal":
                assert roles[role] == Decimal(cell)
            else:
                assert roles[role] == str(cell)
    for role in reports.load()[name].layout.required:
        assert any(roles[role] is not None for _, roles in rows)


def test_the_tenants_reports_are_listed_and_all_that_are_declared_are_there(run):
    code, said = run("reports")
    assert code == 0
    assert "job_cost, bookings" in said
    assert "no report" not in said


def test_a_report_that_its_owner_changed_is_refused_until_it_is_accepted(run, api, period):
    assert run("report", "leads", *period("leads"))[0] == 0
    api.reports.touch(7001)
    code, said = run("report", "leads", *period("leads"))
    assert code == 1
    assert "was changed in ServiceTitan" in said
    assert run("report", "leads", *period("leads"), "--accept-change")[0] == 0
    api.reports.rename_field(7001, "CustomerName", "Client", "Client Name")
    code, said = run("report", "leads", *period("leads"), "--accept-change")
    assert code == 1
    assert "no field CustomerName" in said
    assert "Client (Client Name)" in said


def test_the_tenants_own_limit_is_waited_for(run, api, period, caplog):
    assert run("report", "leads", *period("leads"))[0] == 0
    api.report_seconds = 1.5
    assert run("report", "leads", *period("leads"))[0] == 0
    assert "Rate limit is exceeded" in caplog.text


def test_a_missing_scope_is_said(run, api, period):
    api.denied.add("reports")
    code, said = run("report", "leads", *period("leads"))
    assert (code, said.count("\n")) == (1, 1)
    assert "Add the scopes of Reporting (read)" in said
