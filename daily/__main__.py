"""The command line: python -m daily.

What make passes on comes from the environment: OUT.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from daily.run import begin, daily
from daily.send import send
from daily.summary import Summary
from extract import config
from extract.errors import ExtractError

WRONG_SETTINGS = 2

# In a file or a pipe a table is as wide as it needs to be.
WIDE = 200


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the day, and says what became of it: on the screen, in the files, and to the webhook
    that KPI_ALERT_TO names. Returns 0 = all landed and built, 1 = something failed or is too old
    (what was published before then stands, or stands on older data: the summary says which),
    2 = settings. What could not be sent or written is said and changes no code."""
    arguments = _parser().parse_args(argv)
    out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    summary = begin()
    files = [(config.PROJECT / arguments.out).with_suffix(suffix) for suffix in (".md", ".json")]
    _forget(files)  # a run that is killed leaves no summary of the day before
    webhook = None
    try:
        webhook = config.alert_to()
        daily(out, config.load(), summary)
    except ExtractError as error:
        summary.exit_code, summary.fault = WRONG_SETTINGS, "the run could not start"
        summary.steps.append(str(error))
        _complain(str(error))
    else:
        out.print("\nSummary", style="bold")
        out.print(summary.text(), markup=False, soft_wrap=True)
    _write(summary, files)
    if webhook and (fault := send(webhook, summary.text())):
        _complain(f"The summary was not sent to KPI_ALERT_TO: {fault}. It lies in {files[0]}")
    return summary.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m daily",
        description="Lands what changed, judges how old the raw tables are, builds, sums up.",
    )
    target = Path(config.environment().get("DBT_TARGET_PATH", "target"))
    parser.add_argument(
        "--out",
        type=Path,
        default=os.environ.get("OUT") or target / "daily.md",
        help="the summary as Markdown; as JSON it lies beside it (default: $OUT, target/daily.md)",
    )
    return parser


def _forget(files: list[Path]) -> None:
    with suppress(OSError):  # writing will say it
        for file in files:
            file.unlink(missing_ok=True)


def _write(summary: Summary, files: list[Path]) -> None:
    try:
        for file, text in zip(files, (summary.markdown(), summary.json()), strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        _complain(f"The summary could not be written to {files[0]}: {error.strerror}; set OUT")


def _complain(text: str) -> None:
    Console(stderr=True, highlight=False, width=WIDE).print(text, markup=False)


if __name__ == "__main__":
    sys.exit(main())
