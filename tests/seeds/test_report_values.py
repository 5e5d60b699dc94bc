"""Reported values are read as analysts paste them, or refused: the row, the fault, the fix."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pytest

from editing.check import check
from tests.parity.random_records import draw
from tests.parity.warehouse import copy_project, dbt, land

# over 15 seconds of dbt; test_check asks for the same rows in a second
pytestmark = pytest.mark.full

AS_OF = date(2025, 11, 5)
ZONE = "America/Denver"  # with summer time
GOOD = {
    "report": "Forms",
    "period_start": "2025-10-20",
    "period_end": "2025-10-26",
    "business_unit_or_region": "Phoenix-Sales",
    "kpi": "total_booked",
    "value": "1",
    "pulled_at": "2025-10-27 08:15",
    "note": "",
}
# as printed -> the number, and its decimals
NUMBERS = {
    "$489,199.28": ("489199.28", 2),
    "37.62%": ("37.62", 2),
    "37.6%": ("37.6", 1),
    "96": ("96", 0),
    "489199.28": ("489199.28", 2),
    "$1,234,567": ("1234567", 0),
    ".5": ("0.5", 1),
    "0": ("0", 0),
    "$0.00": ("0", 2),
    "0.123456789": ("0.123456789", 9),
    "-12": ("-12", 0),
    "−12.50": ("-12.5", 2),
    "–3": ("-3", 0),
    "-$1,234.50": ("-1234.5", 2),
    "$-1,234.50": ("-1234.5", 2),
    "(12.00)": ("-12", 2),
    "($1,234.00)": ("-1234", 2),
    "$(1,234.00)": ("-1234", 2),
    "(3.1%)": ("-3.1", 1),
    "  $12.00\t": ("12", 2),
    "\u00a0$\u00a012.00\u00a0": ("12", 2),
    "37.62 %": ("37.62", 2),
}
NO_NUMBERS = [
    *[
        "",
        "   ",
        "1,23",
        "1234,567",
        "0,123",
        "12.",
        "1.2.3",
        "1 234",
        "--12",
        "-$-12",
        "(12",
        "12)",
    ],
    *["-(12)", "$", "-", "%", "()", "n/a", "12 USD", "1e3", "½", "0.1234567891", "9" * 40],
]
# as written -> year, month, day
DAYS = {
    "2025-10-06": date(2025, 10, 6),
    "2025-1-6": date(2025, 1, 6),
    "10/06/2025": date(2025, 10, 6),
    "1/6/2025": date(2025, 1, 6),
    "\u00a02025-10-06 ": date(2025, 10, 6),
}
NO_DAYS = ["", "2025-02-29", "1/6/25", "25-10-06", "10.6.2025", "2025-10-06 00:00", "Monday"]
MOMENTS = {
    "2025-10-27 08:15": datetime(2025, 10, 27, 14, 15, tzinfo=UTC),
    "2025-11-05 08:15:30": datetime(2025, 11, 5, 15, 15, 30, tzinfo=UTC),  # winter by then
    "10/27/2025 8:16": datetime(2025, 10, 27, 14, 16, tzinfo=UTC),
    "10/27/2025 18:15:02": datetime(2025, 10, 28, 0, 15, 2, tzinfo=UTC),
    "10/27/2025 8:15 PM": datetime(2025, 10, 28, 2, 15, tzinfo=UTC),
    "10/27/2025 12:05:01 AM": datetime(2025, 10, 27, 6, 5, 1, tzinfo=UTC),
    "2025-10-27 9:15 am": datetime(2025, 10, 27, 15, 15, tzinfo=UTC),
}
NO_MOMENTS = ["", "2025-10-27", "10/27/25 8:15", "8:15", "2025-10-27 25:00", "yesterday"]
# as written, with a KPI that applies -> level and member
PLACES = {
    ("Phoenix-Sales", "total_booked"): ("business_unit", "Phoenix-Sales"),
    (" PHOENIX–sales\u00a0", "lead_count"): ("business_unit", "Phoenix-Sales"),
    ("Andy’s  painting-production", "gpm_percent"): ("business_unit", "Andy's Painting-Production"),
    ("Unheard-of Unit", "gpm_percent"): ("business_unit", "Unheard-of Unit"),
    ("(no business unit)", "total_booked"): ("business_unit", "(no business unit)"),
    ("PHX", "gpm_percent"): ("region", "PHX"),
    ("albuquerque", "total_booked"): ("region", "ANDYS"),
    ("(no region)", "total_booked"): ("region", "(no region)"),
    ("company", "outstanding_ar"): ("company", "Company"),
    ("Company", " Lead_Count "): ("company", "Company"),
}
# what stands in the row instead of a good value, the fault, the fix
FAULTS = [
    ({"kpi": "gpm"}, 'kpi "gpm" is no KPI', "write one of: lead_count, total_booked"),
    ({"kpi": ""}, 'kpi "" is no KPI', "write one of"),
    (
        {"business_unit_or_region": "Phoenx-Sales"},
        'there is no business unit or region "Phoenx-Sales"',
        "a region (code or name) of seeds/business_units.csv, or Company",
    ),
    ({"business_unit_or_region": ""}, 'no business unit or region ""', "or Company"),
    (
        {"business_unit_or_region": "z-do not use – west - sales"},
        '"z-do not use – west - sales" is reported as "Phoenix-Sales"',
        'write the value of all its units together, for "Phoenix-Sales"',
    ),
    (
        {"kpi": "gpm_percent"},
        "gpm_percent does not apply to Phoenix-Sales",
        "write the value for a unit of the kind production, a region or Company",
    ),
    *[({"period_start": day}, f'period_start "{day}" is no day', "2025-10-20") for day in NO_DAYS],
    ({"period_end": "10/32/2025"}, 'period_end "10/32/2025" is no day', "10/20/2025"),
    (
        {"period_start": "2025-10-27"},
        "the period ends on 2025-10-26, before it starts on 2025-10-27",
        "correct the period",
    ),
    (
        {"period_end": "12/31/2999"},
        "the period ends in the future, on 12/31/2999",
        "correct the period",
    ),
    *[
        ({"pulled_at": text}, f'pulled_at "{text}" is no moment', "such as 2025-10-27 08:15")
        for text in NO_MOMENTS
    ],
    (
        {"pulled_at": "2999-10-27 08:15"},
        "pulled_at 2999-10-27 08:15 is in the future",
        "write when the report was pulled",
    ),
    (
        {"pulled_at": "2025-10-19 23:59"},
        "it was pulled on 2025-10-19 23:59, before the period starts on 2025-10-20",
        "write when the report was pulled",
    ),
    *[
        ({"value": text}, f'value "{text.strip()}" is no number', "such as $489,199.28 or 37.62%")
        for text in NO_NUMBERS
    ],
    ({"report": " "}, "report is empty", "write the name of the report"),
]
TWICE = [
    GOOD | {"report": "Twice"},
    GOOD
    | {"report": "Twice", "period_start": "10/20/2025", "pulled_at": "10/27/2025 8:15 AM"}
    | {"value": "2", "business_unit_or_region": "PHOENIX-SALES", "note": "written otherwise"},
]


def rows_of_seed():
    """Every form in a row of its own; the note says which, and no two rows are the same value."""
    rows = [GOOD | {"value": text, "note": f"number {text}"} for text in NUMBERS]
    rows += [GOOD | {"period_start": text, "note": f"day {text}"} for text in DAYS]
    rows += [GOOD | {"pulled_at": text, "note": f"moment {text}"} for text in MOMENTS]
    rows += [
        GOOD | {"business_unit_or_region": place, "kpi": kpi, "note": f"place {place} {kpi}"}
        for place, kpi in PLACES
    ]
    rows += [GOOD | row | {"note": f"fault {n}"} for n, (row, _, _) in enumerate(FAULTS)]
    numbered = [row | {"report": f"{row['report']} {n}".strip()} for n, row in enumerate(rows)]
    return [
        row | {"report": " "} if row["note"] == f"fault {len(FAULTS) - 1}" else row
        for row in numbered
    ] + TWICE


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The seed, read: (the run, rows of stg_report_values by their note, findings, the project)."""
    folder = tmp_path_factory.mktemp("report_values")
    project, warehouse = copy_project(folder / "project"), folder / "kpis.duckdb"
    with (project / "seeds" / "report_values.csv").open("w", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, GOOD)
        writer.writeheader()
        writer.writerows(rows_of_seed())
    land(draw(1, jobs=40), warehouse, AS_OF)
    run = dbt(
        *["build", "--select", "+assert_report_values_can_be_read", "int_reported_values"],
        *["--indirect-selection", "cautious", "--exclude-resource-type", "unit_test"],
        path=warehouse,
        project=project,
        target=folder / "target",
        business_timezone=ZONE,
    )
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        read = connection.execute("from st_staging.stg_report_values")
        names = [column[0] for column in read.description]
        rows = [dict(zip(names, row, strict=True)) for row in read.fetchall()]
        findings = connection.execute(
            "select file, row_name, found, fix "
            "from st_test_failures.assert_report_values_can_be_read"
        ).fetchall()
    return run, {row["note"]: row for row in rows}, findings, project


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_read_as_it_is_printed(built, text):
    number, decimals = NUMBERS[text]
    row = built[1][f"number {text}"]
    assert (row["value"], row["decimals"], row["fault"]) == (Decimal(number), decimals, None)


