"""Reading a seed's CSV as it was saved, by a text editor or by Excel: rightly, or not at all.

Read rightly: a byte-order mark, CRLF, curly quotes within a text. Refused, with what to do: another
encoding or separator, mixed line ends, a row of too many or too few cells, an empty row, curly
quotes in place of straight ones, and whatever DuckDB would read otherwise than it is written.
"""

import csv
import io
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import duckdb

from editing import EditingError
from editing.faults import Fault
from editing.project import Seed

SAVE_AS = "in Excel: Save As, CSV UTF-8 (Comma delimited)"
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
CURLY = "“”„‟"
LINE_END = re.compile(r"\r\n|\r|\n")
IN_QUOTES = re.compile('"[^"]*"')


@dataclass(frozen=True)
class Row:
    """One row: the line on which it begins (the header is on line 1), and its cells."""

    line: int
    cells: tuple[str, ...]


@dataclass
class SeedFile:
    """A seed as it lies on disk: `columns` of its header, `rows`, and what is wrong with it."""

    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(path: Path, seed: Seed) -> SeedFile:
    """The file at `path`. What is wrong with it stands in `faults`; then its rows are not to be
    used. Raises EditingError where there is no such file."""
    found = SeedFile()

    def refuse(line: int | None, value: str, words: str, fix: str, nearest: str = "") -> None:
        fault = Fault(seed.file, line, value=value, found=words, fix=fix, nearest=nearest)
        found.faults.append(fault)

    try:
        data = path.read_bytes()
    except OSError as error:
        raise EditingError(f"{path} cannot be read: {error.strerror}") from None
    text = _decoded(data, refuse)
    if text is None:
        return found
    _check_separator(text, refuse)
    _check_line_ends(text, refuse)
    if found.faults:
        return found
    lines = _lines(text, refuse)
    if not lines:
        if not found.faults:
            refuse(1, "", "the file is empty", f"write the header: {','.join(seed.columns)}")
        return found
    header, *found.rows = lines
    found.columns = header.cells
    _check_header(header.cells, seed, refuse)
    if not found.faults:
        for row in found.rows:
            _check_row(row, header.cells, refuse)
    if not found.faults and seed.read_by_duckdb:
        _check_reading(path, found, refuse)
    return found


def _decoded(data: bytes, refuse) -> str | None:
    """The text of the file without its byte-order mark; None where it is in another encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        refuse(1, "", "the file is not in UTF-8 (Excel's “Unicode Text”)", f"save it {SAVE_AS}")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = len(LINE_END.findall(data[: error.start].decode("latin-1"))) + 1
        # Excel's plain “CSV” is in the code page of Windows, which names the letter that was meant.
        line = LINE_END.split(data.decode("cp1252", errors="replace"))[number - 1]
        refuse(number, line, "the file is not in UTF-8", f"save it {SAVE_AS}")
        return None


def _check_separator(text: str, refuse) -> None:
    header = LINE_END.split(text)[0]
    for separator, name in SEPARATORS.items():
        if separator in header and "," not in header:
            refuse(1, header, f"{name} stand between the cells", f"save it {SAVE_AS}")
            return


def _check_line_ends(text: str, refuse) -> None:
    """All rows end alike; within the quotes of a cell a line may end otherwise, as in Excel."""
    bare = IN_QUOTES.sub(lambda quoted: "x" * len(quoted[0]), text)
    ends = list(LINE_END.finditer(bare))
    for end in ends:
        if end[0] != ends[0][0]:
            line = len(LINE_END.findall(text[: end.start()])) + 1
            words = "its line ends in another way than those above (CRLF, LF or CR)"
            refuse(line, "", words, f"save the whole file anew, {SAVE_AS}")
            return


def _lines(text: str, refuse) -> list[Row]:
    """Every row, the header too. A cell may hold line ends, so that a row begins where the one
    before ended."""
    reader, rows, begins = csv.reader(io.StringIO(text, newline=""), strict=True), [], 1
    try:
        for cells in reader:
            rows.append(Row(begins, tuple(cells)))
            begins = reader.line_num + 1
    except csv.Error:
        refuse(
            begins,
            LINE_END.split(text)[begins - 1],
            "a double quote is opened and not closed, or stands within a quoted cell",
            'put " around the whole cell, and write each " within it twice: ""',
        )
        return []
    return rows


def _check_header(header: tuple[str, ...], seed: Seed, refuse) -> None:
    wanted = f"write the header: {','.join(seed.columns)}"
    for name in header:
        if name not in seed.columns:
            near = get_close_matches(name.strip().lower(), set(seed.columns) - set(header), 1)
            what = f'there is no column "{name}"' if name else "a column has no name"
            refuse(1, name, what, wanted, near[0] if near else "")
        elif header.count(name) > 1:
            refuse(1, name, f'the column "{name}" stands there twice', wanted)
            return
    for name in seed.columns:
        if name not in header and name not in seed.optional:
            refuse(1, "", f'the column "{name}" is missing', wanted)


def _check_row(row: Row, header: tuple[str, ...], refuse) -> None:
    written = ",".join(row.cells)
    if not any(cell.strip() for cell in row.cells):
        refuse(row.line, written, "the row is empty", "delete the line")
    elif len(row.cells) != len(header):
        fix = 'put " around a cell that has a comma in it; write a comma for each empty cell'
        if any(mark in written for mark in CURLY):
            fix = 'write straight quotes (") around a cell, not curly ones'
        words = f"the row has {len(row.cells)} cells, the header {len(header)}"
        refuse(row.line, written, words, fix)
    else:
        for cell in row.cells:
            if len(cell) > 1 and cell[0] in CURLY and cell[-1] in CURLY:
                straight = cell.strip(CURLY)
                words = "curly quotes around a cell are read as a part of it"
                refuse(row.line, cell, words, 'write straight quotes (") or none', straight)


def _check_reading(path: Path, found: SeedFile, refuse) -> None:
    """Holds the rows against what DuckDB makes of the file with the statement that dbt runs: it
    guesses at the quotes of a file, and is wrong about some."""
    marks = 'save the file anew in a spreadsheet, or put " around the cells of this line'
    names = ", ".join(f"column{number} varchar" for number in range(len(found.columns)))
    with duckdb.connect() as database:
        database.execute(f"create table seed ({names})")
        try:
            name = str(path).replace("'", "''")
            database.execute(f"copy seed from '{name}' (format csv, header true, delimiter ',')")
        except duckdb.Error as error:
            refuse(None, "", f"DuckDB cannot read the file: {str(error).splitlines()[0]}", marks)
            return
        rows = database.execute("from seed").fetchall()
    for row, cells in zip(found.rows, rows, strict=False):
        read_as = tuple(cell or "" for cell in cells)
        if read_as != row.cells:
            refuse(row.line, ",".join(row.cells), f"DuckDB reads it as {','.join(read_as)}", marks)
            return
    if len(rows) != len(found.rows):
        refuse(None, "", f"DuckDB reads {len(rows)} rows, there are {len(found.rows)}", marks)
