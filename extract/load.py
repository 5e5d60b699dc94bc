"""Reads one entity and lands it: pages first, then the cursor that says so, never before them."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from extract import pages
from extract.ahead import ahead
from extract.behind import behind
from extract.client import Client, Traffic
from extract.entities import Entity
from extract.errors import ExtractError, RowError
from extract.places import Place
from extract.rows import Batch, Line, Shaper, with_row_keys
from extract.typed import TypedRecords
from extract.warehouse import Cursor, Landed, State, Warehouse

# The newest landed change, less this, is where an export starts whose token is refused: exports
# are only roughly in the order of their changes.
OVERLAP = timedelta(days=1)
# Pay trickles in for weeks after the work, and some of it goes again: the API is asked in every run
# how many rows these days have, and they are read anew where ours are not as many, and once a week
# whatever it says.
RECENT = timedelta(days=75)
READ_AGAIN = timedelta(days=7)

# First and last, both included; None = without an end.
Days = tuple[date | None, date | None]


@dataclass
class Outcome:
    """What became of one entity in one run: `state` is running, then landed, failed or skipped;
    `full` says that a full load came to its end."""

    entity: Entity
    state: str = "running"
    rows: int = 0
    landed: Landed = field(default_factory=Landed)
    full: bool = False
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    error: str | None = None
    status: int | None = None  # the HTTP status that the error came with


Progress = Callable[[Outcome], None]


class Load:
    """The reading of one entity in one run."""

    def __init__(
        self,
        outcome: Outcome,
        client: Client,
        warehouse: Warehouse,
        full: bool,
        now: Callable[[], datetime],
        progress: Progress,
        place: Place,
    ):
        self.traffic = Traffic()
        self._entity = entity = outcome.entity
        self._get = partial(client.get, traffic=self.traffic)
        self._warehouse = warehouse
        self._outcome = outcome
        self._full = full
        self._now = now
        self._progress = progress
        self._place = place
        self._shaper = Shaper(entity, warehouse.names)
        if entity.feed != "list":
            self._typed = TypedRecords(entity, self._shaper)
            self._get_typed = partial(self._get, decode=self._typed.decode)

    def run(self) -> None:
        """Reads the entity as its feed wants it. Raises ExtractError; what has landed stays."""
        cursor = self._warehouse.cursor(self._entity)
        if self._entity.feed == "list":
            self._list(cursor)
            return
        if self._full or cursor.position is None or cursor.loading is not None:
            self._place.take()
        if self._full or cursor == Cursor():
            cursor = self._begin_full(cursor)
        elif cursor.loading:
            self._outcome.notes.append("went on with an interrupted full load")
        if self._entity.feed == "export":
            self._export(cursor)
        else:
            self._windows(cursor)

    def _begin_full(self, cursor: Cursor) -> Cursor:
        loading = {"since": self._now().isoformat()} if self._entity.feed == "windows" else {}
        cursor = cursor.at(**loading)
        self._warehouse.begin_full(self._entity, cursor)
        return cursor

    def _finish_full(self, position: State) -> None:
        self._count(self._warehouse.finish_full(self._entity, position))
        self._outcome.full = True

    def _export(self, cursor: Cursor) -> None:
        state = cursor.position if cursor.loading is None else cursor.loading
        start = state.get("from")
        try:
            self._export_from(cursor, start)
        except pages.TokenRefused:
            newest = None if cursor.loading is not None else self._newest_day(self._entity.version)
            if newest is None:
                self._outcome.notes.append("the stored token was refused: read from the beginning")
                self._export_from(self._begin_full(cursor), None)
            else:
                start = (newest - OVERLAP).isoformat()
                self._outcome.notes.append(f"the stored token was refused: read from {start}")
                self._export_from(cursor, start)

    def _newest_day(self, column: str | None) -> date | None:
        """The greatest day landed in a column; not after today, since a record dated into the
        future must not hide those of today."""
        newest = self._warehouse.newest_day(self._entity, column) if column else None
        return newest and min(newest, self._now().date())

    def _export_from(self, cursor: Cursor, start: str | None) -> None:
        entity, loading = self._entity, cursor.loading is not None
        token = start
        batch = Batch(self._warehouse.batch_bytes)
        fault: ExtractError | None = None
        feed_of_pages = pages.export(self._get_typed, entity.path, entity.params, start)
        with behind() as land, ahead(feed_of_pages) as feed:
            while True:
                try:
                    if (page := next(feed, None)) is None:
                        break
                    if page.more:
                        self._place.take()
                    lines = self._shaped(self._typed.lines, page.records, page.request)
                except ExtractError as error:
                    fault = error
                    break
                while lines := batch.fill(lines):
                    # The cursor stays where it was until the page has landed.
                    land(partial(self._merge, batch.lines(), cursor, loading))
                    batch = Batch(self._warehouse.batch_bytes)
                # Without a token at the end, the last page is read again next time: no harm.
                token = page.token or token
                reached = {"from": token} if token else {}
                cursor = Cursor(cursor.position, reached) if loading else Cursor(reached)
        # The pages before a fault are whole: they land, and the next run goes on behind them.
        self._merge(batch.lines(), cursor, loading)
        if fault:
            raise fault
        if loading:
            self._finish_full(cursor.loading)

    def _merge(self, lines: list[bytes], cursor: Cursor, loading: bool) -> None:
        self._count(self._warehouse.merge(self._entity, lines, cursor), loading)

    def _list(self, cursor: Cursor) -> None:
        entity = self._entity
        batch = Batch()
        for page in pages.whole_list(self._get, entity.path, entity.params, batch.__len__):
            batch.extend(self._shaped(self._shaper.lines, page.records, page.request))
        # A list has no position to go on from: it is read whole, then landed whole.
        if self._full or cursor.position is None or cursor.loading is not None:
            cursor = self._begin_full(cursor)
            self._warehouse.merge(entity, batch.lines(), cursor)
            self._finish_full({})
        else:
            landed = self._warehouse.merge_whole(entity, batch.lines(), cursor)
            self._count(landed)
            if landed.removed:
                self._outcome.notes.append(f"{landed.removed} no longer listed: marked inactive")

    def _windows(self, cursor: Cursor) -> None:
        now = self._now()
        if cursor.loading is not None:
            since, first = cursor.loading["since"], _date(cursor.loading.get("next"))

            def after(window: pages.Window) -> Cursor:
                # The last window has no end: going on after a kill reads it once more.
                reached = window.last + timedelta(days=1) if window.last else window.first
                return cursor.at(since=since, next=reached and reached.isoformat())

            self._land_days(self._read_days(first, None, now.date()), after)
            read = datetime.fromisoformat(since).date()
            self._finish_full({"since": since, "read": read.isoformat()})
            return

        with ThreadPoolExecutor(max_workers=1) as pool:
            counting = pool.submit(self._count_recent)
            self._replace_days(self._touched(cursor.position["since"]), cursor)
            recent, theirs = counting.result()
        read = _date(cursor.position.get("read"))
        counted = self._warehouse.count_days(self._entity)
        ours = sum(rows for day, rows in counted.items() if day and day >= recent)
        if theirs != ours or read is None or read + READ_AGAIN <= now.date():
            self._replace_days([(recent, None)], cursor)
            read = now.date()
        reached = Cursor({"since": now.isoformat(), "read": read.isoformat()})
        self._warehouse.save_cursor(self._entity, reached)

    def _count_recent(self) -> tuple[date, int | None]:
        """Where the recent days begin, and how many rows the API counts from there on."""
        # Of a tenant that pays no more, the last days on which it did.
        recent = (self._newest_day(self._entity.day) or self._now().date()) - RECENT
        since = {f"{self._entity.day}OnOrAfter": f"{recent}T00:00:00Z"}
        return recent, pages.total(self._get, self._entity.path, {**self._entity.params, **since})

    def read_again(self, days: Iterable[Days]) -> None:
        """Reads these days of an entity that is read by days, and nothing else: its cursor stays
        where it is. Raises ExtractError."""
        self._replace_days(days, self._warehouse.cursor(self._entity))

    def _replace_days(self, days: Iterable[Days], cursor: Cursor) -> None:
        today = self._now().date()
        for first, last in days:
            self._land_days(self._read_days(first, last, today), lambda _: cursor)

    def _touched(self, since: str) -> list[Days]:
        """The days with records modified lately, as runs of neighbouring days."""
        day, version = self._entity.day, self._entity.version
        # Whichever was earlier, our last run or their last change: clocks may differ.
        last_run = datetime.fromisoformat(since).date()
        lately = min(last_run, self._newest_day(version) or last_run) - OVERLAP
        params = {**self._entity.params, f"{version}OrAfter": f"{lately}T00:00:00Z"}
        touched = {
            pages.day_of(self._typed.value(record, day))
            for window in self._read_days(None, None, self._now().date(), params)
            for record in window.records
        }
        runs = groupby(enumerate(sorted(touched)), lambda item: item[1].toordinal() - item[0])
        days = ([day for _, day in run] for _, run in runs)
        return [(run[0], run[-1]) for run in days]

    def _read_days(
        self, first: date | None, last: date | None, today: date, params: dict | None = None
    ) -> Iterator[pages.Window]:
        entity = self._entity
        return pages.day_windows(
            self._get_typed,
            entity.path,
            entity.params if params is None else params,
            field=entity.day,
            first=first,
            last=last,
            today=today,
            value=self._typed.value,
        )

    def _land_days(
        self, windows: Iterator[pages.Window], after: Callable[[pages.Window], Cursor]
    ) -> None:
        """Replaces days by days that are read; `after` gives the cursor once a window has
        landed."""
        with behind() as land, ahead(windows) as read:
            for window in read:
                land(partial(self._replace, window, self._batch(window), after(window)))

    def _batch(self, window: pages.Window) -> list[bytes]:
        lines = self._shaped(self._typed.lines, window.records, window.request)
        batch = Batch()
        batch.extend(with_row_keys(lines))
        return batch.lines()

    def _replace(self, window: pages.Window, lines: list[bytes], cursor: Cursor) -> None:
        landed = self._warehouse.replace_days(
            self._entity, window.first, window.last, lines, cursor
        )
        self._count(landed, cursor.loading is not None)

    def _shaped(
        self, lines: Callable[[list[Any]], list[Line]], records: list[Any], request: str
    ) -> list[Line]:
        """The lines of an answer's records: all or none."""
        try:
            made = lines(records)
        except RowError as error:
            raise RowError(f"{error} (in the answer to {request})") from None
        except RecursionError:
            raise RowError(
                f"{self._entity.name}: a record goes hundreds of levels deep, which no record of "
                f"the API does (in the answer to {request})"
            ) from None
        records.clear()  # the next ones are there already, and both take memory
        self._outcome.rows += len(made)
        self._progress(self._outcome)
        return made

    def _count(self, landed: Landed, beside: bool = False) -> None:
        # What lands beside the table is compared with it at the end, not while it is loaded.
        if not beside:
            self._outcome.landed += landed
        self._progress(self._outcome)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
