"""What a cell of a report means: reports write money and days in several ways."""

import re
from datetime import date, datetime
from decimal import Context, Decimal, InvalidOperation
from typing import Any

# What the tables hold: DECIMAL(38,9) on DuckDB, NUMERIC on BigQuery.
_NINE_PLACES = Decimal("0.000000001")
_38_DIGITS = Context(prec=38, traps=[InvalidOperation])

_NOTHING = ("", "-")
_NUMBER = r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+"
_AMOUNT = re.compile(rf"(-)?\s*\$?\s*(-)?\s*({_NUMBER})\s*(-)?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d.*)?", re.ASCII)
_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: \d.*)?", re.ASCII)


def money(cell: Any) -> Decimal | None:
    """The amount or number in a cell: 1234.5, "$1,234.50", "(12.00)", "-$12", "$-12", "12-".

    None where the cell says nothing (null, blank, "-"). Nine decimals are kept: what a
    spreadsheet's 35.230000000000004 has beyond is noise. Raises ValueError on anything else.
    """
    if cell is None:
        return None
    if isinstance(cell, str):
        if cell.strip() in _NOTHING:
            return None
        amount = _written(cell.strip())
    elif isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        amount = Decimal(str(cell))
    else:
        amount = None
    if amount is None or not amount.is_finite():
        raise ValueError("expected an amount like 1,234.50")
    try:
        return amount.quantize(_NINE_PLACES, context=_38_DIGITS)
    except InvalidOperation:
        raise ValueError("more than 29 digits before the point") from None


def day(cell: Any) -> date | None:
    """The day in a cell: "2026-01-20T00:00:00-07:00", "2026-01-20", "1/20/2026", a date.

    A time and its offset are cut off, never shifted: the day is the business's own already. None
    where the cell says nothing (null, blank, "-"). Raises ValueError on anything else.
    """
    if cell is None:
        return None
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    text = cell.strip() if isinstance(cell, str) else None
    if text in _NOTHING:
        return None
    try:
        if found := _ISO_DAY.fullmatch(text or ""):
            return date.fromisoformat(found[1])
        if found := _US_DAY.fullmatch(text or ""):
            month, day_of_month, year = map(int, found.groups())
            return date(year, month, day_of_month)
    except ValueError:
        pass  # the 31st of February
    raise ValueError("expected a day like 2026-01-20 or 1/20/2026")


def text(cell: Any) -> str | None:
    """The text in a cell as it stands, numbers as they are written; None where it is blank."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return cell if cell.strip() else None
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return str(cell)
    raise ValueError("expected text")


READ = {"string": text, "date": day, "decimal": money}


def _written(text: str) -> Decimal | None:
    """The amount that a text writes, with at most one sign for less than nothing; or None."""
    text = text.replace("\N{MINUS SIGN}", "-")
    in_brackets = text.startswith("(") and text.endswith(")")
    found = _AMOUNT.fullmatch(text[1:-1].strip() if in_brackets else text)
    if found is None:
        return None
    signs = [sign for sign in (found[1], found[2], found[4], in_brackets) if sign]
    if len(signs) > 1:
        return None
    amount = Decimal(found[3].replace(",", ""))
    return -amount if signs else amount
