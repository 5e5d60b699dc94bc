"""From counted records to rows: any period and any level from one walk.

“Periods and levels: flows are added, distincts counted anew, ratios divided once, balances taken on
the period's last day (in a running period on the as-of day).”
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from simulator.office import UNMAPPED, Unit
from simulator.oracle import production, receivables, sales
from simulator.oracle.book import APPLIES_TO, Book, Counted, Standing, applies

DAY = timedelta(days=1)


def total(records: list[Counted]) -> Decimal:
    return sum((record.numerator for record in records), Decimal(0))


def distinct(records: list[Counted]) -> int:
    return len({record.counts_as for record in records})


def percent(records: list[Counted]) -> float | None:
    """“Ratios carry numerator and denominator and are divided once, at the end”; null when the
    denominator is 0."""
    denominator = sum((record.denominator for record in records), Decimal(0))
    if not denominator:
        return None
    return float(100 * Fraction(total(records)) / Fraction(denominator))


class Flow(NamedTuple):
    """A KPI of what happened in a period: its records, and how they become one value."""

    records: Callable[[Book], Iterator[Counted]]
    value: Callable[[list[Counted]], int | Decimal | float | None]


class Balance(NamedTuple):
    """A KPI of what stands on a day: its amounts, and the days of records that make them."""

    standing: Callable[[Book], Iterator[Standing]]
    record_days: Callable[[Book], Iterator[tuple[Unit, date]]]


FLOWS = {
    "lead_count": Flow(sales.lead_count, distinct),
    "total_booked": Flow(sales.total_booked, total),
    "dollars_produced": Flow(production.dollars_produced, total),
    "gpm_percent": Flow(production.gpm_percent, percent),
    "dollars_collected": Flow(receivables.dollars_collected, total),
    "num_estimates": Flow(sales.num_estimates, distinct),
    "close_rate_percent": Flow(sales.close_rate_percent, percent),
    "warranty_percent": Flow(production.warranty_percent, percent),
}
BALANCES = {
    "future_bookings": Balance(production.future_bookings, production.bookings_made),
    "outstanding_ar": Balance(receivables.outstanding_ar, receivables.invoices_dated),
}


# Periods: the first day of the period that a day belongs to.


def day_itself(day: date) -> date:
    return day


def week_of(day: date) -> date:
    """“Week = Monday to Sunday”."""
    return production.monday_of(day)


def month_of(day: date) -> date:
    return day.replace(day=1)


# Levels: the member that a unit belongs to.


class Member(NamedTuple):
    """One row's place: its name, and the kind that says which KPIs apply to it."""

    name: str
    kind: str


def per_unit(unit: Unit) -> Member:
    return Member(unit.name, unit.kind)


def per_region(unit: Unit) -> Member:
    """A branch's sales and production units on one row, so every KPI applies to it."""
    return Member(unit.region, UNMAPPED)


def whole_company(unit: Unit) -> Member:
    """All units on one row: as with an unmapped unit, every KPI applies to it."""
    return Member("(company)", UNMAPPED)


Period = Callable[[date], date]
Level = Callable[[Unit], Member]


class Ledger:
    """All that counts, listed once, to be rolled up over any period and level.

    counted: per flow KPI its records. standing: per balance KPI its amounts. record_days: unit and
    day of every record that makes a number.
    """

    def __init__(self, book: Book):
        self.as_of = book.options.as_of
        self.counted = {kpi: list(flow.records(book)) for kpi, flow in FLOWS.items()}
        self.standing = {kpi: list(balance.standing(book)) for kpi, balance in BALANCES.items()}
        self.record_days = [
            *((record.unit, record.day) for records in self.counted.values() for record in records),
            *(place for balance in BALANCES.values() for place in balance.record_days(book)),
        ]

    def roll_up(self, period: Period, level: Level) -> Iterator[tuple[date, Member, dict]]:
        """One (first day of the period, member, {kpi: value}) per member and period, from the
        period of the member's first record to the one of the as-of day, in order of member and day.

        The values stand in the order of daily_kpis' columns: int for counts, Decimal for money,
        float for percentages, None where the KPI does not apply or a denominator is 0.
        """
        flows = {kpi: self._flow_values(kpi, period, level) for kpi in FLOWS}
        for member, first_record in sorted(self._first_days(level).items()):
            days = _days(first_record, self.as_of)
            balances = {
                kpi: _daily(days, [amount for amount in amounts if level(amount.unit) == member])
                for kpi, amounts in self.standing.items()
            }
            for first_day, days_of_period in groupby(days, key=period):
                last_day = list(days_of_period)[-1]
                values = {}
                for kpi in APPLIES_TO:
                    if not applies(kpi, member.kind):
                        values[kpi] = None
                    elif kpi in FLOWS:
                        nothing = FLOWS[kpi].value([])
                        values[kpi] = flows[kpi].get((member, first_day), nothing)
                    else:
                        values[kpi] = balances[kpi][last_day]
                yield first_day, member, values

    def _flow_values(
        self, kpi: str, period: Period, level: Level
    ) -> dict[tuple[Member, date], int | Decimal | float | None]:
        """“`as_of_date` only cuts rows”: records of later days are left out, the others are as
        now."""
        groups = defaultdict(list)
        for record in self.counted[kpi]:
            if record.day <= self.as_of:
                groups[level(record.unit), period(record.day)].append(record)
        return {place: FLOWS[kpi].value(group) for place, group in groups.items()}

    def _first_days(self, level: Level) -> dict[Member, date]:
        """“The earliest day of any record that makes one of its numbers (job creation for bookings
        and `invoiceDate` for A/R included)”; where that is after the as-of day no row follows."""
        first_days = {}
        for unit, day in self.record_days:
            member = level(unit)
            first_days[member] = min(day, first_days.get(member, day))
        return first_days


def _days(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


def _daily(days: list[date], amounts: Iterable[Standing]) -> dict[date, Decimal]:
    """The sum of the amounts that stand on each of the days: a running sum of what begins to stand
    less what stood until the day before. No amount begins before the first of the days."""
    changes = defaultdict(Decimal)
    for amount in amounts:
        changes[amount.first_day] += amount.amount
        if amount.last_day:
            changes[amount.last_day + DAY] -= amount.amount
    balance = Decimal(0)
    balances = {}
    for day in days:
        balance += changes.get(day, Decimal(0))
        balances[day] = balance
    return balances
