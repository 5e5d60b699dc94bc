"""The commands about ServiceTitan's own reports: report, reports."""

import argparse
from contextlib import closing
from datetime import UTC, date, datetime

from rich.markup import escape
from rich.table import Table

from extract import config, reports
from extract.client import Client
from extract.console import OK, err, out, say
from extract.errors import ApiError
from extract.parameters import check_period
from extract.pull import pull
from extract.reporting import SCOPE_ADVICE, listed
from extract.warehouse import open_warehouse


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("report", help="land what one of ServiceTitan's own reports says")
    command.add_argument("name", metavar="NAME", help="its name in reports/reports.yml")
    command.add_argument("--from", dest="first", type=_day, required=True, metavar="YYYY-MM-DD")
    command.add_argument("--to", dest="last", type=_day, required=True, metavar="YYYY-MM-DD")
    command.add_argument(
        "--accept-change", action="store_true", help="though the report was changed since last time"
    )
    command.set_defaults(command=_report)

    command = commands.add_parser("reports", help="list the tenant's reports with their ids")
    command.set_defaults(command=_reports)


def _report(arguments: argparse.Namespace) -> int:
    report = reports.choose(arguments.name)
    first, last = arguments.first, arguments.last
    check_period(report, first, last, datetime.now(UTC))
    settings = config.load()
    with closing(open_warehouse(settings.warehouse)) as warehouse:
        warehouse.prepare([])
        run, rows = pull(
            report,
            first,
            last,
            Client(settings),
            warehouse,
            seconds=settings.report_seconds,
            accept_change=arguments.accept_change,
            say=lambda said: err.print(said, markup=False, soft_wrap=True),
        )
    out.print(
        f"{report.name}: {rows:,} row{'' if rows == 1 else 's'} of {first} to {last} "
        f"(report {report.id}, changed {run.report_modified_at:%Y-%m-%d}) landed",
        markup=False,
        soft_wrap=True,
    )
    return OK


def _reports(arguments: argparse.Namespace) -> int:
    declared = {}
    for report in reports.load().values():
        declared.setdefault((report.category, report.id), []).append(report.name)
    table = Table(box=None, pad_edge=False)
    for heading in ("category", "id", "report", "in reports.yml"):
        table.add_column(heading, justify="right" if heading == "id" else "left")
    try:
        for found in listed(Client(config.load()).get):
            names = declared.pop((found.category, found.id), [])
            # A name may hold [square brackets], which are markup to the table.
            cells = (found.category, str(found.id), found.name, ", ".join(names))
            table.add_row(*map(escape, cells))
    except ApiError as error:
        if error.status == 403:
            raise ApiError(f"{error}. {SCOPE_ADVICE}", 403) from error
        raise
    out.print(table)
    for (category, report_id), names in declared.items():
        say(f"{', '.join(names)}: no report {report_id} in category {category}; see reports.yml")
    return OK


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no day; write one such as 2025-10-20"
        ) from None
