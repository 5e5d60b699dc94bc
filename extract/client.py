"""`get` and `post` against the ServiceTitan API: token, rate limit, retries. Knows no entity."""

import email.utils
import logging
import random
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter

from extract.config import Settings
from extract.errors import ApiError, CredentialsError

log = logging.getLogger(__name__)

TRIES = 5
RETRY_BUDGET = 90.0  # seconds per request, waits that the server asked for not counted
LONGEST_WAIT = 600.0  # seconds; a server that asks for more is not waited for
BACKOFF_BASE = 1.0
BACKOFF_CAP = 30.0
TIMEOUT = (10.0, 110.0)  # seconds to connect, to read; the server itself gives up after 100
CONNECTIONS = 32  # kept open, for as many threads
CHUNK = 2**20  # bytes of a body read at a time: after each, a reader waits for its turn
RENEW_EARLY = 90.0  # seconds before a token ends

DOWN = 3  # requests in a row whose every try failed: nobody is there

SERVER_FAULTS = frozenset({500, 502, 503, 504})
RETRIED = frozenset({408, 425, 429}) | SERVER_FAULTS

# Money is exact from here on: a JSON number with a point becomes a Decimal, never a float.
decode_json = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass
class Traffic:
    """What an entity cost so far: answers read, their bytes, tries repeated, seconds waited."""

    answers: int = 0
    bytes: int = 0
    retries: int = 0
    waited: float = 0.0


class RateLimit:
    """At most `per_second` calls begin in any one second, whoever makes them."""

    def __init__(self, per_second: int, clock: Callable[[], float], sleep: Callable[[float], Any]):
        self._begun: deque[float] = deque(maxlen=per_second)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = self._clock()
            if len(self._begun) == self._begun.maxlen:
                pause = self._begun[0] + 1.0 - now
                if pause > 0:
                    self._sleep(pause)
                    now = max(self._clock(), now + pause)
            self._begun.append(now)


class Host:
    """Whether anybody answers, as all threads together see it.

    Each request alone tries for a minute or more; when `DOWN` of them in a row have given up and
    none has been answered since, the others need not try as long.
    """

    def __init__(self) -> None:
        self._given_up = 0
        self._lock = threading.Lock()

    def answered(self) -> None:
        with self._lock:
            self._given_up = 0

    def gave_up(self) -> None:
        with self._lock:
            self._given_up += 1

    @property
    def is_down(self) -> bool:
        return self._given_up >= DOWN


