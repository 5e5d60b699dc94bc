"""Google's own GoogleSQL analyzer accepts what `adopt` asks, whatever the old columns' types."""

import pytest

from extract.adoption import old_tables
from extract.warehouse.bigquery import adoption, tables
from tests.bigquery import googlesql, old_system

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(
        googlesql.missing() is not None, reason=googlesql.missing() or "the analyzer is here"
    ),
]

TYPES = ("INT64", "STRING", "BOOL", "FLOAT64", "NUMERIC", "TIMESTAMP", "DATE", "JSON")
OLD = old_tables.load()


def old_columns(one: old_tables.OldTable, kind: str) -> googlesql.Columns:
    """Every old column of one type, nested objects among them."""
    columns = {one.renamed.get(c.name, c.name): kind for c in one.entity.columns}
    nested = {c.source[0]: "STRING" for c in one.entity.columns if len(c.source) == 2}
    return {**nested, **columns, "_ingested_at": kind, one.key: "STRING"}


def known_faults(one: old_tables.OldTable) -> googlesql.Columns:
    """The columns of the planted old table."""
    return next((old_system.SCHEMAS[name] for name in one.names if name in old_system.SCHEMAS), {})


def statements(one: old_tables.OldTable, old: googlesql.Columns, kind: str) -> dict[str, str]:
    """What is asked about an old table with these columns, our table there or not."""
    entity, table = one.entity, f"`acme.old.{one.entity.name}_{kind}`"
    ours = f"`acme.ours.{entity.table}`"
    ways = adoption.readings(entity, one.key, one.renamed, old)
    if entity.key not in ways:
        return {}
    there = adoption.landed(entity, ours, entity.row_types)
    some = adoption.landed(entity, ours, ["id", "_extra_fields"])
    none = adoption.landed(entity, ours, None)
    assert there == ours
    return {
        "adopt": adoption.adopt(entity, table, old, ways, ours),
        "count": adoption.count(entity, table, old, ways, there),
        "count with columns missing": adoption.count(entity, table, old, ways, some),
        "count before": adoption.count(entity, table, old, ways, none),
    }


@pytest.fixture(scope="module")
def asked() -> tuple[dict, dict[str, str]]:
    """The tables that are known, and all statements by name."""
    known, sql = {}, {}
    for one in OLD.values():
        if one.nothing:
            continue
        columns = {name: tables.TYPES[k] for name, k in tables.columns(one.entity).items()}
        known[_path("ours", one.entity.table)] = columns
        variants = {kind: old_columns(one, kind) for kind in TYPES} | {"found": known_faults(one)}
        for kind, old in variants.items():
            found = statements(one, old, kind)
            known[_path("old", f"{one.entity.name}_{kind}")] = old
            sql |= {f"{one.entity.name}, {kind}, {what}": text for what, text in found.items()}
    return known, sql


def test_every_statement_is_accepted(asked):
    known, sql = asked
    assert len(sql) > 4 * len(TYPES) * 14
    assert _rejected(known, sql) == []


def test_a_type_that_does_not_fit_is_rejected(asked):
    """The old column holds text where the statement was made for numbers."""
    known, _ = asked
    one = OLD["jobs"]
    sql = statements(one, old_columns(one, "INT64"), "STRING")["adopt"]
    (said,) = _rejected(known, {"wrong": sql})
    assert "wrong" in said


def _rejected(known: dict, sql: dict[str, str]) -> list[str]:
    asked = [googlesql.Statement(name, name, text, frozenset()) for name, text in sql.items()]
    return googlesql.rejected(googlesql.analyze(known, asked))


def _path(dataset: str, table: str) -> tuple[str, str, str]:
    return "acme", dataset, table
