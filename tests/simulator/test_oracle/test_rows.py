"""Which rows there are, what stands in them, and how days become weeks and units the company."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from simulator import oracle
from simulator.oracle import rollup

from .tiny import (
    AS_OF,
    INSPECTION,
    MYSTERY,
    PRODUCTION,
    SALES,
    TUCSON_SALES,
    WARRANTY,
    appointment,
    completed,
    customer,
    estimate,
    invoice,
    location,
    noon,
    oct_,
    payment,
    production_job,
    rows,
    sales_job,
    series,
    tenant,
)

COLUMNS = [
    "event_date",
    "business_unit",
    "lead_count",
    "total_booked",
    "dollars_produced",
    "gpm_percent",
    "dollars_collected",
    "num_estimates",
    "close_rate_percent",
    "future_bookings",
    "warranty_percent",
    "outstanding_ar",
]


def first_rows(records, as_of=AS_OF) -> dict[str, date]:
    """The day of each unit's first row."""
    first = {}
    for day, unit in rows(records, as_of=as_of):
        first.setdefault(unit, day)
    return first


# Columns


def test_the_columns_stand_in_the_pages_order():
    records = tenant(jobs=[sales_job()])
    assert list(oracle.daily_kpis(records, as_of=AS_OF)[0]) == COLUMNS
    assert list(oracle.weekly_kpis(records, as_of=AS_OF)[0]) == COLUMNS
    company = oracle.company_weekly_kpis(records, as_of=AS_OF)[0]
    assert list(company) == [column for column in COLUMNS if column != "business_unit"]


def test_a_sales_unit_has_its_kpis_and_null_for_the_others():
    row = rows(tenant(payments=[payment(unit=SALES)]))[oct_(24), "Phoenix-Sales"]
    assert list(row.values())[2:] == [0, 0, None, None, 0, 0, None, None, None, 0]


def test_a_production_unit_has_its_kpis_and_null_for_the_others():
    row = rows(tenant(payments=[payment(unit=PRODUCTION)]))[oct_(24), "Phoenix-Production"]
    assert list(row.values())[2:] == [None, None, 0, None, 0, None, None, 0, None, 0]


# Days


def test_a_unit_has_a_row_for_every_day_to_the_as_of_day():
    records = tenant(payments=[payment(day=oct_(30))])
    days = [day for day, _ in rows(records)]
    assert days == [oct_(30) + timedelta(days=n) for n in range(7)]
    assert days[-1] == AS_OF


def test_a_unit_without_a_record_has_no_rows():
    assert first_rows(tenant(payments=[payment(unit=SALES)])) == {"Phoenix-Sales": oct_(23)}
    assert rows(tenant()) == {}


def test_a_record_after_the_as_of_day_makes_no_row():
    records = tenant(payments=[payment(day=oct_(23))], jobs=[sales_job(createdOn=noon(oct_(25)))])
    assert rows(records, as_of=oct_(22)) == {}
    assert set(rows(records, as_of=oct_(23))) == {(oct_(23), "Phoenix-Sales")}


@pytest.mark.parametrize(
    ("entities", "first"),
    [
        ({"jobs": [sales_job(createdOn=noon(oct_(18)))]}, 18),
        ({"jobs": [sales_job(createdOn=None, **completed(oct_(18)))]}, 18),
        ({"jobs": [sales_job(createdOn=None, jobTypeId=6)], "estimates": [estimate()]}, 21),
        ({"jobs": [sales_job(createdOn=None, jobTypeId=6, **completed(oct_(18)))]}, 18),
        ({"payments": [payment()]}, 23),
    ],
    ids=["lead", "estimate", "sale", "opportunity", "rest of a payment"],
)
def test_the_first_row_of_a_sales_unit(entities, first):
    assert first_rows(tenant(**entities)) == {"Phoenix-Sales": oct_(first)}


START = {"appointments": [appointment()]}


