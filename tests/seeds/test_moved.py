"""What differs between two builds: cells of every level, and the records that move them."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from editing.moved import Key, Tolerance, moved

KPIS = {"old": ["total_booked", "future_bookings"], "new": ["total_booked", "future_bookings"]}
TABLES = """
create schema {side}_st_mart;
create schema {side}_st_dim;
create table {side}_st_mart.daily_kpis (
    event_date date, business_unit text, total_booked decimal(38, 9), future_bookings decimal(38, 9)
);
create table {side}_st_mart.kpi_records (
    kpi text, record_kind text, record_id text, first_day date, last_day date, business_unit text,
    job_number text, job_type_name text, counted_key text, numerator decimal(38, 9),
    denominator decimal(38, 9)
);
create table {side}_st_dim.dim_reporting_units (reporting_unit text, region text);
insert into {side}_st_dim.dim_reporting_units values ('A', 'X'), ('B', 'X');
create view {side}_st_mart.daily_kpis_region as
select event_date, region, sum(total_booked) as total_booked,
    sum(future_bookings) as future_bookings
from {side}_st_mart.daily_kpis join {side}_st_dim.dim_reporting_units
on business_unit = reporting_unit group by all;
create view {side}_st_mart.daily_kpis_company as
select event_date, sum(total_booked) as total_booked, sum(future_bookings) as future_bookings
from {side}_st_mart.daily_kpis group by all;
insert into {side}_st_mart.daily_kpis values
    ('2025-03-01', 'A', 100, 70), ('2025-03-02', 'A', 0, 70), ('2025-03-01', 'B', 5, null);
insert into {side}_st_mart.kpi_records values
    ('total_booked', 'estimate', '1', '2025-03-01', '2025-03-01', 'A', '1', 't', null, 60, 0),
    ('total_booked', 'estimate', '2', '2025-03-01', '2025-03-01', 'A', '2', 't', null, 40, 0),
    ('total_booked', 'estimate', '3', '2025-03-01', '2025-03-01', 'B', '3', 't', null, 5, 0),
    ('future_bookings', 'job', '4', '2025-03-01', '2025-03-02', 'A', '4', 't', null, 70, 0);
