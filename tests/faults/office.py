"""An invented tenant, a bad line to it, and the real command line at the other end of that line."""

import functools
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from extract.__main__ import main
from extract.client import Client
from simulator import Api, Request, Response, Tenant, serve
from simulator.api import APP_KEY, CLIENT_SECRET

# Every kind of feed, and two exports: one can fail while its like lands.
CHOSEN = ("job_types", "jobs", "invoices", "gross_pay_items")
ONLY = ("--only", ",".join(CHOSEN))
PAGE = 40

Ask = Callable[[Request], Response]
Fault = Callable[[Request, Ask], Response]
Tables = dict[str, list[tuple]]


class Line:
    """Between extractor and simulator: `fault(request, ask)` gives what arrives, `ask` what the
    simulator would say. Without a fault the line is clean."""

    def __init__(self, api: Api):
        self._ask = api.answer
        self._turn = threading.Lock()
        self.api = api
        self.fault: Fault | None = None
        self.calls: list[Request] = []
        self.tokens: set[str] = set()
        api.answer = self

    def __call__(self, request: Request) -> Response:
        with self._turn:
            self.calls.append(request)
            self.tokens |= bearer(request)
            return self.fault(request, self._ask) if self.fault else self._ask(request)


def bearer(request: Request) -> set[str]:
    """The token that a request came with, if any."""
    return {request.headers["authorization"].split()[1]} - {"None"} if request.entity else set()


@contextmanager
def on_the_line(tenant: Tenant, page_size: int = PAGE) -> Iterator[Line]:
    with serve(tenant, page_size=page_size) as api:
        yield Line(api)


def environment(line: Line, warehouse: Path) -> dict[str, str]:
    """All settings of a run, so that nothing comes from the .env of whoever runs the tests."""
    return {
        **dict.fromkeys(("SERVICETITAN_SKIP", "KPI_TARGET", "KPI_RAW_DATASET"), ""),
        **line.api.environment(),
        "SERVICETITAN_CALLS_PER_SECOND": "60",
        "KPI_DUCKDB_PATH": str(warehouse),
    }


def tables(warehouse: Path) -> Tables:
    """Every chosen table row by row, all columns but _ingested_at."""
    with duckdb.connect(str(warehouse), read_only=True) as db:
        return {
            name: db.execute(
                "select columns(c -> c <> '_ingested_at')::varchar "
                f"from st_raw_v2.raw_{name} order by all"
            ).fetchall()
            for name in CHOSEN
        }


def left_behind(warehouse: Path) -> list[str]:
    """The tables of full loads that have not ended."""
    with duckdb.connect(str(warehouse), read_only=True) as db:
        names = db.execute("select table_name from duckdb_tables()").fetchall()
    return [name for (name,) in names if name.startswith("_loading")]


@dataclass
class Said:
    """What a run said and how it ended."""

    code: int
    text: str


class Office:
    """Runs of the command line in this process, into the file at `warehouse`.

    Waits are written down in `waits` and not waited. All that any run said is kept in `heard`.
    """

    def __init__(self, line: Line, warehouse: Path, monkeypatch, capfd, caplog):
        self.line = line
        self.warehouse = warehouse
        self.waits: list[float] = []
        self.heard: list[str] = []
        self._monkeypatch, self._capfd, self._caplog = monkeypatch, capfd, caplog

    def copy_of(self, warehouse: Path) -> None:
        """Begins with what another run has landed."""
        shutil.copyfile(warehouse, self.warehouse)

    def sync(self, *options: str, fault: Fault | None = None, only: tuple[str, ...] = ONLY) -> Said:
        """A run of the chosen entities over a line with this fault."""
        self.line.fault = fault
        quick = functools.partial(Client, sleep=self.waits.append)
        with self._monkeypatch.context() as patched:
            for name, value in environment(self.line, self.warehouse).items():
                patched.setenv(name, value)
            patched.setattr("extract.__main__.Client", quick)
            code = main(["sync", *only, *options])
        said = Said(code, "".join(self._capfd.readouterr()))
        self.heard.append(said.text)
        self.line.fault = None
        return said

    def everything_written(self) -> str:
        """All output, logs and tables of all runs so far."""
        return "\n".join([*self.heard, self._caplog.text, stored(self.warehouse)])

    def secrets(self) -> set[str]:
        return secrets(self.line)


def secrets(line: Line) -> set[str]:
    """What nobody may see of the runs so far."""
    return {CLIENT_SECRET, APP_KEY, *line.tokens}


def stored(warehouse: Path) -> str:
    """All tables as text, the run log and the cursors among them, and the files as they are."""
    beside = warehouse.parent.glob(f"{warehouse.name}*")
    files = [path.read_bytes().decode(errors="replace") for path in beside]
    with duckdb.connect(str(warehouse), read_only=True) as db:
        names = db.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        rows = [
            str(db.execute(f'select columns(*)::varchar from {schema}."{name}"').fetchall())
            for schema, name in names
        ]
    return "\n".join([*files, *rows])


def assert_no_secret(written: str, secrets: set[str]) -> None:
    for secret in secrets:
        assert secret not in written, f"a secret shows: …{around(written, secret)}…"


def around(text: str, part: str) -> str:
    place = text.index(part)
    return text[max(0, place - 200) : place + 80]


def child_environment(line: Line, warehouse: Path) -> dict[str, str]:
    """The same for a process of its own."""
    return {**os.environ, **environment(line, warehouse)}
