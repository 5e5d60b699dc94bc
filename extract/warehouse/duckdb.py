"""Rows and cursors in an embedded DuckDB file."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from extract.entities import INGESTED_AT, ROW_KEY, Entity
from extract.errors import WarehouseError
from extract.rows import ANYWAY
from extract.warehouse import Cursor, Landed, Run, State
from extract.warehouse.reports import ROW_COLUMNS, RUN_COLUMNS, ReportRow, ReportRun

_TYPES = {
    "integer": "BIGINT",
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "decimal": "DECIMAL(38,9)",
    "instant": "TIMESTAMP WITH TIME ZONE",
    "date": "DATE",
    "json": "JSON",
}
# As what a line's value is read before it is cast: text, wherever a JSON reader might round.
_ON_THE_LINE = {"integer": "BIGINT", "boolean": "BOOLEAN"}

_CONTROL_TABLES = """
create table if not exists {schema}.sync_cursors (
    entity VARCHAR not null,
    position JSON,
    loading JSON,
    saved_at TIMESTAMP WITH TIME ZONE
);
create table if not exists {schema}.sync_runs (
    run_id VARCHAR not null,
    entity VARCHAR not null,
    started_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    state VARCHAR,
    pages BIGINT,
    rows BIGINT,
    new BIGINT,
    changed BIGINT,
    removed BIGINT,
    bytes BIGINT,
    retries BIGINT,
    waited_seconds DOUBLE,
    note VARCHAR,
    error VARCHAR
);
"""

_REPORT_TABLES = {"report_runs": RUN_COLUMNS, "report_rows": ROW_COLUMNS}

# Lines of JSON as a relation with one column, `line`; takes the lines, then their shape.
_LINES = "(select from_json_strict(unnest(?::VARCHAR[]), ?) as line)"

_json = msgspec.json.Encoder(decimal_format="number")
_text = msgspec.json.Encoder(decimal_format="string")


class DuckDB:
    """See `extract.warehouse.Warehouse`. One process at a time may hold the file."""

    def __init__(self, path: Path, schema: str):
        self._schema = _quoted(schema)
        self._schema_name = schema
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = duckdb.connect(str(path))
            self._db.execute("set timezone = 'UTC'")
        except (OSError, duckdb.Error) as error:
            if "lock" in str(error):
                raise WarehouseError(
                    f"{path} is in use by another process (another sync, dbt or an open DuckDB "
                    "shell): close that and run again"
                ) from None
            raise WarehouseError(f"{path} cannot be opened (KPI_DUCKDB_PATH): {error}") from None

    def close(self) -> None:
        self._db.close()

    def prepare(self, entities: Iterable[Entity]) -> dict[str, str]:
        notes = {}
        with self._transaction():
            self._db.execute(f"create schema if not exists {self._schema}")
            self._db.execute(_CONTROL_TABLES.format(schema=self._schema))
            for name, columns in _REPORT_TABLES.items():
                declared = ", ".join(f"{column} {_TYPES[k]}" for column, k in columns.items())
                self._db.execute(
                    f"create table if not exists {self._schema}.{name} "
                    f"({declared}, {INGESTED_AT} {_TYPES['instant']})"
                )
            tables = self._columns_by_table()
            for entity in entities:
                declared = _columns(entity)
                landed = tables.get(entity.table)
                if landed is None:
                    self._db.execute(_create(self._table(entity), entity))
                elif landed != declared:
                    for name in declared.keys() - landed.keys():
                        self._db.execute(
                            f"alter table {self._table(entity)} "
                            f"add column {_quoted(name)} {declared[name]}"
                        )
                    self._save(entity, Cursor())
                    notes[entity.name] = "its columns changed: read anew from the beginning"
        return notes

    def cursor(self, entity: Entity) -> Cursor:
        with self._errors():
            found = self._db.execute(
                f"select position, loading from {self._schema}.sync_cursors where entity = ?",
                [entity.name],
            ).fetchone()
        position, loading = (json.loads(part) if part else None for part in found or (None, None))
        if loading is not None and self._columns_by_table().get(_beside(entity)) != _columns(
            entity
        ):
            loading = None  # the table it was loading into is gone or out of date
        return Cursor(position, loading)

    def save_cursor(self, entity: Entity, cursor: Cursor) -> None:
        with self._transaction():
            self._save(entity, cursor)

    def newest_day(self, entity: Entity, column: str) -> date | None:
        with self._errors():
            (day,) = self._db.execute(
                f"select cast(max({_quoted(column)}) as date) from {self._table(entity)}"
            ).fetchone()
        return day

    def begin_full(self, entity: Entity, cursor: Cursor) -> None:
        with self._transaction():
            self._db.execute(f"drop table if exists {self._full(entity)}")
            self._db.execute(_create(self._full(entity), entity))
            self._save(entity, cursor)

    def finish_full(self, entity: Entity, position: State) -> Landed:
        key = _quoted(entity.key)
        content = f"hash({', '.join(map(_quoted, entity.row_types))})"
        with self._transaction():
            # By hash, so that comparing two tables takes memory for the keys only.
            new, changed, removed = self._db.execute(
                f"""
                select
                    count(*) filter (where before.key is null),
                    count(*) filter (where before.content <> after.content),
                    count(*) filter (where after.key is null)
                from (select {key} as key, {content} as content from {self._full(entity)}) as after
                full join
                    (select {key} as key, {content} as content from {self._table(entity)}) as before
                    on after.key = before.key
                """
            ).fetchone()
            self._db.execute(f"drop table {self._table(entity)}")
            self._db.execute(f"alter table {self._full(entity)} rename to {_quoted(entity.table)}")
            self._save(entity, Cursor(position))
        return Landed(new, changed, removed)

    def merge(self, entity: Entity, lines: list[str], cursor: Cursor) -> Landed:
        with self._transaction():
            self._stage(entity, lines)
            landed = self._merge_staged(entity, cursor)
            self._save(entity, cursor)
        return landed

    def merge_whole(self, entity: Entity, lines: list[str], cursor: Cursor) -> Landed:
        key, table = _quoted(entity.key), self._table(entity)
        with self._transaction():
            self._stage(entity, lines)
            landed = self._merge_staged(entity, cursor)
            if entity.row_types.get("active") == "boolean":
                removed = self._db.execute(
                    f"""
                    update {table} set active = false, {INGESTED_AT} = ?::timestamptz
                    where {key} not in (select {key} from staged) and active is distinct from false
                    """,
                    [_now()],
                ).fetchone()[0]
                landed += Landed(removed=removed)
            self._save(entity, cursor)
        return landed

    def replace_days(
        self,
        entity: Entity,
        first: date | None,
        last: date | None,
        lines: list[str],
        cursor: Cursor,
    ) -> Landed:
        table = self._target(entity, cursor)
        day = _quoted(entity.day)
        names = ", ".join(map(_quoted, entity.row_types))
        # The row key is made from the whole row: a row with a known key needs no rewriting.
        with self._transaction():
            self._stage(entity, lines)
            removed = self._db.execute(
                f"""
                delete from {table}
                where {day} >= coalesce(?, {day}) and {day} <= coalesce(?, {day})
                    and {ROW_KEY} not in (select {ROW_KEY} from staged)
                """,
                [first, last],
            ).fetchone()[0]
            new = self._db.execute(
                f"""
                insert into {table} ({names}, {INGESTED_AT})
                select {names}, ?::timestamptz from staged
                where {ROW_KEY} not in (select {ROW_KEY} from {table})
                """,
                [_now()],
            ).fetchone()[0]
            self._save(entity, cursor)
        return Landed(new=new, removed=removed)

    def log(self, run: Run) -> None:
        values = asdict(run)
        with self._transaction():
            self._db.execute(
                f"delete from {self._schema}.sync_runs where run_id = ? and entity = ?",
                [run.run_id, run.entity],
            )
            self._db.execute(
                f"insert into {self._schema}.sync_runs ({', '.join(values)}) "
                f"values ({', '.join('?' * len(values))})",
                list(values.values()),
            )

    def land_report(self, run: ReportRun, rows: Iterable[ReportRow]) -> None:
        with self._transaction():
            for table in _REPORT_TABLES:
                self._db.execute(
                    f"delete from {self._schema}.{table} where run_id = ?", [run.run_id]
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
        with self._errors():
            found = self._db.execute(
                f"select {columns} from {self._schema}.report_runs "
                "where report_id = ? and source = 'api' "
                f"order by pulled_at desc, {INGESTED_AT} desc limit 1",
                [report_id],
            ).fetchone()
        if found is None:
            return None
        read = {"instant": datetime.fromisoformat, "json": json.loads}
        return ReportRun(
            *(
                value if value is None else read.get(kind, lambda same: same)(value)
                for value, kind in zip(found, kinds.values(), strict=True)
            )
        )

    def _insert_report(self, table: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Appends to a table of reports; gives the number of rows."""
        types = _REPORT_TABLES[table]
        lines = [_line(types, row) for row in rows]
        self._db.execute(
            f"""
            insert into {self._schema}.{table} ({", ".join(types)}, {INGESTED_AT})
            select {_typed(types)}, ?::timestamptz from {_LINES}
            """,
            [_now(), lines, json.dumps(_shape(types))],
        )
        return len(lines)

    def _stage(self, entity: Entity, lines: list[str]) -> None:
        """The lines as the typed temporary table `staged`."""
        types = entity.row_types
        self._db.execute(
            f"""
            create or replace temp table staged as
            select {_typed(types)}, line.{ANYWAY} from {_LINES}
            """,
            [lines, json.dumps({**_shape(types), ANYWAY: "BOOLEAN"})],
        )

    def _merge_staged(self, entity: Entity, cursor: Cursor) -> Landed:
        table = self._target(entity, cursor)
        names = list(map(_quoted, entity.row_types))
        key = _quoted(entity.key)
        older = "false"
        if entity.version:
            version = _quoted(entity.version)
            older = f"coalesce(staged.{version} < landed.{version}, false) and not {ANYWAY}"
        differs = " or ".join(f"staged.{n} is distinct from landed.{n}" for n in names)
        actions = self._db.execute(
            f"""
            merge into {table} as landed
            using staged on staged.{key} = landed.{key}
            when matched and not ({older}) and ({differs}) then update set
                {", ".join(f"{n} = staged.{n}" for n in names)}, {INGESTED_AT} = $1::timestamptz
            when not matched then insert ({", ".join(names)}, {INGESTED_AT})
                values ({", ".join(f"staged.{n}" for n in names)}, $1::timestamptz)
            returning merge_action
            """,
            [_now()],
        ).fetchall()
        new = sum(action == "INSERT" for (action,) in actions)
        return Landed(new=new, changed=len(actions) - new)

    def _save(self, entity: Entity, cursor: Cursor) -> None:
        parts = (cursor.position, cursor.loading)
        self._db.execute(f"delete from {self._schema}.sync_cursors where entity = ?", [entity.name])
        self._db.execute(
            f"insert into {self._schema}.sync_cursors values (?, ?, ?, ?::timestamptz)",
            [entity.name, *(None if p is None else json.dumps(p) for p in parts), _now()],
        )

    def _columns_by_table(self) -> dict[str, dict[str, str]]:
        with self._errors():
            found = self._db.execute(
                "select table_name, column_name, data_type from duckdb_columns() "
                "where database_name = current_database() and schema_name = ?",
                [self._schema_name],
            ).fetchall()
        tables: dict[str, dict[str, str]] = {}
        for table, column, kind in found:
            tables.setdefault(table, {})[column] = kind
        return tables

    def _target(self, entity: Entity, cursor: Cursor) -> str:
        return self._table(entity) if cursor.loading is None else self._full(entity)

    def _table(self, entity: Entity) -> str:
        return f"{self._schema}.{_quoted(entity.table)}"

    def _full(self, entity: Entity) -> str:
        return f"{self._schema}.{_quoted(_beside(entity))}"

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._errors():
            self._db.execute("begin")
            try:
                yield
                self._db.execute("commit")
            except BaseException:
                # A failed commit has already rolled back; a fatal error leaves no transaction.
                with suppress(duckdb.Error):
                    self._db.execute("rollback")
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            raise WarehouseError(f"DuckDB: {str(error).splitlines()[0]}") from error


