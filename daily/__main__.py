"""The command line: python -m daily."""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from daily.run import daily
from extract.errors import ExtractError

# In a file or a pipe a table is as wide as it needs to be.
WIDE = 200


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the day. Returns 0 = all landed and built, 1 = something failed or is too old (what was
    published before then stands, or stands on older data: the summary says which), 2 = settings."""
    argparse.ArgumentParser(
        prog="python -m daily",
        description="Lands what changed, judges how old the raw tables are, builds, sums up.",
    ).parse_args(argv)
    out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    try:
        return daily(out)
    except ExtractError as error:
        Console(stderr=True, highlight=False, width=WIDE).print(str(error), markup=False)
        return 2


if __name__ == "__main__":
    sys.exit(main())
