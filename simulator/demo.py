"""The whole pipe on an invented tenant: serve its API, extract, build, prove, print a week and the
parity board, write the weekly review.

    python -m simulator.demo [--size small] [--seed 1] [--warehouse demo.duckdb]

The same commands as for a real tenant, one after the other; only the settings point to loopback.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import yaml
from rich.console import Console

from extract import reports
from simulator import SIZES, build_tenant, oracle, serve

PROJECT = Path(__file__).resolve().parent.parent
EXPECTED_WARNINGS = Path(__file__).with_name("expected_warnings.yml")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the demo. Returns 0 when all landed, every test passed and only the expected
    warnings came, else 1."""
    arguments = _arguments(argv)
    say = Console(highlight=False, soft_wrap=True).print
    warehouse = arguments.warehouse.resolve()
    for leftover in (warehouse, Path(f"{warehouse}.wal")):
        leftover.unlink(missing_ok=True)

    tenant = build_tenant(seed=arguments.seed, weeks=arguments.weeks, size=arguments.size)
    say(
        f"[bold]1. An invented painting contractor[/] with {tenant.counts().total():,} "
        f"records from {tenant.first_day} to {tenant.last_day} answers on loopback; "
        "the extractor reads it"
    )
    with serve(tenant) as api:
        environment = (
            os.environ
            | api.environment()
            | {"KPI_DUCKDB_PATH": str(warehouse), "KPI_TARGET": "dev"}
        )
        environment |= {"SERVICETITAN_SKIP": "", "KPI_RAW_DATASET": "st_raw_v2"}
        if not _run([sys.executable, "-m", "extract", "sync"], environment):
            return 1
        say("\nand pulls the office's own reports of the last full week, and of the last day")
        for report, first, last in _reports(tenant.last_day):
            words = ["report", report, "--from", str(first), "--to", str(last)]
            if not _run([sys.executable, "-m", "extract", *words], environment):
                return 1

    say("\n[bold]2. What the reports would show[/] is computed from the same records, without SQL")
    oracle.land(warehouse, tenant.records(), as_of=tenant.last_day)

    say(
        "\n[bold]3. dbt[/] builds every layer and runs every test, parity with the reports included"
    )
    outcome = PROJECT / environment.get("DBT_TARGET_PATH", "target") / "run_results.json"
    outcome.unlink(missing_ok=True)
    dbt = [Path(sys.executable).with_name("dbt"), "--quiet", "--no-use-colors", "build"]
    vars = f"{{as_of_date: {tenant.last_day}, monthly_targets: demo_monthly_targets}}"
    built = _run([*dbt, "--vars", vars], environment)
    results = json.loads(outcome.read_text())["results"] if outcome.exists() else []
    say(_summary(results))
    if not built:
        return 1
    surprises = _warnings(results) ^ set(yaml.safe_load(EXPECTED_WARNINGS.read_text()))
    if surprises:
        say(
            f"warnings other than {EXPECTED_WARNINGS.name} lists: {', '.join(sorted(surprises))}",
            style="red",
        )
        return 1

    say("\n[bold]4. The ten KPIs[/] of the last full week\n")
    if not _run([sys.executable, "-m", "review", "week"], environment):
        return 1
    say("\n[bold]5. Parity[/]: our numbers beside the reports that were pulled\n")
    if not _run([sys.executable, "-m", "review", "parity"], environment):
        return 1
    say("\n[bold]6. The weekly business review[/]: one file for any browser, no network needed\n")
    page = warehouse.with_name(f"{warehouse.stem}-review.html")
    if not _run([sys.executable, "-m", "review", "page", "--out", page], environment):
        return 1
    say(
        f"All of it lies in {warehouse} (schemas st_raw_v2, st_dim, st_mart): "
        "open it with any DuckDB client."
    )
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator.demo",
        description=__doc__.splitlines()[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed, another tenant")
    parser.add_argument("--size", choices=SIZES, default="small", help="how big the tenant is")
    parser.add_argument("--weeks", type=int, default=70, help="weeks of history")
    parser.add_argument(
        "--warehouse", type=Path, default=PROJECT / "demo.duckdb", help="the DuckDB file to write"
    )
    return parser.parse_args(argv)


def _reports(last_day: date) -> list[tuple[str, date, date]]:
    """Every declared report with its period: balances are of one day, the others of a week."""
    sunday = last_day - timedelta(days=(last_day.weekday() + 1) % 7)
    week, day = (sunday - timedelta(days=6), sunday), (last_day, last_day)
    return [
        (report.name, *(day if report.layout.balance else week))
        for report in reports.load().values()
    ]


def _run(command: Sequence[str | Path], environment: dict[str, str]) -> bool:
    sys.stdout.flush()
    return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode == 0


def _summary(results: list[dict]) -> str:
    counts = Counter((result["unique_id"].split(".")[0], result["status"]) for result in results)
    del counts["operation", "success"]
    return "dbt: " + ", ".join(
        f"{number} {kind.replace('_', ' ')}s {status}"
        for (kind, status), number in sorted(counts.items())
    )


def _warnings(results: list[dict]) -> set[str]:
    return {result["unique_id"].split(".")[2] for result in results if result["status"] == "warn"}


if __name__ == "__main__":
    sys.exit(main())