def _beside(entity: Entity) -> str:
    """The table that a full load goes into until it is complete."""
    return f"_loading_{entity.name}"


def _columns(entity: Entity) -> dict[str, str]:
    columns = {name: _TYPES[kind] for name, kind in entity.row_types.items()}
    return {**columns, INGESTED_AT: _TYPES["instant"]}


def _create(table: str, entity: Entity) -> str:
    columns = ", ".join(
        f"{_quoted(name)} {kind}{' not null' if name == entity.key else ''}"
        for name, kind in _columns(entity).items()
    )
    return f"create table {table} ({columns})"


def _shape(types: Mapping[str, str]) -> dict[str, str]:
    return {name: _ON_THE_LINE.get(kind, "VARCHAR") for name, kind in types.items()}


def _typed(types: Mapping[str, str]) -> str:
    return ", ".join(
        f"cast(line.{_quoted(name)} as {_TYPES[kind]}) as {_quoted(name)}"
        for name, kind in types.items()
    )


def _line(types: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """Values as a line of JSON: what is JSON itself as text that keeps its numbers' digits."""
    return _text.encode(
        {
            name: _json.encode(values[name]).decode()
            if kind == "json" and values.get(name) is not None
            else values.get(name)
            for name, kind in types.items()
        }
    ).decode()


def _quoted(name: str) -> str:
    return f'"{name}"'


def _now() -> str:
    return datetime.now(UTC).isoformat()
