"""The ten KPIs of one week, per business unit and for the company."""

from datetime import date, timedelta
from decimal import Decimal

from rich.table import Table

from extract import config
from review.warehouse import ReviewError, reading

# Column of st_mart.weekly_kpis, heading, and how its value is written.
COLUMNS = (
    ("lead_count", "leads", "{:,.0f}"),
    ("total_booked", "booked", "${:,.2f}"),
    ("dollars_produced", "produced", "${:,.2f}"),
    ("gpm_percent", "GPM", "{:.2f}%"),
    ("dollars_collected", "collected", "${:,.2f}"),
    ("num_estimates", "estimates", "{:,.0f}"),
    ("close_rate_percent", "close rate", "{:.2f}%"),
    ("future_bookings", "future bookings", "${:,.2f}"),
    ("warranty_percent", "warranty", "{:.2f}%"),
    ("outstanding_ar", "outstanding A/R", "${:,.2f}"),
)
# KPI -> how its value is written.
FORMS = {name: form for name, _, form in COLUMNS}
DAYS = 7


def week_table(settings: config.Warehouse, monday: date | None = None) -> Table:
    """The week that begins on `monday` (default: the last full one) from the warehouse.

    One row per business unit that has numbers and one for the company; empty cells are KPIs that do
    not apply or ratios without a denominator. Raises ReviewError where there is no such week.
    """
    names = ", ".join(name for name, _, _ in COLUMNS)
    with reading(settings) as warehouse:
        mart = warehouse.schema("st_mart")
        ((last_day, first_week),) = warehouse.query(
            f"select (select max(event_date) from {mart}.daily_kpis), min(event_date) "
            f"from {mart}.weekly_kpis"
        )
        if last_day is None:
            raise ReviewError(
                f"{warehouse.place} holds no records yet: nothing has been landed before the "
                "as-of day"
            )
        if monday is None:
            monday = last_day - timedelta(days=(last_day.weekday() + 1) % DAYS + DAYS - 1)
        units = warehouse.query(
            f"select business_unit, {names} from {mart}.weekly_kpis "
            "where event_date = @monday order by business_unit",
            monday=monday,
        )
        company = warehouse.query(
            f"select 'Company', {names} from {mart}.weekly_kpis_company where event_date = @monday",
            monday=monday,
        )
    if not units:
        raise ReviewError(
            f"there is no week of {monday:%A} {monday}: "
            f"weeks begin on Mondays, from {first_week} to {last_day}"
        )

    table = Table(
        title=f"Week of {monday} to {monday + timedelta(days=DAYS - 1)}", title_justify="left"
    )
    table.add_column("business unit", no_wrap=True)
    for _, heading, _ in COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in units:
        table.add_row(*_written(row))
    table.add_section()
    table.add_row(*_written(company[0]), style="bold")
    return table


def _written(row: tuple) -> list[str]:
    return [
        row[0],
        *(written(value, form) for value, (_, _, form) in zip(row[1:], COLUMNS, strict=True)),
    ]


def written(value: int | float | Decimal | None, form: str) -> str:
    """A value in its form, the minus sign in front of the dollar; nothing for None."""
    if value is None:
        return ""
    return f"-{form.format(-value)}" if value < 0 else form.format(value)


def plain(value: object) -> object:
    """A decimal for a CSV, without an exponent or zeros behind its last decimal: 100 and not 1E+2
    or 100.000000000. Anything else as it is."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
