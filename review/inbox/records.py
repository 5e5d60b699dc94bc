"""From the rows of an export to records: what is one, what is a group or a total, what is when."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from extract.cells import day as day_of
from extract.cells import money
from extract.privacy import shown
from extract.warehouse.reports import ROLES, ReportRow
from review.inbox.exports import Export
from review.inbox.sheets import is_filled

# "12345", "12345-1"
NUMBER = re.compile(r"\d+(-\w+)?")
# "Phoenix-Sales (12)", "Business Unit: Phoenix-Sales"
GROUP = re.compile(r".+\(\d[\d,]*\)|[^:]+:.+", re.DOTALL)
# "Total", "Grand Total:", "Totals (12)"; and also "Subtotal", "Total for Phoenix-Sales"
GRAND_TOTAL = re.compile(r"(grand\s+)?totals?:?(\s*\(\d[\d,]*\))?:?", re.I)
TOTAL = re.compile(r"(grand\s+|sub-?)?totals?\b.*|.*\btotals?:?", re.I | re.DOTALL)
SEVERAL = re.compile(r"[,;\n]")
YES_NO = {"yes": Decimal(1), "true": Decimal(1), "no": Decimal(0), "false": Decimal(0)}
CENT = Decimal("0.01")


@dataclass
class Records:
    """The records of a file that lie in the period, how many rows were something else, and what
    is wrong. `undated` are records without any day: they lie in no period. `estimates_left` says
    that the file tells of completed estimates, but not when they were."""

    rows: list[ReportRow] = field(default_factory=list)
    records: int = 0
    outside: int = 0
    undated: int = 0
    groups: int = 0
    footers: int = 0
    estimates_left: bool = False
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Total:
    row: int
    label: str
    cells: dict[str, str]
    records_above: int


def records(export: Export, first: date, last: date, strict: bool = False) -> Records:
    """Reads the rows of `export`, keeping the records of the days `first` to `last`.

    Records of a layout without a day (receivables) are all kept. Nothing is raised: what cannot be
    read is among the problems, each naming row and column; `strict` shows no word of a cell there.
    """

    def seen(cell: str) -> str:
        return shown(cell, strict, write=repr)

    found = Records()
    sums: dict[str, Decimal] = {}
    totals: list[_Total] = []
    undated: list[ReportRow] = []
    rows = [(number, row) for number, row in export.rows if is_filled(row)]
    last_with_amounts = max((n for n, row in rows if any(map(_is_amount, row))), default=0)
    for number, row in rows:
        cells = {role: _cell(row, column) for role, column in export.columns.items()}
        label = _label(row, may_be_none=number == last_with_amounts)
        is_record = any(NUMBER.fullmatch(cells.get(role, "")) for role in export.layout.record)
        if label is not None and TOTAL.fullmatch(label or "Total"):
            found.footers += 1
            totals.append(_Total(number, label, cells, found.records))
        elif (label and GROUP.fullmatch(label)) or (not is_record and _is_lone_text(row)):
            found.groups += 1
        elif is_record or _is_line_of_nobody(export, cells):
            try:
                roles, days_of_role = _roles(export, cells, seen)
                _refuse_overlong(export, row, seen)
            except ValueError as error:
                found.problems.append(f"row {number}, {error}")
                continue
            found.records += 1
            for role, value in roles.items():
                if isinstance(value, Decimal):
                    sums[role] = sums.get(role, Decimal(0)) + value
            sold = days_of_role.get("sold_dates", [])
            days = sold + days_of_role.get("event_date", [])
            named = dict(zip(export.headers, row, strict=False))
            if "event_date" in export.columns and not days:
                undated.append(ReportRow(cells=named, roles=roles))
            elif "event_date" in export.columns and not any(first <= day <= last for day in days):
                found.outside += 1
            else:
                if sold and not any(first <= day <= last for day in sold):
                    # its opportunity is of the period, its sales are of another
                    roles |= {"sold_dates": None, "estimate_subtotal": Decimal(0)}
                found.rows.append(ReportRow(cells=named, roles=roles))
        else:
            role = export.layout.record[0]
            found.problems.append(
                f"row {number}, {_header(export, role)}: {seen(cells[role])} is no plain number, "
                "and the row is neither a group nor a total; correct the cell or delete the row"
            )
    _place_estimates(found, undated)
    if not found.problems:  # else records are missing from the sums
        found.problems.extend(_wrong_totals(export, totals, found.records, sums, seen))
    return found


def _place_estimates(found: Records, undated: list[ReportRow]) -> None:
    """Completed estimates have no day of their own, so they are of the period where all else in the
    file is; else nobody can tell which of them are. Adds to `found`."""
    if not found.outside:
        found.rows += [row for row in undated if row.roles.get("completed_estimates")]
        found.undated = sum(not row.roles.get("completed_estimates") for row in undated)
        return
    found.undated = len(undated)
    for row in found.rows + undated:
        if row.roles.get("completed_estimates") is not None:
            found.estimates_left = True
            row.roles["completed_estimates"] = None  # of all: a 0 would say that there are none


def _label(row: list[str], may_be_none: bool) -> str | None:
    """The text (no day) with which a row of nothing else but amounts begins, "" where it is
    amounts only and may be so; None for any other row."""
    cells = _filled(row)
    texts = [cell for cell in cells if not _is_amount(cell)]
    if texts == cells[:1] and not _is_day(texts[0]):
        return texts[0]
    return "" if not texts and may_be_none else None


def _is_lone_text(row: list[str]) -> bool:
    """Whether a row is a single text without any amount: a title, a note."""
    cells = _filled(row)
    return len(cells) == 1 and not _is_amount(cells[0])


def _is_line_of_nobody(export: Export, cells: dict[str, str]) -> bool:
    """Whether this is the line of receivables that belongs to neither location nor customer."""
    owners = ("location_id", "customer_id", "location_name", "customer_name")
    return (
        "location_id" in export.layout.record
        and cells["business_unit_name"] != ""
        and not any(cells.get(role) for role in owners)
    )


def _roles(
    export: Export, cells: dict[str, str], seen: Callable[[str], str]
) -> tuple[dict[str, str | date | Decimal | None], dict[str, list[date]]]:
    """What the cells say, and per role with days those on which the record counts.

    Raises ValueError naming the column and the cell.
    """
    roles: dict[str, str | date | Decimal | None] = {}
    days: dict[str, list[date]] = {}
    for role, text in cells.items():
        try:
            if role in ("event_date", "sold_dates"):
                each = [named for part in SEVERAL.split(text) if (named := day_of(part.strip()))]
                if role == "event_date":
                    each = each[:1]
                    roles[role] = each[0] if each else None
                else:
                    roles[role] = text if each else None
                days[role] = each
            elif ROLES[role] == "decimal":
                roles[role] = _amount(text)
            else:
                roles[role] = text or None
        except ValueError as error:
            raise ValueError(f"{_header(export, role)}: {error}, found {seen(text)}") from None
    return roles, days


def _refuse_overlong(export: Export, row: list[str], seen: Callable[[str], str]) -> None:
    """A cell beyond the headers: an amount with a comma that is not quoted moves all behind it."""
    beyond = _filled(row[len(export.headers) :])
    if beyond:
        raise ValueError(
            f"{seen(beyond[0])} stands right of the last header; is a comma within a cell unquoted?"
        )


def _wrong_totals(
    export: Export,
    totals: list[_Total],
    count: int,
    sums: dict[str, Decimal],
    seen: Callable[[str], str],
) -> Iterable[str]:
    """What the file's grand total says that its records do not add up to.

    The grand total is the last total below all records, unless it names what it is of.
    """
    below = [total for total in totals if total.records_above == count]
    if not below or not GRAND_TOTAL.fullmatch(below[-1].label or "Total"):
        return
    total = below[-1]
    for role, text in total.cells.items():
        if ROLES[role] != "decimal" or not text or text == total.label:
            continue
        place = f"row {total.row}, {_header(export, role)}"
        try:
            stated = _amount(text)
        except ValueError as error:
            yield f"{place}: {error}, found {seen(text)}"
            continue
        read = sums.get(role, Decimal(0))
        if stated is not None and abs(stated - read) >= CENT:
            yield (
                f"{place}: the total is {stated:,.2f}, but the {count} records add up to "
                f"{read:,.2f}; export the report again, or delete the total if it is wrong"
            )


def _amount(text: str) -> Decimal | None:
    return YES_NO[text.lower()] if text.lower() in YES_NO else money(text)


def _is_amount(cell: str) -> bool:
    """Whether a cell holds an amount, a percentage or the dash for none."""
    try:
        money(cell.strip().removesuffix("%"))
    except ValueError:
        return False
    return bool(cell.strip())


def _is_day(cell: str) -> bool:
    try:
        return day_of(SEVERAL.split(cell)[0]) is not None
    except ValueError:
        return False


def _filled(row: list[str]) -> list[str]:
    return [cell.strip() for cell in row if cell.strip()]


def _cell(row: list[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _header(export: Export, role: str) -> str:
    return export.headers[export.columns[role]]
