"""The badge of each number: how it stands beside the report of the same week."""

from datetime import timedelta
from decimal import Decimal

from review.page.kpis import BALANCES, KPIS
from review.page.weeks import WEEK, Weeks

WORST = ("exact", "near", "off")
COUNTS_KINDS = {
    "sales": ("lead_count", "total_booked", "num_estimates", "close_rate_percent"),
    "production": ("dollars_produced", "gpm_percent", "future_bookings", "warranty_percent"),
}


def badges(rows: list[tuple], units: list[tuple], weeks: Weeks) -> list[dict]:
    """Week, place, KPI and status of every number of a week that a report showed; the rest is not
    reported. A region without a value of its own is as good as the worst of its units, if the
    reports name all to which the KPI applies.

    rows: `reading.Tables.parity`, oldest pull first, so that the newest stands.
    """
    shown: dict[tuple, dict] = {}
    for kpi, level, member, first, last, report, reported, ours, status, pulled in rows:
        monday = last - timedelta(days=last.weekday())
        is_balance = kpi in BALANCES
        if last != (weeks.last_day(monday) if is_balance else monday + WEEK - timedelta(days=1)):
            continue
        if not is_balance and first != monday:
            continue
        shown[monday, level, member, kpi] = {
            "status": status,
            "report": report,
            "reported": _number(reported),
            "ours": _number(ours),
            "pulled": f"{pulled:%Y-%m-%d}",
        }
    found = []
    for monday in sorted({monday for monday, *_ in shown}):
        for kpi in KPIS:
            company = shown.get((monday, "company", "Company", kpi.name))
            if company:
                found.append({"week": str(monday), "place": "Company", "kpi": kpi.name} | company)
            for region in sorted({region for _, _, region, _ in units}):
                badge = shown.get((monday, "region", region, kpi.name))
                badge = badge or _of_units(shown, units, monday, region, kpi.name)
                if badge:
                    found.append({"week": str(monday), "place": region, "kpi": kpi.name} | badge)
    return found


def _of_units(shown: dict, units: list[tuple], monday, region: str, kpi: str) -> dict | None:
    of_region = [
        shown.get((monday, "business_unit", unit, kpi))
        for unit, kind, place, _ in units
        if place == region and _applies(kpi, kind)
    ]
    if not of_region or None in of_region:
        return None
    worst = max(of_region, key=lambda badge: WORST.index(badge["status"]))
    return {"status": worst["status"], "report": worst["report"], "pulled": worst["pulled"]}


def _applies(kpi: str, kind: str) -> bool:
    others = [names for other, names in COUNTS_KINDS.items() if other != kind]
    return kind == "unmapped" or not any(kpi in names for names in others)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 4)