@pytest.mark.parametrize(
    ("entities", "first"),
    [
        ({"jobs": [production_job(createdOn=None)]} | START, 22),
        ({"jobs": [production_job(createdOn=None, jobTypeId=WARRANTY)]} | START, 22),
        ({"jobs": [production_job(createdOn=noon(oct_(19)))]} | START, 19),
        ({"invoices": [invoice(day=oct_(19))]}, 19),
        ({"invoices": [invoice(day=None)], "payments": [payment(applied={1: "100"})]}, 23),
    ],
    ids=["produced", "warranty", "booking", "A/R", "application"],
)
def test_the_first_row_of_a_production_unit(entities, first):
    assert first_rows(tenant(**entities)) == {"Phoenix-Production": oct_(first)}


@pytest.mark.parametrize(
    "entities",
    [
        {"jobs": [sales_job()], "customers": [customer(1, "Test")]},
        {"jobs": [sales_job(jobTypeId=6)]},
        {"jobs": [sales_job(jobTypeId=6, noCharge=True, **completed(oct_(18)))]},
        {"jobs": [production_job(jobTypeId=INSPECTION)]} | START,
        {"jobs": [production_job(jobStatus="Canceled")]},
        {"jobs": [production_job()]},
        {"invoices": [invoice()], "locations": [location(10, 1, name="Name")]},
        {"payments": [payment(total="0")]},
        {"payments": [payment(day=None)]},
    ],
    ids=[
        "test customer",
        "no estimate type",
        "no charge",
        "excluded type",
        "canceled",
        "no start",
        "location Name",
        "rest of 0",
        "no date",
    ],
)
def test_a_record_that_no_kpi_counts_makes_no_row(entities):
    assert rows(tenant(**entities)) == {}


def test_a_booking_that_stands_on_no_day_yet_makes_no_row():
    a_year_and_more = START | {"appointments": [appointment(day=date(2026, 11, 10))]}
    records = tenant(jobs=[production_job(createdOn=noon(oct_(1)))], **a_year_and_more)
    assert rows(records, as_of=date(2025, 11, 9)) == {}
    assert first_rows(records, as_of=date(2025, 11, 10)) == {"Phoenix-Production": oct_(1)}


# Weeks


def test_weeks_go_from_monday_to_sunday_and_begin_with_the_first_record():
    jobs = [sales_job(1, createdOn=noon(oct_(26))), sales_job(2, createdOn=noon(oct_(27)))]
    weekly = oracle.weekly_kpis(tenant(jobs=jobs), as_of=AS_OF)
    assert [(row["event_date"], row["lead_count"]) for row in weekly] == [
        (oct_(20), 1),
        (oct_(27), 1),
        (date(2025, 11, 3), 0),
    ]


def test_flows_are_added():
    sales = [estimate(1), estimate(2, soldOn=noon(oct_(26))), estimate(3, soldOn=noon(oct_(27)))]
    weekly = oracle.weekly_kpis(tenant(jobs=[sales_job()], estimates=sales), as_of=AS_OF)
    assert [row["total_booked"] for row in weekly] == [200, 100, 0]


def test_a_customer_with_jobs_on_two_days_of_a_week_is_one_lead_of_the_week():
    jobs = [
        sales_job(1, customerId=7),
        sales_job(2, customerId=7, createdOn=noon(oct_(21))),
        sales_job(3, customerId=8, createdOn=noon(oct_(21))),
    ]
    assert oracle.weekly_kpis(tenant(jobs=jobs), as_of=oct_(26))[0]["lead_count"] == 2


def test_a_weeks_ratio_is_divided_once_and_no_average_of_days():
    jobs = [sales_job(1), *(sales_job(n, **completed(oct_(22))) for n in (2, 3, 4))]
    records = tenant(jobs=jobs, estimates=[estimate()])
    assert series(records, "close_rate_percent") == {oct_(21): 100.0}
    assert oracle.weekly_kpis(records, as_of=oct_(26))[0]["close_rate_percent"] == 25.0


