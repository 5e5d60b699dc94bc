"""Time `dbt build`, unit tests left out, beside the same SQL run straight in DuckDB."""

import json
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from tests.bench.process import PROJECT, Run, run

PROFILES = PROJECT / "tests" / "parity"
KINDS = {"model": "models", "test": "data tests"}


@dataclass(frozen=True)
class Pair:
    """One round. `own` and `straight` are seconds per kind of node: as dbt's own results time
    them, and as DuckDB alone needs for the same SQL."""

    build: Run
    own: Counter[str]
    straight: Counter[str]


class Builds:
    """Builds of one landed warehouse; dbt writes to `folder`, the floor to a copy in it."""

    def __init__(self, warehouse: Path, folder: Path, as_of: date):
        self._target = folder / "target"
        self._copy = folder / "straight" / warehouse.name  # dbt names the database after the file
        self._environment = {"KPI_DUCKDB_PATH": str(warehouse)}
        # One thread, so that the nodes' own times do not overlap.
        self._words = ["--threads", "1", "--vars", f"{{as_of_date: {as_of}}}"]
        self._words += ["--profiles-dir", str(PROFILES)]
        self._words += ["--target-path", str(self._target), "--log-path", str(folder)]
        self._dbt("seed")  # parses once
        self._dbt("run")  # makes the tables that every round replaces
        self._copy.parent.mkdir()
        shutil.copy(warehouse, self._copy)

    def time_pair(self, floor_first: bool) -> Pair:
        """A build and its floor, one after the other. Raises Failed."""
        if floor_first:
            straight = self._straight()
        # A unit test has rows of its own: it takes as long at any size.
        build = self._dbt("build", "--exclude-resource-type", "unit_test")
        if not floor_first:
            straight = self._straight()
        own = Counter()
        for result in self._results():
            own[_kind(result)] += result["execution_time"]
        return Pair(build, own, straight)

    def _dbt(self, *command: str) -> Run:
        dbt = Path(sys.executable).with_name("dbt")
        return run([dbt, "--quiet", "--no-print", *command, *self._words], self._environment)

    def _results(self) -> list[dict]:
        found = json.loads((self._target / "run_results.json").read_text())["results"]
        return [result for result in found if _kind(result) in KINDS]

    def _straight(self) -> Counter[str]:
        nodes = json.loads((self._target / "manifest.json").read_text())["nodes"]
        seconds = Counter()
        with duckdb.connect(str(self._copy)) as connection:
            connection.execute("set timezone = 'UTC'")
            for result in self._results():
                node = nodes[result["unique_id"]]
                is_view = node["config"]["materialized"] == "view"
                connection.execute(f"create schema if not exists {node['schema']}")
                begun = time.perf_counter()
                connection.execute(
                    f"create or replace {'view' if is_view else 'table'} "
                    f"{result['relation_name']} as {result['compiled_code']}"
                )
                seconds[_kind(result)] += time.perf_counter() - begun
        return seconds


def _kind(result: dict) -> str:
    return result["unique_id"].split(".")[0]
