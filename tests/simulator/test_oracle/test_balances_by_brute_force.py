"""The balances on random small tenants against the definition, read day by day over all records."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from simulator import oracle
from simulator.office import RULES, ListedType

from .tiny import (
    INSPECTION,
    MYSTERY,
    PRODUCTION,
    TUCSON_PRODUCTION,
    appointment,
    invoice,
    location,
    noon,
    payment,
    production_job,
    tenant,
)

FIRST, LAST = date(2024, 1, 29), date(2025, 3, 12)  # over a 29 February, ending on a Wednesday
NAMES = {PRODUCTION: "Phoenix-Production", TUCSON_PRODUCTION: "Tucson-Production"} | {
    MYSTERY: "Mystery Branch"
}


def random_tenant(seed: int) -> dict[str, list[dict]]:
    dice = random.Random(seed)

    def day(spread=420):
        return FIRST + timedelta(days=dice.randrange(spread))

    def unit():
        return dice.choice(list(NAMES))

    jobs = [
        production_job(
            n,
            businessUnitId=unit(),
            createdOn=dice.choice([noon(day()), noon(day(30)), None]),
            jobStatus=dice.choice(["Scheduled", "Completed", "Hold", "Canceled"]),
            jobTypeId=dice.choice([2, 2, 2, INSPECTION]),
            firstAppointmentId=n,
        )
        for n in range(1, 31)
    ]
    return tenant(
        jobs=jobs,
        appointments=[appointment(n, day(800), jobId=n) for n in range(1, 31)],
        locations=[
            location(10, 1),
            location(11, 2, name="Name"),
            location(12, 3),
            location(13, 3),
        ],
        invoices=[
            invoice(
                n,
                str(Decimal(dice.randrange(-300, 3000)) / 100),
                job=dice.randrange(1, 31),
                unit=unit(),
                customer=dice.choice([1, 2, 3, 4, None]),
                location=dice.choice([10, 11, 12, None, None]),
                day=dice.choice([day(), day(), None]),
                active=dice.choice([True, True, True, False]),
            )
            for n in range(1, 61)
        ],
        payments=[
            payment(
                n,
                str(Decimal(dice.randrange(-300, 1200)) / 100),
                {
                    dice.randrange(1, 65): str(Decimal(dice.randrange(-100, 1500)) / 100)
                    for _ in range(dice.randrange(3))
                },
                unit=unit(),
                customer=dice.choice([1, 2, 3, 4, None]),
                day=dice.choice([day(), day(), None]),
                active=dice.choice([True, True, True, False]),
            )
            for n in range(1, 31)
        ],
    )


def id_of(record: dict, field: str) -> int | None:
    return record[field] and record[field]["id"]


def paid_by_day(record: dict, field: str, day: date) -> bool:
    return record["active"] and bool(record[field]) and record[field][:10] <= day.isoformat()


def bookings_on(
    day: date, unit: int, records: dict, counted_from: str, is_excluded: bool = True
) -> Decimal:
    begin = day - timedelta(days=day.weekday()) if counted_from == "monday" else day
    feb_29 = (begin.month, begin.day) == (2, 29)
    end = begin.replace(year=begin.year + 1, day=28 if feb_29 else begin.day)
    starts = {a["jobId"]: date.fromisoformat(a["start"][:10]) for a in records["appointments"]}
    return sum(
        Decimal(i["subTotal"])
        for job in records["jobs"]
        if job["businessUnitId"] == unit
        and not (is_excluded and job["jobTypeId"] == INSPECTION)
        and job["jobStatus"] != "Canceled"
        and job["createdOn"]
        and job["createdOn"][:10] <= day.isoformat()
        and begin <= starts[job["id"]] <= end
        for i in records["invoices"]
        if i["active"] and id_of(i, "job") == job["id"]
    )


def outstanding_on(day: date, unit: int, records: dict, threshold: int) -> Decimal:
    """Customer 1 has the one location 10, customer 2 the one location 11, which is left out."""

    def line(location_id, customer_id):
        return location_id or {1: 10, 2: 11}.get(customer_id) or f"customer {customer_id}"

    active = {i["id"]: i for i in records["invoices"] if i["active"]}
    net: dict[object, Decimal] = {}
    for one in active.values():
        if id_of(one, "businessUnit") == unit and paid_by_day(one, "invoiceDate", day):
            place = line(id_of(one, "location"), id_of(one, "customer"))
            applied = sum(
                Decimal(a["appliedAmount"])
                for p in records["payments"]
                if paid_by_day(p, "date", day)
                for a in p["appliedTo"]
                if a["appliedTo"] == one["id"]
            )
            net[place] = net.get(place, 0) + Decimal(one["total"]) - applied
    for p in records["payments"]:
        if id_of(p, "businessUnit") == unit and paid_by_day(p, "date", day):
            landed = [a for a in p["appliedTo"] if a["appliedTo"] in active]
            rest = Decimal(p["total"]) - sum(Decimal(a["appliedAmount"]) for a in landed)
            place = line(None, id_of(p, "customer"))
            net[place] = net.get(place, 0) - rest
    return sum(amount for place, amount in net.items() if place != 11 and amount >= threshold)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("counted_from", ["monday", "day"])
def test_future_bookings_of_every_day_are_those_of_the_definition(seed, counted_from):
    records = random_tenant(seed)
    found = oracle.daily_kpis(records, as_of=LAST, future_bookings_from=counted_from)
    units = {name: unit for unit, name in NAMES.items()}
    assert {row["business_unit"] for row in found} == set(units)
    assert len({row["future_bookings"] for row in found}) > 10
    for row in found:
        expected = bookings_on(
            row["event_date"], units[row["business_unit"]], records, counted_from
        )
        assert row["future_bookings"] == expected, row


@pytest.mark.parametrize("seed", range(4))
def test_future_bookings_of_every_day_are_those_of_the_lists_of_that_day(seed):
    first, last = date(2024, 6, 3), date(2024, 11, 20)
    excluded = ListedType("PM Inspection", "excluded", first, last)
    others = tuple(row for row in RULES.job_types if row.name != excluded.name)
    records, rules = random_tenant(seed), replace(RULES, job_types=(*others, excluded))
    found = oracle.daily_kpis(records, as_of=LAST, rules=rules)
    units = {name: unit for unit, name in NAMES.items()}
    for row in found:
        day, unit = row["event_date"], units[row["business_unit"]]
        expected = bookings_on(day, unit, records, "monday", is_excluded=first <= day <= last)
        assert row["future_bookings"] == expected, row


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("threshold", [10, 0])
def test_outstanding_ar_of_every_day_is_that_of_the_definition(seed, threshold):
    records = random_tenant(seed)
    found = oracle.daily_kpis(records, as_of=LAST, ar_threshold=Decimal(threshold))
    units = {name: unit for unit, name in NAMES.items()}
    assert len({row["outstanding_ar"] for row in found}) > 10
    for row in found:
        expected = outstanding_on(
            row["event_date"], units[row["business_unit"]], records, threshold
        )
        assert row["outstanding_ar"] == expected, row
