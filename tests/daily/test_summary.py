"""The summary: short, the urgent first, one line where there is nothing to do."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from daily import checks, landed
from daily.summary import LENGTH, LINES, Section, Summary
from extract.entities import load
from extract.errors import ApiError
from extract.sync import advice
from extract.warehouse import Run

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
DAY = date(2026, 1, 2)


def summary(**values) -> Summary:
    return Summary(begun=NOW, day=DAY, steps=["sync: all landed", "build: done"], **values)


def section(name, lines, **values) -> Section:
    return Section(name, name.title(), lines, [{"said": line} for line in lines], **values)


def test_nothing_to_do_is_said_in_the_first_line():
    quiet = summary()
    quiet.add(section("records", ["jobs 3 new"]))
    assert quiet.text() == (
        "KPIs up to Friday 2026-01-02: nothing to do\n\n- sync: all landed\n- build: done\n\n"
        "Records\n- jobs 3 new\n"
    )


def test_what_is_to_do_is_counted_and_stands_first():
    busy = summary()
    busy.add(section("records", ["jobs 3 new"]))
    busy.add(section("off", ["a is off", "b is off"], is_to_do=True))
    busy.add(section("empty", [], is_to_do=True))
    lines = busy.markdown().splitlines()
    assert lines[0] == "# KPIs up to Friday 2026-01-02: 2 things to look at"
    assert [line for line in lines if line.startswith("##")] == ["## Off", "## Records"]


def test_a_failure_is_never_nothing_to_do():
    assert summary(exit_code=1).title.endswith(": the run failed")
    assert Summary(NOW, exit_code=1, fault="nothing is published").title == (
        "KPIs: nothing is published"
    )


def test_long_lists_and_long_lines_are_cut_and_say_where_the_rest_is():
    long = summary()
    long.add(section("off", [f"{n} {'x' * 999}" for n in range(20)], more="make parity"))
    lines = long.text().splitlines()
    assert lines[-1] == f"- … and {20 - LINES} more: make parity"
    assert max(map(len, lines)) == LENGTH + len("- ")
    assert len(json.loads(long.json())["off"]) == 20


def test_the_json_holds_every_section_with_its_values():
    whole = summary(exit_code=1)
    items = [{"ours": Decimal("12.50"), "day": DAY, "at": NOW, "none": None}]
    whole.add(Section("off", "Off", ["off"], items, is_to_do=True))
    assert json.loads(whole.json()) == {
        "title": whole.title,
        "day": "2026-01-02",
        "begun": "2026-01-03T12:00:00+00:00",
        "exit_code": 1,
        "to_do": True,
        "steps": ["sync: all landed", "build: done"],
        "off": [
            {"ours": 12.5, "day": "2026-01-02", "at": "2026-01-03T12:00:00+00:00", "none": None}
        ],
    }


def run(entity, state="landed", **values) -> Run:
    return Run("r", entity, NOW, NOW, state, **values)


def test_a_missing_scope_is_named_with_what_to_do():
    known = load()
    refused = {
        name: advice(known[name], ApiError(f"GET {name}: 403: no", 403))
        for name in ("payments", "gross_pay_items")
    }
    down = "GET jobs: 503, tried 5 times"
    found = landed.failures(
        [run(name, "failed", error=error) for name, error in refused.items()]
        + [run("jobs", "failed", error=down), run("invoices", "failed", error=down)]
        + [run("customers"), run("returns", "running")]
    )
    assert found.is_to_do
    assert found.lines == [
        f"{label}: a scope is missing. Add the scope {scope} to the app and let the tenant's admin "
        f"accept its new version, or name {label} in SERVICETITAN_SKIP"
        for label, scope in [
            ("payments", "Accounting > Payments (read)"),
            ("gross-pay-items", known["gross_pay_items"].scope),
        ]
    ] + [f"jobs, invoices: {down}", "returns: broken off, see the output of the run"]
    scopes = {item["entity"]: item["missing_scope"] for item in found.items}
    assert scopes["payments"] == "Accounting > Payments (read)"
    assert scopes["jobs"] is None


def test_new_records_and_skipped_entities_are_named():
    found = landed.new_records(
        [run("jobs", new=1200, changed=3), run("payments"), run("returns", removed=1)]
    )
    assert found.lines == ["jobs 1,200 new, 3 changed; returns 1 removed"]
    assert not found.is_to_do
    skipped = landed.skipped({"inventory_bills", "gross_pay_items"})
    assert skipped.lines == ["gross-pay-items, inventory-bills (SERVICETITAN_SKIP)"]


def test_a_warning_is_new_once(tmp_path):
    nodes = {
        f"test.p.{name}.1": {"description": f"About {name}. More."} for name in ("a", "b", "c", "d")
    }
    results = [
        {"unique_id": "test.p.a.1", "status": "warn", "failures": 2},
        {"unique_id": "test.p.b.1", "status": "warn", "failures": 5},
        {"unique_id": "test.p.c.1", "status": "warn", "failures": 1},
        {"unique_id": "test.p.d.1", "status": "fail", "failures": 3},
        {"unique_id": "model.p.m", "status": "error", "failures": None},
        {"unique_id": "model.p.n", "status": "success", "failures": None},
    ]
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results}))
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    known = checks.Before({"a": 2, "b": 4}, frozenset())
    found = checks.found(tmp_path)
    assert checks.new_warnings(found, known).lines == [
        "About b, 5 rows, 4 before",
        "About c, 1 row",
    ]
    assert checks.old_warnings(found, known).lines == ["1 as before; the build prints them"]
    assert checks.failed(found).lines == ["d, 3 rows: About d", "m"]


def test_a_build_that_wrote_nothing_found_nothing(tmp_path):
    assert checks.found(tmp_path) == []
