"""The command line: python -m review week | explain | parity | reconcile | page | metrics.

What make passes on comes from the environment, with every quote in place: KPI, DAY, WEEK, UNIT;
FROM, TO; OUT; METRICS, BY, SQL.
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
from review.metrics import Question, as_table, ask, sql, write_csv
from review.page import write_page
from review.parity import board, compared
from review.reconcile import INBOX, period, reconcile
from review.reconcile import write_csv as write_differences
from review.warehouse import ReviewError
from review.week import week_table

OK, FAILED = 0, 1

FILE = "a DuckDB file (default: the warehouse that KPI_TARGET names)"
# In a file or a pipe a table is as wide as it needs to be.
WIDE = 200
EXAMPLE = 'as in make explain KPI=gpm_percent DAY=2025-10-20 UNIT="Andy\'s Painting-Production"'
METRICS_EXAMPLE = "as in make metrics METRICS=gpm_percent,lead_count BY=metric_time__week"


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

    metrics = commands.add_parser("metrics", help="any metric, at any grain and dimension")
    metrics.add_argument("--metrics", default=os.environ.get("METRICS"), help="default: $METRICS")
    metrics.add_argument(
        "--by",
        default=os.environ.get("BY", ""),
        help="such as metric_time__week,business_unit__region; default: $BY",
    )
    metrics.add_argument("--from", dest="first", default=os.environ.get("FROM"), help="or $FROM")
    metrics.add_argument("--to", dest="last", default=os.environ.get("TO"), help="and $TO")
    metrics.add_argument("--csv", default=os.environ.get("OUT"), help="a file instead; $OUT")
    metrics.add_argument(
        "--sql",
        action="store_true",
        default=bool(os.environ.get("SQL")),
        help="print the query and ask nothing of the warehouse; $SQL",
    )
    metrics.add_argument("--warehouse", type=Path, help=FILE)
    metrics.set_defaults(command=_metrics)
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
    day = _day(arguments.day or arguments.week)
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
    write_differences(differences, path)
    out.print(f"All of it with every column: {path}", soft_wrap=True)
    return OK


def _metrics(arguments: argparse.Namespace, out: Console) -> int:
    question = Question(
        _names(arguments.metrics),
        _names(arguments.by),
        _day(arguments.first) if arguments.first else None,
        _day(arguments.last) if arguments.last else None,
    )
    if not question.metrics:
        raise ReviewError(f"say METRICS, {METRICS_EXAMPLE}; metrics are KPIs and their parts")
    if arguments.sql:
        sys.stdout.write(sql(question, _warehouse(arguments)) + "\n")
        return OK
    answer = ask(question, _warehouse(arguments))
    if arguments.csv:
        path = config.PROJECT / arguments.csv
        write_csv(answer, path)
        out.print(f"{len(answer.rows):,} rows lie in {path}", soft_wrap=True)
    else:
        out.print(as_table(answer))
    return OK


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ReviewError(f"{text!r} is no day; write one such as 2025-10-20") from None


def _warehouse(arguments: argparse.Namespace) -> config.Warehouse:
    if arguments.warehouse:
        return config.Warehouse("dev", arguments.warehouse, "st_raw_v2")
    return config.warehouse()


if __name__ == "__main__":
    sys.exit(main())
