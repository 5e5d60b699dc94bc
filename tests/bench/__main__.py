"""Time extraction and build of an invented tenant, each beside its floor.

    python -m tests.bench [--size small] [--weeks 70] [--rounds 3] [--dlt PYTHON]

A floor is what the job cannot do without: to fetch and decode the pages, to run the SQL. Job and
floor run in turn, in every second round the floor first; the medians are printed, and the median of
the rounds' ratios. A sync without news is timed at 200 ms a call; with `--dlt`, the Python of an
environment that has dlt, all jobs are loaded with dlt, too. It only reports: exit 0 whatever the
figures, 1 when a command fails.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table

from extract.config import MOST_CALLS_PER_SECOND
from simulator import SIZES
from simulator.tenant import LAST_DAY
from tests.bench import build, extraction
from tests.bench.process import Failed, Run

WIDE = 120
Pair = TypeVar("Pair")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; see the module's docstring."""
    arguments = _arguments(argv)
    out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    try:
        with TemporaryDirectory(prefix="bench-") as scratch:
            warehouse = Path(scratch, "warehouse.duckdb")
            with extraction.served(arguments.size, arguments.weeks) as settings:
                read = _rounds(
                    arguments.rounds,
                    "extraction",
                    lambda floor_first: extraction.time_pair(settings, warehouse, floor_first),
                )
                if arguments.dlt:
                    jobs = _rounds(
                        arguments.rounds,
                        "jobs",
                        lambda backwards: extraction.time_jobs(
                            settings, Path(scratch), arguments.dlt, backwards
                        ),
                    )
                    out.print(_jobs(jobs))
            with extraction.served(arguments.size, arguments.weeks, extraction.LATENCY) as settings:
                idle = _rounds(
                    arguments.rounds,
                    "without news",
                    lambda _: extraction.time_idle(settings, warehouse),
                )
            out.print(_extraction(read, idle))
            builds = build.Builds(warehouse, Path(scratch), LAST_DAY)
            out.print(_build(_rounds(arguments.rounds, "build", builds.time_pair)))
    except Failed as failed:
        out.print(str(failed), style="red", markup=False)
        return 1
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__.splitlines()[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--size", choices=SIZES, default="small", help="how big the tenant is")
    parser.add_argument("--weeks", type=int, help="weeks of history; default: as the simulator's")
    parser.add_argument("--rounds", type=int, default=3, help="how often each pair is timed")
    parser.add_argument("--dlt", type=Path, help="Python of an environment with dlt[duckdb]")
    return parser.parse_args(argv)


def _rounds(count: int, what: str, time_pair: Callable[[bool], Pair]) -> list[Pair]:
    console = Console(stderr=True)
    return [
        time_pair(number % 2 == 1)
        for number in track(range(count), description=what, console=console)
    ]


def _extraction(pairs: list[extraction.Pair], idle: list[Run]) -> Table:
    table = _table(f"Extraction of {pairs[0].rows:,} records", "records/s", "peak MiB")
    for name, runs in (
        ("extract sync into a fresh DuckDB", [pair.sync for pair in pairs]),
        ("floor: fetch and decode the pages", [pair.fetch for pair in pairs]),
    ):
        seconds = median(run.seconds for run in runs)
        table.add_row(
            name,
            f"{seconds:.2f}",
            _spread([run.seconds for run in runs]),
            f"{pairs[0].rows / seconds:,.0f}",
            f"{median(run.peak for run in runs):.0f}",
        )
    ratio = median(pair.sync.seconds / pair.fetch.seconds for pair in pairs)
    table.add_row("[bold]sync / floor[/]", f"[bold]{ratio:.2f}[/]")
    seconds = [run.seconds for run in idle]
    table.add_row(
        f"extract sync without news, {extraction.LATENCY} ms a call",
        f"{median(seconds):.2f}",
        _spread(seconds),
        "",
        f"{median(run.peak for run in idle):.0f}",
    )
    table.caption = f"both at {MOST_CALLS_PER_SECOND} calls/s at most, interpreter start included"
    return table


def _jobs(rounds: list[tuple[dict[str, Run], int]]) -> Table:
    _, rows = rounds[0]
    table = _table(f"{rows:,} jobs alone", "jobs/s", "peak MiB")
    for name in rounds[0][0]:
        runs = [found[name] for found, _ in rounds]
        seconds = [run.seconds for run in runs]
        table.add_row(
            name,
            f"{median(seconds):.2f}",
            _spread(seconds),
            f"{rows / median(seconds):,.0f}",
            f"{median(run.peak for run in runs):.0f}",
        )
    return table


def _build(pairs: list[build.Pair]) -> Table:
    table = _table("dbt build without unit tests, one thread, parsed before", "peak MiB")
    walls = [pair.build.seconds for pair in pairs]
    peak = f"{median(pair.build.peak for pair in pairs):.0f}"
    table.add_row("dbt build, start to end", f"{median(walls):.2f}", _spread(walls), peak)
    for kind, name in build.KINDS.items():
        for said, seconds in (
            (f"{name}: their time in dbt", [pair.own[kind] for pair in pairs]),
            (f"{name}: floor, the same SQL in DuckDB", [pair.straight[kind] for pair in pairs]),
        ):
            table.add_row(said, f"{median(seconds):.2f}", _spread(seconds))
        ratio = median(pair.own[kind] / pair.straight[kind] for pair in pairs)
        table.add_row(f"[bold]{name}: dbt / floor[/]", f"[bold]{ratio:.2f}[/]")
    days = [pair.day["model"] for pair in pairs]
    table.add_row("models after a day of changes", f"{median(days):.2f}", _spread(days))
    ratio = median(pair.day["model"] / pair.own["model"] for pair in pairs)
    table.add_row("[bold]models: after a day / full build[/]", f"[bold]{ratio:.2f}[/]")
    return table


def _table(title: str, *more: str) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left", box=None)
    table.add_column("")
    for heading in ("median s", "min to max", *more):
        table.add_column(heading, justify="right")
    return table


def _spread(seconds: list[float]) -> str:
    return f"{min(seconds):.2f} to {max(seconds):.2f}"


if __name__ == "__main__":
    sys.exit(main())
