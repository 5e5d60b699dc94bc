import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cost.offline import throwaway_key
from tests.bigquery import googlesql

PROJECT = Path(__file__).parents[2]
DBT = Path(sys.executable).with_name("dbt")


@pytest.fixture(scope="session")
def target(tmp_path_factory) -> Path:
    """dbt's target folder, the project compiled for BigQuery with a key made for these tests: no
    account, no network."""
    folder = tmp_path_factory.mktemp("bigquery")
    keyfile = throwaway_key(folder)
    run = subprocess.run(
        [
            DBT,
            "--no-use-colors",
            "compile",
            "--no-populate-cache",
            "--no-introspect",
            "--profiles-dir",
            Path(__file__).parent,
            "--target-path",
            folder / "target",
            "--log-path",
            folder / "logs",
        ],
        cwd=PROJECT,
        env=os.environ | {"KPI_THROWAWAY_KEYFILE": str(keyfile)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:]
    return folder / "target"


@pytest.fixture(scope="session")
def manifest(target) -> dict:
    return json.loads((target / "manifest.json").read_text())


@pytest.fixture(scope="session")
def tables(manifest) -> dict:
    """What is there before the models run."""
    return googlesql.landed_tables(manifest) | googlesql.seed_tables(manifest)


@pytest.fixture(scope="session")
def answers(manifest, tables) -> dict[str, googlesql.Answer]:
    """What Google's analyzer says of every model, snapshot and test."""
    return googlesql.analyze(tables, googlesql.statements(manifest))
