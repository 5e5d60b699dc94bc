"""Rows and cursors in an embedded DuckDB file."""

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

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

    def prepare(self, entities: Iterable[Entity]) -> dict[str, str]:
        notes = {}
        with self._to.transaction():
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

    def save_cursor(self, entity: Entity, cursor: Cursor) -> None:
        with self._to.transaction():
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

    def begin_full(self, entity: Entity, cursor: Cursor) -> None:
        with self._to.transaction():
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
        landed = Landed()
        with self._to.transaction():
            self._to.query(f"alter table {full} drop column {ANYWAY}")
            for part in parts:
                (found,) = self._to.query(
                    statements.difference(entity, before=table, after=full, part=part)
                )
                landed += Landed(*found)
            self._to.query(f"drop table {table}")
            self._to.query(f"alter table {full} rename to {quoted(entity.table)}")
            self._save(entity, Cursor(position))
        return landed

    def merge(self, entity: Entity, lines: list[bytes], cursor: Cursor) -> Landed:
        landed = Landed()
        with self._to.transaction():
            if lines and cursor.loading is not None:
                self._append(entity, lines)
                landed = Landed(new=len(lines))  # what they are is known when the load ends
            elif lines:
                landed = self._merge(entity, lines)
            self._save(entity, cursor)
        return landed

    def merge_whole(self, entity: Entity, lines: list[bytes], cursor: Cursor) -> Landed:
        with self._to.transaction():
            landed = self._merge(entity, lines)
            if entity.row_types.get("active") == "boolean":
                ((removed,),) = self._to.query(
                    statements.no_longer_listed(entity, self._table(entity))
                )
                landed += Landed(removed=removed)
            self._save(entity, cursor)
        return landed

    def replace_days(
        self,
        entity: Entity,
        first: date | None,
        last: date | None,
        lines: list[bytes],
        cursor: Cursor,
    ) -> Landed:
        with self._to.transaction():
            if cursor.loading is not None:
                full = self._full(entity)
                self._to.query(statements.clear_days(entity, full, first, last, but_staged=False))
                self._append(entity, lines)
                landed = Landed(new=len(lines))
            else:
                table = self._table(entity)
                self._stage(entity, lines)
                ((removed,),) = self._to.query(
                    statements.clear_days(entity, table, first, last, but_staged=True)
                )
                ((new,),) = self._to.query(statements.insert_unknown(entity, table))
                landed = Landed(new=new, removed=removed)
            self._save(entity, cursor)
        return landed

    def log(self, run: Run) -> None:
        values = asdict(run)
        with self._to.transaction():
            self._to.query(
                f"delete from {self._schema}.sync_runs "
                f"where run_id = {literal(run.run_id)} and entity = {literal(run.entity)}"
            )
            self._to.query(
                f"insert into {self._schema}.sync_runs ({', '.join(values)}) "
                f"values ({', '.join(map(literal, values.values()))})"
            )

    def land_report(self, run: ReportRun, rows: Iterable[ReportRow]) -> None:
        with self._to.transaction():
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
            f"select {names}, {now()} from {self._to.arrived(types, lines)}"
        )
        return len(lines)

    def _append(self, entity: Entity, lines: list[bytes]) -> None:
        arrived = self._to.arrived(_line_types(entity), lines)
        self._to.query(statements.append(entity, self._full(entity), arrived))

    def _merge(self, entity: Entity, lines: list[bytes]) -> Landed:
        self._stage(entity, lines)
        actions = self._to.query(statements.merge(entity, self._table(entity)))
        new = sum(action == "INSERT" for (action,) in actions)
        return Landed(new=new, changed=len(actions) - new)

    def _stage(self, entity: Entity, lines: list[bytes]) -> None:
        """The lines as the typed temporary table `staged`."""
        self._to.query(statements.stage(self._to.arrived(_line_types(entity), lines)))

    def _save(self, entity: Entity, cursor: Cursor) -> None:
        parts = (cursor.position, cursor.loading)
        values = [entity.name, *(None if part is None else json.dumps(part) for part in parts)]
        self._to.query(
            f"delete from {self._schema}.sync_cursors where entity = {literal(entity.name)}"
        )
        self._to.query(
            f"insert into {self._schema}.sync_cursors "
            f"values ({', '.join(map(literal, values))}, {now()})"
        )

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


def _line_types(entity: Entity) -> dict[str, str]:
    return {**entity.row_types, ANYWAY: "boolean"}
