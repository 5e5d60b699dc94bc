"""What the pipe would cost on BigQuery: bytes per model, per run and per month.

    python -m cost [--warehouse kpis.duckdb] [--history DAYS] [--wider raw_invoices.items=30]

Volumes and widths of columns come from the catalog of a DuckDB warehouse that was synced and built,
the SQL from dbt's manifest, compiled here as production would run it. Nothing is asked over the
network. Prices: cost/prices.py.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from cost import build, landing, offline, prices, tables
from cost.growth import grows
from cost.queries import Query
from cost.reads import NotUnderstood, Reader
from cost.volumes import NotBuilt, Volumes, Warehouse
from extract import config, entities

OK, FAILED = 0, 1
WIDE = 200  # in a file or a pipe a table is as wide as it needs to be
SHOWN = 91  # days whose numbers a build keeps: see macros/history.sql
FACTORS = (1, 10, 100)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line. Returns 1 where the warehouse or the project cannot be read."""
    arguments = _arguments(argv)
    out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    try:
        for title, table in estimate(arguments):
            out.print(f"\n{title}", table)
    except (NotBuilt, NotUnderstood, offline.NotCompiled) as error:
        Console(stderr=True, highlight=False, width=WIDE).print(str(error), markup=False)
        return FAILED
    return OK


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cost", description=__doc__.splitlines()[0])
    parser.add_argument("--warehouse", type=Path, help="a DuckDB file (default: KPI_DUCKDB_PATH)")
    parser.add_argument(
        "--history",
        type=int,
        default=365,
        metavar="DAYS",
        help="of daily builds in the snapshots (default: %(default)s)",
    )
    parser.add_argument(
        "--wider",
        type=_wider,
        action="append",
        default=[],
        metavar="TABLE.COLUMN=TIMES",
        help="count a raw column as that many times as wide, where yours is",
    )
    return parser.parse_args(argv)


def _wider(text: str) -> tuple[str, str, float]:
    column, _, times = text.partition("=")
    table, _, name = column.partition(".")
    try:
        return table, name, float(times)
    except ValueError:
        message = f"{text!r}: write such as raw_invoices.items=30"
        raise argparse.ArgumentTypeError(message) from None


def estimate(arguments: argparse.Namespace) -> list[tuple[str, Table]]:
    """The tables of the estimate with their titles. Raises NotBuilt, NotCompiled, NotUnderstood."""
    warehouse = Warehouse(arguments.warehouse or config.duckdb_path())
    raw, known = config.warehouse().schema, list(entities.load().values())
    volumes = warehouse.measure(raw, known)
    for table, column, times in arguments.wider:
        volumes = volumes.widened((raw, table), column, times)
    with TemporaryDirectory(prefix="cost-") as folder:
        manifest = offline.manifest(Path(folder), warehouse.last_day())
    volumes = _aged(volumes, manifest, arguments.history)
    asked = of_a_build(manifest, volumes, warehouse)
    days = warehouse.days(raw, known)

    def first(at: Volumes) -> list[Query]:
        return landing.first(raw, known, at, days) + asked

    def daily(at: Volumes) -> list[Query]:
        return landing.daily(raw, known, at) + asked

    grown = {factor: volumes.times(factor, grows) for factor in FACTORS}
    return [
        ("What is landed", tables.raw(raw, known, volumes)),
        (
            "Per model, in each build (its tests not counted)",
            tables.models(asked, build.written(manifest), volumes),
        ),
        ("Charged for the first load and build, GiB", tables.parts(first, grown)),
        ("Charged for a daily run, GiB", tables.parts(daily, grown)),
        (f"Per month of {prices.RUNS_A_MONTH} daily runs", tables.month(first, daily, grown)),
    ]


def of_a_build(manifest: dict, volumes: Volumes, warehouse: Warehouse) -> list[Query]:
    """What dbt asks in a run."""
    reader = Reader(
        {name: table.bytes for name, table in volumes.tables.items()},
        build.views(manifest),
        build.partitions(manifest) | _landed_partitions(),
        warehouse.share,
    )
    return build.freshness(manifest) + build.queries(manifest, reader.reads)


def _landed_partitions() -> dict[tuple[str, str], str]:
    raw = config.warehouse().schema
    return {
        (raw, entity.table): entity.partition
        for entity in entities.load().values()
        if entity.partition
    }


def _aged(volumes: Volumes, manifest: dict, days: int) -> Volumes:
    """The warehouse was built once: its snapshots hold the days that a build shows, and would get
    another day's records with each day."""
    histories = {
        (node["schema"], node["alias"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "snapshot"
    }
    return volumes.times(max(1.0, days / SHOWN), histories.__contains__)


if __name__ == "__main__":
    sys.exit(main())
