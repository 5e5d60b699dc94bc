"""Reading the built tables: one small interface, one module per warehouse."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Protocol

from extract import config


class ReviewError(Exception):
    """What cannot be shown, where, and what to do next."""


class Reader(Protocol):
    """The tables of the last build; `place` is the warehouse's name in messages."""

    place: str

    def schema(self, name: str) -> str:
        """A schema of the models (such as st_mart) as SQL has to name it here."""

    def query(self, sql: str, **values: str | date) -> list[tuple]:
        """The rows of a query that both warehouses understand, `@name` standing for a value.

        Texts, dates, int, float, Decimal (of whatever scale), and instants in UTC. Raises
        ReviewError where a table or a column is not there, and WarehouseError.
        """

    def close(self) -> None: ...


@contextmanager
def reading(settings: config.Warehouse) -> Iterator[Reader]:
    """The warehouse that the settings name. Raises ReviewError where there is none, or another
    process writes to it, SettingsError and WarehouseError."""
    # A warehouse's client is loaded only where it is used.
    if settings.target == "dev":
        from review.warehouse.duckdb import DuckDB as Opened
    else:
        from review.warehouse.bigquery import BigQuery as Opened
    warehouse = Opened(settings)
    try:
        yield warehouse
    finally:
        warehouse.close()


def unbuilt(place: str) -> ReviewError:
    """What to say where a table or a column is not there."""
    return ReviewError(f"{place} holds no KPIs, or those of older models: run `dbt build` first")
