"""What the summary says of the built numbers, in words."""

import re
from datetime import date, datetime

import duckdb
import pytest

from daily import checks, numbers
from extract import config
from review.warehouse import reading

MONDAY, SUNDAY = date(2026, 1, 5), date(2026, 1, 4)
BROKEN_OFF = "2026-01-06 09:00:00+00"
BUILT, BEFORE = "2026-01-06 12:00:00+00", "2026-01-05 12:00:00+00"


@pytest.fixture
def warehouse(tmp_path):
    """The tables that the summary reads, empty, and a way to fill them."""
    path = tmp_path / "kpis.duckdb"
    with duckdb.connect(str(path)) as connection:
        for sql in (
            "create schema st_mart",
            "create schema st_intermediate",
            "create table st_intermediate.int_judged_days (first_day date, last_day date)",
            "create table st_mart.kpi_moves (span text, kpi text, event_date date, "
            "business_unit text, value double, usual double, lowest_usual double, "
            "highest_usual double, is_unusual boolean)",
            "create table st_mart.kpi_restatements (kpi text, event_date date, business_unit text, "
            "day_was_over boolean, shown_until timestamptz, value_shown decimal(38, 9), "
            "value_now decimal(38, 9), difference decimal(38, 9), changed_record_count bigint)",
            "create schema st_history",
            "create table st_history.kpi_builds as select unnest("
            f"['2026-01-04 12:00:00+00', '{BEFORE}', '{BUILT}'])::timestamptz as built_at",
            "create table st_mart.report_parity (kpi text, level text, member text, "
            "period_start date, period_end date, report text, reported_value decimal(38, 9), "
            "our_value decimal(38, 9), status text, pulled_at timestamptz)",
            "create table st_mart.unmapped_names (kind text, name text, job_count bigint)",
            "create table st_mart.test_results (test_name text, status text, finding_count bigint)",
            "create table st_mart.daily_kpis_company (event_date date, lead_count int, "
            "total_booked decimal(38, 9), dollars_produced decimal(38, 9), gpm_percent double, "
            "dollars_collected decimal(38, 9), num_estimates int, close_rate_percent double, "
            "future_bookings decimal(38, 9), warranty_percent double, "
            "outstanding_ar decimal(38, 9))",
        ):
            connection.execute(sql)
    return config.Warehouse("dev", path, "st_raw_v2")


def fill(warehouse, table, *rows):
    with duckdb.connect(str(warehouse.duckdb_path)) as connection:
        for row in rows:
            marks = ", ".join("?" * len(row))
            connection.execute(f"insert into {table} values ({marks})", row)


def move(kpi, unit, value, *usual, span="day", day=MONDAY, is_unusual=True):
    return (span, kpi, day, unit, value, *usual, is_unusual)


def unusual(warehouse, *older):
    with reading(warehouse) as reader:
        return numbers.unusual(reader, older)


def test_each_kind_of_move_has_its_words(warehouse):
    fill(
        warehouse,
        "st_mart.kpi_moves",
        move("total_booked", "Phoenix-Sales", 0.0, 18_465.8, 1_200.0, 57_000.0),
        move("lead_count", "Tucson-Sales", 40.0, 7.0, -2.0, 19.0),
        move("gpm_percent", "Nevada-Production", 20.0, 47.5, 36.25, 58.0),
        move("outstanding_ar", "(no business unit)", -31_000.0, 200.0, -9_800.0, 10_200.0),
        move("total_booked", "Tucson-Sales", 9.0, 99.0, 50.0, 150.0, span="week", day=SUNDAY),
        move("num_estimates", "Tucson-Sales", 9.0, 9.0, 5.0, 15.0, is_unusual=False),
    )
    found = unusual(warehouse)
    assert found.is_to_do
    assert found.lines == [
        "gpm_percent, Nevada-Production: 20.00% on Monday 2026-01-05; usual is 47.50%, "
        "36.25% to 58.00%",
        "lead_count, Tucson-Sales: 40 on Monday 2026-01-05; usual is 7, up to 19",
        "outstanding_ar, (no business unit): changed by -$31,000.00 on Monday 2026-01-05; "
        "usual is -$9,800.00 to $10,200.00",
        "total_booked, Phoenix-Sales: $0.00 on Monday 2026-01-05; usual is $18,465.80, "
        "$1,200.00 to $57,000.00",
        "total_booked, Tucson-Sales: $9.00 in the week up to Sunday 2026-01-04; usual is $99.00, "
        "$50.00 to $150.00",
    ]
    assert found.items[0]["direction"] == "low"
    assert found.items[1]["direction"] == "high"


def test_a_day_on_which_most_units_move_alike_is_one_line(warehouse):
    low = [move("lead_count", f"Unit {n}", 0.0, 9.0, 4.0, 16.0) for n in range(3)]
    high = [move("lead_count", "Unit 3", 99.0, 9.0, 4.0, 16.0)]
    calm = [move("lead_count", "Unit 4", 9.0, 9.0, 4.0, 16.0, is_unusual=False)]
    fill(warehouse, "st_mart.kpi_moves", *low, *high, *calm)
    found = unusual(warehouse)
    assert [line.split(";")[0] for line in found.lines] == [
        "lead_count: low in 3 of 5 units on Monday 2026-01-05",
        "lead_count, Unit 3: 99 on Monday 2026-01-05",
    ]
    assert len(found.items) == 4
    fill(warehouse, "st_mart.kpi_moves", calm[0], calm[0])  # three of seven are not most
    assert len(unusual(warehouse).lines) == 4


