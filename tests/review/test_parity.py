"""Reported values beside ours: any period and place, as of the first build after the pull."""

from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest

from review.__main__ import main
from simulator import oracle
from tests.review import history

# Seven builds in a row: with the restatements more than a minute.
pytestmark = pytest.mark.full

COLUMNS = (
    "kpi varchar, level varchar, member varchar, period_start date, period_end date, "
    "report varchar, reported_value decimal(38, 9), our_value decimal(38, 9), status varchar, "
    "pulled_at timestamptz"
)
TODAY = date.today()
SILENT = "No reported value in 35 days"


@pytest.fixture(scope="module")
def parity(story):
    """Per finished build and note of the seed: reported, ours, status, ours now, built at."""
    return {build: story.parity(build) for build in ("first", "second", "third")}


# -- the same value, whatever the period and the place --------------------------------------------


def test_every_kpi_of_odd_periods_and_places_is_what_the_oracle_says(parity):
    expected = [row[7] for row in history.every_value(history.first_records())]
    assert len(expected) > 150
    assert {note: parity["first"][note][2] for note in expected} == dict.fromkeys(expected, "exact")


def test_customers_of_two_units_are_one_lead_of_the_company(story):
    """Counted anew: the weeks or the units added up would say more."""
    leads = oracle.ledger(story.records["first"], as_of=history.DAY)
    week = history.WEEK
    of = [
        history.ours(leads, "lead_count", unit, *week) for unit in (history.SALES, "Phoenix-Sales")
    ]
    query = """
        select our_value from st_mart.report_parity
        where level = ? and kpi = 'lead_count' and period_start = ? and came_from = 'pulled'
    """
    assert story.rows("first", query, "company", week[0]) == [
        (history.ours(leads, "lead_count", "Company", *week),)
    ]
    assert history.ours(leads, "lead_count", "Company", *week) < sum(of)


def test_a_pulled_report_becomes_values_of_its_units_and_the_company(story):
    query = """
        select member, reported_value, our_value, status, report from st_mart.report_parity
        where came_from = 'pulled' order by member
    """
    found = {member: rest for member, *rest in story.rows("first", query)}
    leads = oracle.ledger(story.records["first"], as_of=history.DAY)
    # two jobs of one customer count once, also across units; a unit without a row has 0
    reported = {"Company": 2, history.SALES: 2, "Phoenix-Sales": 1, "Andy's Painting-Sales": 0}
    assert set(found) == set(reported)
    for member, value in reported.items():
        ours = history.ours(leads, "lead_count", member, *history.WEEK)
        assert found[member] == [value, ours, "exact" if ours == value else "off", "Leads"]


# -- status ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "text"), [(day, text) for day, texts in history.PRECISE.items() for text in texts]
)
def test_a_value_is_exact_to_the_decimals_that_the_report_prints(parity, day, text):
    assert parity["first"][f"margin {day} {text}"][2] == history.PRECISE[day][text]


@pytest.mark.parametrize("text", history.PRODUCED)
def test_what_the_tolerance_allows_is_near(parity, text):
    assert parity["first"][f"produced {text}"][2] == history.PRODUCED[text]


def test_a_percentage_of_nothing_is_off(parity):
    assert parity["first"][history.MARGIN_OF_NOTHING][1:3] == [None, "off"]


# -- as of the first build after the pull ---------------------------------------------------------


@pytest.mark.parametrize("value", history.LATE, ids=lambda value: value[0])
def test_what_is_pasted_late_is_held_against_the_first_build_that_knew_it(story, parity, value):
    note, kpi, place, first, last, build = value
    place = {"Tucson": "TUC"}.get(place, place)
    then, now = (
        history.ours(
            oracle.ledger(story.records[name], as_of=story.as_of[name]), kpi, place, first, last
        )
        for name in (build, "second")
    )
    _, ours, _, ours_now, built_at = parity["second"][note]
    assert (float(ours), float(ours_now)) == (pytest.approx(then), pytest.approx(now))
    assert built_at == story.built_at(build)
    if build == "first" and note != "the first day kept":
        assert ours != ours_now  # else nothing were proved


