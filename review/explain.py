"""The records behind one number."""

from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from rich.table import Table

from extract import config
from review.warehouse import ReviewError, reading
from review.week import COLUMNS, written

HEADINGS = ("record", "id", "job", "job type", "customer", "campaign", "why it counts")
# What the two amounts of a record are called where they are not just dollars.
PARTS = {
    "gpm_percent": ("margin", "revenue"),
    "close_rate_percent": ("sold", "opportunities"),
    "warranty_percent": ("warranty cost", "dollars produced"),
}
COUNTED = ("lead_count", "num_estimates")


def explanation(settings: config.Warehouse, kpi: str, day: date, unit: str) -> Table:
    """The records that make `kpi` of `unit` on `day`.

    One row per record, largest amount first; the caption is the number as daily_kpis has it.
    Raises ReviewError for an unknown KPI or unit, or a day outside the unit's history.
    """
    forms = {name: form for name, _, form in COLUMNS}
    if kpi not in forms:
        raise ReviewError(f"{kpi!r} is no KPI{_perhaps(kpi, forms)}")
    with reading(settings) as warehouse:
        mart = warehouse.schema("st_mart")
        history = {
            name: (first, last)
            for name, first, last in warehouse.query(
                "select business_unit, min(event_date), max(event_date) "
                f"from {mart}.daily_kpis group by business_unit order by business_unit"
            )
        }
        if unit not in history:
            raise ReviewError(f"{unit!r} is no business unit{_perhaps(unit, history)}")
        first, last = history[unit]
        if not first <= day <= last:
            raise ReviewError(f"{unit} has numbers from {first} to {last}, none on {day}")
        ((value,),) = warehouse.query(
            f"select {kpi} from {mart}.daily_kpis "
            "where business_unit = @unit and event_date = @day",
            unit=unit,
            day=day,
        )
        records = warehouse.query(
            "select record_kind, record_id, job_number, job_type_name, customer_name, "
            "campaign_name, why_it_counts, counted_key, numerator, denominator "
            f"from {mart}.kpi_records "
            "where kpi = @kpi and business_unit = @unit and @day between first_day and last_day "
            "order by abs(numerator) desc, record_id, record_kind",
            kpi=kpi,
            unit=unit,
            day=day,
        )
    return _table(kpi, forms[kpi], f"{kpi} of {unit} on {day:%A} {day}", records, value)


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
