"""Which weeks the page shows, and which of them with their records."""

from dataclasses import dataclass
from datetime import date, timedelta

WEEK = timedelta(days=7)
LAST_YEAR = 52 * WEEK  # the same week, with the same days of the week in it
RECENT = 13


@dataclass(frozen=True)
class Weeks:
    """Mondays: `last_full` is the last week that is over on `as_of`; `detailed` those whose numbers
    open into their records: the last 13 full ones, the running one, and each a year before."""

    as_of: date
    last_full: date
    detailed: tuple[date, ...]

    def last_day(self, monday: date) -> date:
        """The day whose balances stand for the week."""
        return min(monday + WEEK - timedelta(days=1), self.as_of)


def weeks_up_to(as_of: date) -> Weeks:
    running = as_of - timedelta(days=as_of.weekday())
    last_full = running if as_of.weekday() == 6 else running - WEEK
    recent = {last_full - n * WEEK for n in range(RECENT)} | {running}
    return Weeks(as_of, last_full, tuple(sorted(recent | {day - LAST_YEAR for day in recent})))