def test_the_running_week_has_no_day_after_the_as_of_day():
    jobs = [sales_job(1), sales_job(2, createdOn=noon(oct_(23)))]
    assert oracle.weekly_kpis(tenant(jobs=jobs), as_of=oct_(22))[0]["lead_count"] == 1


# The company


def test_distinct_customers_are_counted_over_the_whole_company():
    jobs = [
        sales_job(1, customerId=7),
        sales_job(2, customerId=7, businessUnitId=TUCSON_SALES),
        sales_job(3, customerId=8, businessUnitId=MYSTERY),
    ]
    company = oracle.company_weekly_kpis(tenant(jobs=jobs), as_of=oct_(26))
    assert [row["lead_count"] for row in company] == [2]


def test_every_kpi_applies_to_the_company_and_all_units_are_added():
    records = tenant(
        jobs=[sales_job(1), production_job(2)],
        estimates=[estimate()],
        appointments=[appointment(jobId=2)],
        invoices=[invoice(job=2)],
        payments=[payment(1, "60", {1: "25"}, unit=SALES)],
    )
    [row] = oracle.company_weekly_kpis(records, as_of=oct_(26))
    assert row == {
        "event_date": oct_(20),
        "lead_count": 1,
        "total_booked": 100,
        "dollars_produced": 100,
        "gpm_percent": 100.0,
        "dollars_collected": 60,
        "num_estimates": 0,
        "close_rate_percent": 100.0,
        "future_bookings": 100,
        "warranty_percent": 0.0,
        "outstanding_ar": 75,
    }


def test_the_company_has_every_kpi_even_where_no_unit_has_it():
    [row] = oracle.company_weekly_kpis(tenant(jobs=[sales_job()]), as_of=oct_(20))
    assert (row["dollars_produced"], row["future_bookings"]) == (0, 0)


def test_any_period_and_level_can_be_rolled_up():
    """Months of regions: a branch's sales and production units on one row."""
    records = tenant(
        jobs=[sales_job(1), production_job(2)],
        estimates=[estimate(1), estimate(2, soldOn=noon(date(2025, 11, 1)))],
        appointments=[appointment(jobId=2)],
        invoices=[invoice(job=2)],
        payments=[payment(unit=MYSTERY)],
    )
    rolled = oracle.ledger(records, as_of=AS_OF).roll_up(
        period=lambda day: day.replace(day=1),
        level=lambda unit: rollup.Member(unit.region, "unmapped"),
    )
    found = {
        (month.month, region.name): (values["total_booked"], values["dollars_produced"])
        for month, region, values in rolled
    }
    assert found == {
        (10, "PHX"): (100, 100),
        (11, "PHX"): (100, 0),
        (10, "(no region)"): (0, 0),
        (11, "(no region)"): (0, 0),
    }


# The records behind a number


def test_the_counted_records_add_up_to_the_rows():
    records = tenant(
        jobs=[sales_job(1), sales_job(2, customerId=1)],
        estimates=[estimate(1, subtotal=Decimal(3)), estimate(2, jobId=2, subtotal=Decimal(4))],
    )
    booked = oracle.ledger(records, as_of=AS_OF).counted["total_booked"]
    assert [(r.day, r.unit.name, r.record_id, r.numerator) for r in booked] == [
        (oct_(21), "Phoenix-Sales", 1, 3),
        (oct_(21), "Phoenix-Sales", 2, 4),
    ]
    assert series(records, "total_booked") == {oct_(21): 7}


def test_the_standing_amounts_tell_how_long_they_stand():
    records = tenant(
        jobs=[production_job()],
        appointments=[appointment()],
        invoices=[invoice()],
        payments=[payment(total="60", applied={1: "60"})],
    )
    standing = oracle.ledger(records, as_of=AS_OF).standing
    found = {
        kpi: [(s.first_day, s.last_day, s.amount) for s in amounts]
        for kpi, amounts in standing.items()
    }
    assert found == {
        "future_bookings": [(oct_(20), oct_(26), 100)],
        "outstanding_ar": [(oct_(22), oct_(22), 100), (oct_(23), None, 40)],
    }
