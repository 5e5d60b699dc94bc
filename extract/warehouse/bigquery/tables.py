"""The raw tables as BigQuery has them: types, columns, partitions."""

from collections.abc import Iterable, Mapping

from google.cloud.bigquery import (
    SchemaField,
    Table,
    TableReference,
    TimePartitioning,
    TimePartitioningType,
)

from extract.entities import INGESTED_AT, Entity
from extract.rows import ANYWAY
from extract.warehouse.reports import ROW_COLUMNS, RUN_COLUMNS

TYPES = {
    "integer": "INT64",
    "string": "STRING",
    "boolean": "BOOL",
    "decimal": "NUMERIC",  # 29 digits before the point and 9 after it, like DuckDB's
    "float": "FLOAT64",
    "instant": "TIMESTAMP",
    "date": "DATE",
    "json": "JSON",
}
# The same types as the API names them when it is asked for a table.
ALSO_CALLED = {"INTEGER": "INT64", "BOOLEAN": "BOOL", "FLOAT": "FLOAT64"}

CURSORS = {"entity": "string", "position": "json", "loading": "json", "saved_at": "instant"}
RUNS = {
    "run_id": "string",
    "entity": "string",
    "started_at": "instant",
    "ended_at": "instant",
    "state": "string",
    "pages": "integer",
    "rows": "integer",
    "new": "integer",
    "changed": "integer",
    "removed": "integer",
    "bytes": "integer",
    "retries": "integer",
    "waited_seconds": "float",
    "note": "string",
    "error": "string",
}
# What every dataset of ours holds, the cursors first: a dataset without them is not ours.
CONTROL_TABLES = {
    "sync_cursors": CURSORS,
    "sync_runs": RUNS,
    "report_runs": {**RUN_COLUMNS, INGESTED_AT: "instant"},
    "report_rows": {**ROW_COLUMNS, INGESTED_AT: "instant"},
}


def raw(table: TableReference, entity: Entity) -> Table:
    """The table of an entity as it is declared."""
    return _laid_out(Table(table, schema(columns(entity))), entity)


def loading(table: TableReference, entity: Entity) -> Table:
    """The table beside it that a full load goes into: its rows as they arrive, a key as often as
    it does, and whether each replaces what came before whatever that one's version."""
    return _laid_out(Table(table, schema({**columns(entity), ANYWAY: "boolean"})), entity)


def control(table: TableReference, types: Mapping[str, str]) -> Table:
    """A table that is not an entity's."""
    return Table(table, schema(types))


def columns(entity: Entity) -> dict[str, str]:
    """Column name -> type word, in table order."""
    return {**entity.row_types, INGESTED_AT: "instant"}


def schema(types: Mapping[str, str]) -> list[SchemaField]:
    return [SchemaField(name, TYPES[kind]) for name, kind in types.items()]


def staged_schema(types: Mapping[str, str]) -> list[SchemaField]:
    """Of lines on their way: JSON as the text that it is on the line, parsed when it lands."""
    return schema({name: "string" if kind == "json" else kind for name, kind in types.items()})


def in_order_of(before: Iterable[SchemaField], fields: Iterable[SchemaField]) -> list[SchemaField]:
    """The fields, those that were there before in their places, new ones behind them."""
    places = {field.name: place for place, field in enumerate(before)}
    return sorted(fields, key=lambda field: places.get(field.name, len(places)))


def same_columns(one: Iterable[SchemaField], other: Iterable[SchemaField]) -> bool:
    """Whether two tables have the same columns, in whatever order."""
    return _types(one) == _types(other)


def same_layout(one: Table, other: Table) -> bool:
    """Whether two tables are partitioned and clustered alike."""
    return _layout(one) == _layout(other)


def _laid_out(table: Table, entity: Entity) -> Table:
    if entity.partition:
        # By months: a job may touch 4,000 partitions and a table have 10,000, days would be many
        # and small.
        table.time_partitioning = TimePartitioning(
            type_=TimePartitioningType.MONTH, field=entity.partition
        )
    if entity.cluster:
        table.clustering_fields = list(entity.cluster)
    return table


def _types(fields: Iterable[SchemaField]) -> dict[str, str]:
    return {f.name: ALSO_CALLED.get(f.field_type, f.field_type) for f in fields}


def _layout(table: Table) -> tuple:
    cut = table.time_partitioning
    return cut and (cut.type_, cut.field), list(table.clustering_fields or ())
