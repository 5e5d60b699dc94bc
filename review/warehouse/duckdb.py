"""Reading a DuckDB file."""

import re
from datetime import date

import duckdb

from extract import config
from review.warehouse import ReviewError, unbuilt


class DuckDB:
    """See `review.warehouse.Reader`. Raises ReviewError where there is no such file, or another
    process writes to it."""

    def __init__(self, settings: config.Warehouse):
        self.place = str(settings.duckdb_path)
        if not settings.duckdb_path.is_file():
            raise ReviewError(
                f"there is no warehouse at {self.place}: run `python -m extract sync` and "
                "`dbt build` first, or set KPI_DUCKDB_PATH"
            )
        try:
            self._db = duckdb.connect(self.place, read_only=True)
        except duckdb.IOException as error:
            raise ReviewError(
                f"cannot open {self.place}: {str(error).splitlines()[0]}; is a sync or a build "
                "running?"
            ) from None
        self._db.execute("set TimeZone = 'UTC'")  # else the days of instants were the machine's

    def schema(self, name: str) -> str:
        return name

    def query(self, sql: str, **values: str | date) -> list[tuple]:
        try:
            return self._db.execute(re.sub(r"@(\w+)", r"$\1", sql), values).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):
            raise unbuilt(self.place) from None

    def close(self) -> None:
        self._db.close()