@pytest.mark.parametrize("text", DAYS)
def test_a_day_is_read_as_it_is_written(built, text):
    row = built[1][f"day {text}"]
    assert (row["period_start"], row["fault"]) == (DAYS[text], None)


@pytest.mark.parametrize("text", MOMENTS)
def test_a_moment_is_read_in_the_zone_of_the_business(built, text):
    row = built[1][f"moment {text}"]
    assert (row["pulled_at"], row["fault"]) == (MOMENTS[text], None)


@pytest.mark.parametrize(("place", "kpi"), PLACES)
def test_a_place_is_found_as_names_match(built, place, kpi):
    row = built[1][f"place {place} {kpi}"]
    assert (row["level"], row["member"], row["fault"]) == (*PLACES[place, kpi], None)
    assert row["kpi"] == kpi.strip().lower()


@pytest.mark.parametrize("number", range(len(FAULTS)))
def test_a_fault_names_the_row_and_the_fix(built, number):
    instead, fault, fix = FAULTS[number]
    row = built[1][f"fault {number}"]
    assert fault in (row["fault"] or ""), instead
    assert fix in row["fix"]
    found = [finding for finding in built[2] if finding[1] == row["reported_value_id"]]
    assert [(file, what) for file, _, what, _ in found] == [
        ("seeds/report_values.csv", row["fault"])
    ]


