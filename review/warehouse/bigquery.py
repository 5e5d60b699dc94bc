"""Reading the datasets of BigQuery."""

import re
from dataclasses import replace
from datetime import date

from extract import config
from extract.errors import WarehouseError
from extract.warehouse.bigquery.connection import Connection
from extract.warehouse.bigquery.errors import one_line
from review.warehouse import ReviewError, unbuilt

# What BigQuery says of a table, a dataset or a column that no build has made.
MISSING = re.compile(r"Not found: (Table|Dataset|View)\b|Unrecognized name|Name \w+ not found")
TYPES = {str: "string", date: "date"}


class BigQuery:
    """See `review.warehouse.Reader`. Raises ReviewError where there is no such dataset,
    SettingsError and WarehouseError."""

    def __init__(self, settings: config.Warehouse):
        self._target = settings.target
        self._settings = replace(settings, schema=self._dataset("st_mart"))  # what messages name
        self._from = Connection(self._settings)
        self.place = f"BigQuery, project {settings.project}, dataset {self._settings.schema}"
        if not self._from.exists():
            raise self._unbuilt()

    def schema(self, name: str) -> str:
        return f"`{self._settings.project}`.`{self._dataset(name)}`"

    def query(self, sql: str, **values: str | date) -> list[tuple]:
        parameters = {name: (TYPES[type(value)], value) for name, value in values.items()}
        try:
            with one_line(self._settings):  # the rows come by pages
                return [tuple(row) for row in self._from.query(sql, parameters)]
        except WarehouseError as error:
            if MISSING.search(str(error)):
                raise self._unbuilt() from None
            raise

    def _unbuilt(self) -> ReviewError:
        return unbuilt(f"{self.place}, location {self._settings.location}")

    def close(self) -> None:
        self._from.close()

    def _dataset(self, schema: str) -> str:
        """As macros/generate_schema_name.sql names it: a target's own name stands in front."""
        return schema if self._target == "prod" else f"{self._target}_{schema}"
