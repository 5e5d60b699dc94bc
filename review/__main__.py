"""The command line: python -m review week | explain | parity | reconcile | page.

What make passes on comes from the environment, with every quote in place: KPI, DAY, WEEK, UNIT;
FROM, TO; OUT.
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
from review.page import write_page
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
    explain.add_argument("--week", default=os.environ.get("WEEK"), help="or its Monday; $WEEK")
    explain.add_argument(
        "--unit",
        default=os.environ.get("UNIT"),
        help="a business unit, a region's code, or Company; default: $UNIT",
    )
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

    page = commands.add_parser("page", help="the weekly business review as one HTML file")
    page.add_argument("--warehouse", type=Path, help=FILE)
    page.add_argument(
        "--out",
        type=Path,
        default=os.environ.get("OUT") or "review.html",
        help="default: $OUT, or review.html",
    )
    page.set_defaults(command=_page)
    return parser


def _week(arguments: argparse.Namespace, out: Console) -> int:
    out.print(week_table(_warehouse(arguments), arguments.monday))
    return OK


def _explain(arguments: argparse.Namespace, out: Console) -> int:
    words = [("KPI", arguments.kpi), ("DAY", arguments.day or arguments.week)]
    words += [("UNIT", arguments.unit)]
    if missing := [name for name, word in words if word is None]:
        raise ReviewError(f"say {' and '.join(missing)}, {EXAMPLE}")
    if arguments.day and arguments.week:
        raise ReviewError("say DAY or WEEK, not both")
    text = arguments.day or arguments.week
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ReviewError(f"{text!r} is no day; write one such as 2025-10-20") from None
    period = "day" if arguments.day else "week"
    out.print(explanation(_warehouse(arguments), arguments.kpi, day, arguments.unit, period))
    return OK


def _page(arguments: argparse.Namespace, out: Console) -> int:
    path = config.PROJECT / arguments.out
    size = write_page(_warehouse(arguments), path)
    out.print(f"The weekly review lies in {path} ({size / 1e6:.1f} MB)", soft_wrap=True)
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