def test_what_is_the_same_value_however_it_is_written_is_refused(built):
    name = "Twice | 2025-10-20 | 2025-10-26 | Phoenix-Sales | total_booked | 2025-10-27 08:15:00"
    found = [finding for finding in built[2] if finding[1] == name]
    assert (
        found == [("seeds/report_values.csv", name, "it stands here 2 times", "keep one row")] * 2
    )


def test_nothing_else_is_refused(built):
    assert len(built[2]) == len(FAULTS) + 2


def test_the_build_fails_before_a_value_is_compared_and_prints_the_rows(built):
    run, *_ = built
    assert run.returncode == 1
    assert "FAILED assert_report_values_can_be_read" in run.stdout
    assert "seeds/report_values.csv" in run.stdout
    assert 'kpi "gpm" is no KPI' in run.stdout
    assert "write the value of all its units together" in run.stdout
    assert "SKIP relation st_intermediate.int_reported_values" in run.stdout


def test_seeds_check_refuses_the_same_rows_without_the_data(built):
    """But for units that neither seed nor, for all it knows, the data has: there it warns."""
    _, _, findings, project = built
    settings = project / "dbt_project.yml"
    text = settings.read_text().replace(
        "business_timezone: America/Phoenix", f"business_timezone: {ZONE}"
    )
    assert ZONE in text
    settings.write_text(text)
    faults = check(project).faults
    refused = {(fault.found, fault.fix) for fault in faults if not fault.warns}
    warned = {fault.found for fault in faults if fault.warns}
    by_dbt = {(found, fix) for _, _, found, fix in findings}
    assert refused <= by_dbt
    left = {found for found, _ in by_dbt - refused}
    assert {found.split(' "')[0] for found in left} == {"there is no business unit or region"}
    # the data has this one, so that dbt does not refuse it
    assert warned == left | {'there is no business unit or region "Unheard-of Unit"'}
