"""The command line: python -m editing check | suggest | preview | diff.

What make passes on to the last two comes from the environment: BASE, ABSOLUTE, PERCENT.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TextIO

from rich.console import Console

from editing import EditingError
from editing.check import Checked, check
from editing.moved import Tolerance
from editing.preview import Compared, diff, seeds_preview
from editing.shown import show, write_csvs
from editing.suggest import Suggestion, suggest
from extract import config
from extract.errors import ExtractError
from review.warehouse import ReviewError

OK, FAILED = 0, 1
# What `diff` returns: a review before a merge tells a difference from what could not be compared.
SAME, DIFFERENT, COULD_NOT = 0, 1, 2
PROJECT = Path(__file__).resolve().parent.parent
FOLDER = "a dbt project's folder (default: this one)"
FILE = "a DuckDB file (default: the warehouse that KPI_TARGET names)"
# In a file or a pipe a table is as wide as it needs to be.
WIDE = 200


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0; 1 where a seed is refused, or nothing could be found out; of
    preview and diff see `_preview` and `_diff`."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.command(arguments)
    except (EditingError, ReviewError, ExtractError) as error:
        _say(str(error), sys.stderr)
        return arguments.failed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m editing", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("check", help="hold the seeds against their rules")
    command.add_argument("--project", type=Path, default=PROJECT, help=FOLDER)
    command.set_defaults(command=_check, failed=FAILED)

    command = commands.add_parser(
        "suggest", help="rows for units and job types that exist in the data and in no seed"
    )
    command.add_argument("--project", type=Path, default=PROJECT, help=FOLDER)
    command.add_argument("--warehouse", type=Path, help=FILE)
    command.set_defaults(command=_suggest, failed=FAILED)

    command = commands.add_parser("preview", help="the KPI cells that the edited seeds move")
    _add_comparison(command, os.environ.get("BASE") or "HEAD")
    command.set_defaults(command=_preview, failed=COULD_NOT)

    command = commands.add_parser("diff", help="the KPI cells in which two versions differ")
    _add_comparison(command, os.environ.get("BASE") or "main")
    command.set_defaults(command=_diff, failed=COULD_NOT)
    return parser


def _add_comparison(command: argparse.ArgumentParser, base: str) -> None:
    command.add_argument(
        "--base",
        default=base,
        help=f"a commit, branch or tag to compare with; default: $BASE, or {base}",
    )
    command.add_argument(
        "--absolute",
        type=_amount,
        default=os.environ.get("ABSOLUTE") or "0",
        help="dollars, counts or points by which a cell may differ; default: $ABSOLUTE, or 0",
    )
    command.add_argument(
        "--percent",
        type=_amount,
        default=os.environ.get("PERCENT") or "0",
        help="or percent of its old value; default: $PERCENT, or 0",
    )
    command.add_argument(
        "--as-of",
        type=date.fromisoformat,
        help="the last day that is counted (default: that of the last build)",
    )
    command.add_argument("--project", type=Path, default=PROJECT, help=FOLDER)
    command.add_argument("--warehouse", type=Path, help=FILE)
    command.add_argument(
        "--out", type=Path, help="the folder of the CSVs (default: build/preview, build/diff)"
    )


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no tolerance: write 0 or more, such as 0.01")
    return amount


def _check(arguments: argparse.Namespace) -> int:
    checked = check(arguments.project)
    _say_faults(checked)
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
    found = suggest(_warehouse(arguments), arguments.project)
    for file in dict.fromkeys(each.file for each in found):
        rows = [each for each in found if each.file == file]
        _say(f"{file} lacks:\n")
        for each in rows:
            _say(f"{_told(each)}\n")
        _say("\n".join(["Paste at its end, and judge each guess:", "", *(r.row for r in rows), ""]))
    if not found:
        _say("every unit and every job type of the last build has its row: nothing to suggest")
    return OK


def _preview(arguments: argparse.Namespace) -> int:
    """Returns 0 whether or not a cell moves, 2 where a seed is refused or nothing was compared."""
    if _refused(arguments):
        return COULD_NOT
    compared = seeds_preview(*_sides(arguments))
    if not compared.edited:
        _say(f"no seed differs from {arguments.base}: nothing to preview")
        return OK
    _show(arguments, compared, "preview")
    _say("Nothing has been published: `make build` does.")
    return OK


def _diff(arguments: argparse.Namespace) -> int:
    """Returns 0 where no cell differs beyond the tolerance, 1 where one does, 2 as `_preview`."""
    if _refused(arguments):
        return COULD_NOT
    compared = diff(*_sides(arguments))
    _show(arguments, compared, "diff")
    return DIFFERENT if compared.moved.cells else SAME


def _refused(arguments: argparse.Namespace) -> bool:
    """Whether a seed is refused; says what seeds-check says."""
    checked = check(arguments.project)
    if checked.refused:
        _say_faults(checked)
        _say("Nothing was built: mend the seeds first; `make seeds-check` asks again.", sys.stderr)
    return checked.refused


def _sides(arguments: argparse.Namespace) -> tuple:
    tolerance = Tolerance(arguments.absolute, arguments.percent)
    return (
        *(_warehouse(arguments), arguments.project.absolute()),
        *(arguments.base, tolerance, arguments.as_of),
    )


def _show(arguments: argparse.Namespace, compared: Compared, name: str) -> None:
    out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    show(compared, out)
    paths = write_csvs(compared.moved, arguments.out or arguments.project / "build" / name)
    _say(f"All of it: {paths[0]}, and the records behind: {paths[1]}")


def _warehouse(arguments: argparse.Namespace) -> config.Warehouse:
    if arguments.warehouse:
        return config.Warehouse("dev", arguments.warehouse, "st_raw_v2")
    return config.warehouse()


def _say_faults(checked: Checked) -> None:
    for fault in checked.faults:
        _say(f"{fault}\n")


def _told(suggestion: Suggestion) -> str:
    lines = [suggestion.about, *(f"would change: {words}" for words in suggestion.changes)]
    if suggestion.to_fill_in:
        lines.append(f"fill in: {', '.join(suggestion.to_fill_in)}")
    return "\n    ".join(lines)


def _say(text: str, stream: TextIO | None = None) -> None:
    print(text, file=stream or sys.stdout)


if __name__ == "__main__":
    sys.exit(main())
