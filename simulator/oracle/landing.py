"""The oracle's rows as DuckDB tables, with the exact types of the marts."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

SCHEMA = "st_oracle"
KEY_TYPES = {"event_date": "date", "business_unit": "varchar", "region": "varchar"}
KPI_TYPES = {
    "lead_count": "integer",
    "total_booked": "decimal(38,9)",
    "dollars_produced": "decimal(38,9)",
    "gpm_percent": "double",
    "dollars_collected": "decimal(38,9)",
    "num_estimates": "integer",
    "close_rate_percent": "double",
    "future_bookings": "decimal(38,9)",
    "warranty_percent": "double",
    "outstanding_ar": "decimal(38,9)",
}


def land_tables(
    warehouse: str | Path | duckdb.DuckDBPyConnection,
    tables: dict[str, tuple[tuple[str, ...], list[dict]]],
) -> None:
    """Create or replace the tables in schema st_oracle, all or none.

    tables: per name its key columns (all of KEY_TYPES that it has) and its rows.
    warehouse: a DuckDB file's path, or an open connection outside a transaction (it stays open).
    Raises ValueError if an amount needs more than 9 decimals.
    """
    if not isinstance(warehouse, duckdb.DuckDBPyConnection):
        with duckdb.connect(str(warehouse)) as connection:
            land_tables(connection, tables)
        return
    with TemporaryDirectory() as folder:
        files = {table: Path(folder, f"{table}.ndjson") for table in tables}
        for table, (_, rows) in tables.items():
            with files[table].open("w", encoding="utf-8") as lines:
                lines.writelines(json.dumps(_as_text(table, row)) + "\n" for row in rows)
        warehouse.execute("begin")
        try:
            warehouse.execute(f"create schema if not exists {SCHEMA}")
            for table, (keys, _) in tables.items():
                _create(warehouse, table, keys, files[table])
        except duckdb.Error:
            warehouse.execute("rollback")
            raise
        warehouse.execute("commit")


def _create(
    connection: duckdb.DuckDBPyConnection, table: str, keys: tuple[str, ...], file: Path
) -> None:
    """Every value travels as text and is cast by its own type: a JSON number could lose decimals on
    its way through a double."""
    columns = {key: KEY_TYPES[key] for key in keys} | KPI_TYPES
    casts = ", ".join(f"cast({name} as {type}) as {name}" for name, type in columns.items())
    connection.execute(
        f"create or replace table {SCHEMA}.{table} as select {casts} "
        "from read_json(?, format = 'newline_delimited', columns = ?)",
        [str(file), dict.fromkeys(columns, "varchar")],
    )


def _as_text(table: str, row: dict) -> dict[str, str | None]:
    return {
        column: None if value is None else _text(table, row, column, value)
        for column, value in row.items()
    }


def _text(table: str, row: dict, column: str, value: date | str | int | float | Decimal) -> str:
    if not isinstance(value, Decimal):
        return str(value)
    text = f"{value:f}"
    decimals = text.partition(".")[2].rstrip("0")
    if len(decimals) > 9:
        unit = row.get("business_unit") or row.get("region") or "the company"
        raise ValueError(
            f"{SCHEMA}.{table}: {column} of {unit} on {row['event_date']} is {text}, which has "
            "more than the 9 decimals of decimal(38,9): look for a record with that many decimals"
        )
    return text
