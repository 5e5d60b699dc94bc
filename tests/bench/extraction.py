"""Time a first sync beside fetching and decoding the same pages."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from extract.config import MOST_CALLS_PER_SECOND
from tests.bench.process import PROJECT, Failed, Run, run

SETTINGS = 6  # lines of settings that the simulator prints once it serves
LATENCY = 200


@dataclass(frozen=True)
class Pair:
    """One round: the sync and its floor, and how many records each of them read."""

    sync: Run
    fetch: Run
    rows: int


@contextmanager
def served(size: str, weeks: int | None, latency: int = 0) -> Iterator[dict[str, str]]:
    """The settings of a tenant that another process serves while the block runs, each answer
    `latency` milliseconds late."""
    command = [sys.executable, "-m", "simulator", "serve", "--size", size]
    command += ["--weeks", str(weeks)] if weeks else []
    command += ["--latency", str(latency)] if latency else []
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            lines = [server.stdout.readline() for _ in range(SETTINGS)]
            if not all(lines):
                raise Failed(f"the simulator did not start:\n{server.stderr.read()}")
            settings = [line.removeprefix("export ").strip().partition("=") for line in lines]
            yield {name: value for name, _, value in settings}
        finally:
            server.terminate()


def time_pair(settings: dict[str, str], warehouse: Path, floor_first: bool) -> Pair:
    """A first sync into a fresh `warehouse` and its floor, one after the other. Raises Failed."""
    warehouse.unlink(missing_ok=True)
    environment = _environment(settings, warehouse)
    sync = [sys.executable, "-m", "extract", "sync"]
    fetch = [sys.executable, "-m", "tests.bench.fetch"]
    first, second = (fetch, sync) if floor_first else (sync, fetch)
    runs = [run(first, environment), run(second, environment)]
    synced, fetched = reversed(runs) if floor_first else runs
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        (rows,) = connection.execute("select sum(rows) from st_raw_v2.sync_runs").fetchone()
    if rows != int(fetched.output):
        raise Failed(f"sync read {rows} records and its floor {fetched.output.strip()}")
    return Pair(synced, fetched, rows)


def time_jobs(
    settings: dict[str, str], scratch: Path, dlt: Path, backwards: bool
) -> tuple[dict[str, Run], int]:
    """All jobs, by the command that reads them, one after the other, and how many they are.

    `dlt` is the Python of an environment that has dlt. Raises Failed.
    """
    ours, theirs = scratch / "jobs.duckdb", scratch / "dlt.duckdb"
    for warehouse in (ours, theirs):
        warehouse.unlink(missing_ok=True)
    environment = _environment(settings, ours)
    commands = {
        "extract sync --only jobs": [sys.executable, "-m", "extract", "sync", "--only", "jobs"],
        "dlt, rest_api, parquet": [dlt, PROJECT / "tests" / "bench" / "dlt_jobs.py", theirs],
        "floor: fetch and decode": [sys.executable, "-m", "tests.bench.fetch", "jobs"],
    }
    order = reversed(commands) if backwards else commands
    runs = {name: run(commands[name], environment) for name in order}
    with duckdb.connect(str(ours), read_only=True) as connection:
        (rows,) = connection.execute("select count(*) from st_raw_v2.raw_jobs").fetchone()
    told = {int(runs[name].output.split()[-1]) for name in list(commands)[1:]}
    if told != {rows}:
        raise Failed(f"{rows} jobs were landed, and {told} by the others")
    return {name: runs[name] for name in commands}, rows


def _environment(settings: dict[str, str], warehouse: Path) -> dict[str, str]:
    return settings | {
        "KPI_DUCKDB_PATH": str(warehouse),
        "KPI_TARGET": "dev",
        "KPI_RAW_DATASET": "st_raw_v2",
        "SERVICETITAN_SKIP": "",
        "SERVICETITAN_CALLS_PER_SECOND": str(MOST_CALLS_PER_SECOND),
    }


def time_idle(settings: dict[str, str], warehouse: Path) -> Run:
    """A sync of a warehouse that has everything, at `LATENCY` milliseconds a call: the second in a
    row, so that it has no news. Raises Failed."""
    environment = _environment(settings, warehouse)
    command = [sys.executable, "-m", "extract", "sync"]
    run(command, environment)
    return run(command, environment)
