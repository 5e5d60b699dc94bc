"""What several folders of tests look at: the demo, run once."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo as `make demo` runs it: `run` (exit code and output), `warehouse` and `page`."""
    folder = tmp_path_factory.mktemp("demo")
    run = subprocess.run(
        [sys.executable, "-m", "simulator.demo", "--warehouse", folder / "demo.duckdb"],
        cwd=PROJECT,
        env=os.environ | {"DBT_TARGET_PATH": str(folder / "target")},
        capture_output=True,
        text=True,
        check=False,
    )
    return SimpleNamespace(
        run=run, warehouse=folder / "demo.duckdb", page=folder / "demo-review.html"
    )
