"""Every model and test compiles for BigQuery, without an account and without a network."""

from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compiled(target) -> Path:
    """The folder of the SQL that dbt compiles for BigQuery."""
    return target / "compiled" / "servicetitan_kpis"


def test_every_model_compiles(compiled):
    written = {path.stem for path in (PROJECT / "models").rglob("*.sql")}
    assert {path.stem for path in (compiled / "models").rglob("*.sql")} >= written


def test_nothing_of_duckdb_is_left(compiled):
    """What only DuckDB understands stands behind dispatched macros: BigQuery sees none of it."""
    only_duckdb = (
        "timestamptz",
        "to_days(",
        "to_years(",
        "isodow",
        "decimal(38",
        "json_extract_string",
        "::",
    )
    found = {
        f"{path.name}: {word}"
        for path in compiled.rglob("*.sql")
        for word in only_duckdb
        if word in path.read_text()
    }
    assert not found
