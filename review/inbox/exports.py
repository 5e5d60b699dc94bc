"""Which report an exported file is of, by its headers."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from extract.privacy import shown
from extract.warehouse.reports import ROLES
from review.inbox.sheets import Sheet, Unreadable, is_filled
from review.warehouse import ReviewError

HEADERS = Path(__file__).resolve().parent.parent / "exports.yml"


@dataclass(frozen=True)
class Layout:
    """A layout of exports.yml: `required` and `optional` are header -> role."""

    name: str
    record: tuple[str, ...]
    required: dict[str, str]
    optional: dict[str, str]

    def missing(self, headers: set[str]) -> list[str]:
        """The required headers that are not among `headers` (given as `plain` makes them)."""
        return [header for header in self.required if plain(header) not in headers]


@dataclass(frozen=True)
class Export:
    """A sheet whose layout is known.

    `headers` is one name per column, each once; `columns` says in which column (from 0) a role
    stands; `rows` are those below the headers, with their number in the file. `left` names the
    other sheets of the file, which are no reports.
    """

    layout: Layout
    headers: list[str]
    columns: dict[str, int]
    rows: list[tuple[int, list[str]]]
    left: tuple[str, ...]


@cache
def known(path: Path = HEADERS) -> dict[str, Layout]:
    """The layouts of exports.yml by name. Raises ReviewError naming one that is faulty."""
    found = {}
    for name, block in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        place = f"{path.name}, layout {name}"
        if not isinstance(block, dict) or block.keys() != {"record", "required", "optional"}:
            raise ReviewError(f"{place}: expected the keys record, required and optional")
        layout = Layout(name, tuple(block["record"]), block["required"], block["optional"])
        roles = {*layout.required.values(), *layout.optional.values()}
        for role in (*roles, *layout.record):
            if role not in ROLES:
                raise ReviewError(f"{place}: {role!r} is none of the roles {', '.join(ROLES)}")
        if not roles.issuperset(layout.record):
            raise ReviewError(f"{place}: `record` names a role that no column has")
        found[name] = layout
    return found


def recognised(sheets: list[Sheet], strict: bool = False) -> Export:
    """The one sheet of a file that is an export, and how it is to be read.

    `strict` shows no word of what may be a record. Raises Unreadable where there is none, where
    two layouts fit equally, or two sheets.
    """
    found = [(sheet, *where) for sheet in sheets if (where := _header_row(sheet))]
    if not found:
        raise Unreadable(_nearest(sheets, strict))
    if len(found) > 1:
        names = " and ".join(repr(sheet.name) for sheet, _, _ in found)
        raise Unreadable(f"the sheets {names} are both exports; save each as a file of its own")
    sheet, at, layout = found[0]
    headers, columns = _columns(layout, sheet.rows[at])
    return Export(
        layout=layout,
        headers=headers,
        columns=columns,
        rows=list(enumerate(sheet.rows[at + 1 :], start=at + 2)),
        left=tuple(other.name or "" for other in sheets if other is not sheet),
    )


def plain(header: str) -> str:
    """A header as it is compared: no case, no blanks, one kind of apostrophe and dash."""
    text = re.sub(r"\s", "", header.casefold())
    text = re.sub("[\u2018\u2019\u201b\u02bc\u2032\u00b4`]", "'", text)
    return "".join("-" if c == "\u2212" or unicodedata.category(c) == "Pd" else c for c in text)


def _header_row(sheet: Sheet) -> tuple[int, Layout] | None:
    """Where the headers stand and the layout of which most are there, or None."""
    fits: dict[str, int] = {}
    for number, row in enumerate(sheet.rows):
        headers = {plain(cell) for cell in row}
        for layout in known().values():
            if layout.name not in fits and not layout.missing(headers):
                fits[layout.name] = number
    if not fits:
        return None
    most = max(len(known()[name].required) for name in fits)
    best = [name for name in fits if len(known()[name].required) == most]
    if len(best) > 1:
        row = sheet.rows[fits[best[0]]]
        raise Unreadable(
            f"it has the headers of {' and of '.join(best)} (found: {_listed(row)}); "
            "remove the columns of the one that it is not"
        )
    return fits[best[0]], known()[best[0]]


def _nearest(sheets: list[Sheet], strict: bool) -> str:
    """What to say of a file without the headers of any layout."""
    candidates = [
        (len(layout.missing(headers)) / len(layout.required), number, layout, row)
        for sheet in sheets
        for number, row in enumerate(sheet.rows, start=1)
        if (headers := {plain(cell) for cell in row if cell.strip()})
        for layout in known().values()
    ]
    share, number, layout, row = min(candidates, key=lambda each: each[0])
    names = ", ".join(known())
    if share == 1:
        row = next(row for sheet in sheets for row in sheet.rows if is_filled(row))
        row = [
            shown(cell, strict, str) if cell.strip() else "" for cell in row
        ]  # it may be a record
        return f"it has no header of any of the reports {names}; it begins with: {_listed(row)}"
    lacks = ", ".join(layout.missing({plain(cell) for cell in row}))
    return (
        f"it is none of the reports {names}. Nearest: {layout.name}, which lacks {lacks}. "
        f"Headers found in row {number}: {_listed(row)}. Export the report with those columns"
    )


def _columns(layout: Layout, row: list[str]) -> tuple[list[str], dict[str, int]]:
    """A name of its own for each column, and the column of each role."""
    headers: list[str] = []
    at: dict[str, int] = {}
    for number, cell in enumerate(row):
        name = cell.strip()
        key = plain(name)
        if key in at and any(key == plain(each) for each in layout.required | layout.optional):
            raise Unreadable(f"the header {name!r} stands twice; delete one of the two columns")
        at.setdefault(key, number)
        unique = name and name not in headers
        headers.append(name if unique else f"{name} (column {number + 1})".strip())
    columns: dict[str, int] = {}
    for header, role in (layout.required | layout.optional).items():
        if plain(header) in at:
            columns.setdefault(role, at[plain(header)])
    return headers, columns


def _listed(row: list[str]) -> str:
    cells = [" ".join(cell.split()) for cell in row if cell.strip()]
    return ", ".join(cells[:20]) + (", …" if len(cells) > 20 else "")
