import json

import pytest

from tests.parity.warehouse import dbt


@pytest.fixture(scope="session")
def manifest(tmp_path_factory) -> dict:
    """The project as dbt reads it."""
    target = tmp_path_factory.mktemp("docs")
    run = dbt("parse", path=target / "none.duckdb", target=target)
    assert run.returncode == 0, run.stdout
    return json.loads((target / "manifest.json").read_text())