"""


class Room:
    """Both sides in one DuckDB in memory."""

    place = "memory"

    def __init__(self, *edits):
        self._database = duckdb.connect()
        for side in ("old", "new"):
            self._database.execute(TABLES.format(side=side))
        for edit in edits:
            self._database.execute(edit)

    def schema(self, side, name):
        return f"{side}_{name}"

    def query(self, sql):
        return self._database.execute(sql).fetchall()


def found(*edits, tolerance=None, kpis=KPIS):
    room = Room(*edits)
    return moved(room, kpis, tolerance or Tolerance())


def told(result):
    return {
        (*cell.key[:3], cell.key.day.day): (
            cell.old,
            cell.new,
            sorted((each.what, each.row.record_id) for each in cell.behind),
        )
        for cell in result.cells
    }


def test_equal_builds_differ_in_nothing():
    assert found() == found("select 1")
    assert (found().cells, found().within, found().changes) == ([], 0, [])


def test_a_record_that_leaves_moves_its_cell_on_every_level():
    result = found(
        "update new_st_mart.daily_kpis set total_booked = 60 where total_booked = 100",
        "delete from new_st_mart.kpi_records where record_id = '2'",
    )
    behind = [("left", "2")]
    assert told(result) == {
        ("total_booked", "unit", "A", 1): (100, 60, behind),
        ("total_booked", "region", "X", 1): (105, 65, behind),
        ("total_booked", "company", "Company", 1): (105, 65, behind),
    }
    assert [cell.difference for cell in result.cells] == [-40] * 3


def test_a_unit_under_another_name_moves_no_region_and_not_the_company():
    result = found(
        "update new_st_mart.daily_kpis set business_unit = 'C' where business_unit = 'B'",
        "update new_st_mart.kpi_records set business_unit = 'C' where business_unit = 'B'",
        "update new_st_dim.dim_reporting_units set reporting_unit = 'C' where reporting_unit = 'B'",
    )
    assert told(result) == {
        ("total_booked", "unit", "B", 1): (5, None, [("changed", "3")]),
        ("total_booked", "unit", "C", 1): (None, 5, [("changed", "3")]),
    }


def test_a_unit_of_another_region_moves_regions_alone():
    result = found(
        "update new_st_dim.dim_reporting_units set region = 'Y' where reporting_unit = 'B'"
    )
    assert told(result) == {
        ("total_booked", "region", "X", 1): (105, 100, [("changed", "3")]),
        ("total_booked", "region", "Y", 1): (None, 5, [("changed", "3")]),
    }


def test_a_balance_names_its_record_on_the_days_alone_on_which_it_is_another():
    result = found(
        "update new_st_mart.kpi_records set last_day = '2025-03-01' where record_id = '4'",
        "update new_st_mart.daily_kpis set future_bookings = 0 where event_date = '2025-03-02'",
        # a cell of the day before moves for a reason that no record tells
        "update new_st_mart.daily_kpis set future_bookings = 71 where future_bookings = 70",
    )
    assert {key: each for key, each in told(result).items() if key[1] == "unit"} == {
        ("future_bookings", "unit", "A", 1): (70, 71, []),
        ("future_bookings", "unit", "A", 2): (70, 0, [("changed", "4")]),
    }


def test_a_record_that_stands_twice_is_seen_and_one_that_moves_no_cell_is_not_behind_any():
    result = found(
        "insert into new_st_mart.kpi_records "
        "select * from new_st_mart.kpi_records where record_id = '1'",
        "update new_st_mart.daily_kpis set total_booked = 160 where total_booked = 100",
        "update new_st_mart.kpi_records set record_id = '9' where record_id = '4'",
    )
    assert told(result)["total_booked", "unit", "A", 1] == (100, 160, [("changed", "1")])
    [change] = result.changes
    assert (change.old.copies, change.new.copies) == (1, 2)


def test_a_record_without_a_partner_in_its_place_is_one_that_came_or_moved():
    result = found(
        "update new_st_mart.kpi_records set first_day = '2025-03-02', last_day = '2025-03-02' "
        "where record_id = '2'",
        "insert into new_st_mart.kpi_records values ('total_booked', 'estimate', '8', "
        "'2025-03-02', '2025-03-02', 'A', '8', 't', null, 1, 0)",
        "update new_st_mart.daily_kpis set total_booked = 60 where total_booked = 100",
        "update new_st_mart.daily_kpis set total_booked = 41 where total_booked = 0",
    )
    assert told(result)["total_booked", "unit", "A", 1] == (100, 60, [("changed", "2")])
    assert told(result)["total_booked", "unit", "A", 2] == (
        0,
        41,
        [("came", "8"), ("changed", "2")],
    )


def test_a_record_in_two_units_is_held_against_itself_in_each():
    """As a payment on invoices of two units is."""
    both = (
        "insert into {}_st_mart.kpi_records values ('total_booked', 'estimate', '7', "
        "'2025-03-01', '2025-03-01', '{}', '7', 't', null, {}, 0)"
    )
    result = found(
        *(both.format("old", unit, amount) for unit, amount in (("A", 1), ("B", 2))),
        *(both.format("new", unit, amount) for unit, amount in (("B", 20), ("A", 10))),
        "update new_st_mart.daily_kpis set total_booked = total_booked + 1",
    )
    pairs = {(each.old.business_unit, each.new.business_unit) for each in result.changes}
    assert (pairs, len(result.changes)) == ({("A", "A"), ("B", "B")}, 2)


@pytest.mark.parametrize(
    ("absolute", "percent", "hidden"),
    [("0.49", "0", 0), ("0.5", "0", 3), ("0", "0.49", 2), ("0", "0.5", 3), ("0.1", "0.5", 3)],
)
def test_a_tolerance_hides_what_is_within_the_larger_of_both(absolute, percent, hidden):
    """The cell of the unit moves by 0.5 of 100, those of region and company by 0.5 of 105."""
    result = found(
        "update new_st_mart.daily_kpis set total_booked = 100.5 where total_booked = 100",
        tolerance=Tolerance(Decimal(absolute), Decimal(percent)),
    )
    assert (result.within, len(result.cells)) == (hidden, 3 - hidden)


def test_what_appears_or_vanishes_is_within_no_tolerance():
    result = found(
        "delete from new_st_mart.daily_kpis where event_date = '2025-03-02'",
        "update new_st_mart.daily_kpis set future_bookings = 1 where business_unit = 'B'",
        tolerance=Tolerance(Decimal(10**9), Decimal(100)),
    )
    units = {key[:4]: each for key, each in told(result).items() if key[1] == "unit"}
    assert units == {
        ("total_booked", "unit", "A", 2): (0, None, []),
        ("future_bookings", "unit", "A", 2): (70, None, []),
        ("future_bookings", "unit", "B", 1): (None, 1, []),
    }


def test_a_kpi_that_one_version_lacks_appears_with_all_its_cells():
    result = found(kpis={"old": ["total_booked"], "new": KPIS["new"]})
    assert {cell.key for cell in result.cells if cell.key.level == "unit"} == {
        Key("future_bookings", "unit", "A", date(2025, 3, day)) for day in (1, 2)
    }
