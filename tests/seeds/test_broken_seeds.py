"""A broken seed stops the build, and the message names the file, the row and the fix."""

import json
from datetime import date

import duckdb
import pytest

from editing.check import check
from editing.csv_file import read
from editing.project import load
from editing.rules import rules
from editing.seeds_in_duckdb import Seeds
from tests.parity.random_records import draw
from tests.parity.warehouse import copy_project, dbt, land

# dbt starts twice; test_check asks for the same rows in a second
pytestmark = pytest.mark.full

AS_OF = date(2025, 11, 5)
BROKEN_ROWS = {
    "business_units": [
        "Typo-Sales,Typo-Sales,slaes,PHX,Phoenix,",
        " Blank-Sales,Blank-Sales,sales,PHX,Phoenix,",
        "TUCSON–SALES,Tucson-Sales,sales,TUC,Tucson,",
        "Mixed One,Mixed,sales,TUC,Tucson,",
        "Mixed Two,Mixed,production,TUC,Tucson,",
        "Old Old,Mixed One,sales,TUC,Tucson,",
        "Old Unit,Nevada-sales,sales,NEV,Nevada,",
        "Other Unit,Phoenx-Sales,sales,PHX,Phoenix,",
        "No Region,No Region,sales,,,",
    ],
    "job_type_lists": [
        "warranty ,estimate,,,",
        "New Type,estimat,,,",
        "No List,,,,",
        "Twice A,estimate,,2025-03-01,",
        "twice a,excluded,2025-03-01,,",
        "Twice B,warranty,3/1/2025,3/31/2025,",
        "Twice B,warranty,2025-03-10,2025-04-30,",
        "carpentry,excluded,2025-03-01,2025-03-31,",
        "Thrice,estimate,,,",
        "Thrice,none,2025-01-01,2025-01-31,",
        "Thrice,excluded,2025-03-01,,",
        "Backwards,estimate,2025-03-02,2025-03-01,",
        "Someday,estimate,next week,2025-02-30,",
        "Short Year,estimate,3/1/25,,",
        "Hole,warranty,,2025-02-26,",
        "Hole,excluded,2025-03-01,,",
    ],
    "kpi_lists": [
        "gpm,excluded,without,,,",
        "outstanding_ar,excluded,without,,,",
        "total_booked,trainings,without,,,",
        "close_rate_percent,estimate,only_if,,,",
        "lead_count,estimate,without,,,",
        "total_booked,warranty,without,2025-01-01,2025-02-28,",
        "total_booked,warranty,only,2025-02-28,,",
        "total_booked,excluded,only,2025-03-02,2025-03-01,",
        "total_booked,none,only,,soon,",
    ],
    "parity_tolerances": ["gpm,0,", "gpm_percent,$1,", "total_booked,-1,", "lead_count,,"],
}
RIGHT_ROWS = {
    "job_type_lists": [
        "Meets,warranty,,2025-02-28,",
        "Meets,excluded,2025-03-01,2025-12-31,",
        "Meets,none,1/1/2026,,",
        "One Day,estimate,2025-03-01,2025-03-01,",
    ],
    "kpi_lists": [
        "num_estimates,none,without,,2025-02-28,",
        "num_estimates,none,without,2025-06-01,,",
    ],
}
# seed, row_name, found, fix: what the message says
MESSAGES = [
    ("business_units", "Typo-Sales", '"slaes"', "sales, production"),
    ("business_units", '" Blank-Sales"', "stray blanks", 'write "Blank-Sales"'),
    ("business_units", "TUCSON–SALES", "2 rows", "keep one row"),
    ("business_units", "Mixed", '"production" and "sales"', "the same unit_kind"),
    ("business_units", "Old Old", 'reports as "Mixed"', 'write reporting_unit "Mixed"'),
    ("business_units", "Old Unit", '"Nevada-sales"', '"Nevada-sales" in all rows'),
    ("business_units", "Other Unit", '"Phoenx-Sales" has no row', "correct the name"),
    ("business_units", "a row without region", "region is empty", "write the name"),
    ("job_type_lists", "Warranty", "estimate, warranty", "keep one row"),
    ("job_type_lists", '"warranty "', "stray blanks", 'write "warranty"'),
    ("job_type_lists", "New Type", '"estimat"', "write one of: estimate, excluded"),
    ("job_type_lists", "No List", "empty", "write one of: estimate, excluded"),
    (
        "job_type_lists",
        "Twice A",
        "2 rows for 2025-03-01, with list_name: estimate, ex",
        "valid_to",
    ),
    (
        "job_type_lists",
        "Twice B",
        "2025-03-10 to 2025-03-31, with list_name: warranty, w",
        "valid_to",
    ),
    (
        "job_type_lists",
        "Carpentry",
        "2025-03-01 to 2025-03-31, with list_name: none, ex",
        "keep one",
    ),
    ("job_type_lists", "Thrice", "2 rows for 2025-01-01 to 2025-01-31, with", "keep one row"),
    ("job_type_lists", "Thrice", "2 rows for the days from 2025-03-01, with", "keep one row"),
    ("job_type_lists", "Backwards", "valid_from 2025-03-02 is after valid_to", "correct one"),
    ("job_type_lists", "Someday", 'valid_from is "next week"', "such as 2025-03-01 or 3/1/2025"),
    ("job_type_lists", "Someday", 'valid_to is "2025-02-30"', "such as 2025-03-01 or 3/1/2025"),
    ("job_type_lists", "Short Year", 'valid_from is "3/1/25"', "such as 2025-03-01 or 3/1/2025"),
    ("job_type_lists", "Hole", "no row for 2025-02-27 to 2025-02-28", "let the rows meet"),
    ("kpi_lists", "excluded", '"gpm"', "gpm_percent"),
    ("kpi_lists", "excluded", '"outstanding_ar"', "which have no job type"),
    ("kpi_lists", "total_booked", '"trainings"', "seeds/job_type_lists.csv"),
    ("kpi_lists", "close_rate_percent", '"only_if"', "write one of: only, without"),
    ("kpi_lists", "lead_count, estimate", "2 rows for all days, with rule: only", "keep one row"),
    ("kpi_lists", "total_booked, warranty", "2025-02-28, with rule: without, only", "keep one row"),
    ("kpi_lists", "total_booked", "valid_from 2025-03-02 is after valid_to", "correct one"),
    ("kpi_lists", "total_booked", 'valid_to is "soon"', "such as 2025-03-01 or 3/1/2025"),
    ("parity_tolerances", "gpm", '"gpm"', "write one of: lead_count, total_booked"),
    ("parity_tolerances", "gpm_percent", 'tolerance is "$1"', "such as 0 or 12.50"),
    ("parity_tolerances", "total_booked", 'tolerance is "-1"', "such as 0 or 12.50"),
    ("parity_tolerances", "lead_count", "tolerance is empty", "such as 0 or 12.50"),
    ("parity_tolerances", "total_booked", "with tolerance: -1, 0", "keep one row"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("seeds")


@pytest.fixture(scope="module")
def broken(folder):
    """A project built once, then with broken seeds: (second run, findings, KPIs before, after)."""
    project, warehouse, target = folder / "project", folder / "kpis.duckdb", folder / "target"
    copy_project(project)
    land(draw(1, jobs=40), warehouse, AS_OF)

    def build():
        return dbt(
            *["build", "--exclude-resource-type", "unit_test"],
            path=warehouse,
            project=project,
            target=target,
            as_of_date=AS_OF,
        )

    def rows(query):
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    kpis = "select * from st_mart.daily_kpis order by all"
    first = build()
    assert first.returncode == 0, first.stdout
    before = rows(kpis)
    for rows_of_seeds in (BROKEN_ROWS, RIGHT_ROWS):
        for seed, lines in rows_of_seeds.items():
            with (project / "seeds" / f"{seed}.csv").open("a") as file:
                file.writelines(f"{line}\n" for line in lines)
    second = build()
    tables = rows(
        "select table_name from information_schema.columns "
        "where table_schema = 'st_test_failures' and column_name = 'fix' order by 1"
    )
    findings = [
        row
        for (name,) in tables
        for row in rows(f'select * from st_test_failures."{name}"')
        if str(row[0]).startswith("seeds/")
    ]
    return second, findings, before, rows(kpis)


@pytest.mark.parametrize(("seed", "row_name", "found", "fix"), MESSAGES)
def test_the_message_names_file_row_and_fix(broken, seed, row_name, found, fix):
    _, findings, _, _ = broken
    assert any(
        row[0] == f"seeds/{seed}.csv" and row_name in row[1] and found in row[2] and fix in row[3]
        for row in findings
    ), findings


@pytest.mark.parametrize("name", ["Meets", "One Day", "num_estimates", "ESTIMATE-POPCORN"])
def test_rows_whose_days_meet_and_days_without_a_rule_are_right(broken, name):
    _, findings, _, _ = broken
    assert not [row for row in findings if name in row[1]]


def test_the_build_fails_and_prints_the_findings(broken):
    run, _, _, _ = broken
    assert run.returncode == 1
    assert "seeds/business_units.csv" in run.stdout
    assert "write one of: sales, production" in run.stdout
    assert "count payments and invoices, which have no job type)" in run.stdout  # to its end


def test_the_last_good_numbers_stand(broken):
    _, _, before, after = broken
    assert before == after
    assert before


def test_seeds_check_finds_what_dbt_finds(folder, broken):
    """The same rows of the same rules, no more and no fewer, and warns where dbt warns."""
    _, findings, _, _ = broken
    faults = check(folder / "project").faults
    told = {(fault.file, fault.found, fault.fix) for fault in faults if fault.fix}
    assert told == {(file, found, fix) for file, _, found, fix in findings}


def test_seeds_check_judges_every_rule_as_dbt_does(folder, broken):
    manifest = json.loads((folder / "target" / "manifest.json").read_text())
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    said = {}
    for result in results:
        node = manifest["nodes"].get(result["unique_id"], {})
        if str(node.get("attached_node")).startswith("seed."):
            name = (node["attached_node"].split(".")[-1], node["test_metadata"]["name"])
            arguments = {k: v for k, v in node["test_metadata"]["kwargs"].items() if k != "model"}
            arguments.pop("column_name", None)
            said[(*name, node["column_name"], str(arguments))] = result["status"]
    declared = load(folder / "project")
    files = {
        seed.name: read(folder / "project" / seed.file, seed) for seed in declared.seeds.values()
    }
    asked, _ = rules(declared, Seeds(declared, files))
    found = {
        (rule.seed, rule.name, rule.column, str(rule.arguments)): (
            ("warn" if rule.warns else "fail") if rule.run() else "pass"
        )
        for rule in asked
        if not rule.name.startswith("assert_")
    }
    assert found == said
    assert {"pass", "warn", "fail"} == set(said.values())
