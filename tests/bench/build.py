"""Time `dbt build`, unit tests left out, beside the same SQL run straight in DuckDB, and once more
after a day of changes."""

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

# A day at the office, in the raw tables: of every thousand records one, anywhere in the history.
DAY = {
    "raw_jobs": "jobStatus = 'Completed'",
    "raw_appointments": '"start" = "start" + interval 1 day',
    "raw_estimates": "status = 'Sold', soldOn = createdOn",
    "raw_invoices": "subTotal = subTotal + 100, total = total + 100",
    "raw_payments": "active = false",
    "raw_gross_pay_items": "amountAdjustment = 12.5",
    "raw_purchase_orders": "status = 'Canceled'",
    "raw_returns": "active = false",
    "raw_customers": "name = name || ' renamed'",
}


@dataclass(frozen=True)
class Pair:
    """One round. `own` and `straight` are seconds per kind of node: as dbt's own results time
    them, and as DuckDB alone needs for the same SQL; `day` is as `own`, of the build after a day
    of changes."""

    build: Run
    own: Counter[str]
    straight: Counter[str]
    day: Counter[str]


class Builds:
    """Builds of one landed warehouse; dbt writes to `folder`, the floor to copies in it."""

    def __init__(self, warehouse: Path, folder: Path, as_of: date):
        self._warehouse = warehouse
        self._target = folder / "target"
        self._copy = folder / "straight" / warehouse.name  # dbt names the database after the file
        self._environment = {"KPI_DUCKDB_PATH": str(warehouse)}
        # One thread, so that the nodes' own times do not overlap.
        self._words = ["--threads", "1", "--vars", f"{{as_of_date: {as_of}}}"]
        self._words += ["--profiles-dir", str(PROFILES)]
        self._words += ["--target-path", str(self._target), "--log-path", str(folder)]
        # Parses once, makes the tables that every round replaces and takes the first snapshots: the
        # SQL of models that read history is another before that.
        self._dbt("build", "--exclude-resource-type", "unit_test")
        self._copy.parent.mkdir()

    def time_pair(self, floor_first: bool) -> Pair:
        """A build and its floor, one after the other, and a build after a day of changes. Raises
        Failed."""
        if floor_first:
            straight = self._straight()
        build, own = self._build()
        if not floor_first:
            straight = self._straight()
        self._change()
        _, day = self._build()
        return Pair(build, own, straight, day)

    def _build(self) -> tuple[Run, Counter[str]]:
        # A unit test has rows of its own: it takes as long at any size.
        build = self._dbt("build", "--exclude-resource-type", "unit_test")
        own = Counter()
        for result in self._results():
            own[_kind(result)] += result["execution_time"]
        return build, own

    def _change(self) -> None:
        with duckdb.connect(str(self._warehouse)) as connection:
            for table, what in DAY.items():
                connection.execute(
                    f"update st_raw_v2.{table} set {what}, modifiedOn = now(), _ingested_at = now()"
                    " where random() < 0.001"
                )

    def _dbt(self, *command: str) -> Run:
        dbt = Path(sys.executable).with_name("dbt")
        return run([dbt, "--quiet", "--no-print", *command, *self._words], self._environment)

    def _results(self) -> list[dict]:
        found = json.loads((self._target / "run_results.json").read_text())["results"]
        return [result for result in found if _kind(result) in KINDS]

    def _straight(self) -> Counter[str]:
        nodes = json.loads((self._target / "manifest.json").read_text())["nodes"]
        seconds = Counter()
        shutil.copy(self._warehouse, self._copy)  # with the history that the SQL reads
        with duckdb.connect(str(self._copy)) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute("set checkpoint_threshold = '4GB'")  # as dbt's runs have it
            for result in self._results():
                node = nodes[result["unique_id"]]
                is_view = node["config"]["materialized"] == "view"
                begun = time.perf_counter()
                connection.execute(
                    f"create or replace {'view' if is_view else 'table'} "
                    f"{result['relation_name']} as {result['compiled_code']}"
                )
                seconds[_kind(result)] += time.perf_counter() - begun
        return seconds


def _kind(result: dict) -> str:
    return result["unique_id"].split(".")[0]
