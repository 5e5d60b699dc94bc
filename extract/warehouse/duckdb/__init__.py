"""Rows and cursors in an embedded DuckDB file."""

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from extract.entities import INGESTED_AT, Entity
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
from extract.warehouse.duckdb import statements
from extract.warehouse.duckdb.connection import Connection
from extract.warehouse.duckdb.statements import literal, now, quoted
from extract.warehouse.reports import ROW_COLUMNS, RUN_COLUMNS, ReportRow, ReportRun, line

_REPORT_TABLES = {"report_runs": RUN_COLUMNS, "report_rows": ROW_COLUMNS}
Method = TypeVar("Method", bound=Callable)


def _in_a_transaction(method: Method) -> Method:
    @functools.wraps(method)
    def whole(self: "DuckDB", *args: Any) -> Any:
        return self._to.transaction(lambda: method(self, *args))

    return whole  # type: ignore[return-value]


class DuckDB:
    """See `extract.warehouse.Warehouse`. One process at a time may hold the file."""

    names = None
    batch_bytes = 2 * 2**20  # more wins no time, and takes memory three times over

    def __init__(self, path: Path, schema: str, read_only: bool = False):
        self._schema = quoted(schema)
        self._schema_name = schema
        self._place = f"{path}, schema {schema}"
        self._to = Connection(path, read_only)

    def close(self) -> None:
        self._to.close()

    def query(self, sql: str) -> list[tuple]:
        """The rows that a statement gives."""
        return self._to.query(sql)

    def alone(self) -> AbstractContextManager[None]:
        return nullcontext()  # whoever has the file open has it alone

    @_in_a_transaction
    def prepare(self, entities: Iterable[Entity]) -> dict[str, str]:
        notes = {}
        self._to.query(f"create schema if not exists {self._schema}")
        self._to.query(statements.CONTROL_TABLES.format(schema=self._schema))
        for name, types in _REPORT_TABLES.items():
            declared = ", ".join(f"{c} {statements.TYPES[kind]}" for c, kind in types.items())
            self._to.query(
                f"create table if not exists {self._schema}.{name} "
                f"({declared}, {INGESTED_AT} {statements.TYPES['instant']})"
            )
        tables = self._columns_by_table()
        for entity in entities:
            declared = statements.columns(entity)
            landed = tables.get(entity.table)
            if landed is None:
                self._to.query(statements.create(self._table(entity), entity))
            elif landed != declared:
                for name in declared.keys() - landed.keys():
                    self._to.query(
                        f"alter table {self._table(entity)} "
                        f"add column {quoted(name)} {declared[name]}"
                    )
                self._save(entity, Cursor())
                notes[entity.name] = "its columns changed: read anew from the beginning"
        return notes

    def cursor(self, entity: Entity) -> Cursor:
        found = self._to.query(
            f"select position, loading from {self._schema}.sync_cursors "
            f"where entity = {literal(entity.name)}"
        )
        saved = found[0] if found else (None, None)
        position, loading = (json.loads(part) if part else None for part in saved)
        if loading is not None and not self._is_loading(entity):
            loading = None  # the table it was loading into is gone or out of date
        return Cursor(position, loading)

    @_in_a_transaction
    def save_cursor(self, entity: Entity, cursor: Cursor) -> None:
        self._save(entity, cursor)

    def newest_day(self, entity: Entity, column: str) -> date | None:
        ((day,),) = self._to.query(
            f"select cast(max({quoted(column)}) as date) from {self._table(entity)}"
        )
        return day

    def count(self, entity: Entity, since: datetime) -> Count:
        (counted,) = self._to.query(statements.count(entity, self._table(entity), since))
        return Count(*counted)

    def count_days(self, entity: Entity) -> dict[date | None, int]:
        day = quoted(entity.day)
        return dict(
            self._to.query(f"select {day}, count(*) from {self._table(entity)} group by {day}")
        )

    def inactive_keys(self, entity: Entity) -> list[Any]:
        found = self._to.query(
            f"select distinct {quoted(entity.key)} from {self._table(entity)} "
            "where active is false order by 1"
        )
        return [key for (key,) in found]

    def standing(self, entities: Iterable[Entity]) -> dict[str, Standing]:
        tables = self._columns_by_table()
        if "sync_runs" not in tables:
            raise no_run_log(self._place)
        columns = [field.name for field in fields(Run)]
        runs = [
            Run(
                *(
                    datetime.fromisoformat(value) if value and name.endswith("_at") else value
                    for name, value in zip(columns, row, strict=True)
                )
            )
            for row in self._to.query(statements.newest_runs(self._schema, columns))
        ]
        return {
            entity.name: Standing(
                *newest_and_landed(runs, entity),
                self.cursor(entity),
                self._rows(self._table(entity)) if entity.table in tables else None,
            )
            for entity in entities
        }

    def _rows(self, table: str) -> int:
        ((rows,),) = self._to.query(f"select count(*) from {table}")
        return rows

    @_in_a_transaction
    def begin_full(self, entity: Entity, cursor: Cursor) -> None:
        self._to.query(f"drop table if exists {self._full(entity)}")
        self._to.query(statements.create_loading(self._full(entity), entity))
        self._save(entity, cursor)

    def finish_full(self, entity: Entity, position: State) -> Landed:
        table, full = self._table(entity), self._full(entity)
        parts = statements.parts(entity, max(self._rows(table), self._rows(full)))
        # Transactions of their own: DuckDB does not alter a table from which it deletes. A kill
        # after them changes nothing, the rows would be outdated the next time as well.
        for part in parts:
            self._to.query(statements.drop_outdated(entity, full, part))
        return self._put_in_place(entity, parts, position)

    @_in_a_transaction
    def _put_in_place(self, entity: Entity, parts: list[str], position: State) -> Landed:
        table, full = self._table(entity), self._full(entity)
        self._to.run(f"alter table {full} drop column {ANYWAY}")
        landed = Landed()
        for part in parts:
            (found,) = self._to.query(
                statements.difference(entity, before=table, after=full, part=part)
            )
            landed += Landed(*found)
        self._to.run(f"drop table {table}")
        self._to.run(f"alter table {full} rename to {quoted(entity.table)}")
        self._save(entity, Cursor(position))
        return landed

    def merge(self, entity: Entity, lines: list[bytes], cursor: Cursor) -> Landed:
        if not lines:
            self.save_cursor(entity, cursor)
            return Landed()
        arrived = self._arrived(entity, lines)
        if cursor.loading is None:
            return self._merge(entity, arrived, cursor)
        self._append(entity, arrived, cursor)
        return Landed(new=len(lines))  # what they are is known when the load ends

    def merge_whole(self, entity: Entity, lines: list[bytes], cursor: Cursor) -> Landed:
        arrived = self._arrived(entity, lines)
        return self._merge(entity, arrived, cursor, entity.row_types.get("active") == "boolean")

    def replace_days(
        self,
        entity: Entity,
        first: date | None,
        last: date | None,
        lines: list[bytes],
        cursor: Cursor,
    ) -> Landed:
        arrived = self._arrived(entity, lines)
        if cursor.loading is None:
            return self._replace(entity, first, last, arrived, cursor)
        self._append(
            entity,
            arrived,
            cursor,
            statements.clear_days(entity, self._full(entity), first, last, but_staged=False),
        )
        return Landed(new=len(lines))

    @_in_a_transaction
    def log(self, run: Run) -> None:
        values = asdict(run)
        self._to.run(
            f"delete from {self._schema}.sync_runs "
            f"where run_id = {literal(run.run_id)} and entity = {literal(run.entity)}"
        )
        self._to.run(
            f"insert into {self._schema}.sync_runs ({', '.join(values)}) "
            f"values ({', '.join(map(literal, values.values()))})"
        )

    @_in_a_transaction
    def land_report(self, run: ReportRun, rows: Iterable[ReportRow]) -> None:
        for table in _REPORT_TABLES:
            self._to.query(
                f"delete from {self._schema}.{table} where run_id = {literal(run.run_id)}"
            )
        count = self._insert_report(
            "report_rows",
            (
                {**row.roles, "run_id": run.run_id, "row_number": number, "cells": row.cells}
                for number, row in enumerate(rows, start=1)
            ),
        )
        self._insert_report("report_runs", [{**vars(run), "row_count": count}])

    def last_report_run(self, report_id: int) -> ReportRun | None:
        kinds = {field.name: RUN_COLUMNS[field.name] for field in fields(ReportRun)}
        # Instants as text: DuckDB would need another package to hand them over.
        columns = ", ".join(
            f"cast({name} as varchar)" if kind == "instant" else name
            for name, kind in kinds.items()
        )
        found = self._to.query(
            f"select {columns} from {self._schema}.report_runs "
            f"where report_id = {report_id} and source = 'api' "
            f"order by pulled_at desc, {INGESTED_AT} desc limit 1"
        )
        read = {"instant": datetime.fromisoformat, "json": json.loads}
        for row in found:
            return ReportRun(
                *(
                    value if value is None else read.get(kind, lambda same: same)(value)
                    for value, kind in zip(row, kinds.values(), strict=True)
                )
            )
        return None

    def _insert_report(self, table: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Appends to a table of reports; gives the number of rows."""
        types = _REPORT_TABLES[table]
        lines = [line(types, row) for row in rows]
        names = ", ".join(types)
        self._to.query(
            f"insert into {self._schema}.{table} ({names}, {INGESTED_AT}) "
            f"select {names}, {now()} from {self._to.arrived(table, types, lines)}"
        )
        return len(lines)

    def _arrived(self, entity: Entity, lines: list[bytes]) -> str:
        return self._to.arrived(entity.table, {**entity.row_types, ANYWAY: "boolean"}, lines)

    @_in_a_transaction
    def _append(self, entity: Entity, arrived: str, cursor: Cursor, *before: str) -> None:
        for statement in before:
            self._to.run(statement)
        self._to.run(statements.append(entity, self._full(entity), arrived))
        self._save(entity, cursor)

    @_in_a_transaction
    def _merge(
        self, entity: Entity, arrived: str, cursor: Cursor, is_whole: bool = False
    ) -> Landed:
        self._to.run(statements.stage(arrived))
        actions = self._to.query(statements.merge(entity, self._table(entity)))
        new = sum(action == "INSERT" for (action,) in actions)
        removed = 0
        if is_whole:
            unlisted = statements.no_longer_listed(entity, self._table(entity))
            ((removed,),) = self._to.query(unlisted)
        self._save(entity, cursor)
        return Landed(new=new, changed=len(actions) - new, removed=removed)

    @_in_a_transaction
    def _replace(
        self, entity: Entity, first: date | None, last: date | None, arrived: str, cursor: Cursor
    ) -> Landed:
        table = self._table(entity)
        self._to.run(statements.stage(arrived))
        ((removed,),) = self._to.query(
            statements.clear_days(entity, table, first, last, but_staged=True)
        )
        ((new,),) = self._to.query(statements.insert_unknown(entity, table))
        self._save(entity, cursor)
        return Landed(new=new, removed=removed)

    def _save(self, entity: Entity, cursor: Cursor) -> None:
        parts = (cursor.position, cursor.loading)
        texts = (None if part is None else json.dumps(part) for part in parts)
        self._to.run(statements.save_cursor(self._schema, entity.name, *texts))

    def _is_loading(self, entity: Entity) -> bool:
        declared = {**statements.columns(entity), ANYWAY: "BOOLEAN"}
        return self._columns_by_table().get(_loading(entity)) == declared

    def _columns_by_table(self) -> dict[str, dict[str, str]]:
        found = self._to.query(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where database_name = current_database() "
            f"and schema_name = {literal(self._schema_name)}"
        )
        tables: dict[str, dict[str, str]] = {}
        for table, column, kind in found:
            tables.setdefault(table, {})[column] = kind
        return tables

    def _table(self, entity: Entity) -> str:
        return f"{self._schema}.{quoted(entity.table)}"

    def _full(self, entity: Entity) -> str:
        return f"{self._schema}.{quoted(_loading(entity))}"


def _loading(entity: Entity) -> str:
    """The table that a full load goes into until it is complete."""
    return f"_loading_{entity.name}"
