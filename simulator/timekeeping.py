"""The tenant's calendar: local days and times of its people, written as the API's UTC instants."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


class Calendar:
    """Turns local days and minutes of the day into the API's instants.

    `first_day` and `last_day` (both included) are the days that the tenant has lived through:
    nothing is created, completed, sold, invoiced or paid outside them.
    """

    def __init__(self, zone: str, first_day: date, last_day: date) -> None:
        self.zone = ZoneInfo(zone)
        self.first_day = first_day
        self.last_day = last_day
        self._midnight = cache(self._local_midnight)

    def _local_midnight(self, day: date) -> int:
        # The offset at noon; it holds from three o'clock on, also on the day of a clock change,
        # and nobody of the ordinary records works earlier.
        noon = datetime.combine(day, time(12), self.zone)
        return int(noon.timestamp()) - 12 * 3600

    def instant(self, day: date, minute: int, rng: Random) -> str:
        """The instant of a local minute of the day, e.g. `2025-10-21T16:02:03.1234567Z`.

        The API sends 0 to 7 fractional digits; so does this.
        """
        whole = self._midnight(day) + minute * 60 + int(rng.random() * 60)
        days, second = divmod(whole, 86_400)
        digits = rng.random()
        if digits < 0.7:
            fraction = f".{int(digits * 1e7):07}"
        elif digits < 0.8:
            fraction = f".{int(digits * 1e3):03}"
        else:
            fraction = ""
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        return f"{_utc_day(days)}T{clock}{fraction}Z"

    def exact(self, day: date, clock: str) -> str:
        """The instant of a local wall-clock time such as "18:02", clock changes respected."""
        local = datetime.combine(day, time.fromisoformat(clock), self.zone)
        return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _utc_day(days: int) -> str:
    return (date(1970, 1, 1) + days * DAY).isoformat()


def shift(instant: str, **by: float) -> str:
    """The instant that lies timedelta(**by) later."""
    moved = datetime.fromisoformat(instant) + timedelta(**by)
    return moved.strftime("%Y-%m-%dT%H:%M:%SZ")


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - day.weekday() * DAY