def test_a_day_of_a_kpi_that_stands_on_older_data_is_not_judged(warehouse):
    fill(
        warehouse,
        "st_mart.kpi_moves",
        move("dollars_collected", "Tucson-Production", 0.0, 9_000.0, 100.0, 20_000.0),
    )
    assert unusual(warehouse, "dollars_collected").lines == []
    assert len(unusual(warehouse, "total_booked").lines) == 1


def restatement(kpi, day, unit, was, now, until=BUILT, over=True):
    difference = (now or 0) - (was or 0)
    return (kpi, day, unit, over, until, was, now, difference, 2)


def test_restated_is_what_this_build_shows_otherwise_the_largest_first(warehouse):
    fill(
        warehouse,
        "st_mart.kpi_restatements",
        restatement("total_booked", SUNDAY, "Tucson-Sales", 100, 150),
        restatement("total_booked", SUNDAY, "Phoenix-Sales", 900, 500),
        restatement("total_booked", SUNDAY, "Nevada-Sales", 0, 9_000, until=BEFORE),
        restatement("total_booked", SUNDAY, "Nevada-Sales", 0, 9_000, until=None),
        restatement("total_booked", SUNDAY, "Yuma", 0, 5, until=BROKEN_OFF),
        restatement("lead_count", MONDAY, "Tucson-Sales", 0, 9, over=False),
        restatement("close_rate_percent", SUNDAY, "Tucson-Sales", None, 50),
    )
    with reading(warehouse) as reader:
        found = numbers.restated(reader)
    assert not found.is_to_do
    assert found.lines == [
        "close_rate_percent: Tucson-Sales on 2026-01-04: nothing is now 50.00%",
        "total_booked: 3 numbers, most Phoenix-Sales on 2026-01-04: $900.00 is now $500.00",
    ]
    assert [item["unit"] for item in found.items][1:] == [
        *("Phoenix-Sales", "Tucson-Sales", "Yuma")
    ]


def reported(kpi, member, first, last, value, ours, status, pulled):
    return (kpi, "business_unit", member, first, last, "BU Sales", value, ours, status, pulled)


def test_off_the_report_is_the_newest_of_a_place_and_pulled_lately(warehouse):
    weeks = [date(2025, 12, 15), date(2025, 12, 22)]
    pulled = [datetime(2025, 12, 22), datetime(2025, 12, 29)]
    ends = [date(2025, 12, 21), date(2025, 12, 28)]
    fill(
        warehouse,
        "st_mart.report_parity",
        reported("total_booked", "Tucson-Sales", weeks[0], ends[0], 5, 1, "off", pulled[0]),
        reported("total_booked", "Tucson-Sales", weeks[1], ends[1], 5, 5, "exact", pulled[1]),
        reported("lead_count", "Tucson-Sales", weeks[1], ends[1], 12, 10, "off", pulled[1]),
        reported("outstanding_ar", "Tucson-Sales", ends[1], ends[1], 7, None, "off", pulled[1]),
    )
    found = numbers.off_the_report(warehouse, date(2026, 1, 6))
    assert found.is_to_do
    assert sorted(found.lines) == [
        "lead_count, Tucson-Sales, 2025-12-22 to 2025-12-28: BU Sales says 12, ours 10",
        "outstanding_ar, Tucson-Sales, 2025-12-28: BU Sales says $7.00, ours nothing",
    ]
    assert numbers.off_the_report(warehouse, date(2026, 3, 6)).lines == []


def test_new_numbers_are_the_company_s_of_the_last_finished_day(warehouse):
    fill(warehouse, "st_intermediate.int_judged_days", (SUNDAY, MONDAY))
    fill(
        warehouse,
        "st_mart.daily_kpis_company",
        (MONDAY, 21, "19389.96", "0", None, "-5.5", 17, 25, "7", None, "8"),
        (date(2026, 1, 6), 0, "0", "0", None, "0", 0, None, "0", None, "0"),
    )
    with reading(warehouse) as reader:
        day = numbers.last_day(reader)
        found = numbers.new_numbers(reader, day)
    assert day == MONDAY
    assert found.lines == [
        "leads 21, booked $19,389.96, produced $0.00, collected -$5.50, estimates 17, "
        "close rate 25.00%, future bookings $7.00, outstanding A/R $8.00"
    ]


def test_names_that_no_seed_knows_are_new_once(warehouse):
    fill(warehouse, "st_mart.unmapped_names", ("job type", "Carpentry", 3))
    fill(warehouse, "st_mart.test_results", ("a", "warn", 2), ("(all others)", "pass", 0))
    known = checks.before(warehouse)
    assert known.warnings == {"a": 2}
    fill(warehouse, "st_mart.unmapped_names", ("business unit", "Yuma", 1_000))
    with reading(warehouse) as reader:
        assert checks.new_names(reader, known).lines == [
            "business unit Yuma, 1,000 jobs: add a row to seeds/business_units.csv"
        ]


def test_every_kpi_has_a_floor():
    macro = (config.PROJECT / "macros" / "unusual_moves.sql").read_text()
    floors = re.search(r"'floors': \{(.*?)\}", macro, re.DOTALL)[1]
    assert re.findall(r"'(\w+)': [1-9]", floors) == list(numbers.FORMS)


def test_before_the_first_build_nothing_is_known(tmp_path):
    nowhere = config.Warehouse("dev", tmp_path / "none.duckdb", "st_raw_v2")
    assert checks.before(nowhere) == checks.Before({}, frozenset())
