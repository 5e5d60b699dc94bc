"""Where rows and cursors land: one small interface, one module per warehouse."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

from extract import config
from extract.entities import Entity
from extract.errors import WarehouseError
from extract.privacy import Names
from extract.warehouse.reports import ReportRow, ReportRun

State = dict[str, Any]


@dataclass(frozen=True)
class Cursor:
    """How far an entity is read.

    `position`: where the next run of changes begins; None = never read to the end.
    `loading`: how far a full load has come that has not ended; None = none is under way.
    """

    position: State | None = None
    loading: State | None = None

    def at(self, **loading: Any) -> "Cursor":
        """The cursor with the full load at another place."""
        return replace(self, loading=loading)


@dataclass(frozen=True)
class Landed:
    """Rows that were not there before, that differ from what was there, that are gone."""

    new: int = 0
    changed: int = 0
    removed: int = 0

    def __add__(self, other: "Landed") -> "Landed":
        return Landed(
            self.new + other.new, self.changed + other.changed, self.removed + other.removed
        )


@dataclass
class Run:
    """A line of the run log; times in UTC, `error` free of secrets."""

    run_id: str
    entity: str
    started_at: datetime
    ended_at: datetime | None = None
    state: str = "running"
    pages: int = 0
    rows: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0
    bytes: int = 0
    retries: int = 0
    waited_seconds: float = 0.0
    note: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Count:
    """What a table holds: `rows`; `records`, by their keys (fewer where one stands twice); of
    these the `inactive` ones, and those created at an instant or after it (`recent`)."""

    rows: int
    records: int
    inactive: int
    recent: int


@dataclass(frozen=True)
class Standing:
    """How an entity stands: its newest run and the newest that read it to its end, both None where
    there is none; its cursor; the rows of its table, None where there is no table."""

    newest: Run | None
    landed: Run | None
    cursor: Cursor
    rows: int | None


class Warehouse(Protocol):
    """Where `sync` and reports land. What takes a cursor saves it in the same transaction as the
    rows or strictly after them, so that a kill at any moment leaves no cursor without its rows;
    rows without their cursor land again, which changes nothing. All raise WarehouseError.

    `names` hashes people's names before they land, None where they land as they are.
    `batch_bytes` is how much a batch of pages may hold, where a page need not land at once.
    `lines` are rows as JSON objects, see `extract.rows.Batch.lines`.
    """

    names: Names | None
    batch_bytes: int

    def alone(self) -> AbstractContextManager[None]:
        """Keeps other extractors out while the block runs; raises where one is at work."""

    def prepare(self, entities: Iterable[Entity]) -> dict[str, str]:
        """Creates what is missing: schema, control tables, the two tables of reports, one empty
        table per entity. An entity whose declared columns changed gets the new ones and loses its
        cursor, so that it is read anew; returned as name -> note."""

    def cursor(self, entity: Entity) -> Cursor: ...

    def save_cursor(self, entity: Entity, cursor: Cursor) -> None: ...

    def newest_day(self, entity: Entity, column: str) -> date | None:
        """The greatest day landed in a column of days or instants (UTC), None where all is null."""

    def count(self, entity: Entity, since: datetime) -> Count:
        """What the entity's table holds; `recent` are those created at `since` or after it, 0
        where records carry no `createdOn`."""

    def count_days(self, entity: Entity) -> dict[date | None, int]:
        """How many rows the table of an entity that is read by days has for each day."""

    def inactive_keys(self, entity: Entity) -> list[Any]:
        """The keys of the table's inactive rows, in order."""

    def standing(self, entities: Iterable[Entity]) -> dict[str, Standing]:
        """How entities stand, by name. Raises WarehouseError where there is no run log."""

    def begin_full(self, entity: Entity, cursor: Cursor) -> None:
        """Starts a full load beside the entity's table, which stays as it is until the end."""

    def finish_full(self, entity: Entity, position: State) -> Landed:
        """Puts the full load in the place of the entity's table."""

    def merge(self, entity: Entity, lines: list[bytes], cursor: Cursor) -> Landed:
        """Lands rows by key, into the full load where the cursor says that one is under way (what
        they were is then counted by `finish_full`). A row older than the landed one, or equal to
        it, changes nothing."""

    def merge_whole(self, entity: Entity, lines: list[bytes], cursor: Cursor) -> Landed:
        """Like `merge`, for lines that are all there is: landed rows that are not among them
        become inactive (counted as `removed`)."""

    def replace_days(
        self,
        entity: Entity,
        first: date | None,
        last: date | None,
        lines: list[bytes],
        cursor: Cursor,
    ) -> Landed:
        """Makes the rows of the days `first` to `last` (None = without an end) exactly `lines`;
        in the full load where the cursor says that one is under way."""

    def log(self, run: Run) -> None:
        """Writes a line of the run log; a later one of the same run and entity replaces it."""

    def land_report(self, run: ReportRun, rows: Iterable[ReportRow]) -> None:
        """Lands a run and all its rows, numbered from 1, in one transaction, in the place of what
        was landed with the same run_id. What `rows` raises lands nothing."""

    def last_report_run(self, report_id: int) -> ReportRun | None:
        """The run of a report that was pulled last through the API, None where there is none."""

    def close(self) -> None: ...


def open_warehouse(settings: config.Warehouse, *, read_only: bool = False) -> Warehouse:
    """The warehouse that KPI_TARGET names; one that is only to be read is not made where it is not
    there. Raises SettingsError, WarehouseError."""
    names = None if read_only else settings.names()
    # A warehouse's client is loaded only where it is used.
    if settings.target == "dev":
        from extract.warehouse.duckdb import DuckDB

        opened: Warehouse = DuckDB(settings.duckdb_path, settings.schema, read_only)
    else:
        from extract.warehouse.bigquery import BigQuery

        opened = BigQuery(settings)
    opened.names = names
    return opened


def newest_and_landed(runs: Iterable[Run], entity: Entity) -> tuple[Run | None, Run | None]:
    """An entity's newest run, and the newest that landed, of runs in the order of their start."""
    own = [run for run in runs if run.entity == entity.name]
    landed = [run for run in own if run.state == "landed"]
    return (own or [None])[-1], (landed or [None])[-1]


def no_run_log(place: str) -> WarehouseError:
    """What to say where nothing has landed yet."""
    return WarehouseError(
        f"{place}: no run log, nothing has landed there: run python -m extract sync, or check "
        "KPI_TARGET, KPI_DUCKDB_PATH and KPI_RAW_DATASET"
    )
