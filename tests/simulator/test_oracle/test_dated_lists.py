"""Lists and rules that hold from a day to a day: the day on which a record counts decides."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from simulator.office import RULES, ListedType, ListRule

from .tiny import (
    AS_OF,
    appointment,
    completed,
    estimate,
    invoice,
    noon,
    oct_,
    production_job,
    rows,
    sales_job,
    series,
    tenant,
)

EVE, CHANGE = oct_(21), oct_(22)


def listed(name, *spans):
    """The office's rules with this type in other lists: (list, first day, last day)."""
    others = tuple(row for row in RULES.job_types if row.name != name)
    return replace(RULES, job_types=(*others, *(ListedType(name, *span) for span in spans)))


LEAVES = listed("ESTIMATE-RES-EXT", ("estimate", date.min, EVE), ("none", CHANGE, date.max))
ENTERS = listed("ESTIMATE-RES-EXT", ("none", date.min, EVE), ("estimate", CHANGE, date.max))
EXCLUDED_LATER = listed("Production-RES-EXT", ("none", date.min, EVE), ("excluded", CHANGE))


@pytest.mark.parametrize(("rules", "days"), [(LEAVES, [EVE]), (ENTERS, [CHANGE])])
@pytest.mark.parametrize("kpi", ["lead_count", "num_estimates"])
def test_both_days_of_a_span_are_included(kpi, rules, days):
    jobs = [
        sales_job(n, createdOn=noon(day), **completed(day)) for n, day in ((1, EVE), (2, CHANGE))
    ]
    assert list(series(tenant(jobs=jobs), kpi, rules=rules)) == days


def test_a_lead_asks_on_its_creation_an_estimate_on_its_completion():
    records = tenant(jobs=[sales_job(createdOn=noon(EVE), **completed(CHANGE))])
    assert series(records, "lead_count", rules=LEAVES) == {EVE: 1}
    assert series(records, "num_estimates", rules=LEAVES) == {}
    assert series(records, "lead_count", rules=ENTERS) == {}
    assert series(records, "num_estimates", rules=ENTERS) == {CHANGE: 1}


def with_rule(*rule):
    return replace(RULES, list_rules=(*RULES.list_rules, ListRule(*rule)))


def test_a_sale_asks_on_the_day_it_was_sold_and_a_rule_has_days_too():
    records = tenant(
        jobs=[sales_job()],
        estimates=[estimate(1, soldOn=noon(EVE)), estimate(2, soldOn=noon(CHANGE))],
    )
    begins = with_rule("total_booked", "estimate", "without", CHANGE)
    ends = with_rule("total_booked", "estimate", "without", date.min, EVE)
    assert series(records, "total_booked", rules=begins) == {EVE: 100}
    assert series(records, "total_booked", rules=ends) == {CHANGE: 100}


def test_a_closed_opportunity_asks_on_its_first_sale():
    records = tenant(jobs=[sales_job(**completed(EVE))], estimates=[estimate(soldOn=noon(CHANGE))])
    ends = with_rule("close_rate_percent", "estimate", "without", date.min, EVE)
    begins = with_rule("close_rate_percent", "estimate", "without", CHANGE)
    assert series(records, "close_rate_percent", rules=ends) == {CHANGE: 100.0}
    assert series(records, "close_rate_percent", rules=begins) == {}


def painted(start):
    """A job entered on 1 October, with revenue and cost; its invoice has no date."""
    return tenant(
        jobs=[production_job(createdOn=noon(oct_(1)))],
        appointments=[appointment(day=start)],
        invoices=[invoice(day=None)],
        purchase_orders=[{"id": 1, "jobId": 1, "status": "Sent", "total": Decimal(40)}],
    )


def test_production_asks_on_the_job_start():
    for kpi in ("dollars_produced", "gpm_percent"):
        assert list(series(painted(EVE), kpi, rules=EXCLUDED_LATER)) == [EVE]
        assert series(painted(CHANGE), kpi, rules=EXCLUDED_LATER) == {}


def test_warranty_asks_on_the_job_start_in_numerator_and_denominator():
    warranty = listed("Production-RES-EXT", ("warranty", date.min, EVE), ("excluded", CHANGE))
    assert series(painted(EVE), "warranty_percent", rules=warranty) == {EVE: 40.0}
    assert series(painted(CHANGE), "warranty_percent", rules=warranty) == {}
    assert series(painted(CHANGE), "dollars_produced", rules=warranty) == {}


def test_a_booking_asks_on_each_day_and_can_leave_and_come_back():
    rules = listed("Production-RES-EXT", ("none", date.min, oct_(9)), ("excluded", oct_(10), EVE))
    found = series(painted(oct_(22)), "future_bookings", rules=rules)
    days = [oct_(day) for day in (*range(1, 10), *range(22, 27))]
    assert found == dict.fromkeys(days, 100)


def test_a_units_rows_begin_when_a_list_first_lets_a_booking_in():
    excluded = listed("Production-RES-EXT", ("excluded", date.min, oct_(9)))
    found = rows(painted(oct_(22)), rules=excluded)
    assert min(day for day, _ in found) == oct_(10)
    # ... and stand from its creation where the list lets it in on that day, booked or not yet.
    ahead = painted(date(2026, 12, 1))
    assert rows(ahead) == {}
    reached = rows(ahead, as_of=AS_OF + timedelta(60))
    assert min(day for day, _ in reached) == oct_(1)


def test_a_day_between_two_rows_is_in_no_list():
    gap = listed("ESTIMATE-RES-EXT", ("estimate", date.min, oct_(19)), ("estimate", oct_(21)))
    jobs = [sales_job(n, createdOn=noon(oct_(18 + n))) for n in (1, 2, 3)]
    assert list(series(tenant(jobs=jobs), "lead_count", rules=gap)) == [oct_(19), oct_(21)]
