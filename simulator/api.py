"""The tenant's API on loopback: token endpoint, app key, lists, exports, reports, errors.

    with serve(tenant, page_size=1000) as api:
        environment = api.environment()      # SERVICETITAN_* settings for the extractor

Behaves as the ServiceTitan v2 API is documented and was observed to behave, its unpleasant sides
included. A test may look at `api.requests`, take a scope away (`api.denied`), forget the tokens
given out, and plant faults: `api.fault` is asked before every answer. `api.reports` changes what
the reports show.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import msgspec

from simulator.lists import BadParameter, export_page, list_page, plain_array
from simulator.reporting import Refused, Reports
from simulator.resources import RESOURCES, Resource
from simulator.tenant import Tenant

CLIENT_ID = "cid.invented-client"
CLIENT_SECRET = "cs.invented-secret"
APP_KEY = "ak.invented-app"
TOKEN_SECONDS = 900

# All of the reporting API, which serves no entity's records.
REPORTS = Resource("reports", "reporting", "reports", export=False)


@dataclass(frozen=True)
class Request:
    """A call as the server saw it; `entity` is None for the token and for unknown paths, and
    `reports` for all of the reporting API."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    entity: str | None = None


@dataclass(frozen=True)
class Response:
    """An answer, or what goes wrong with it.

    `body` None: the ordinary body. `delay` seconds pass first. `sent` cuts the connection after
    that many bytes of the body although the header promises all of them (0: in front of it);
    `halved` sends half of the body, promising no more. `dropped` closes without any answer.
    """

    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    sent: int | None = None
    halved: bool = False
    dropped: bool = False


Fault = Callable[[Request], Response | None]


class Api:
    """A running server; see the module's docstring.

    `denied` is a set of entities whose scope the app lacks (403), `reports` among them.
    `fault(request)` may hand back a Response that replaces or spoils the ordinary one, or None.
    `token_seconds` is the life of a token given out from now on; `clock` measures it.
    `report_seconds` must pass between two runs of a report (else 429); 0 asks for no pause.
    `latency` seconds pass before each answer.
    """

    def __init__(self, tenant: Tenant, page_size: int, clock: Callable[[], float]) -> None:
        self.tenant = tenant
        self.page_size = page_size
        self.clock = clock
        self.token_seconds = TOKEN_SECONDS
        self.report_seconds = 0.0
        self.latency = 0.0
        self.reports = Reports(tenant)
        self.requests: list[Request] = []
        self.denied: set[str] = set()
        self.fault: Fault = lambda request: None
        self.url = ""
        self._tokens: dict[str, float] = {}
        self._calls = 0
        self._lock = threading.Lock()
        self._routes: dict[tuple[str, str], tuple[Resource, str]] = {}
        for resource in RESOURCES:
            self._route(resource, resource.name, "list")
            if resource.export:
                self._route(resource, f"export/{resource.name}", "export")
        by_entity = {resource.entity: resource for resource in RESOURCES}
        self._route(by_entity["estimates"], "estimates/export", "export")
        self._route(by_entity["inventory_bills"], "inventory-bills", "array")
        self._route(by_entity["inventory_bills"], "inventory-bills/paginated", "list")

    def _route(self, resource: Resource, path: str, feed: str) -> None:
        self._routes[resource.module, path] = (resource, feed)

    def environment(self) -> dict[str, str]:
        """The settings with which the extractor reads this tenant."""
        return {
            "SERVICETITAN_CLIENT_ID": CLIENT_ID,
            "SERVICETITAN_CLIENT_SECRET": CLIENT_SECRET,
            "SERVICETITAN_APP_KEY": APP_KEY,
            "SERVICETITAN_TENANT_ID": str(self.tenant.id),
            "SERVICETITAN_API_URL": self.url,
            "SERVICETITAN_AUTH_URL": self.url,
            "SERVICETITAN_REPORT_SECONDS": "0",
        }

    def forget_tokens(self) -> None:
        """Make every token given out so far worthless: the next call gets 401."""
        self._tokens.clear()

    # -- answering --------------------------------------------------------------------------

    def answer(self, request: Request) -> Response:
        """The answer to a call, spoilt as `fault` wants it."""
        with self._lock:
            self._calls += 1
            call = self._calls
            self.requests.append(request)
            fault = self.fault(request)
            if fault and (fault.dropped or fault.body is not None):
                return fault
            ordinary = self._ordinary(request, call)
        if fault is None:
            return ordinary
        body = ordinary.body[: len(ordinary.body) // 2] if fault.halved else ordinary.body
        return Response(
            fault.status, body, ordinary.headers | fault.headers, fault.delay, fault.sent
        )

    def place(self, path: str) -> tuple[str | None, Resource | None, str | None]:
        """(tenant, resource, kind of feed) of a path, Nones where it matches nothing; the kind of
        the reporting API is the rest of the path."""
        parts = path.strip("/").split("/", 4)
        if len(parts) == 5 and parts[1] == "v2" and parts[2] == "tenant":
            if parts[0] == REPORTS.module and self.reports.method(parts[4]):
                return parts[3], REPORTS, parts[4]
            resource, feed = self._routes.get((parts[0], parts[4]), (None, None))
            return parts[3], resource, feed
        return None, None, None

    def _ordinary(self, request: Request, call: int) -> Response:
        if request.path == "/connect/token":
            return self._token(request)
        tenant, resource, feed_kind = self.place(request.path)
        method = self.reports.method(feed_kind) if resource is REPORTS else "GET"
        if resource is None or request.method != method:
            message = "Unable to match incoming request to an operation."
            return _json(404, {"statusCode": 404, "message": message})
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0) <= self.clock():
            return Response(401, b"")
        if request.headers.get("st-app-key") != APP_KEY:
            return _error(403, "The application key is missing or unknown.")
        if tenant != str(self.tenant.id):
            return _error(403, f"The application has no access to tenant {tenant}.")
        if resource.entity in self.denied:
            return _error(403, f"The scope for {resource.name} is missing.")
        try:
            if resource is REPORTS:
                body = self.reports.answer(
                    feed_kind, request.params, request.body, self.report_seconds, self.clock()
                )
            else:
                body = self._records(resource, feed_kind, request.params, call)
        except BadParameter as bad:
            return _error(400, "One or more validation errors occurred.", {bad.name: [bad.message]})
        except Refused as refused:
            return _error(refused.status, refused.title)
        return Response(200, body)

    def _records(
        self, resource: Resource, feed_kind: str, params: dict[str, str], call: int
    ) -> bytes:
        feed = self.tenant.store.feeds[resource.entity]
        if feed_kind == "export":
            return export_page(resource, feed, params, self.page_size)
        if feed_kind == "array":
            return plain_array(resource, feed, params)
        return list_page(resource, feed, params, call)

    def _token(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "").split(";")[0]
        if request.method != "POST" or kind != "application/x-www-form-urlencoded":
            return _json(400, {"error": "invalid_request"})
        form = dict(parse_qsl(request.body.decode()))
        if form.get("grant_type") != "client_credentials":
            return _json(400, {"error": "unsupported_grant_type"})
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _json(400, {"error": "invalid_client"})
        token = secrets.token_urlsafe(24)
        self._tokens[token] = self.clock() + self.token_seconds
        return _json(
            200,
            {
                "access_token": token,
                "expires_in": self.token_seconds,
                "token_type": "Bearer",
                "scope": "",
            },
        )


