"""The command line: python -m review week | explain | parity | reconcile.

What make passes on comes from the environment, with every quote in place: KPI, DAY, UNIT; WEEK,
FROM, TO.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from extract import config
from extract.errors import ExtractError
from review.explain import explanation
from review.parity import board, compared
from review.reconcile import INBOX, period, reconcile, write_csv
from review.warehouse import ReviewError
from review.week import week_table

OK, FAILED = 0, 1

FILE = "a DuckDB file (default: the warehouse that KPI_TARGET names)"
# In a file or a pipe a table is as wide as it needs to be.
WIDE = 200
EXAMPLE = 'as in make explain KPI=gpm_percent DAY=2025-10-20 UNIT="Andy\'s Painting-Production"'


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0; 1 where there is nothing to show or parity is off."""
    arguments = _parser().parse_args(argv)
    out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    try:
        return arguments.command(arguments, out)
    except (ReviewError, ExtractError) as error:
        Console(stderr=True, highlight=False).print(str(error), markup=False, soft_wrap=True)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m review", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    week = commands.add_parser(
        "week", help="the ten KPIs of a week, per business unit and for the company"
    )
    week.add_argument(
        "--monday", type=date.fromisoformat, help="the week's Monday (default: the last full week)"
    )
    week.add_argument("--warehouse", type=Path, help=FILE)
    week.set_defaults(command=_week)

    explain = commands.add_parser("explain", help="the records behind one number")
    explain.add_argument("--kpi", default=os.environ.get("KPI"), help="default: $KPI")
    explain.add_argument("--day", default=os.environ.get("DAY"), help="default: $DAY")
    explain.add_argument("--unit", default=os.environ.get("UNIT"), help="default: $UNIT")
    explain.add_argument("--warehouse", type=Path, help=FILE)
    explain.set_defaults(command=_explain)

    parity = commands.add_parser("parity", help="our numbers beside what the reports showed")
    parity.add_argument("--warehouse", type=Path, help=FILE)
    parity.set_defaults(command=_parity)

    records = commands.add_parser(
        "reconcile", help="the records in which reports of a period and ours differ, and why"
    )
    records.add_argument("--week", default=os.environ.get("WEEK"), help="a Monday; default: $WEEK")
    records.add_argument("--from", dest="first", default=os.environ.get("FROM"), help="or $FROM")
    records.add_argument("--to", dest="last", default=os.environ.get("TO"), help="and $TO")
    records.add_argument("--inbox", type=Path, default=INBOX, help=f"default: {INBOX}")
    records.add_argument("--csv", type=Path, help="default: reports/reconcile-FROM-TO.csv")
    records.set_defaults(command=_reconcile)
    return parser


def _week(arguments: argparse.Namespace, out: Console) -> int:
    out.print(week_table(_warehouse(arguments), arguments.monday))
    return OK


def _explain(arguments: argparse.Namespace, out: Console) -> int:
    if missing := [name for name in ("kpi", "day", "unit") if getattr(arguments, name) is None]:
        raise ReviewError(f"say {' and '.join(name.upper() for name in missing)}, {EXAMPLE}")
    try:
        day = date.fromisoformat(arguments.day)
    except ValueError:
        raise ReviewError(f"{arguments.day!r} is no day; write one such as 2025-10-20") from None
    out.print(explanation(_warehouse(arguments), arguments.kpi, day, arguments.unit))
    return OK


def _parity(arguments: argparse.Namespace, out: Console) -> int:
    table, all_well = board(compared(_warehouse(arguments)), date.today())
    out.print(table)
    return OK if all_well else FAILED


def _reconcile(arguments: argparse.Namespace, out: Console) -> int:
    first, last = period(arguments.week, arguments.first, arguments.last, date.today())
    differences = reconcile(first, last, arguments.inbox, out)
    path = arguments.csv or config.PROJECT / "reports" / f"reconcile-{first}-{last}.csv"
    write_csv(differences, path)
    out.print(f"All of it with every column: {path}", soft_wrap=True)
    return OK


def _warehouse(arguments: argparse.Namespace) -> config.Warehouse:
    if arguments.warehouse:
        return config.Warehouse("dev", arguments.warehouse, "st_raw_v2")
    return config.warehouse()


if __name__ == "__main__":
    sys.exit(main())
