"""From a CSV or Excel file to rows of text cells, as they stand in it."""

import csv
import io
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from review.warehouse import ReviewError

TEXTS = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm")
SEPARATORS = ",;\t"
SAVE_AS = "open it in Excel and save it as Excel Workbook (.xlsx) or CSV UTF-8 (.csv)"


class Unreadable(ReviewError):
    """Why a file cannot be read and what to do; the reader of the folder adds the file's name."""


@dataclass(frozen=True)
class Sheet:
    """Rows of text cells from the first row on, so that row n of the file is `rows[n - 1]`.

    `name` is the worksheet's; None for a text file, which has but one.
    """

    name: str | None
    rows: list[list[str]]


def sheets(file_name: str, content: bytes) -> list[Sheet]:
    """The sheets with anything on them of a file of that name and content.

    A number of a workbook becomes text like "1234.5", a date "10/21/2025" or "10/21/2025 2:30 PM",
    a formula its last result. Raises Unreadable.
    """
    kind = Path(file_name).suffix.lower()
    if kind in WORKBOOKS:
        found = _workbook(content)
    elif kind in TEXTS:
        found = [Sheet(None, _separated(_decoded(content)))]
    else:
        raise Unreadable(f"files of the kind {kind or '(none)'} are not read; {SAVE_AS}")
    filled = [sheet for sheet in found if any(map(is_filled, sheet.rows))]
    if not filled:
        raise Unreadable("it is empty; export the report again, or delete the file")
    return filled


def is_filled(row: list[str]) -> bool:
    """Whether any cell of the row says anything."""
    return any(cell.strip() for cell in row)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]  # cp1252 is what Excel's plain "CSV" writes in the US
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # else it is UTF-16 without its mark, or no text at all
            return text
    raise Unreadable(f"its encoding is none of UTF-8, UTF-16 and Windows-1252; {SAVE_AS}")


def _separated(text: str) -> list[list[str]]:
    """The rows by the separator with which most rows have the same number of cells.

    Titles and groups are short and amounts may contain commas, but the header and the records are
    equally long under the right separator only.
    """
    best: tuple[int, int] = (0, 0)
    chosen, trouble = None, None
    for separator in SEPARATORS:
        try:
            # strict: a quotation mark that is never closed would swallow the rows behind it
            lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
            rows = list(lines)
        except csv.Error as error:
            trouble = trouble or error
            continue
        widths = Counter(len(row) for row in rows if len(row) > 1)
        agreeing = max(((count, width) for width, count in widths.items()), default=(0, 1))
        if chosen is None or agreeing > best:
            best, chosen = agreeing, rows
    if chosen is None or (trouble and best == (0, 1)):
        raise Unreadable(f"its quotation marks do not pair up ({trouble}); {SAVE_AS}")
    return chosen


def _workbook(content: bytes) -> list[Sheet]:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(f"it is protected by a password, or an old .xls by content; {SAVE_AS}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and print areas, which nobody reads here
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            return [Sheet(page.title, _cells(page)) for page in book.worksheets]
    except zipfile.BadZipFile:
        raise Unreadable(f"it is no Excel workbook, or a damaged one; {SAVE_AS}") from None
    except Exception as error:  # openpyxl passes on whatever its parts stumble over
        raise Unreadable(
            f"the workbook is damaged ({type(error).__name__}: {error}); {SAVE_AS}"
        ) from None


def _cells(page: Any) -> list[list[str]]:
    page.reset_dimensions()  # programs that export write wrong ones: rows would go missing
    return [[_text(value) for value in row] for row in page.iter_rows(values_only=True)]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        # Excel keeps doubles and shows 15 digits of them: 0.1 + 0.2 is 0.3.
        return format(Decimal(format(value, ".15g")), "f")
    if isinstance(value, datetime):
        day = _text(value.date())
        return day if value.time() == time(0) else f"{day} {_text(value.time())}"
    if isinstance(value, date):
        return f"{value:%m/%d/%Y}"
    if isinstance(value, time):
        return f"{value.hour % 12 or 12}:{value:%M %p}"
    return str(value)
