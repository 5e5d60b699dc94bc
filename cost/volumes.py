"""How many bytes the tables of a built DuckDB warehouse would have in BigQuery."""

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from cost.queries import Name
from extract.entities import Entity
from extract.load import RECENT

# Bytes of a value that is not null, as BigQuery counts them; text has 2 and its UTF-8. JSON is
# counted as its text.
FIXED = {"BIGINT": 8, "INTEGER": 8, "HUGEINT": 8, "DOUBLE": 8, "DATE": 8, "BOOLEAN": 1}
FIXED |= {"TIMESTAMP WITH TIME ZONE": 8, "DECIMAL": 16}
TEXT = ("VARCHAR", "JSON")
BUSY_DAYS = 28


class NotBuilt(Exception):
    """The warehouse does not hold what is to be measured, and what to do."""


@dataclass(frozen=True)
class Table:
    """Rows, and bytes per column (lower case). Of a raw table also the rows that change on a busy
    day, and those of the days that every run reads again."""

    rows: float
    bytes: dict[str, float]
    changed: float = 0.0
    recent: float = 0.0

    @property
    def size(self) -> float:
        return sum(self.bytes.values())

    def times(self, factor: float) -> "Table":
        """The same with `factor` times the rows."""
        return Table(
            self.rows * factor,
            {column: size * factor for column, size in self.bytes.items()},
            self.changed * factor,
            self.recent * factor,
        )


@dataclass(frozen=True)
class Volumes:
    """The tables by schema and name."""

    tables: dict[Name, Table]

    def size(self, name: Name, columns: Iterable[str] | None = None) -> float:
        """Bytes of a table's columns; None = all. A table that is not there has none."""
        table = self.tables.get(name)
        if table is None:
            return 0.0
        return table.size if columns is None else sum(table.bytes[c] for c in columns)

    def widened(self, name: Name, column: str, times: float) -> "Volumes":
        """The same with one column `times` as wide. Raises NotBuilt where there is none."""
        table = self.tables.get(name)
        if table is None or column.lower() not in table.bytes:
            raise NotBuilt(f"{name[1]}.{column}: the warehouse has no such column in {name[0]}")
        sizes = table.bytes | {column.lower(): table.bytes[column.lower()] * times}
        return Volumes(self.tables | {name: replace(table, bytes=sizes)})

    def times(self, factor: float, grows: Callable[[Name], bool]) -> "Volumes":
        """The same with `factor` times the rows in every table that grows."""
        return Volumes(
            {
                name: table.times(factor) if grows(name) else table
                for name, table in self.tables.items()
            }
        )


class Warehouse:
    """A DuckDB file that was synced and built. Raises NotBuilt where it is not."""

    def __init__(self, path: Path):
        if not path.is_file():
            raise NotBuilt(f"there is no warehouse at {path}: run sync and dbt build first")
        self._path = path
        with self._errors():
            self._db = duckdb.connect(str(path), read_only=True)
            self._db.execute("set timezone = 'UTC'")

    def last_day(self) -> date:
        """The newest day of daily_kpis."""
        with self._errors():
            (day,) = self._db.execute("select max(event_date) from st_mart.daily_kpis").fetchone()
        if day is None:
            raise NotBuilt(f"{self._path}: daily_kpis is empty: run sync and dbt build first")
        return day

    def measure(self, raw: str, entities: Iterable[Entity]) -> Volumes:
        """The volumes of all tables; `raw` is the schema of the entities' tables."""
        with self._errors():
            types: dict[Name, dict[str, str]] = {}
            for schema, table, column, kind in self._db.execute(
                """
                select columns.schema_name, columns.table_name, column_name, data_type
                from duckdb_columns() as columns
                semi join duckdb_tables() as tables
                    on columns.database_name = tables.database_name
                    and columns.schema_name = tables.schema_name
                    and columns.table_name = tables.table_name
                where columns.database_name = current_database()
                """
            ).fetchall():
                types.setdefault((schema, table), {})[column] = kind
            tables = {name: self._table(name, columns) for name, columns in types.items()}
            for entity in entities:
                name = (raw, entity.table)
                if name in tables:
                    tables[name] = replace(
                        tables[name],
                        changed=self._busiest(name, entity.version),
                        recent=self._recent(name, entity.day),
                    )
        return Volumes(tables)

    def days(self, raw: str, entities: Iterable[Entity]) -> int:
        """The days from the first to the last that the entities read by days hold."""
        with self._errors():
            spans = [
                self._db.execute(
                    f'select max("{entity.day}") - min("{entity.day}") + 1 '
                    f"from {_quoted((raw, entity.table))}"
                ).fetchone()[0]
                for entity in entities
                if entity.day
            ]
        return max((span for span in spans if span), default=0)

    def share(self, table: Name, column: str, conditions: list[str]) -> float:
        """The share of a table's rows in those months of a column in which a row meets one of the
        conditions."""
        name = _quoted(table)
        # Rows without a day lie in a partition of their own.
        month = f"coalesce(cast(date_trunc('month', \"{column}\") as date), date '0001-01-01')"
        with self._errors():
            ((rows, left),) = self._db.execute(
                f"""
                select count(*), count(*) filter ({month} in (
                    select {month} from {name} where {" or ".join(conditions)}
                ))
                from {name}
                """
            ).fetchall()
        return left / rows if rows else 1.0

    def _table(self, name: Name, types: dict[str, str]) -> Table:
        sums = ", ".join(_bytes(column, kind) for column, kind in types.items())
        rows, *sizes = self._db.execute(f"select count(*), {sums} from {_quoted(name)}").fetchone()
        return Table(
            rows, {c.lower(): float(size or 0) for c, size in zip(types, sizes, strict=True)}
        )

    def _busiest(self, name: Name, version: str | None) -> float:
        """The most rows that were changed on one of the newest days."""
        if version is None:
            return 0.0
        ((rows,),) = self._db.execute(
            f"""
            select coalesce(max(rows), 0) from (
                select cast("{version}" as date) as day, count(*) as rows from {_quoted(name)}
                where day > (select max(cast("{version}" as date)) from {_quoted(name)}) - ?
                group by day
            )
            """,
            [BUSY_DAYS],
        ).fetchall()
        return rows

    def _recent(self, name: Name, day: str | None) -> float:
        if day is None:
            return 0.0
        ((rows,),) = self._db.execute(
            f'select count(*) from {_quoted(name)} where "{day}" >= '
            f'(select max("{day}") from {_quoted(name)}) - ?',
            [RECENT.days],
        ).fetchall()
        return rows

    @contextmanager
    def _errors(self):
        try:
            yield
        except duckdb.Error as error:
            raise NotBuilt(
                f"{self._path} cannot be measured: {str(error).splitlines()[0]}"
            ) from error


def _bytes(column: str, kind: str) -> str:
    """The SQL of a column's bytes."""
    if kind in TEXT:
        return f'sum(2 + strlen(cast("{column}" as varchar)))'
    return f'count("{column}") * {FIXED[kind.partition("(")[0]]}'


def _quoted(name: Name) -> str:
    return ".".join(f'"{part}"' for part in name)
