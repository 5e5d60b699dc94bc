"""Any metric at any grain: MetricFlow writes the SQL, the warehouse answers it."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from rich.table import Table

from extract import config
from review.dbt import dbt
from review.warehouse import ReviewError, reading
from review.week import FORMS, plain, written

# A target folder of its own: the last build's results in target/ stay.
TARGET = config.PROJECT / "target" / "metrics"
Cell = str | date | int | float | Decimal | None


@dataclass(frozen=True)
class Question:
    """`metrics` by name, grouped `by` names such as metric_time__week or business_unit__region;
    only what happened from day `first` to day `last`, both included."""

    metrics: Sequence[str]
    by: Sequence[str] = ()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Answer:
    """Rows in the order of what they are grouped by, and what stands in them: `by`, `metrics`."""

    question: Question
    rows: list[tuple[Cell, ...]]

    @property
    def columns(self) -> list[str]:
        return [*self.question.by, *self.question.metrics]


def ask(question: Question, settings: config.Warehouse | None = None) -> Answer:
    """What the warehouse (default: that of the settings) answers.

    Raises ReviewError where a name is unknown or a metric cannot be grouped by it; see `reading`.
    """
    settings = settings or config.warehouse()
    with reading(settings) as warehouse:  # before the seconds that dbt takes
        query = f"select * from (\n{sql(question, settings)}\n) as answer"
        if question.by:
            query += f" order by {', '.join(str(n + 1) for n in range(len(question.by)))}"
        found = warehouse.query(query)
    return Answer(question, [tuple(_day(cell) for cell in row) for row in found])


def sql(question: Question, settings: config.Warehouse) -> str:
    """The query for the settings' warehouse; nothing is asked of it. Raises ReviewError."""
    if question.first and question.last and question.first > question.last:
        raise ReviewError(f"nothing is from {question.first} to {question.last}: FROM comes first")
    path = str(settings.duckdb_path.absolute())
    environment = {"KPI_TARGET": settings.target, "KPI_DUCKDB_PATH": path}
    words = ["parse", "--target-path", str(TARGET)]
    parsed = dbt(*words, environment=environment, capture=True)
    if parsed.returncode:
        raise ReviewError(f"dbt cannot read the project:\n{parsed.stdout[-2000:]}")
    warehouse = "duckdb" if settings.target == "dev" else "bigquery"
    return metricflow_sql(question, TARGET / "semantic_manifest.json", warehouse)


def metricflow_sql(question: Question, manifest: Path, warehouse: str) -> str:
    """The query that MetricFlow writes for a `warehouse` (duckdb, bigquery) from dbt's semantic
    manifest, its columns in the order of an Answer. Raises ReviewError."""
    # Seconds to import, which no other command should wait for.
    from dbt_metricflow.cli.dbt_connectors.adapter_backed_client import SupportedAdapterTypes
    from metricflow.engine import metricflow_engine as engine
    from metricflow_semantics.errors.error_classes import InvalidQueryException
    from metricflow_semantics.model import dbt_manifest_parser
    from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

    models = dbt_manifest_parser.parse_manifest_from_dbt_generated_manifest(manifest.read_text())
    request = engine.MetricFlowQueryRequest.create(
        metric_names=question.metrics,
        group_by_names=question.by,
        time_constraint_start=_midnight(question.first),
        time_constraint_end=_midnight(question.last),
        output_column_order_mode=engine.OutputColumnOrderMode.INPUT_ORDER,
    )
    # To explain, MetricFlow asks its client for nothing but the warehouse's kind of SQL.
    kind_of_sql = SupportedAdapterTypes(warehouse)
    try:
        flow = engine.MetricFlowEngine(SemanticManifestLookup(models), sql_client=kind_of_sql)
        return flow.explain(request).sql_statement.without_descriptions.sql
    except InvalidQueryException as error:
        raise ReviewError(f"MetricFlow cannot answer this:\n{error}") from None


def as_table(answer: Answer) -> Table:
    """The answer for the terminal, each KPI written as in the other tables."""
    table = Table()
    for name in answer.columns:
        side = "right" if name in answer.question.metrics else "left"
        table.add_column(name, justify=side, overflow="fold")
    grouped = len(answer.question.by)
    for row in answer.rows:
        values = zip(answer.question.metrics, row[grouped:], strict=True)
        table.add_row(
            *(str(cell or "") for cell in row[:grouped]),
            *(written(value, FORMS.get(name) or _form(value)) for name, value in values),
        )
    return table


def _form(value: Cell) -> str:
    """How a part of a KPI is written: a ratio, a count, dollars and cents."""
    if isinstance(value, float):
        return "{:.4f}"
    return "{:,.2f}" if value is not None and value % 1 else "{:,.0f}"


def write_csv(answer: Answer, path: Path) -> None:
    """The answer with every decimal, for a notebook or a sheet. Raises ReviewError."""
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file)
            lines.writerow(answer.columns)
            lines.writerows([plain(cell) for cell in row] for row in answer.rows)
    except OSError as error:
        raise ReviewError(f"{path} cannot be written: {error.strerror}") from None


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min)


def _day(cell: Cell | datetime) -> Cell:
    """The first day of a week or month, which comes as its first instant."""
    return cell.date() if isinstance(cell, datetime) else cell
