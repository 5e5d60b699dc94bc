"""What was shown can be shown again, and whatever of it is different now is listed with why."""

from datetime import date

import pytest

from daily import numbers
from extract import config
from review.warehouse import reading
from simulator.oracle.book import APPLIES_TO
from tests.review import history

# Seven builds in a row: with the restatements more than a minute.
pytestmark = pytest.mark.full

CELLS = "select kpi, event_date, business_unit, value_shown, value_now, difference"


def same(one, other):
    """Whether two values of a cell are equal: ratios are kept to nine decimals."""
    return one == other or (None not in (one, other) and float(one) == pytest.approx(float(other)))


def listed(story, build, since="first"):
    """The restated cells of a build that were first shown by the build `since`."""
    rows = story.rows(
        build, f"{CELLS} from st_mart.kpi_restatements where shown_from = ?", story.built_at(since)
    )
    return {(kpi, day, unit): values for kpi, day, unit, *values in rows}


def shown_at(story, build, moment):
    """What the build that began at `moment` showed, selected from the history as of `build`."""
    query = """
        select kpi, event_date, business_unit, case
            when kpi like '%percent' then 100 * numerator / nullif(denominator, 0) else numerator
        end
        from st_history.kpi_cells_history
        where dbt_valid_from <= $1 and (dbt_valid_to is null or dbt_valid_to > $1)
    """
    return {(kpi, day, unit): value for kpi, day, unit, value in story.rows(build, query, moment)}


# -- what the daily summary says ------------------------------------------------------------------


def test_the_summary_says_what_a_build_showed_otherwise_than_the_build_before(story):
    """The finished days' numbers of `first` that are others in `second`; the build after, in which
    none of them changes, is silent of them."""
    query = f"{CELLS} from st_mart.kpi_restatements where shown_from = ? and day_was_over"
    expected = {
        (kpi, day, unit, was, now)
        for kpi, day, unit, was, now, _ in story.rows("second", query, story.built_at("first"))
    }
    assert expected

    def said(build):
        with reading(config.Warehouse("dev", story.file(build), "st_raw_v2")) as warehouse:
            items = numbers.restated(warehouse).items
        names = ("kpi", "day", "unit", "value_shown", "value_now")
        return {tuple(item[name] for name in names) for item in items}

    assert said("first") == set()
    assert said("second") == expected
    assert not said("again") & expected


# -- what was shown -------------------------------------------------------------------------------


@pytest.mark.parametrize("build", ["first", "second", "third"])
def test_every_cell_that_a_build_showed_can_be_shown_again(story, build):
    """Thirteen weeks of flows and the balances of the as-of day, from the last state of history."""
    expected, found = story.cells(build), shown_at(story, "back", story.built_at(build))
    assert set(found) == set(expected)
    assert [cell for cell, value in expected.items() if not same(value, found[cell])] == []
    assert len({day for _, day, _ in found}) == 91


def test_the_mart_shows_what_history_keeps(story):
    """So it is not only the oracle that it is held against."""
    query = f"""
        select event_date, business_unit, total_booked, outstanding_ar from st_mart.daily_kpis
        where event_date = date '{history.DAY}'
    """
    kept = shown_at(story, "second", story.built_at("first"))
    for day, unit, booked, owed in story.rows("first", query):
        assert same(kept.get(("total_booked", day, unit)), booked)
        assert same(kept["outstanding_ar", day, unit], owed)


def test_a_build_without_snapshots_has_empty_restatements(story):
    for table in ("kpi_restatements", "kpi_restated_records"):
        assert story.rows("bare", f"select * from st_mart.{table}") == []
        assert story.rows("first", f"select * from st_mart.{table}") == []
    assert story.rows("bare", "select 1 from st_mart.daily_kpis limit 1")
    assert story.rows("bare", "select 1 from st_mart.report_parity limit 1")


def test_a_build_without_changes_adds_no_versions(story):
    """Nothing but the sale of today changed; a version of its cells, its record and the build."""
    query = "select kpi, business_unit, event_date from st_history.{} where dbt_valid_from = ?"
    moment = story.built_at("again")
    for table in ("kpi_cells_history", "kpi_records_history"):
        assert story.rows("again", query.format(table), moment) == [
            ("total_booked", history.SALES, story.as_of["again"])
        ]
    count = "select count(*) from st_history.kpi_builds"
    assert story.rows("again", count)[0][0] == story.rows("third", count)[0][0] + 1


