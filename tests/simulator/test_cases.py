"""Every hard case occurs in the tenant and moves the number that it names."""

from datetime import date

import pytest

from simulator import build_tenant, oracle
from simulator.cases import CASES
from simulator.cases.desk import find

# 29 February was a Monday in 2016, 28 February before a leap year in 2011; in no other year near.
LEAP = {
    "a_year_after_a_leap_day": date(2016, 12, 31),
    "start_on_a_leap_day": date(2011, 12, 31),
}
DAY_CUTS = {"lead_around_midnight_in_summer", "lead_around_a_clock_change", "lead_in_the_evening"}


class Reports:
    """A tenant of planted cases alone, and the oracle's numbers for it."""

    def __init__(self, **options):
        self.tenant = build_tenant(size="cases", **options)
        self.planted = {planted.case.name: planted for planted in self.tenant.cases}
        self.records = self.tenant.records()
        self._seen = {}

    def numbers(self, kpi, records, options, table):
        """{(unit, day): value} of one KPI in one of the oracle's tables."""
        options = {"timezone": self.tenant.timezone, "as_of": self.tenant.last_day} | options
        rows = table(records, **options)
        return {(row.get("business_unit"), row["event_date"]): row[kpi] for row in rows}

    def true_numbers(self, kpi, options, table):
        key = (kpi, tuple(options.items()), table.__name__)
        if key not in self._seen:
            self._seen[key] = self.numbers(kpi, self.records, options, table)
        return self._seen[key]

    def moves(self, name):
        """Whether the naive reading of a case moves its KPI, of a unit or of the company."""
        planted = self.planted[name]
        naive = planted.naive(self.records)
        return any(
            self.numbers(planted.case.kpi, naive, planted.options, table)
            != self.true_numbers(planted.case.kpi, planted.options, table)
            for table in (oracle.daily_kpis, oracle.company_weekly_kpis)
        )


@pytest.fixture(scope="module")
def reports():
    return Reports()


@pytest.mark.parametrize("name", [case.name for case in CASES if case.name not in LEAP])
def test_naive_reading_moves_the_number(reports, name):
    assert reports.moves(name), f"{name}: {reports.planted[name].case.words}"


@pytest.mark.parametrize(("name", "last_day"), LEAP.items())
def test_case_of_a_rare_date_moves_the_number(name, last_day):
    assert Reports(last_day=last_day).moves(name)


def test_day_cuts_bite_in_a_zone_with_summer_time():
    reports = Reports(timezone="America/Denver")
    assert {name for name in DAY_CUTS if reports.moves(name)} == DAY_CUTS


def test_every_case_is_planted_in_the_small_print_of_any_size():
    tenant = build_tenant(size="tiny", seed=5)
    records = tenant.records()
    for planted in tenant.cases:
        for entity, record in planted.records:
            row = records[entity][find(records[entity], record)]
            assert row == record, f"{planted.case.name}: {entity} {record['id']}"
    assert {planted.case.name for planted in tenant.cases} == {c.name for c in CASES} - LEAP.keys()


def test_names_are_unique():
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
