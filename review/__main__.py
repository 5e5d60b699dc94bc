"""The command line: python -m review week."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from extract import config
from review.warehouse import ReviewError
from review.week import week_table

# In a file or a pipe a table is as wide as it needs to be.
WIDE = 200


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0, or 1 where there is nothing to show."""
    parser = argparse.ArgumentParser(prog="python -m review", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    week = commands.add_parser(
        "week", help="the ten KPIs of a week, per business unit and for the company"
    )
    week.add_argument(
        "--monday", type=date.fromisoformat, help="the week's Monday (default: the last full week)"
    )
    week.add_argument("--warehouse", type=Path, help="a DuckDB file (default: KPI_DUCKDB_PATH)")
    arguments = parser.parse_args(argv)

    out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    try:
        out.print(week_table(arguments.warehouse or config.duckdb_path(), arguments.monday))
    except ReviewError as error:
        Console(stderr=True, highlight=False, width=WIDE).print(str(error), markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