def test_what_was_pulled_after_a_build_is_held_against_the_next(story, parity):
    late, after = parity["second"]["late flow"], parity["second"][history.AFTER_FIRST]
    assert late[1] == 100 + 10 + 50
    assert after[1] == 4000 + 150 + 20 + 50
    assert after[4] == story.built_at("second")


def test_what_changes_later_turns_no_status(story, parity):
    query = "select reported_value_id, our_value, status from st_mart.report_parity"
    retyped = "Precise 37.7 |"
    first, second, third = (
        {id: rest for id, *rest in story.rows(build, query) if not id.startswith(retyped)}
        for build in ("first", "second", "third")
    )
    assert len(first) > 150
    assert {id: second[id] for id in first} == first
    assert third == second  # written otherwise by a spreadsheet, with --full-refresh
    moved = [
        note for note, row in parity["second"].items() if row[2] == "exact" and row[1] != row[3]
    ]
    assert f"total_booked {history.SALES} 2025-10-15" in moved


def test_a_typing_error_is_judged_again_by_the_same_value_of_ours(parity):
    before, after = parity["first"]["margin 1 37.7"], parity["second"]["margin 1 37.7"]
    assert (before[2], after[2]) == ("off", "exact")
    assert (before[0], after[0]) == (Decimal("37.7"), Decimal("37.62"))
    assert before[4] == after[4]


def test_history_is_written_once(story):
    query = "select * from st_mart.parity_history order by all"
    bare, first, second, third = (
        set(story.rows(build, query)) for build in ("bare", "first", "second", "third")
    )
    assert bare == first < second == third


# -- what is said ---------------------------------------------------------------------------------


def test_the_build_prints_what_is_off(story):
    said = story.said("first")
    assert "Warning warn_reported_values_are_off: Reported values that ours does not equal" in said
    row = ("2025-10-01", "Nevada-Production", "gpm_percent", "37.7", "2025-11-06 08:15:00")
    assert any(all(word in line for word in row) for line in said.splitlines())
    assert "2025-10-01 | Nevada-Production | gpm_percent      | 37.6" not in said


def test_the_build_names_kpis_without_reported_values(story):
    """All values were pulled a year ago, but for one that was pulled between the builds."""
    silent = "select kpi from st_test_failures.warn_kpis_without_reported_values order by 1"
    every = {(kpi,) for kpi in oracle.book.APPLIES_TO}
    assert set(story.rows("first", silent)) == every
    assert set(story.rows("second", silent)) == every - {("total_booked",)}
    assert "warn_kpis_without_reported_values: KPIs that nobody" in story.said("second")


def test_the_board_of_a_built_warehouse(story, capsys):
    assert main(["parity", "--warehouse", str(story.file("second"))]) == 1
    shown = capsys.readouterr().out
    assert "Parity with the reports" in shown
    assert "Late" in shown


# -- the board ------------------------------------------------------------------------------------


