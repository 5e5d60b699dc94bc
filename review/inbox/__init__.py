"""Exports of reports that an analyst put into a folder: read, checked and landed."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from extract.privacy import Names
from extract.privacy_reports import Columns
from extract.warehouse import Warehouse
from extract.warehouse.reports import ReportRow, ReportRun
from review.inbox.exports import recognised
from review.inbox.records import records
from review.inbox.sheets import Unreadable, sheets
from review.warehouse import ReviewError

# A file with one wrong column has as many problems as rows.
SHOWN = 10


@dataclass(frozen=True)
class FileExport:
    """An export that is in order. `rows` are its records of the period, none where it has none;
    `skipped` says in words what else was in the file."""

    file: str
    layout: str
    run: ReportRun
    rows: list[ReportRow]
    skipped: list[str]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file, where in it, and what to do; such a file does not land."""

    file: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}: {self.text}"


@dataclass(frozen=True)
class Inbox:
    """What is in the folder: every file is among the exports, or has problems."""

    exports: list[FileExport]
    problems: list[Problem]


@dataclass(frozen=True)
class Outcome:
    """What became of a file, as a sentence; `rows` landed of it as the run `run_id`, `problem`
    where it needs mending."""

    file: str
    text: str
    rows: int = 0
    run_id: str | None = None
    problem: bool = False


def read(folder: Path, first: date, last: date, zone: str, names: Names | None = None) -> Inbox:
    """The exports in `folder`, of each the records of the days `first` to `last`, as they may be
    stored: without contact data, and with `names` without names.

    `zone` is the tenant's: the time a file was written is given in it. Hidden files and those by
    which Excel marks a file as open are left alone. Raises ReviewError where there is no such
    folder or no such period or zone; what is wrong with a file is among the problems.
    """
    if not folder.is_dir():
        raise ReviewError(f"there is no folder {folder}: make it and put the exports into it")
    if first > last:
        raise ReviewError(f"the period {first} to {last} ends before it begins")
    try:
        tenants_zone = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ReviewError(f"{zone!r} is no time zone, as America/Phoenix is") from None
    exports: list[FileExport] = []
    problems: list[Problem] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")):
            continue
        try:
            found = _read(path, first, last, tenants_zone, names)
        except Unreadable as error:
            problems.append(Problem(path.name, str(error)))
        except OSError as error:
            problems.append(
                Problem(path.name, f"cannot be read ({error.strerror}); is it open elsewhere?")
            )
        else:
            if isinstance(found, FileExport):
                exports.append(found)
            else:
                problems.extend(Problem(path.name, text) for text in found)
    return Inbox(exports, problems)


def land(folder: Path, first: date, last: date, warehouse: Warehouse, zone: str) -> list[Outcome]:
    """Reads the folder as `read` does and lands each export that has records of the period.

    One run per file; a file that did not change lands in its own place. A file with a problem does
    not land, which keeps no other from landing. Raises ReviewError and WarehouseError.
    """
    inbox = read(folder, first, last, zone, warehouse.names)
    outcomes = [Outcome(each.file, str(each), problem=True) for each in inbox.problems]
    for export in inbox.exports:
        if export.rows:
            warehouse.land_report(export.run, export.rows)
        done = f"{len(export.rows)} rows landed" if export.rows else "nothing landed"
        text = f"{export.file}: {export.layout}, {'; '.join([done, *export.skipped])}"
        run_id = export.run.run_id if export.rows else None
        outcomes.append(Outcome(export.file, text, rows=len(export.rows), run_id=run_id))
    return sorted(outcomes, key=lambda outcome: outcome.file)


def _read(
    path: Path, first: date, last: date, zone: ZoneInfo, names: Names | None
) -> FileExport | list[str]:
    """The export in a file, or all that is wrong with its rows. Raises Unreadable, OSError."""
    if path.is_dir():
        raise Unreadable("it is a folder; put its files beside it, or move it elsewhere")
    content = path.read_bytes()
    written_at = datetime.fromtimestamp(path.stat().st_mtime, zone)
    export = recognised(sheets(path.name, content), strict=names is not None)
    found = records(export, first, last, strict=names is not None)
    if found.problems:
        more = len(found.problems) - SHOWN
        rest = [f"and {more} rows more that cannot be read"] if more > 0 else []
        return found.problems[:SHOWN] + rest

    period = f"{first} to {last}"
    skipped = [
        f"{count} {what}"
        for count, what in (
            (found.outside, f"of other days than {period}"),
            (found.undated, "without a day"),
            (found.groups, "groups"),
            (found.footers, "totals"),
        )
        if count
    ]
    skipped += [f"sheet {name!r} is no report" for name in export.left]
    if found.estimates_left:
        skipped.append(f"completed estimates have no day: export {period} alone to compare them")
    role_of = {export.headers[at]: role for role, at in export.columns.items()}
    columns = Columns({header: header for header in export.headers}, role_of, names)
    rows = [ReportRow(columns.cells(row.cells), columns.roles(row.roles)) for row in found.rows]
    if "event_date" not in export.columns and first != last:
        rows = []
        skipped.append("its balances are of one day: ask for a single day")
    elif not found.records:
        skipped.append("there is no record in it")
    layout = export.layout.name
    run = ReportRun(
        run_id=hashlib.sha256(f"{first} {last} ".encode() + content).hexdigest()[:32],
        report=layout,
        layout=layout,
        source="inbox",
        file_name=path.name,
        report_id=None,
        category=None,
        report_name=None,
        report_modified_at=None,
        period_start=first,
        period_end=last,
        parameters=None,
        fields=export.headers,
        pulled_at=written_at,
    )
    return FileExport(path.name, layout, run, rows, skipped)
