"""Measure the weekly review in a browser: its size, and how long it takes to open.

python -m tests.bench.page --warehouse kpis.duckdb [--rounds 5]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from rich.console import Console

from extract import config
from review.page import write_page
from tests.review.page.chromium import chromium

# Milliseconds from the start to the page's load event, when all of it has been drawn.
OPENED = "return performance.getEntriesByType('navigation')[0].loadEventEnd"
# Milliseconds from the click to the records, the first time unpacking included.
RECORDS = """
    const [done, begun] = [arguments[0], performance.now()];
    document.querySelector('#cards .open[data-kpi="outstanding_ar"]').click();
    const look = () => document.querySelector('#records .sum')
        ? done(performance.now() - begun) : requestAnimationFrame(look);
    look();
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the medians of some rounds, each in a browser with a new profile. Returns 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.page", description=__doc__)
    parser.add_argument("--warehouse", type=Path, required=True, help="a built DuckDB file")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args(argv)
    opened, clicked = [], []
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "review.html"
        begun = time.perf_counter()
        size = write_page(config.Warehouse("dev", arguments.warehouse, "st_raw_v2"), page)
        written = time.perf_counter() - begun
        for number in range(arguments.rounds):
            with chromium(Path(folder) / str(number)) as browser:
                browser.get(page.as_uri())
                opened.append(browser.execute_script(OPENED))
                clicked.append(browser.execute_async_script(RECORDS))
    Console(highlight=False).print(
        f"written in {written:.1f} s, {size / 1e6:.2f} MB; opened in {median(opened):.0f} ms "
        f"({min(opened):.0f} to {max(opened):.0f}), first records after {median(clicked):.0f} ms"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
