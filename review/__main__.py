"""The command line: python -m review week | explain."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from extract import config
from review.explain import explanation
from review.warehouse import ReviewError
from review.week import week_table

# In a file or a pipe a table is as wide as it needs to be.
WIDE = 200
EXAMPLE = 'as in make explain KPI=gpm_percent DAY=2025-10-20 UNIT="Andy\'s Painting-Production"'


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
    week.set_defaults(table=lambda path, given: week_table(path, given.monday))

    # The values may come from the environment, where make puts them with every quote in place.
    explain = commands.add_parser("explain", help="the records behind one number")
    explain.add_argument("--kpi", default=os.environ.get("KPI"), help="default: $KPI")
    explain.add_argument("--day", default=os.environ.get("DAY"), help="default: $DAY")
    explain.add_argument("--unit", default=os.environ.get("UNIT"), help="default: $UNIT")
    explain.add_argument("--warehouse", type=Path, help="a DuckDB file (default: KPI_DUCKDB_PATH)")
    explain.set_defaults(
        table=lambda path, given: explanation(path, given.kpi, _day(given.day), given.unit)
    )
    arguments = parser.parse_args(argv)

    out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    try:
        if missing := [
            name for name in ("kpi", "day", "unit") if getattr(arguments, name, "") is None
        ]:
            raise ReviewError(f"say {' and '.join(name.upper() for name in missing)}, {EXAMPLE}")
        out.print(arguments.table(arguments.warehouse or config.duckdb_path(), arguments))
    except ReviewError as error:
        Console(stderr=True, highlight=False, width=WIDE).print(str(error), markup=False)
        return 1
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ReviewError(f"{text!r} is no day; write one such as 2025-10-20") from None


if __name__ == "__main__":
    sys.exit(main())
