"""The command line: python -m editing check | suggest."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from editing import EditingError
from editing.check import check
from editing.suggest import Suggestion, suggest
from extract import config
from extract.errors import ExtractError
from review.warehouse import ReviewError

OK, FAILED = 0, 1
PROJECT = Path(__file__).resolve().parent.parent
FOLDER = "a dbt project's folder (default: this one)"
FILE = "a DuckDB file (default: the warehouse that KPI_TARGET names)"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0; 1 where a seed is refused, or nothing could be found out."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.command(arguments)
    except (EditingError, ReviewError, ExtractError) as error:
        _say(str(error), sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m editing", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("check", help="hold the seeds against their rules")
    command.add_argument("--project", type=Path, default=PROJECT, help=FOLDER)
    command.set_defaults(command=_check)

    command = commands.add_parser(
        "suggest", help="rows for units and job types that exist in the data and in no seed"
    )
    command.add_argument("--project", type=Path, default=PROJECT, help=FOLDER)
    command.add_argument("--warehouse", type=Path, help=FILE)
    command.set_defaults(command=_suggest)
    return parser


def _check(arguments: argparse.Namespace) -> int:
    checked = check(arguments.project)
    for fault in checked.faults:
        _say(f"{fault}\n")
    for words in checked.unasked:
        _say(f"not asked: {words}")
    refused = sum(not fault.warns for fault in checked.faults)
    warnings = len(checked.faults) - refused
    _say(
        f"{checked.seeds} seeds, {checked.rows} rows, {checked.rules} rules: "
        + (f"{refused} to mend, {warnings} to look at" if checked.faults else "all is well")
    )
    return FAILED if checked.refused else OK


def _suggest(arguments: argparse.Namespace) -> int:
    settings = config.warehouse()
    if arguments.warehouse:
        settings = config.Warehouse("dev", arguments.warehouse, "st_raw_v2")
    found = suggest(settings, arguments.project)
    for file in dict.fromkeys(each.file for each in found):
        rows = [each for each in found if each.file == file]
        _say(f"{file} lacks:\n")
        for each in rows:
            _say(f"{_told(each)}\n")
        _say("\n".join(["Paste at its end, and judge each guess:", "", *(r.row for r in rows), ""]))
    if not found:
        _say("every unit and every job type of the last build has its row: nothing to suggest")
    return OK


def _told(suggestion: Suggestion) -> str:
    lines = [suggestion.about, *(f"would change: {words}" for words in suggestion.changes)]
    if suggestion.to_fill_in:
        lines.append(f"fill in: {', '.join(suggestion.to_fill_in)}")
    return "\n    ".join(lines)


def _say(text: str, stream: TextIO | None = None) -> None:
    print(text, file=stream or sys.stdout)


if __name__ == "__main__":
    sys.exit(main())
