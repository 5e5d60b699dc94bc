"""Every model and test compiles for BigQuery, without an account and without a network."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PROJECT = Path(__file__).parents[2]
DBT = Path(sys.executable).with_name("dbt")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> Path:
    """The folder of the SQL that dbt compiles for BigQuery, with a key made for this test."""
    folder = tmp_path_factory.mktemp("bigquery")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    keyfile = folder / "key.json"
    keyfile.write_text(
        json.dumps(
            {
                "type": "service_account",
                "project_id": "no-such-project",
                "private_key": key.decode(),
                "private_key_id": "throwaway",
                "client_email": "nobody@no-such-project.example",
                "client_id": "0",
                "token_uri": "http://localhost/token",
            }
        )
    )
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
    return folder / "target" / "compiled" / "servicetitan_kpis"


def test_every_model_compiles(compiled):
    written = {path.stem for path in (PROJECT / "models").rglob("*.sql")}
    assert {path.stem for path in (compiled / "models").rglob("*.sql")} >= written


def test_nothing_of_duckdb_is_left(compiled):
    """What only DuckDB understands stands behind dispatched macros: BigQuery sees none of it."""
    only_duckdb = (
        "timestamptz",
        "to_days(",
        "to_years(",
        "isodow",
        "decimal(38",
        "json_extract_string",
        "::",
    )
    found = {
        f"{path.name}: {word}"
        for path in compiled.rglob("*.sql")
        for word in only_duckdb
        if word in path.read_text()
    }
    assert not found
