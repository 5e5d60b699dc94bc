"""From the warehouse's rows to what the page's scripts read."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from review.page.kpis import KPIS, NAMES
from review.page.parity import badges
from review.page.reading import Tables
from review.page.records import packed

COMPANY = "Company"
NO_REGION = "(no region)"
CENTS = Decimal("0.01")
RESTATED_SHOWN = 100
NOT_WELL = ("fail", "error", "runtime error", "warn")


def shaped(tables: Tables, made_at: datetime) -> tuple[dict, dict]:
    """What the page needs at once, and the records that it reads when a number is opened."""
    weeks = tables.weeks
    at_once = {
        "asOf": str(weeks.as_of),
        "lastFull": str(weeks.last_full),
        "detailed": [str(monday) for monday in weeks.detailed],
        "kpis": [kpi.as_data() for kpi in KPIS],
        "places": _places(tables),
        "weekly": _series(tables.weekly),
        "monthly": _series(tables.monthly),
        "targets": [_target(row) for row in tables.targets],
        "parity": badges(tables.parity, tables.units, weeks),
        "health": _health(tables, made_at),
        "madeAt": _instant(made_at),
    }
    records = packed(tables.records, weeks)
    region_of = {unit: region for unit, _, region, _ in tables.units}
    records["regions"] = [region_of.get(unit, NO_REGION) for unit in records["units"]]
    return at_once, records


def _places(tables: Tables) -> list[dict]:
    """The company first, then the regions that have numbers by name, what has no region last."""
    names = {region: name for _, _, region, name in tables.units}
    regions = {row[1] for row in tables.weekly} - {COMPANY}
    ordered = sorted(regions, key=lambda region: (region == NO_REGION, names.get(region, region)))
    return [
        {"id": place, "name": names.get(place, place).strip("()").capitalize()}
        if place == NO_REGION
        else {"id": place, "name": names.get(place, place)}
        for place in (COMPANY, *ordered)
    ]


def _series(rows: Iterable[tuple]) -> dict:
    """Periods, and per place and KPI a value for each of them, null where there is none."""
    numbers = {(place, start): values for start, place, *values in rows}
    starts = sorted({start for _, start in numbers})
    places = sorted({place for place, _ in numbers})
    nothing = [None] * len(NAMES)
    return {
        "starts": [str(start) for start in starts],
        "places": {
            place: {
                name: [_value(numbers.get((place, start), nothing)[n]) for start in starts]
                for n, name in enumerate(NAMES)
            }
            for place in places
        },
    }


def _value(value: Decimal | float | int | None) -> float | int | None:
    """Dollars to the cent, percent to six decimals."""
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        return _short(float(value.quantize(CENTS, ROUND_HALF_EVEN)))
    return _short(round(value, 6))


def _short(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _target(row: tuple) -> dict:
    week, _, place, kpi, first, last, target, reached, gone, days, expected = row
    return {
        "week": str(week),
        "place": place,
        "kpi": kpi,
        "first": str(first),
        "last": str(last),
        "target": _value(target),
        "reached": _value(reached),
        "gone": gone,
        "days": days,
        "expected": _value(expected),
    }


def _health(tables: Tables, made_at: datetime) -> dict:
    tests = [
        {"name": name, "status": status, "findings": findings, "tests": count, "says": says}
        for name, status, findings, count, says in tables.tests
    ]
    restated = [
        {
            "kpi": kpi,
            "day": str(day),
            "unit": unit,
            "shown": _value(shown),
            "now": _value(now),
            "difference": _value(difference),
            "records": records,
        }
        for kpi, day, unit, shown, now, difference, records in tables.restated
    ]
    return {
        "builtAt": _instant(tables.freshness[0][3]) if tables.freshness else None,
        "freshness": [_age(row, made_at) for row in tables.freshness],
        "unmapped": [
            {"kind": kind, "name": name, "active": active, "jobs": jobs}
            for kind, name, active, jobs in tables.unmapped
        ],
        "restatedCount": len(restated),
        "restated": restated[:RESTATED_SHOWN],
        "tests": [test for test in tests if test["status"] in NOT_WELL],
        "passed": sum(test["tests"] for test in tests if test["status"] == "pass"),
        "skipped": sum(test["tests"] for test in tests if test["status"] == "skipped"),
    }


def _age(row: tuple, made_at: datetime) -> dict:
    entity, landed_at, limit, _ = row
    hours = None if landed_at is None else (made_at - _utc(landed_at)) / timedelta(hours=1)
    return {
        "entity": entity,
        "landedAt": _instant(landed_at),
        "hours": None if hours is None else max(0, round(hours, 1)),
        "limit": limit,
        "stale": hours is None or (limit is not None and hours > limit),
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else f"{_utc(moment):%Y-%m-%dT%H:%M}Z"


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
