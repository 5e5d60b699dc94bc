"""The command line: python -m extract sync | list | check | status | report | reports | adopt."""

import argparse
import logging
import sys
import uuid
from collections.abc import Sequence
from contextlib import closing

from rich.logging import RichHandler
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from extract import check, config, count_command, entities, report_commands, status
from extract.adoption import command as adoption_command
from extract.client import Client
from extract.console import INTERRUPTED, OK, SOME_FAILED, WRONG_SETTINGS, err, out, say
from extract.errors import CredentialsError, ExtractError, SettingsError
from extract.privacy import is_contact
from extract.privacy_change import read_anew
from extract.sync import Outcome, advice, sync
from extract.tuning import tune
from extract.warehouse import open_warehouse

# What the API answers to a wrong tenant or app key, but also where one scope is missing.
REFUSED = (403, 404)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0 = all well, 1 = some entity failed, 2 = settings missing or
    wrong, 130 = interrupted. Results go to stdout, progress and errors to stderr."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=err, show_path=False, markup=False)],
    )
    try:
        return arguments.command(arguments)
    except (SettingsError, CredentialsError) as error:
        say(error)
        return WRONG_SETTINGS
    except ExtractError as error:
        say(error)
        return SOME_FAILED
    except KeyboardInterrupt:
        say("interrupted; what has landed stays, and the next run goes on from there")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m extract",
        description="Reads a ServiceTitan tenant into raw tables. Settings: see .env.example.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("sync", help="land what changed since the last run")
    command.add_argument("--only", metavar="A,B", help="these entities only (see list)")
    command.add_argument("--full", action="store_true", help="start over: read the whole history")
    command.set_defaults(command=_sync)

    command = commands.add_parser("list", help="list the entities")
    command.set_defaults(command=_list)

    command = commands.add_parser("check", help="say per entity whether it can be read")
    command.add_argument("--only", metavar="A,B", help="these entities only (see list)")
    command.add_argument(
        "--fields", action="store_true", help="which declared fields this tenant fills, by a sample"
    )
    count_command.add_to(command)
    command.set_defaults(command=_check)

    status.add_to(commands)
    report_commands.add_to(commands)
    adoption_command.add_to(commands)
    return parser


def _sync(arguments: argparse.Namespace) -> int:
    tune()
    settings = config.load()
    chosen = _chosen(arguments)
    # Every declared table, chosen or not: the models read them all.
    with closing(open_warehouse(settings.warehouse)) as warehouse, warehouse.alone():
        notes = warehouse.prepare(entities.load().values())
        notes = read_anew(warehouse, entities.load().values()) | notes
        client = Client(settings)
        client.authenticate()
        with _Bars() as bars:
            outcomes = sync(
                chosen,
                client,
                warehouse,
                run_id=uuid.uuid4().hex,
                skip=settings.skip,
                full=arguments.full,
                notes=notes,
                progress=bars.show,
            )
    out.print(_summary(outcomes))
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    for outcome in failed:
        say(f"{outcome.entity.label}: {outcome.error}")
    tried = [outcome for outcome in outcomes if outcome.state != "skipped"]
    return _code(bool(failed), [outcome.status for outcome in tried], arguments)


def _list(arguments: argparse.Namespace) -> int:
    table = Table(box=None, pad_edge=False)
    for heading in ("entity", "table", "feed", "key", "columns", "scope"):
        table.add_column(heading, justify="right" if heading == "columns" else "left")
    for entity in entities.load().values():
        table.add_row(
            entity.label,
            entity.table,
            entity.feed,
            entity.key,
            str(len(entity.columns)),
            entity.scope,
        )
    out.print(table)
    return OK


def _check(arguments: argparse.Namespace) -> int:
    settings = config.load()
    if arguments.counts or arguments.heal:
        return count_command.counts(settings, _chosen(arguments), healing=arguments.heal)
    client = Client(settings)
    client.authenticate()
    out.print(f"credentials: fine ({settings.auth_url})")
    found: list[check.Access] = []
    for entity in _chosen(arguments):
        if entity.name in settings.skip:
            out.print(f"{entity.label}: skipped, named in SERVICETITAN_SKIP", markup=False)
            continue
        found.append(check.access(client, entity, advice))
        fault = found[-1].fault
        out.print(f"{entity.label}: {fault or 'fine'}", markup=False, soft_wrap=True)
        if arguments.fields and fault is None:
            out.print(_filled(check.fields(client, entity)))
    return _code(any(one.fault for one in found), [one.status for one in found], arguments)


def _code(failed: bool, statuses: list[int | None], arguments: argparse.Namespace) -> int:
    """The exit code; where every entity is refused, no scope is missing but a setting is wrong."""
    if failed and arguments.only is None and all(status in REFUSED for status in statuses):
        say(
            "Every entity is refused: check SERVICETITAN_TENANT_ID, SERVICETITAN_APP_KEY and "
            "SERVICETITAN_API_URL"
        )
        return WRONG_SETTINGS
    return SOME_FAILED if failed else OK


def _chosen(arguments: argparse.Namespace) -> list[entities.Entity]:
    known = entities.load()
    if arguments.only is None:
        return list(known.values())
    names = entities.choose(arguments.only.split(","), "--only")
    if not names:
        raise SettingsError("--only names no entity; see python -m extract list")
    return [known[name] for name in names]


class _Bars:
    """Progress per entity on a terminal; elsewhere one line per entity that ended."""

    def __init__(self) -> None:
        self._live = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[said]}"),
            TimeElapsedColumn(),
            console=err,
            disable=not err.is_terminal,
        )
        self._tasks: dict[str, int] = {}

    def __enter__(self) -> "_Bars":
        self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._live.stop()

    def show(self, outcome: Outcome) -> None:
        label, ended = outcome.entity.label, outcome.state != "running"
        said = f"{outcome.rows:,} rows" + (f", {outcome.state}" if ended else "")
        if label not in self._tasks:
            self._tasks[label] = self._live.add_task(f"{label:<16}", total=None, said=said)
        self._live.update(self._tasks[label], said=said)
        if ended:
            self._live.update(self._tasks[label], total=1, completed=1)
            if self._live.disable:
                err.print(f"{label}: {said}", markup=False)


def _summary(outcomes: list[Outcome]) -> Table:
    table = Table(title="sync", title_justify="left", box=None, pad_edge=False)
    for heading in ("entity", "state"):
        table.add_column(heading)
    for heading in ("rows read", "new", "changed", "removed", "seconds"):
        table.add_column(heading, justify="right")
    table.add_column("note")
    for outcome in outcomes:
        landed = outcome.landed
        counts = (outcome.rows, landed.new, landed.changed, landed.removed)
        table.add_row(
            outcome.entity.label,
            outcome.state,
            *(f"{count:,}" for count in counts),
            f"{outcome.seconds:.1f}",
            "; ".join(outcome.notes),
        )
    return table


def _filled(rows: list[check.Filled]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 2))
    table.add_column("field")
    table.add_column("filled", justify="right")
    table.add_column("", no_wrap=True)
    for row in rows:
        share = f"{100 * row.filled / row.sampled:.1f} %" if row.sampled else "no records"
        said = "" if row.declared else "not declared: in _extra_fields"
        table.add_row(row.field, share, "personal: not stored" if is_contact(row.field) else said)
    return table


if __name__ == "__main__":
    sys.exit(main())
