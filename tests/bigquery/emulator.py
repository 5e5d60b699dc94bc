"""The BigQuery emulator as a process of its own, on a free port of this machine, empty.

`make emulator` sets it up in `.venv-emulator`; without it, tests that need it are skipped.
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2] / ".venv-emulator"
PROGRAM = HERE / "bin" / "bqemulator"

needed = pytest.mark.skipif(
    not (HERE / "installed").exists(), reason="the BigQuery emulator is not set up: make emulator"
)


@dataclass(frozen=True)
class Emulator:
    """A running emulator: `endpoint` like http://127.0.0.1:12345, and the `project` to use."""

    endpoint: str
    project: str = "kpi-emulator"

    def environment(self) -> dict[str, str]:
        """The settings that lead the extractor and dbt to it."""
        return {
            "KPI_TARGET": "emulator",
            "KPI_BIGQUERY_PROJECT": self.project,
            "KPI_BIGQUERY_LOCATION": "US",
            "KPI_BIGQUERY_ENDPOINT": self.endpoint,
            "KPI_BIGQUERY_KEYFILE": "",
        }


@contextmanager
def running(seconds: float = 60) -> Iterator[Emulator]:
    """An emulator that answers; it ends, with all that it holds, when the block ends.

    Raises RuntimeError with the last lines of its log where it does not listen within `seconds`.
    """
    with tempfile.TemporaryDirectory(prefix="kpi-emulator-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [PROGRAM, "start", "--ephemeral", "--rest-port", "0", "--grpc-port", "0"],
                cwd=folder,
                env=_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            port = _port(process, log, time.monotonic() + seconds)
            yield Emulator(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _environment(folder: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("BQEMU_")}
    return ours | {
        "HOME": str(HERE / "home"),  # where `make emulator` put DuckDB's extension
        "BQEMU_ENABLE_FORMAT_EXTENSIONS": "false",  # Avro, which it would download
        "BQEMU_UPLOAD_STAGING_DIR": f"{folder}/uploads",
        "BQEMU_DEFAULT_PROJECT_ID": Emulator.project,
        "BQEMU_LOG_LEVEL": "info",
        "BQEMU_LOG_FORMAT": "json",
    }


def _port(process: subprocess.Popen, log: Path, deadline: float) -> int:
    """The port that it says it listens on, once it does."""
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text(errors="replace").splitlines():
            if '"rest.listen"' in line:
                return json.loads(line)["port"]
        time.sleep(0.05)
    last = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise RuntimeError(f"the BigQuery emulator does not listen:\n{last}")