@pytest.fixture
def board(tmp_path, capsys):
    """Prints the board of given values: (exit code, output, error)."""

    def shown(*values):
        path = tmp_path / "kpis.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema st_mart")
            connection.execute(f"create table st_mart.report_parity ({COLUMNS})")
            for value in values:
                connection.execute(f"insert into st_mart.report_parity values ({value})")
        code = main(["parity", "--warehouse", str(path)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return shown


def value(first, last, status, **others):
    """A row of report_parity: booked of Phoenix-Sales, pulled today."""
    given = {
        "kpi": "total_booked",
        "level": "business_unit",
        "member": "Phoenix-Sales",
        "report": "BU Sales",
        "reported": "1234.5",
        "ours": "1234.5" if status == "exact" else "1200",
        "pulled": TODAY,
    } | others
    return (
        f"'{given['kpi']}', '{given['level']}', '{given['member']}', '{first}', '{last}', "
        f"'{given['report']}', {given['reported']}, {given['ours']}, '{status}', "
        f"timestamptz '{given['pulled']} 12:00:00'"
    )


WEEKS = [("2025-10-06", "2025-10-12"), ("2025-10-13", "2025-10-19"), ("2025-10-20", "2025-10-26")]


def test_the_board_says_since_when_a_unit_is_exact(board):
    code, shown, _ = board(
        value(*WEEKS[0], "off"), value(*WEEKS[1], "exact"), value(*WEEKS[2], "exact")
    )
    assert code == 0
    assert "✓ 2025-10-13" in shown
    assert "Off" not in shown


def test_near_is_no_failure(board):
    code, shown, _ = board(value(*WEEKS[1], "exact"), value(*WEEKS[2], "near"))
    assert code == 0
    assert "≈ 2025-10-20" in shown


def test_what_is_off_is_listed_and_fails(board):
    code, shown, _ = board(value(*WEEKS[1], "exact"), value(*WEEKS[2], "off"))
    assert code == 1
    assert "✗ 2025-10-20" in shown
    line = next(line for line in shown.splitlines() if "to 2025-10-26" in line)
    for word in ("total_booked", "Phoenix-Sales", "BU Sales", "$1,234.50", "$1,200.00", "-$34.50"):
        assert word in line


def test_no_value_of_ours_is_said(board):
    code, shown, _ = board(
        value(*WEEKS[2], "off", kpi="gpm_percent", member="Phoenix-Production", ours="null")
    )
    assert code == 1
    assert "nothing" in shown


def test_one_unit_that_is_off_fails_the_board(board):
    other = {"level": "region", "member": "PHX"}
    code, shown, _ = board(value(*WEEKS[2], "exact"), value(*WEEKS[2], "off", **other))
    assert code == 1
    assert "✓ 2025-10-20" in shown
    assert "✗ 2025-10-20" in shown


def test_a_month_that_is_off_is_not_hidden_by_its_last_week(board):
    code, shown, _ = board(
        value("2025-08-25", "2025-08-31", "exact"), value("2025-08-01", "2025-08-31", "off")
    )
    assert code == 1
    assert "✗ 2025-08-01" in shown


def test_a_report_that_is_off_is_not_hidden_by_another_of_its_week(board):
    code, _, _ = board(value(*WEEKS[2], "exact"), value(*WEEKS[2], "off", report="Daily WBR"))
    assert code == 1


def test_a_report_that_was_pulled_again_stands_for_its_earlier_pull(board):
    code, shown, _ = board(
        value(*WEEKS[2], "off", pulled=TODAY - timedelta(days=1)), value(*WEEKS[2], "exact")
    )
    assert code == 0
    assert "✓ 2025-10-20" in shown


@pytest.mark.parametrize(("days", "is_named"), [(35, False), (36, True)])
def test_a_kpi_that_nobody_compared_for_35_days_is_named(board, days, is_named):
    _, shown, _ = board(value(*WEEKS[2], "exact", pulled=TODAY - timedelta(days=days)))
    named = next(line for line in shown.splitlines() if line.startswith(SILENT))
    assert ("total_booked" in named) == is_named
    assert "outstanding_ar" in named


def test_all_kpis_compared_names_none(board):
    _, shown, _ = board(*(value(*WEEKS[2], "exact", kpi=kpi) for kpi in oracle.book.APPLIES_TO))
    assert SILENT not in shown


def test_no_value_at_all_is_answered(board):
    code, _, said = board()
    assert code == 1
    assert "no report has been compared yet: pull one" in said
    assert "seeds/report_values.csv" in said


def test_a_warehouse_of_older_models_is_answered(tmp_path, capsys):
    duckdb.connect(str(tmp_path / "old.duckdb")).close()
    assert main(["parity", "--warehouse", str(tmp_path / "old.duckdb")]) == 1
    assert "run `dbt build` first" in capsys.readouterr().err
