"""Reading the built tables of the embedded warehouse."""

from contextlib import contextmanager
from pathlib import Path

import duckdb


class ReviewError(Exception):
    """What cannot be shown, where, and what to do next."""


@contextmanager
def reading(path: Path):
    """A read-only connection to the DuckDB file at `path`.

    Raises ReviewError where there is no such file, no KPIs in it, or another process writes to it.
    """
    if not path.is_file():
        raise ReviewError(
            f"there is no warehouse at {path}: run `python -m extract sync` and `dbt build` first, "
            "or set KPI_DUCKDB_PATH"
        )
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.IOException as error:
        raise ReviewError(
            f"cannot open {path}: {str(error).splitlines()[0]}; is a sync or a build running?"
        ) from None
    try:
        yield connection
    except (duckdb.CatalogException, duckdb.BinderException):
        raise ReviewError(
            f"{path} holds no KPIs, or those of older models: run `dbt build` first"
        ) from None
    finally:
        connection.close()
