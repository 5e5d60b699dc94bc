"""A scripted stand-in for the API: a few records, small pages, and faults on demand.

The same `Tenant` answers in the process (`session`) or on loopback (`served`).
"""

import dataclasses
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import requests

from extract import config, entities
from extract.client import Client

SECRET, APP_KEY, TENANT_ID = "s3cr3t-of-client", "ak1.app-key", "42"
CREDENTIALS = {
    "SERVICETITAN_CLIENT_ID": "cid.client",
    "SERVICETITAN_CLIENT_SECRET": SECRET,
    "SERVICETITAN_APP_KEY": APP_KEY,
    "SERVICETITAN_TENANT_ID": TENANT_ID,
}
API = "http://tenant.test"

Answer = tuple[int, dict[str, str], bytes]
_encode = msgspec.json.Encoder(decimal_format="number").encode


def answer(body: Any, status: int = 200, **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else _encode(body)
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, raw


class Tenant:
    """`records[entity]` in the order in which its feed gives them; a change is appended again.

    `script` holds answers to be given before the normal ones: (part of the path, Answer or an
    exception to raise). `page` is the page size of exports, `cap` the most rows of a list page.
    """

    def __init__(self, records: dict[str, list[dict[str, Any]]] | None = None, page: int = 2):
        self.records = records or {}
        self.page = page
        self.cap = 5000
        self.inclusive = True  # whether dateOnOrBefore includes its day
        self.script: list[tuple[str, Answer | Exception]] = []
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.headers: list[dict[str, str]] = []
        self.body = b""  # of the call that is being answered
        self.tokens = 0
        self.shuffle: Callable[[list[Any]], list[Any]] = lambda rows: rows
        known = entities.load().values()
        self._paths = {e.path.replace("{tenant}", TENANT_ID): e for e in known}
        self._totals = {e.total.path.replace("{tenant}", TENANT_ID): e for e in known if e.total}

    def __call__(self, method: str, url: str, headers: dict[str, str]) -> Answer:
        parts = urlsplit(url)
        path, params = parts.path.lstrip("/"), dict(parse_qsl(parts.query))
        self.calls.append((path, params))
        self.headers.append(dict(headers))
        for i, (part, scripted) in enumerate(self.script):
            if part in path:
                del self.script[i]
                if isinstance(scripted, Exception):
                    raise scripted
                return scripted
        if path == "connect/token":
            self.tokens += 1
            return answer({"access_token": f"token-{self.tokens}", "expires_in": 900})
        entity = self._paths.get(path)
        if entity is None and path in self._totals:
            return answer(self._list(self._newest(self._totals[path], params), params))
        if entity is None:
            return answer({"statusCode": 404, "message": "Unable to match"}, 404)
        rows = self.records.get(entity.name, [])
        return answer((self._export if entity.feed == "export" else self._list)(rows, params))

    def asked(self, entity: str) -> list[dict[str, str]]:
        """The parameters of all calls for an entity."""
        path = entities.load()[entity].path.replace("{tenant}", TENANT_ID)
        return [params for called, params in self.calls if called == path]

    def _newest(self, entity: entities.Entity, params: dict[str, str]) -> list[Any]:
        """What the list beside an export feed holds: each record once."""
        rows = {row[entity.key]: row for row in self.records.get(entity.name, [])}.values()
        if params.get("active") == "False" or params.get("activeState") == "InactiveOnly":
            rows = [row for row in rows if row.get("active") is False]
        ids = params.get("ids", "").split(",")
        return [row for row in rows if "ids" not in params or str(row[entity.key]) in ids]

    def _export(self, rows: list[Any], params: dict[str, str]) -> dict[str, Any]:
        start = params.get("from", "t0")
        if start.startswith("t"):
            begin = int(start[1:])
        else:
            rows = [row for row in rows if (row.get("modifiedOn") or "~") >= start]
            begin = 0
        end = min(len(rows), begin + self.page)
        return {"hasMore": end < len(rows), "continueFrom": f"t{end}", "data": rows[begin:end]}

    def _list(self, rows: list[Any], params: dict[str, str]) -> dict[str, Any]:
        first, last = params.get("dateOnOrAfter", ""), params.get("dateOnOrBefore", "~")
        changed = params.get("modifiedOnOrAfter", "")
        created = params.get("createdOnOrAfter", "")
        rows = [
            row
            for row in rows
            if row.get("date", "") >= first
            and (row.get("date", "") < last or (self.inclusive and row.get("date", "") == last))
            and (row.get("modifiedOn") or "~") >= changed
            and (row.get("createdOn") or "") >= created
        ]
        rows = self.shuffle(rows)
        number, size = int(params.get("page", 1)), min(self.cap, int(params.get("pageSize", 50)))
        end = number * size
        return {
            "page": number,
            "pageSize": size,
            "hasMore": end < len(rows),
            "totalCount": len(rows) if params.get("includeTotal") == "true" else None,
            "data": rows[end - size : end],
        }


class _Adapter(requests.adapters.BaseAdapter):
    def __init__(self, tenant: Tenant):
        super().__init__()
        self._tenant = tenant

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        self._tenant.body = request.body or b""
        status, headers, body = self._tenant(request.method, request.url, request.headers)
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        response.raw = io.BytesIO(body)
        response.request, response.url = request, request.url
        return response

    def close(self) -> None:
        pass


class Time:
    """A clock that only `sleep` moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def client(tenant: Tenant, time: Time | None = None) -> Client:
    """A client of `tenant` in this process; its jitter is the longest possible wait."""
    time = time or Time()
    session = requests.Session()
    session.mount("http://", _Adapter(tenant))
    environment = {**CREDENTIALS, "SERVICETITAN_API_URL": API, "SERVICETITAN_AUTH_URL": API}
    settings = config.load(environment, dotenv=Path("no such file"))
    return Client(
        dataclasses.replace(settings, calls_per_second=1000),
        session=session,
        clock=time.clock,
        sleep=time.sleep,
        jitter=lambda low, high: high,
    )


@contextmanager
def served(tenant: Tenant) -> Iterator[dict[str, str]]:
    """The tenant on loopback; gives the environment that leads the command line there."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            tenant.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, body = tenant(self.command, self.path, dict(self.headers))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield {
            **CREDENTIALS,
            "SERVICETITAN_API_URL": address,
            "SERVICETITAN_AUTH_URL": address,
        }
    finally:
        server.shutdown()
        server.server_close()


def job(number: int, modified: str = "2026-01-02T00:00:00Z", **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "jobNumber": str(number),
        "jobStatus": "Completed",
        "total": Decimal("12.345"),
        "modifiedOn": modified,
        **fields,
    }


def pay(day: str, amount: str = "10.00", **fields: Any) -> dict[str, Any]:
    return {
        "id": None,
        "payrollId": 7,
        "date": f"{day}T00:00:00Z",
        "amount": Decimal(amount),
        "modifiedOn": f"{day}T12:00:00Z",
        **fields,
    }
