"""Where two versions are built side by side, so that nothing of the user's warehouse changes: the
raw tables are read where they lie, all else is made in schemas that are gone afterwards."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

import duckdb
import yaml

from editing import EditingError
from extract import config
from extract.errors import ExtractError

SIDES = ("old", "new")
Output = dict[str, object]


class Scratch(Protocol):
    """Room for both SIDES; `place` is the warehouse's name in messages."""

    place: str

    def output(self, side: str) -> Output:
        """What a side's profile of dbt says."""

    def schema(self, side: str, name: str) -> str:
        """A schema of the models (such as st_mart) of a side, as SQL has to name it."""

    def query(self, sql: str) -> list[tuple]:
        """Rows, of tables of both sides; values as `review.warehouse.Reader` gives them. Raises
        EditingError or WarehouseError."""


@contextmanager
def scratch(settings: config.Warehouse, folder: Path, profiles: Path) -> Iterator[Scratch]:
    """Room beside the warehouse that the settings name: files in `folder` for DuckDB; for BigQuery
    datasets, connected to as the file `profiles` says. Raises EditingError, SettingsError and
    WarehouseError."""
    if settings.target == "dev":
        room = InDuckDB(settings, folder)
    else:
        room = InBigQuery(settings, profiles)
    try:
        yield room
    finally:
        room.close()


class InDuckDB:
    """A file per side, in which the raw tables are views of the user's file, attached read-only."""

    def __init__(self, settings: config.Warehouse, folder: Path):
        self.place = str(settings.duckdb_path)
        self._raw = settings.duckdb_path.absolute()
        self._files = {side: folder / f"{side}.duckdb" for side in SIDES}
        try:
            for path in self._files.values():
                self._make(path, settings.schema)
        except duckdb.Error as error:
            raise EditingError(
                f"cannot read {self.place}: {str(error).splitlines()[0]}; is a sync or a build "
                "running?"
            ) from None

    def _make(self, path: Path, schema: str) -> None:
        with duckdb.connect(str(path)) as database:
            quoted = str(self._raw).replace("'", "''")
            database.execute(f"attach '{quoted}' as warehouse (read_only)")
            tables = database.execute(
                "select table_name from information_schema.tables "
                "where table_catalog = 'warehouse' and table_schema = $schema",
                {"schema": schema},
            ).fetchall()
            if not tables:
                raise EditingError(
                    f"{self.place} has no raw tables in {schema}: run `python -m extract sync`"
                )
            database.execute(f'create schema "{schema}"')
            for (name,) in tables:
                database.execute(
                    f'create view "{schema}"."{name}" as '
                    f'select * from warehouse."{schema}"."{name}"'
                )

    def output(self, side: str) -> Output:
        return {
            "type": "duckdb",
            "path": str(self._files[side]),
            "schema": "st_scratch",
            "threads": 1,  # both sides are built at once
            "settings": {"TimeZone": "UTC"},
            "attach": [{"path": str(self._raw), "alias": "warehouse", "read_only": True}],
        }

    def schema(self, side: str, name: str) -> str:
        return f"{side}.{name}"

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect() as database:
            database.execute("set TimeZone = 'UTC'")
            for name, path in {**self._files, "warehouse": self._raw}.items():
                quoted = str(path).replace("'", "''")
                database.execute(f"attach '{quoted}' as {name} (read_only)")
            try:
                return database.execute(sql).fetchall()
            except (duckdb.CatalogException, duckdb.BinderException) as error:
                raise _other_tables(error) from None

    def close(self) -> None:
        pass  # the folder goes


class InBigQuery:
    """Datasets of the user's project, whose names begin with `kpi_preview_` and a number."""

    def __init__(self, settings: config.Warehouse, profiles: Path):
        # BigQuery's client is loaded only where it is used.
        from extract.warehouse.bigquery.connection import Connection

        self.place = f"BigQuery, project {settings.project}"
        self._project = settings.project
        # A number of its own, for two people may preview at once.
        self._prefix = f"kpi_preview_{uuid.uuid4().hex[:12]}"
        self._output = _output_of(profiles, settings.target)
        self._to = Connection(settings)

    def output(self, side: str) -> Output:
        # macros/generate_schema_name.sql puts it in front of every schema
        return self._output | {"dataset": f"{self._prefix}_{side}"}

    def schema(self, side: str, name: str) -> str:
        return f"`{self._project}`.`{self._prefix}_{side}_{name}`"

    def query(self, sql: str) -> list[tuple]:
        return [tuple(row) for row in self._to.query(sql)]

    def close(self) -> None:
        """Drops what was built. What went wrong before is told, not that this cannot be, too."""
        with suppress(ExtractError):
            self._to.drop_datasets(self._prefix)
        self._to.close()


def _output_of(profiles: Path, target: str) -> Output:
    """How dbt connects to the user's warehouse; texts may be Jinja, which dbt renders."""
    try:
        (profile,) = yaml.safe_load(profiles.read_text("utf-8")).values()
        return profile["outputs"][target]
    except (OSError, ValueError, KeyError, AttributeError, yaml.YAMLError):
        raise EditingError(
            f"{profiles} names no target {target}: see profiles.yml.example"
        ) from None


def _other_tables(error: duckdb.Error) -> EditingError:
    return EditingError(
        "the two versions cannot be compared, for one lacks a table or column of the other: "
        f"{str(error).splitlines()[0]}"
    )