def _json(status: int, body: dict) -> Response:
    return Response(status, msgspec.json.encode(body))


def _error(status: int, title: str, errors: dict | None = None) -> Response:
    """The API's declared error body, all six members."""
    return _json(
        status,
        {
            "type": "https://developer.servicetitan.io/docs/errors",
            "title": title,
            "status": status,
            "traceId": f"00-invented-{status}",
            "errors": errors or {},
            "data": {},
        },
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    api: Api

    def do_GET(self) -> None:
        self._handle(b"")

    def do_POST(self) -> None:
        self._handle(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def log_message(self, *args) -> None:
        """Nothing: the log is `Api.requests`."""

    def _handle(self, body: bytes) -> None:
        target = urlsplit(self.path)
        _, resource, _ = self.api.place(target.path)
        request = Request(
            self.command,
            target.path,
            dict(parse_qsl(target.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
            resource and resource.entity,
        )
        answer = self.api.answer(request)
        if pause := self.api.latency + answer.delay:
            time.sleep(pause)
        if answer.dropped:
            self.close_connection = True
            return
        content = answer.body or b""
        headers = {"Content-Type": "application/json; charset=utf-8"} | answer.headers
        lines = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('',))[0]}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(content)}", "", ""]
        self.wfile.write("\r\n".join(lines).encode())
        if answer.sent is not None:
            self.close_connection = True
            content = content[: answer.sent]
        self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address) -> None:
        """A client that hangs up is its own business."""


@contextmanager
def serve(
    tenant: Tenant,
    page_size: int = 1_000,
    port: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Api]:
    """Serve a tenant on 127.0.0.1 while the block runs.

    `page_size` is the number of records on an export page, which the server chooses; port 0 takes
    a free one. Yields the Api. Raises OSError when the port is taken.
    """
    api = Api(tenant, page_size, clock)
    handler = type("Handler", (_Handler,), {"api": api})
    with _Server(("127.0.0.1", port), handler) as server:
        api.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield api
        finally:
            server.shutdown()
            thread.join()
