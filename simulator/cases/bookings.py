"""Hard cases of future bookings: a window of a year from the Monday of each day's week."""

from datetime import date

from simulator.cases.desk import cases, overlooks, reads
from simulator.timekeeping import DAY, monday

CASES, case = cases("future_bookings")


@case("From the Monday of d's week, included")
def start_on_the_monday(desk):
    start = monday(desk.day)
    _, appointment, _ = desk.painted(start, 510_000, created=start)
    return [reads(appointment, start=desk.at(start - DAY))]


@case("To the same date one year after that Monday, included")
def start_a_year_after_the_monday(desk):
    first = monday(desk.day)
    _, appointment, _ = desk.painted(first.replace(year=first.year + 1), 520_000, created=first)
    # From the next week on it is inside in any case.
    desk.options["as_of"] = first + 6 * DAY
    return [reads(appointment, start=desk.at(first.replace(year=first.year + 1) + DAY))]


@case("... a start later in that week comes in with the next Monday")
def start_a_year_and_days_after_the_monday(desk):
    first = monday(desk.day)
    start = first.replace(year=first.year + 1) + 3 * DAY
    _, appointment, _ = desk.painted(start, 525_000, created=first)
    desk.options["as_of"] = first + 6 * DAY
    return [reads(appointment, start=desk.at(start - 3 * DAY))]


@case("Not beyond that year")
def start_after_more_than_a_year(desk):
    _, appointment, _ = desk.painted(desk.last_day + 400 * DAY, 530_000, created=desk.day)
    return [reads(appointment, start=desk.at(desk.last_day + 300 * DAY))]


@case("29 Feb becomes 28")
def a_year_after_a_leap_day(desk):
    leap = _leap_monday(desk)
    if leap is None:
        return None
    created, start = leap - 7 * DAY, date(leap.year + 1, 3, 1)
    _, appointment, _ = desk.painted(start, 540_000, created=created)
    desk.options["as_of"] = leap + 6 * DAY
    return [reads(appointment, start=desk.at(start - DAY))]


@case("... so a start on 29 Feb lies beyond the year of 28 Feb before")
def start_on_a_leap_day(desk):
    first, start = date(desk.last_day.year, 2, 28), date(desk.last_day.year + 1, 3, 1) - DAY
    if first.weekday() or start.day == 28 or first + 14 * DAY >= desk.last_day:
        return None  # a Monday was the 28 February before a leap year in 2011, 2039 is next
    _, appointment, _ = desk.painted(start, 545_000, created=first - 7 * DAY)
    desk.options["as_of"] = first + 6 * DAY
    return [reads(appointment, start=desk.at(start - DAY))]


def _leap_monday(desk) -> date | None:
    """A Monday that is a 29 February, within the last year: 2016 had one, 2044 is next."""
    year = desk.last_day.year
    if year % 4 or date(year, 2, 28) + DAY == date(year, 3, 1):
        return None
    leap = date(year, 2, 29)
    return leap if leap.weekday() == 0 and leap + 14 * DAY < desk.last_day else None


@case("Created on or before d: entered after its start, it counts from then on to the week's end")
def created_after_its_start(desk):
    job, _, _ = desk.painted(monday(desk.day), 550_000, created=desk.day + 2 * DAY)
    return [reads(job, createdOn=desk.at(desk.day - 14 * DAY))]


@case("Not canceled now")
def canceled_booking(desk):
    start = desk.last_day + 30 * DAY
    job, _, _ = desk.painted(start, 560_000, created=desk.day, jobStatus="Canceled")
    return [reads(job, jobStatus="Scheduled")]


@case("All active invoices of the job, each job once")
def booking_with_two_invoices(desk):
    job, _, _ = desk.painted(desk.last_day + 20 * DAY, 570_000, created=desk.day)
    return [overlooks(desk.invoice(job, cents=30_000))]


@case("excluded is left out of future_bookings")
def booking_of_an_excluded_type(desk):
    start = desk.last_day + 10 * DAY
    job, _, _ = desk.painted(start, 24_500, of_type="Safety Inspection", created=desk.day)
    return [reads(job, jobTypeId=desk.type_id("Carpentry"))]


@case("createdOn is an instant, cut in the tenant's zone")
def booked_in_the_evening(desk):
    job, _, _ = desk.painted(desk.last_day + 15 * DAY, 580_000, created=desk.day)
    job["createdOn"] = desk.at(desk.day, "18:30")
    return [reads(job, createdOn=desk.noon_of_utc_day(job["createdOn"]))]


@case("A unit's rows begin on the day of a booking's creation, though it counts only later")
def unit_that_begins_with_a_booking(desk):
    first, start = desk.last_day - 400 * DAY, desk.last_day + 200 * DAY
    job, _, _ = desk.painted(start, 585_000, "Commercial-AZ-Production", created=first)
    return [reads(job, createdOn=desk.at(first + 100 * DAY))]