# -- what is different now ------------------------------------------------------------------------


@pytest.mark.parametrize("build", ["second", "third", "back"])
def test_all_that_differs_and_nothing_else_is_listed(story, build):
    """The first build's cells against the oracle of then and of now, also when the as-of day has
    moved on, by a day or by a year, and when it has moved back."""
    now = story.cells(build, history.DAY)
    expected = {
        cell: (value, now[cell])
        for cell, value in story.cells("first").items()
        if cell in now and not same(value, now[cell])
    }
    assert {kpi for kpi, _, _ in expected} == set(APPLIES_TO)
    found = listed(story, build)
    for cell, (shown, value, difference) in found.items():
        assert same(difference, float(value or 0) - float(shown or 0)), cell
    assert set(found) == set(expected)
    assert [
        cell
        for cell, (shown, value) in expected.items()
        if not (same(found[cell][0], shown) and same(found[cell][1], value))
    ] == []


def day(month, number):
    return date(2025, month, number)


SALES, PRODUCTION = history.SALES, history.PRODUCTION
# What the changes of the second build do to the cells of the planted units, by hand: shown, now.
CHANGES = {
    ("dollars_produced", day(9, 10), PRODUCTION): (1000, 1200),
    ("dollars_produced", day(9, 12), PRODUCTION): (2000, 0),
    ("dollars_produced", day(10, 3), PRODUCTION): (0, 2000),
    ("dollars_produced", day(10, 20), PRODUCTION): (500, 0),
    ("gpm_percent", day(9, 10), PRODUCTION): (60, 200 / 3),
    ("gpm_percent", day(9, 12), PRODUCTION): (100, None),
    ("gpm_percent", day(10, 3), PRODUCTION): (None, 100),
    ("gpm_percent", day(10, 20), PRODUCTION): (100, None),
    ("warranty_percent", day(9, 12), PRODUCTION): (0, None),
    ("warranty_percent", day(10, 3), PRODUCTION): (None, 0),
    ("warranty_percent", day(10, 20), PRODUCTION): (0, None),
    ("dollars_collected", day(10, 25), PRODUCTION): (0, 300),
    ("outstanding_ar", history.DAY, PRODUCTION): (4300, 3700),
    ("future_bookings", history.DAY, PRODUCTION): (3000, 0),
    ("total_booked", day(10, 15), SALES): (0, 4000),
    ("close_rate_percent", day(10, 15), SALES): (0, 100),
    ("total_booked", day(10, 16), SALES): (100, 150),
    ("total_booked", day(10, 17), SALES): (10, 20),
    ("lead_count", day(10, 22), SALES): (1, 2),
    ("num_estimates", day(10, 22), SALES): (1, 2),
    ("close_rate_percent", day(10, 22), SALES): (100, 50),
}


def test_each_planted_change_is_listed_with_shown_now_and_difference(story):
    found = {
        cell: values
        for cell, values in listed(story, "second").items()
        if cell[2] in (SALES, PRODUCTION)
    }
    assert set(found) == set(CHANGES)
    for cell, (shown, now) in CHANGES.items():
        difference = (now or 0) - (shown or 0)
        assert all(map(same, found[cell], (shown, now, difference))), cell


# The records behind some of them: name, what happened, what it added then and adds now.
RECORDS = {
    ("dollars_produced", day(9, 10), PRODUCTION): [("job AMOUNT", "changed", 1000, 1200)],
    ("gpm_percent", day(9, 10), PRODUCTION): [("job AMOUNT", "changed", 600, 800)],
    ("dollars_produced", day(9, 12), PRODUCTION): [("job MOVE", "left", 2000, None)],
    ("dollars_produced", day(10, 3), PRODUCTION): [("job MOVE", "came", None, 2000)],
    ("dollars_produced", day(10, 20), PRODUCTION): [("job GONE", "changed", 500, 0)],
    ("dollars_collected", day(10, 25), PRODUCTION): [("job PAID", "came", None, 300)],
    ("outstanding_ar", history.DAY, PRODUCTION): [
        ("receivable line location 8001", "changed", 1000, 1200),
        ("receivable line location 8004", "left", 500, None),
        ("receivable line location 8005", "changed", 800, 500),
    ],
    ("future_bookings", history.DAY, PRODUCTION): [("job CANCEL", "left", 3000, None)],
    ("total_booked", day(10, 15), SALES): [("job SALE", "came", None, 4000)],
    ("close_rate_percent", day(10, 15), SALES): [("job SALE", "changed", 0, 1)],
    ("total_booked", day(10, 16), SALES): [("job ABA", "changed", 100, 150)],
    ("lead_count", day(10, 22), SALES): [("job LEAD", "came", None, 1)],
}


