"""Asks Google's own GoogleSQL analyzer whether BigQuery would accept what we run there.

Nothing is run: the analyzer resolves every name and type of a statement against a catalog of
tables, and says which columns come out of it.
"""

import json
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from extract import entities
from extract.warehouse.bigquery import tables
from extract.warehouse.reports import ROW_COLUMNS, RUN_COLUMNS
from simulator.oracle import TABLES as ORACLE_TABLES
from simulator.oracle.landing import KEY_TYPES, KPI_TYPES

ANALYZER = Path(__file__).with_name("analyzer")

# Types of the extractor, of the seeds, and of the oracle's tables in DuckDB -> BigQuery's.
TYPES = tables.TYPES | {
    "varchar": "STRING",
    "decimal(38,9)": "NUMERIC",
    "double": "FLOAT64",
}
# What BigQuery has and the analyzer leaves to whoever builds it in: other names of types.
ALIASES = {"bigint": "INT64"}
SNAPSHOT_COLUMNS = {
    "dbt_scd_id": "STRING",
    "dbt_updated_at": "TIMESTAMP",
    "dbt_valid_from": "TIMESTAMP",
    "dbt_valid_to": "TIMESTAMP",
}

Columns = dict[str, Any]  # name -> type: its name in BigQuery, or the analyzer's own description
Path3 = tuple[str, str, str]  # project, dataset, table


@dataclass(frozen=True)
class Statement:
    """A statement that is run; `creates` is the table it leaves, with `adds` beside its columns.

    `place` says where it was written, `reads` are the names of the statements before it,
    `parameters` are names and types.
    """

    name: str
    place: str
    sql: str
    reads: frozenset[str]
    creates: Path3 | None = None
    adds: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the analyzer says of one statement: the columns it gives, or why it is rejected."""

    statement: Statement
    columns: Columns | None
    error: str | None


def missing() -> str | None:
    """Why the analyzer cannot be asked here; None where it can."""
    if not shutil.which("node"):
        return "Google's SQL analyzer needs npm and node, which are not here"
    if not (ANALYZER / "node_modules" / ".package-lock.json").exists():
        return "Google's SQL analyzer is not installed: make analyzer"
    return None


def analyze(known: dict[Path3, Columns], statements: Iterable[Statement]) -> dict[str, Answer]:
    """The answers by statement name; `known` are the tables that are there before.

    Statements follow one another: what one creates, the next ones know. Raises RuntimeError if the
    analyzer does not come up.
    """
    named = {statement.name: statement for statement in statements}
    request = {
        "aliases": ALIASES,
        "tables": [{"path": path, "columns": _listed(known[path])} for path in known],
        "statements": [
            {
                "name": s.name,
                "sql": s.sql,
                "parameters": _listed(dict(s.parameters)),
                "creates": s.creates,
                "adds": _listed(dict(s.adds)),
            }
            for s in named.values()
        ],
    }
    with TemporaryDirectory() as folder:
        question, answer = Path(folder, "request.json"), Path(folder, "answer.json")
        question.write_text(json.dumps(request))
        run = subprocess.run(
            ["node", ANALYZER / "analyze.js", question, answer],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise RuntimeError(f"Google's SQL analyzer failed:\n{run.stdout}{run.stderr}")
        results = json.loads(answer.read_text())
    return {
        result["name"]: Answer(
            named[result["name"]],
            {c["name"]: c["type"] for c in result["columns"]} if "columns" in result else None,
            result.get("error"),
        )
        for result in results
    }


def rejected(answers: dict[str, Answer]) -> list[str]:
    """Place and reason of each statement that is rejected for its own sake, not because it reads a
    table of another one that is."""
    wrong = {name for name, answer in answers.items() if answer.error}
    return [
        f"{answer.statement.place}: {answer.error}"
        for answer in answers.values()
        if answer.error and not answer.statement.reads & wrong
    ]


def landed_tables(manifest: dict) -> dict[Path3, Columns]:
    """The tables that are there before dbt runs: what the extractor and the oracle land."""
    columns = {
        **{e.table: {**_typed(e.row_types), **_ingested()} for e in entities.load().values()},
        "report_runs": {**_typed(RUN_COLUMNS), **_ingested()},
        "report_rows": {**_typed(ROW_COLUMNS), **_ingested()},
        "sync_runs": _typed(tables.RUNS),
    }
    oracle = {
        name: _typed({key: KEY_TYPES[key] for key in ("event_date", *level)} | KPI_TYPES)
        for name, (_, _, level) in ORACLE_TABLES.items()
    }
    return {
        _path(source): (oracle if source["source_name"] == "oracle" else columns)[source["name"]]
        for source in manifest["sources"].values()
    }


def seed_tables(manifest: dict) -> dict[Path3, Columns]:
    """The tables that `dbt seed` loads."""
    return {
        _path(node): _typed(node["config"]["column_types"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "seed"
    }


def statements(manifest: dict) -> list[Statement]:
    """What dbt runs for every model, snapshot and test, each after those that it reads."""
    nodes = {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "snapshot", "test")
    }
    ordered: dict[str, Statement] = {}

    def visit(key: str) -> None:
        if key in nodes and key not in ordered:
            for parent in nodes[key]["depends_on"]["nodes"]:
                visit(parent)
            ordered[key] = _statement(key, nodes[key])

    for key in nodes:
        visit(key)
    return list(ordered.values())


def _statement(key: str, node: dict) -> Statement:
    is_test = node["resource_type"] == "test"
    place = node["original_file_path"]
    return Statement(
        name=key,
        place=f"{place} ({node['name']})" if place.endswith(".yml") else place,
        sql=_create(node),
        reads=frozenset(node["depends_on"]["nodes"]),
        creates=None if is_test else _path(node),
        adds=tuple(SNAPSHOT_COLUMNS.items()) if node["resource_type"] == "snapshot" else (),
    )


def _create(node: dict) -> str:
    """The statement in which dbt puts the compiled query; a test's rows are stored as a table."""
    from dbt.adapters.bigquery.relation_configs import PartitionConfig  # takes seconds to import

    config = node["config"]
    if config["materialized"] == "view":
        return f"create or replace view {node['relation_name']} as\n{node['compiled_code']}"
    clauses = []
    if partition := PartitionConfig.parse(config.get("partition_by")):
        clauses.append(f"partition by {partition.render()}")
    if cluster := config.get("cluster_by"):
        clauses.append(f"cluster by {cluster if isinstance(cluster, str) else ', '.join(cluster)}")
    name = node["relation_name"] or "`failures`"
    return f"create or replace table {name} {' '.join(clauses)} as (\n{node['compiled_code']}\n)"


def _path(node: dict) -> Path3:
    return node["database"], node["schema"], node.get("alias") or node["identifier"]


def _typed(columns: dict[str, str]) -> Columns:
    return {name: TYPES[type] for name, type in columns.items()}


def _ingested() -> Columns:
    return {entities.INGESTED_AT: TYPES["instant"]}


def _listed(columns: Columns) -> list[dict[str, Any]]:
    return [{"name": name, "type": type} for name, type in columns.items()]
