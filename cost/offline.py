"""The project compiled for production, without an account and without a network."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PROJECT = Path(__file__).parents[1]
NOBODY = "no-such-project"


class NotCompiled(Exception):
    """dbt could not compile the project: the end of what it said."""


def manifest(folder: Path, as_of: date) -> dict:
    """dbt's manifest with the SQL that production would run on that day; `folder` takes what dbt
    writes. Raises NotCompiled."""
    shutil.copy(PROJECT / "profiles.yml.example", folder / "profiles.yml")
    words = ["compile", "--no-populate-cache", "--no-introspect", "--profiles-dir", folder]
    words += ["--vars", f"{{as_of_date: {as_of}}}"]
    words += ["--target-path", folder / "target", "--log-path", folder / "logs"]
    run = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--no-use-colors", *words],
        cwd=PROJECT,
        env=os.environ
        | {
            "KPI_TARGET": "prod",
            "KPI_BIGQUERY_PROJECT": NOBODY,
            "KPI_BIGQUERY_KEYFILE": str(throwaway_key(folder)),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise NotCompiled(f"dbt compile failed:\n{run.stdout[-3000:]}")
    return json.loads((folder / "target" / "manifest.json").read_text())


def throwaway_key(folder: Path) -> Path:
    """A key file in the form of a service account's, made up: dbt wants one even to compile."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "key.json"
    path.write_text(
        json.dumps(
            {
                "type": "service_account",
                "project_id": NOBODY,
                "private_key": key.decode(),
                "private_key_id": "throwaway",
                "client_email": f"nobody@{NOBODY}.example",
                "client_id": "0",
                "token_uri": "http://localhost/token",
            }
        )
    )
    return path