@pytest.mark.parametrize("cell", RECORDS, ids=lambda cell: f"{cell[0]} {cell[1]}")
def test_the_records_behind_a_restated_cell_are_named(story, cell):
    query = """
        select record_name, what_happened, numerator_shown, numerator_now
        from st_mart.kpi_restated_records
        where (kpi, event_date, business_unit, shown_from) = ($1, $2, $3, $4) order by 1
    """
    moment = story.built_at("first")
    assert story.rows("second", query, *cell, moment) == RECORDS[cell]
    summed_up = """
        select changed_record_count, changed_records from st_mart.kpi_restatements
        where (kpi, event_date, business_unit, shown_from) = ($1, $2, $3, $4)
    """
    words = "; ".join(f"{name} {what}" for name, what, _, _ in RECORDS[cell])
    assert story.rows("second", summed_up, *cell, moment) == [(len(RECORDS[cell]), words)]


def test_every_restated_cell_names_a_record(story):
    unexplained = f"{CELLS} from st_mart.kpi_restatements where changed_record_count = 0"
    assert story.rows("second", unexplained) == []
    assert story.rows("third", unexplained) == []


def versions(story, build, number):
    query = """
        select shown_from, value_shown, value_now from st_mart.kpi_restatements
        where (kpi, event_date, business_unit) = ('total_booked', ?, ?) order by shown_from
    """
    return story.rows(build, query, day(10, number), SALES)


def test_a_value_that_came_back_leaves_only_the_one_between(story):
    """100, 150, 100: the first build was right after all."""
    assert versions(story, "second", 16) == [(story.built_at("first"), 100, 150)]
    assert versions(story, "third", 16) == [(story.built_at("second"), 150, 100)]


def test_what_no_finished_build_showed_is_not_listed(story):
    """The 120 of the build that broke off was never shown; its 20 was, from the next build on."""
    first, second = story.built_at("first"), story.built_at("second")
    assert versions(story, "third", 17) == [(first, 10, 30), (second, 20, 30)]
    query = """
        select numerator_shown, numerator_now from st_mart.kpi_restated_records
        where (event_date, business_unit, shown_from) = ($1, $2, $3)
    """
    assert story.rows("third", query, day(10, 17), SALES, second) == [(20, 30)]


def test_only_what_changed_since_the_last_build_that_showed_the_value_is_named(story):
    """30 and 20, then 20 and 30, then 40 and 30: 50 was shown until the second build."""
    assert versions(story, "second", 18) == []
    assert versions(story, "third", 18) == [(story.built_at("first"), 50, 70)]
    query = """
        select record_name, numerator_shown, numerator_now from st_mart.kpi_restated_records
        where (kpi, event_date, business_unit) = ('total_booked', ?, ?)
    """
    assert story.rows("third", query, day(10, 18), SALES) == [("job SWAP-1", 20, 40)]


def test_what_left_the_thirteen_weeks_unchanged_is_no_restatement(story):
    """A year later all cells have left; the first of the old weeks and the day before it are quiet:
    the one did not change, the other did and had never been kept."""
    query = "select distinct event_date from st_mart.kpi_restatements where event_date <= ?"
    first_day = history.DAY - history.WINDOW
    for build in ("second", "third", "back"):
        assert (first_day,) not in story.rows(build, query, first_day)
        assert story.rows(build, query, first_day - date.resolution) == []


def test_a_running_day_is_told_from_one_that_was_over(story):
    query = f"{CELLS}, day_was_over from st_mart.kpi_restatements where event_date = ?"
    today = story.as_of["again"]
    assert story.rows("again", query, today) == [
        (
            "total_booked",
            today,
            SALES,
            70,
            75,
            5,
            story.built_at("again").astimezone(history.ZONE).date() > today,
        )
    ]
    assert story.rows("second", "select distinct day_was_over from st_mart.kpi_restatements") == [
        (True,)
    ]


def test_a_build_of_an_earlier_day_says_nothing_of_later_ones(story):
    later = "select * from st_mart.kpi_restatements where event_date > ?"
    assert story.rows("back", later, story.as_of["back"]) == []
