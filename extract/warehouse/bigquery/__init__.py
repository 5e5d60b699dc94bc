"""Rows and cursors in a dataset of BigQuery."""

import json
import threading
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import Any

from extract import config
from extract.entities import INGESTED_AT, Entity
from extract.errors import SettingsError
from extract.rows import ANYWAY
from extract.warehouse import (
    Count,
    Cursor,
    Landed,
    Run,
    Standing,
    State,
    newest_and_landed,
    no_run_log,
)
from extract.warehouse.bigquery import running, statements, tables
from extract.warehouse.bigquery.connection import Connection
from extract.warehouse.bigquery.statements import quoted
from extract.warehouse.reports import ROW_COLUMNS, RUN_COLUMNS, ReportRow, ReportRun, line


class BigQuery:
    """See `extract.warehouse.Warehouse`. Rows land first, in one statement; the cursor strictly
    after them. A kill in between makes the next run land the same rows again, which changes
    nothing."""

    names = None
    batch_bytes = 8 * 2**20  # a job takes seconds, whatever it loads

    def __init__(self, settings: config.Warehouse, connection: Connection | None = None):
        self._settings = settings
        self._to = connection or Connection(settings)
        self._saved: dict[str, Cursor] = {}
        self._control = threading.Lock()

    def close(self) -> None:
        self._to.close()

    def alone(self) -> AbstractContextManager[None]:
        self._to.create_dataset()
        self.refuse_foreign(self._to.names())
        place = f"BigQuery, project {self._settings.project}, dataset {self._settings.schema}"
        return running.alone(self._to, place)

    def prepare(self, entities: Iterable[Entity]) -> dict[str, str]:
        self._to.create_dataset()
        there = self._to.names()
        self.refuse_foreign(there)
        for name, types in tables.CONTROL_TABLES.items():
            if name not in there:
                self._to.create(tables.control(self._to.reference(name), types))
        # Whoever may not run jobs here, or has no billing, hears it once and not per entity.
        self._to.query(f"delete from {self._named('sync_runs')} where false")
        notes = {}
        for entity in entities:
            declared = tables.raw(self._to.reference(entity.table), entity)
            landed = self._to.table(entity.table) if entity.table in there else None
            if landed is None:
                self._to.create(declared)
                continue
            same_columns = tables.same_columns(landed.schema, declared.schema)
            if same_columns and tables.same_layout(landed, declared):
                continue
            # The cursor first: a kill in between must not leave new columns that nobody fills. A
            # full load of the columns as they are now may be under way: it goes on.
            if self.cursor(entity).position is not None:
                self.save_cursor(entity, Cursor())
            known = {field.name for field in landed.schema}
            missing = {f.name: f.field_type for f in declared.schema if f.name not in known}
            if missing:
                self._to.query(statements.add_columns(self._named(entity.table), missing))
            what = "partitions" if same_columns else "columns"
            notes[entity.name] = f"its {what} changed: read anew from the beginning"
        return notes

    def cursor(self, entity: Entity) -> Cursor:
        found = self._to.query(
            "select to_json_string(position) as position, to_json_string(loading) as loading "
            f"from {self._named('sync_cursors')} where entity = @entity",
            {"entity": ("string", entity.name)},
        )
        position, loading = next(
            (tuple(json.loads(part or "null") for part in row) for row in found), (None, None)
        )
        self._saved[entity.name] = Cursor(position, loading)
        if loading is not None and not self._is_loading(entity):
            loading = None  # the table it was loading into is gone or out of date
        return Cursor(position, loading)

    def save_cursor(self, entity: Entity, cursor: Cursor) -> None:
        if self._saved.get(entity.name) == cursor:
            return  # a page in several batches, or one without news
        parts = {"position": cursor.position, "loading": cursor.loading}
        texts = {name: None if p is None else json.dumps(p) for name, p in parts.items()}
        values = {"entity": entity.name, **texts, "saved_at": datetime.now(UTC)}
        self._put("sync_cursors", ("entity",), tables.CURSORS, values)
        self._saved[entity.name] = cursor

    def newest_day(self, entity: Entity, column: str) -> date | None:
        ((day,),) = self._to.query(
            f"select cast(max({quoted(column)}) as date) as day from {self._named(entity.table)}"
        )
        return day

    def count(self, entity: Entity, since: datetime) -> Count:
        (counted,) = self._to.query(
            statements.count(entity, self._named(entity.table)), {"since": ("instant", since)}
        )
        return Count(*counted)

    def count_days(self, entity: Entity) -> dict[date | None, int]:
        day = quoted(entity.day)
        found = self._to.query(
            f"select {day}, count(*) as rows_of_day from {self._named(entity.table)} group by {day}"
        )
        return dict(map(tuple, found))

    def inactive_keys(self, entity: Entity) -> list[Any]:
        key = quoted(entity.key)
        found = self._to.query(
            f"select distinct {key} from {self._named(entity.table)} "
            f"where active is false order by {key}"
        )
        return [key for (key,) in found]

    def standing(self, entities: Iterable[Entity]) -> dict[str, Standing]:
        there = self._to.names() if self._to.exists() else set()
        if "sync_runs" not in there:
            raise no_run_log(self._to.place)
        entities = list(entities)
        sizes = self._sizes(entity for entity in entities if entity.table in there)
        columns = [field.name for field in fields(Run)]
        found = self._to.query(statements.newest_runs(self._named("sync_runs"), columns))
        runs = [Run(*row) for row in found]
        # In one query: each takes BigQuery half a second.
        cursors = {
            name: Cursor(*(json.loads(part or "null") for part in parts))
            for name, *parts in self._to.query(
                "select entity, to_json_string(position) as position, "
                f"to_json_string(loading) as loading from {self._named('sync_cursors')}"
            )
        }
        return {
            entity.name: Standing(
                *newest_and_landed(runs, entity),
                cursors.get(entity.name, Cursor()),
                sizes.get(entity.name),
            )
            for entity in entities
        }

    def _sizes(self, entities: Iterable[Entity]) -> dict[str, int]:
        """The rows of their tables, by name; BigQuery knows them without reading, for free."""
        counts = [
            f"select '{entity.name}' as entity, count(*) as rows_of_table "
            f"from {self._named(entity.table)}"
            for entity in entities
        ]
        return dict(map(tuple, self._to.query(" union all ".join(counts)))) if counts else {}

    def begin_full(self, entity: Entity, cursor: Cursor) -> None:
        # In this order a cursor never speaks of rows that its table does not hold.
        name = _loading(entity)
        self._to.drop(name)
        self.save_cursor(entity, cursor)
        self._to.create(tables.loading(self._to.reference(name), entity))

    def finish_full(self, entity: Entity, position: State) -> Landed:
        completed = f"_complete_{entity.name}"
        declared = tables.raw(self._to.reference(completed), entity)
        before = self._to.table(entity.table)
        if before is not None:
            declared.schema = tables.in_order_of(before.schema, declared.schema)
        self._to.drop(completed)
        self._to.create(declared)
        self._to.query(
            statements.complete(entity, self._named(completed), self._named(_loading(entity)))
        )
        landed = Landed()
        if before is not None:
            comparable = tables.same_columns(before.schema, declared.schema)
            ((new, changed, removed),) = self._to.query(
                statements.difference(
                    entity, self._named(entity.table), self._named(completed), comparable
                )
            )
            landed = Landed(new, changed, removed)
            if not tables.same_layout(before, declared):
                self._to.drop(entity.table)  # its partitions cannot be changed, only made anew
        self._to.copy_over(completed, entity.table)
        self.save_cursor(entity, Cursor(position))
        self._to.drop(_loading(entity))
        self._to.drop(completed)
        return landed

    def merge(self, entity: Entity, lines: list[bytes], cursor: Cursor) -> Landed:
        landed = Landed()
        if cursor.loading is not None:
            landed = self._append(entity, lines)
        elif lines:
            landed = self._merge(entity, entity.table, lines)
        self.save_cursor(entity, cursor)
        return landed

    def merge_whole(self, entity: Entity, lines: list[bytes], cursor: Cursor) -> Landed:
        lose = ()
        if entity.row_types.get("active") == "boolean":
            lose = statements.no_longer_listed()
        landed = self._merge(entity, entity.table, lines, *lose)
        self.save_cursor(entity, cursor)
        return landed

    def replace_days(
        self,
        entity: Entity,
        first: date | None,
        last: date | None,
        lines: list[bytes],
        cursor: Cursor,
    ) -> Landed:
        if cursor.loading is not None:
            # A kill in between leaves days empty, and the cursor before them: they are read again.
            self._to.query(
                statements.clear_days(entity, self._named(_loading(entity)), first, last)
            )
            landed = self._append(entity, lines)
        else:
            # One statement: no kill can leave the days empty.
            on_days = statements.on_days(entity, first, last)
            landed = self._merge(entity, entity.table, lines, *on_days)
        self.save_cursor(entity, cursor)
        return landed

    def log(self, run: Run) -> None:
        self._put("sync_runs", ("run_id", "entity"), tables.RUNS, asdict(run))

    def land_report(self, run: ReportRun, rows: Iterable[ReportRow]) -> None:
        count = 0

        def lines() -> Iterable[bytes]:
            nonlocal count
            for count, row in enumerate(rows, start=1):
                values = {"run_id": run.run_id, "row_number": count, "cells": row.cells}
                yield line(ROW_COLUMNS, {**row.roles, **values})

        with self._to.staged("report_rows", ROW_COLUMNS, lines()) as staged_rows:
            run_line = line(RUN_COLUMNS, {**vars(run), "row_count": count})
            with self._to.staged("report_runs", RUN_COLUMNS, [run_line]) as staged_runs:
                self._to.query(
                    statements.replace_run(
                        self._named("report_runs"),
                        self._named("report_rows"),
                        staged_runs,
                        staged_rows,
                        (RUN_COLUMNS, ROW_COLUMNS),
                    )
                )

    def last_report_run(self, report_id: int) -> ReportRun | None:
        kinds = {field.name: RUN_COLUMNS[field.name] for field in fields(ReportRun)}
        columns = ", ".join(
            f"to_json_string({name}) as {name}" if kind == "json" else name
            for name, kind in ((quoted(name), kind) for name, kind in kinds.items())
        )
        found = self._to.query(
            f"select {columns} from {self._named('report_runs')} "
            "where report_id = @report_id and source = 'api' "
            f"order by pulled_at desc, {INGESTED_AT} desc limit 1",
            {"report_id": ("integer", report_id)},
        )
        for row in found:
            return ReportRun(
                *(
                    json.loads(value or "null") if kind == "json" else value
                    for value, kind in zip(row, kinds.values(), strict=True)
                )
            )
        return None

    def _append(self, entity: Entity, lines: list[bytes]) -> Landed:
        """Puts lines at the end of a full load; what they are is known when it ends."""
        if lines:
            with self._staged(entity, lines) as staged:
                self._to.query(statements.append(entity, self._named(_loading(entity)), staged))
        return Landed(new=len(lines))

    def _merge(
        self,
        entity: Entity,
        name: str,
        lines: list[bytes],
        gone: str = statements.NEVER,
        then: str = "",
    ) -> Landed:
        """Lands lines in one statement; see `statements.merge`."""
        table = self._named(name)
        with self._staged(entity, lines) as staged:
            ((known, lost),) = self._to.query(
                statements.known_and_gone(entity, table, staged, gone)
            )
            merged = self._to.query(statements.merge(entity, table, staged, gone, then))
        new = len(lines) - known
        touched = merged.num_dml_affected_rows or 0
        return Landed(new, max(0, touched - new - lost), lost)

    def _staged(self, entity: Entity, lines: list[bytes]) -> Any:
        types = {**entity.row_types, ANYWAY: "boolean"}
        return self._to.staged(entity.name, types, lines)

    def _put(
        self, name: str, key: tuple[str, ...], types: Mapping[str, str], values: Mapping[str, Any]
    ) -> None:
        """Writes a row of a control table in the place of that with its key."""
        columns = [
            f"parse_json(@{column}) as {quoted(column)}"
            if kind == "json"
            else f"@{column} as {quoted(column)}"
            for column, kind in types.items()
        ]
        names = list(map(quoted, types))
        others = [quoted(column) for column in types if column not in key]
        # One after the other: BigQuery gives up statements that change a table at the same time.
        with self._control:
            self._to.query(
                f"""
                merge into {self._named(name)} as landed
                using (select {", ".join(columns)}) as said
                    on {" and ".join(f"landed.{quoted(k)} = said.{quoted(k)}" for k in key)}
                when matched then update set {", ".join(f"{n} = said.{n}" for n in others)}
                when not matched by target then insert ({", ".join(names)})
                    values ({", ".join(f"said.{n}" for n in names)})
                """,
                {column: (kind, values[column]) for column, kind in types.items()},
            )

    def refuse_foreign(self, there: set[str]) -> None:
        """Raises where raw tables stand that are not ours: they might lose what they hold."""
        theirs = sorted(name for name in there if name.startswith("raw_"))
        if theirs and next(iter(tables.CONTROL_TABLES)) not in there:
            dataset = self._settings.schema
            raise SettingsError(
                f"BigQuery, project {self._settings.project}, dataset {dataset}: its tables "
                f"({theirs[0]}, …) were made by another system and stay as they are: name a "
                "dataset of your own in KPI_RAW_DATASET; python -m extract adopt --from "
                f"{dataset} copies into it what they can give"
            )

    def _is_loading(self, entity: Entity) -> bool:
        name = _loading(entity)
        found = self._to.table(name)
        declared = tables.loading(self._to.reference(name), entity)
        return found is not None and tables.same_columns(found.schema, declared.schema)

    def _named(self, name: str) -> str:
        return self._to.quoted(name)


def _loading(entity: Entity) -> str:
    """The table that a full load goes into until it is complete."""
    return f"_loading_{entity.name}"
