"""What every command says, where, and the exit codes."""

import sys

from rich.console import Console

OK, SOME_FAILED, WRONG_SETTINGS, INTERRUPTED = 0, 1, 2, 130

# In a file or a pipe a table is as wide as it needs to be.
WIDE = 200
out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else WIDE)


def say(what: object) -> None:
    err.print(str(what), markup=False, style="red", soft_wrap=True)
