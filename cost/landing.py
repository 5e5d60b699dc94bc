"""The queries of `extract sync`, as `extract.warehouse.bigquery` asks them. What a load job loads
into a staging table is free; the statements that read it from there are not."""

from collections.abc import Iterable
from math import ceil

from cost.queries import Name, Query, Read
from cost.volumes import Table, Volumes
from extract.entities import Entity
from extract.load import RECENT
from extract.pages import PAGE_SIZE
from extract.rows import BATCH_ROWS
from extract.warehouse.bigquery import BigQuery

PART = "sync"


def daily(raw: str, entities: Iterable[Entity], volumes: Volumes) -> list[Query]:
    """What a run asks that lands the changes of a busy day, on which recent pay is read whole."""
    asked = [_control(raw, "sync_runs", "delete", 1)]
    for entity in entities:
        table = volumes.tables[raw, entity.table]
        rows = _daily_rows(entity, table)
        batches = _batches(entity, table, rows, RECENT.days)
        name = (raw, entity.table)
        key = {entity.key.lower()}
        if entity.feed == "windows":
            # The newest day and the newest change, then the rows of each day.
            for column in (entity.day, entity.version, entity.day):
                asked.append(Query(PART, entity.table, (Read(name, frozenset({column.lower()})),)))
            key.add(entity.day.lower())
        elif entity.feed == "list" and "active" in entity.row_types:
            key.add("active")
        asked += _merges(name, frozenset(key), _share(table, rows) / max(1, batches), batches)
        asked += _controls(raw, batches)
    return asked


def first(raw: str, entities: Iterable[Entity], volumes: Volumes, days: int) -> list[Query]:
    """What the first run asks, or `sync --full`: all of `days` days, put beside the table, then
    copied over it."""
    asked = [_control(raw, "sync_runs", "delete", 1)]
    for entity in entities:
        table, name = volumes.tables[raw, entity.table], (raw, entity.table)
        batches = _batches(entity, table, table.rows, days)
        staged = table.size / max(1, batches)
        # Pay's days are cleared before they are appended: nothing stands on them.
        asked.append(Query(PART, entity.table, staged=staged, times=batches))
        # Each key's row is picked, then all is compared with what stood before: nothing yet.
        asked += [Query(PART, entity.table, (Read(name),))] * 2
        asked += _controls(raw, batches)
    return asked


def loaded(
    raw: str, entities: Iterable[Entity], volumes: Volumes
) -> dict[str, tuple[float, float]]:
    """Rows and bytes per entity that a daily run loads into staging tables."""
    found = {}
    for entity in entities:
        table = volumes.tables[raw, entity.table]
        rows = _daily_rows(entity, table)
        found[entity.table] = (rows, _share(table, rows))
    return found


def _merges(table: Name, key: frozenset[str], staged: float, batches: int) -> list[Query]:
    """Per batch a count of the known keys, then the MERGE: it compares every column, and no
    condition on the partitions can say where an old record lies."""
    whole = Read(table)
    count = Query(PART, table[1], (Read(table, key),), staged, batches)
    return [count, Query(PART, table[1], (whole, whole), staged, batches)]


def _controls(raw: str, batches: int) -> list[Query]:
    """The cursor read, the run logged at its begin and end, the cursor saved after each batch."""
    return [
        _control(raw, "sync_cursors", "cursor", 1 + max(1, batches)),
        _control(raw, "sync_runs", "log", 2),
    ]


def _control(raw: str, table: str, what: str, times: int) -> Query:
    return Query("sync: cursors and log", what, (Read((raw, table)),), times=times)


def _daily_rows(entity: Entity, table: Table) -> float:
    return {"export": table.changed, "list": table.rows, "windows": table.recent}[entity.feed]


def _batches(entity: Entity, table: Table, rows: float, days: int) -> int:
    if not rows:
        return 0
    if entity.feed == "list":
        return 1
    if entity.feed == "windows":  # of whole days, as many as fit a page
        return min(days, ceil(rows / PAGE_SIZE))
    return max(ceil(rows / BATCH_ROWS), ceil(_share(table, rows) / BigQuery.batch_bytes))


def _share(table: Table, rows: float) -> float:
    """Bytes of so many of a table's rows."""
    return table.size * rows / table.rows if table.rows else 0.0
