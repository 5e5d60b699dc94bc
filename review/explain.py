"""The records behind one number."""

from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches

from rich.table import Table

from extract import config
from review.warehouse import Reader, ReviewError, reading
from review.week import FORMS, written

HEADINGS = ("record", "id", "job", "job type", "customer", "campaign", "why it counts")
# What the two amounts of a record are called where they are not just dollars.
PARTS = {
    "gpm_percent": ("margin", "revenue"),
    "close_rate_percent": ("sold", "opportunities"),
    "warranty_percent": ("warranty cost", "dollars produced"),
}
COUNTED = ("lead_count", "num_estimates")
# True on one day: of a week, on its last.
BALANCES = ("future_bookings", "outstanding_ar")
# Level -> what the name of its tables ends with, and which of their rows are a place's.
TABLES = {
    "unit": ("kpis", "business_unit = @place"),
    "region": ("kpis_region", "region = @place"),
    "company": ("kpis_company", "@place = 'Company'"),
}
PERIODS = {"day": "daily_", "week": "weekly_"}


def explanation(
    settings: config.Warehouse, kpi: str, day: date, place: str, period: str = "day"
) -> Table:
    """The records that make `kpi` of `place` (a reporting unit, a region's code, or Company) on
    `day`, or with period `week` in the week that begins on it.

    One row per record, largest amount first; the caption is the number as the daily or weekly table
    has it. Raises ReviewError for an unknown KPI or place, or a period outside its history.
    """
    if kpi not in FORMS:
        raise ReviewError(f"{kpi!r} is no KPI{_perhaps(kpi, FORMS)}")
    with reading(settings) as warehouse:
        mart = warehouse.schema("st_mart")
        level, units = _level(warehouse, mart, place)
        table, where = TABLES[level]
        table = f"{mart}.{PERIODS[period]}{table}"
        ((first, last),) = warehouse.query(
            f"select min(event_date), max(event_date) from {table} where {where}", place=place
        )
        found = warehouse.query(
            f"select {kpi} from {table} where {where} and event_date = @day", place=place, day=day
        )
        if not found:
            raise ReviewError(_no_such_period(place, first, last, day, period))
        ((value,),) = found
        ((as_of,),) = warehouse.query(f"select max(event_date) from {mart}.daily_kpis_company")
        last_day = day if period == "day" else min(day + timedelta(days=6), as_of)
        first_day = last_day if kpi in BALANCES else day
        names = ", ".join(f"@unit_{n}" for n in range(len(units)))
        records = warehouse.query(
            "select record_kind, record_id, job_number, job_type_name, customer_name, "
            "campaign_name, why_it_counts, counted_key, numerator, denominator "
            f"from {mart}.kpi_records "
            f"where kpi = @kpi and business_unit in ({names}) "
            "and first_day <= @last_day and last_day >= @first_day "
            "order by abs(numerator) desc, record_id, record_kind",
            kpi=kpi,
            first_day=first_day,
            last_day=last_day,
            **{f"unit_{n}": unit for n, unit in enumerate(units)},
        )
    when = f"on {day:%A} {day}" if period == "day" else f"in the week of {day}"
    return _table(kpi, FORMS[kpi], f"{kpi} of {place} {when}", records, value)


def _level(warehouse: Reader, mart: str, place: str) -> tuple[str, list[str]]:
    """The level of a place and its reporting units. A unit's own name wins over a region's."""
    regions = warehouse.query(
        f"select business_unit, region from {mart}.kpi_units order by business_unit"
    )
    units = [unit for unit, _ in regions]
    if place in units:
        return "unit", [place]
    if of_region := [unit for unit, region in regions if region == place]:
        return "region", of_region
    if place == "Company":
        return "company", units
    known = [*units, *sorted({region for _, region in regions}), "Company"]
    raise ReviewError(f"{place!r} is no business unit or region{_perhaps(place, known)}")


def _no_such_period(
    place: str, first: date | None, last: date | None, day: date, period: str
) -> str:
    if first is None:
        return f"{place} has no numbers"
    if period == "day":
        return f"{place} has numbers from {first} to {last}, none on {day}"
    return f"{place} has no week of {day:%A} {day}: weeks begin on Mondays, from {first} to {last}"


def _table(kpi: str, form: str, title: str, records: list[tuple], value: object) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in HEADINGS:
        table.add_column(heading)
    parts = PARTS.get(kpi, () if kpi in COUNTED else ("amount",))
    for part in parts:
        table.add_column(part, justify="right", no_wrap=True)
    plain = "{:,.0f}" if kpi == "close_rate_percent" else "${:,.2f}"
    for record in records:
        amounts = record[8 : 8 + len(parts)]
        cells = [str(cell or "") for cell in record[:7]]
        table.add_row(*cells, *(written(amount, plain) for amount in amounts))
    if parts:
        sums = [sum((record[8 + n] for record in records), Decimal(0)) for n in range(len(parts))]
        blanks = [""] * (len(HEADINGS) - 1)
        table.add_section()
        table.add_row("sum", *blanks, *(written(each, plain) for each in sums), style="bold")
    table.caption = f"{kpi}: {written(value, form) or 'does not apply, or nothing to divide by'}"
    if kpi == "lead_count":
        table.caption += f" customers by name, in {len(records)} jobs"
    table.caption_justify = "left"
    return table


def _perhaps(word: str, known) -> str:
    near = get_close_matches(word, known, n=1)
    return (f"; do you mean {near[0]!r}? " if near else ". ") + f"There are: {', '.join(known)}"