class Client:
    """Reads one tenant, for several threads at once.

    `clock` gives seconds that only grow, `sleep` takes seconds, `session` is the HTTP transport,
    `jitter` draws a float between its two arguments; tests pass their own.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        session: requests.Session | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] | None = None,
        jitter: Callable[[float, float], float] = random.uniform,
    ):
        self._settings = settings
        self._session = session or _session(settings)
        self._clock = clock
        self._stopped = threading.Event()
        self._sleep = sleep or self._stopped.wait
        self._jitter = jitter
        self._limit = RateLimit(settings.calls_per_second, clock, self._sleep)
        self._host = Host()
        self._refusal: tuple[str, int] | None = None
        self._token: str | None = None
        self._tokens: set[str] = set()  # all so far: an answer may still name one that has ended
        self._renew_at = 0.0
        self._token_lock = threading.Lock()

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        traffic: Traffic | None = None,
        decode: Callable[[bytes], Any] = decode_json,
    ) -> Any:
        """The decoded JSON answer to GET `path` (below the API address; {tenant} is filled in).

        Whole numbers are int, others Decimal, unless `decode` does otherwise: it takes the body and
        raises ValueError where that is no JSON. What the call cost is added to `traffic`.
        Raises ApiError when the answer cannot be had (after the retries, where they may help) and
        CredentialsError when the client or a fresh token is refused.
        """
        return self._ask("GET", path, params, None, traffic or Traffic(), decode)

    def post(
        self,
        path: str,
        params: Mapping[str, Any] | None,
        body: Any,
        traffic: Traffic | None = None,
    ) -> Any:
        """The decoded JSON answer to POST `path` with `body` as JSON; like `get` in all else.

        For reading only: it is asked again like a GET when its answer is lost.
        """
        return self._ask("POST", path, params, msgspec.json.encode(body), traffic or Traffic())

    def _ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: bytes | None,
        traffic: Traffic,
        decode: Callable[[bytes], Any] = decode_json,
    ) -> Any:
        url = f"{self._settings.api_url}/{path.format(tenant=self._settings.tenant_id)}"
        request = describe(path, params, method)
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        renewed = False

        def send() -> requests.Response:
            self._limit.wait()
            return self._session.request(
                method,
                url,
                params=params,
                data=body,
                auth=self._sign,
                headers=headers,
                timeout=TIMEOUT,
                stream=True,
                # A redirect would carry the app key to wherever it points.
                allow_redirects=False,
            )

        while True:
            token = self._fresh_token(traffic)
            response, answer, length = self._with_retries(request, send, traffic, decode)
            if response.status_code != 401:
                break
            if renewed:
                raise self._refused(
                    f"{request}: 401, a fresh token is refused{self._detail(response)}. Check "
                    "SERVICETITAN_APP_KEY and SERVICETITAN_TENANT_ID, and that the tenant's admin "
                    "accepted the app's newest version",
                    401,
                )
            renewed = True
            self._forget(token)
        if response.status_code != 200:
            raise ApiError(
                f"{request}: {response.status_code}{self._detail(response)}", response.status_code
            )
        traffic.answers += 1
        traffic.bytes += length
        return answer

    def stop(self) -> None:
        """Ends all waits and lets no further call begin, in any thread: those raise ApiError."""
        self._stopped.set()

    def authenticate(self) -> None:
        """Gets a token, so that wrong credentials show before anything else. See `get`."""
        self._fresh_token(Traffic())

    def _sign(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        # As an auth hook, so that no ~/.netrc entry replaces the token.
        prepared.headers["Authorization"] = f"Bearer {self._token}"
        prepared.headers["ST-App-Key"] = self._settings.app_key
        return prepared

    def _fresh_token(self, traffic: Traffic) -> str:
        with self._token_lock:
            if self._refusal:
                raise CredentialsError(*self._refusal)
            if self._token is None or self._clock() >= self._renew_at:
                self._token, life = self._ask_token(traffic)
                self._tokens.add(self._token)
                # A short-lived token is used for half its life rather than asked for every time.
                self._renew_at = self._clock() + max(life - RENEW_EARLY, life / 2)
            return self._token

    def _refused(self, message: str, status: int) -> CredentialsError:
        """The error to raise here, and in every thread that asks for anything from now on."""
        self._refusal = message, status
        return CredentialsError(message, status)

    def _forget(self, token: str) -> None:
        with self._token_lock:
            if self._token == token:  # another thread may have renewed it already
                self._token = None

    def _ask_token(self, traffic: Traffic) -> tuple[str, float]:
        url = f"{self._settings.auth_url}/connect/token"
        request = f"POST {url}"

        def send() -> requests.Response:
            return self._session.post(
                url,
                data={
                    "grant_type": "client_credentials",
                    "client_id": self._settings.client_id,
                    "client_secret": self._settings.client_secret,
                },
                auth=lambda prepared: prepared,
                timeout=TIMEOUT,
                stream=True,
                allow_redirects=False,
            )

        response, answer, _ = self._with_retries(request, send, traffic)
        if response.status_code in (400, 401, 403):
            raise self._refused(
                f"{request}: {response.status_code}{self._detail(response)}. Check "
                "SERVICETITAN_CLIENT_ID and SERVICETITAN_CLIENT_SECRET (they belong to one tenant "
                "and to one environment, see SERVICETITAN_AUTH_URL)",
                response.status_code,
            )
        if response.status_code != 200:
            raise ApiError(
                f"{request}: {response.status_code}{self._detail(response)}. Check "
                "SERVICETITAN_AUTH_URL",
                response.status_code,
            )
        if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
            raise ApiError(
                f"{request}: the answer holds no access_token. Check SERVICETITAN_AUTH_URL"
            )
        try:
            return answer["access_token"], float(answer.get("expires_in") or 900)
        except (TypeError, ValueError):
            raise ApiError(f"{request}: expires_in is not a number of seconds") from None

    def _with_retries(
        self,
        request: str,
        send: Callable[[], requests.Response],
        traffic: Traffic,
        decode: Callable[[bytes], Any] = decode_json,
    ) -> tuple[requests.Response, Any, int]:
        """The first answer that a repetition would not better, and, where it is a 200, its JSON and
        how many bytes that was."""
        begun = self._clock()
        asked_for = 0.0
        fault = ""
        for attempt in range(1, TRIES + 1):
            asked: float | None = None
            status: int | None = None
            if self._stopped.is_set():
                raise ApiError(f"{request}: not asked, the run was stopped")
            if self._host.is_down:
                raise ApiError(
                    f"{request}: {fault or 'not asked'}; the last {DOWN} requests all failed, so "
                    "the host is taken for down: run again later",
                )
            try:
                response = send()
                status = response.status_code
                if status not in SERVER_FAULTS:
                    self._host.answered()
                if status == 200:
                    body = b"".join(response.iter_content(CHUNK))
                    return response, decode(body), len(body)
                _ = response.content  # read now, so that a fault in it shows here
                if status not in RETRIED:
                    return response, None, 0
                fault = f"{status}{self._detail(response)}"
                asked = asked_wait(response)
            except requests.RequestException as error:
                fault = f"no answer ({self._redact(_reason(error))})"
            except (ValueError, RecursionError) as error:
                fault = f"200, but the body is not JSON ({error})"

            spent = self._clock() - begun - asked_for
            if attempt == TRIES or (attempt > 1 and spent > RETRY_BUDGET):
                self._host.gave_up()
                raise ApiError(f"{request}: {fault}, tried {attempt} times", status)
            if asked is not None and asked > LONGEST_WAIT:
                raise ApiError(f"{request}: {fault}; it asks to wait {asked:.0f} s", status)
            pause = asked
            if pause is None:
                pause = self._jitter(0.0, min(BACKOFF_CAP, BACKOFF_BASE * 2 ** (attempt - 1)))
            else:
                asked_for += pause
            log.warning("%s: %s; try %d in %.1f s", request, fault, attempt + 1, pause)
            traffic.retries += 1
            traffic.waited += pause
            self._sleep(pause)
        raise AssertionError("unreachable")

    def _detail(self, response: requests.Response) -> str:
        """What an error answer says, in any of the shapes that occur, as ': ...' or ''."""
        try:
            body = msgspec.json.decode(response.content)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return ""  # HTML or empty: says nothing that the status does not
        said = [
            body[name]
            for name in ("title", "message", "error", "error_description")
            if isinstance(body.get(name), str)
        ]
        errors = body.get("errors")
        if isinstance(errors, dict):
            said += [f"{name}: {text}" for name, text in errors.items() if name and text]
        if isinstance(body.get("traceId"), str):
            said.append(f"trace {body['traceId']}")
        # Cut last: half a secret would not be found.
        return ": " + self._redact("; ".join(said))[:500] if said else ""

    def _redact(self, text: str) -> str:
        for secret in (self._settings.client_secret, self._settings.app_key, *self._tokens):
            text = text.replace(secret, "***")
        return text


def _session(settings: Settings) -> requests.Session:
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
    # A stand-in on this machine is not reached through the environment's proxy.
    hosts = {urlsplit(url).hostname for url in (settings.api_url, settings.auth_url)}
    session.trust_env = not hosts <= {"localhost", "127.0.0.1", "::1"}
    return session


def describe(path: str, params: Mapping[str, Any] | None, method: str = "GET") -> str:
    """A request as messages name it: with … for the tenant, whom every path names."""
    path = path.replace("tenant/{tenant}", "…")
    query = " ".join(f"{name}={value}" for name, value in (params or {}).items())
    return f"{method} {path} {query}".strip()


def asked_wait(response: requests.Response) -> float | None:
    """Seconds that an answer asks to wait: Retry-After (seconds or a date), else the title's
    `Try again in N seconds`; None where it asks nothing."""
    header = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", header):
        return float(header)
    if header:
        try:
            until = email.utils.parsedate_to_datetime(header)
        except ValueError:
            pass
        else:
            sent = response.headers.get("Date")  # the server's own clock, where it tells it
            try:
                now = email.utils.parsedate_to_datetime(sent) if sent else datetime.now(UTC)
            except ValueError:
                now = datetime.now(UTC)
            until, now = (t if t.tzinfo else t.replace(tzinfo=UTC) for t in (until, now))
            return max(0.0, (until - now).total_seconds())
    said = re.search(r"try again in (\d+) second", response.text, re.IGNORECASE)
    return float(said[1]) if said else None


def _reason(error: requests.RequestException) -> str:
    """The innermost cause: the outer ones repeat addresses and object names."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__  # type: ignore[assignment]
    return f"{type(error).__name__}: {cause}"
