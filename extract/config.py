"""Settings from the environment and `.env`; nothing else reads them."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from extract import entities
from extract.errors import SettingsError
from extract.privacy import Names

PROJECT = Path(__file__).resolve().parent.parent

# The documented limit is 60 calls a second per app and tenant; other clients of the app share it.
MOST_CALLS_PER_SECOND = 60
# A key that can be guessed gives the names away.
SHORTEST_KEY = 16


@dataclass(frozen=True)
class Warehouse:
    """Where the raw tables live: `target` as in dbt (dev = DuckDB, prod = BigQuery, emulator = a
    BigQuery of the tests), `schema` of the raw tables.

    BigQuery only: `project`, `location`, `keyfile` of a service account (None = application
    default credentials), `endpoint` of the emulator. `hash_names`: whether people's names are
    stored as hashes, made with `hash_key` (None = not set, then nothing can land).
    """

    target: str
    duckdb_path: Path
    schema: str
    project: str = ""
    location: str = "US"
    keyfile: Path | None = None
    endpoint: str | None = None
    hash_names: bool = False
    hash_key: bytes | None = field(default=None, repr=False)

    def names(self) -> Names | None:
        """What hashes people's names before they land, None where they land as they are. Raises
        SettingsError where the key is missing."""
        if not self.hash_names:
            return None
        if self.hash_key is None:
            raise SettingsError(
                "KPI_HASH_NAMES=1 needs a key: set KPI_HASH_KEY or SERVICETITAN_CLIENT_SECRET"
            )
        return Names(self.hash_key)


@dataclass(frozen=True)
class Settings:
    """All that a run needs to know. The secrets stay out of its repr."""

    client_id: str
    client_secret: str = field(repr=False)
    app_key: str = field(repr=False)
    tenant_id: str
    api_url: str
    auth_url: str
    calls_per_second: int
    report_seconds: int
    skip: frozenset[str]
    warehouse: Warehouse


def warehouse(
    environ: Mapping[str, str] | None = None, dotenv: Path = PROJECT / ".env"
) -> Warehouse:
    """The warehouse alone, for whoever needs no credentials. See `load`."""
    faults: list[str] = []
    found = _warehouse(_values(environ, dotenv), faults)
    if faults:
        raise SettingsError("\n".join(faults))
    return found


def skip(environ: Mapping[str, str] | None = None, dotenv: Path = PROJECT / ".env") -> list[str]:
    """The entities that SERVICETITAN_SKIP names, alone like `warehouse`."""
    return _skip(_values(environ, dotenv))


def alert_to(
    environ: Mapping[str, str] | None = None, dotenv: Path = PROJECT / ".env"
) -> str | None:
    """The address of the chat webhook that KPI_ALERT_TO names, None where it is not set. Raises
    SettingsError, which does not show it: whoever knows the address can write there."""
    value = _values(environ, dotenv).get("KPI_ALERT_TO")
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port  # a port that is no number is a fault
    except ValueError:
        is_address = False
    if not is_address or re.search(r"\s", value):
        raise SettingsError(
            "KPI_ALERT_TO is wrong: expected the http or https address of a chat webhook "
            "(it is a secret, so it is not shown here)"
        )
    return value


def load(environ: Mapping[str, str] | None = None, dotenv: Path = PROJECT / ".env") -> Settings:
    """Settings from `environ` (default: the process's own) over those of the file `dotenv`.

    An empty value counts as not set. Raises SettingsError naming every missing or wrong setting.
    """
    values = _values(environ, dotenv)
    faults: list[str] = []

    def required(name: str) -> str:
        if name not in values:
            faults.append(f"{name} is missing")
        return values.get(name, "")

    checked = partial(_checked, values, faults)

    url = partial(_address, values, faults)
    client_id = required("SERVICETITAN_CLIENT_ID")
    client_secret = required("SERVICETITAN_CLIENT_SECRET")
    app_key = required("SERVICETITAN_APP_KEY")
    required("SERVICETITAN_TENANT_ID")
    tenant_id = checked("SERVICETITAN_TENANT_ID", "", r"[0-9]+", "expected the tenant's number")
    api_url = url("SERVICETITAN_API_URL", "https://api.servicetitan.io")
    auth_url = url("SERVICETITAN_AUTH_URL", "https://auth.servicetitan.io")
    calls = checked(
        "SERVICETITAN_CALLS_PER_SECOND",
        "20",
        r"[1-9]|[1-5][0-9]|60",
        f"expected a whole number from 1 to {MOST_CALLS_PER_SECOND}",
    )
    report_seconds = checked(
        "SERVICETITAN_REPORT_SECONDS", "60", r"[0-9]{1,4}", "expected a whole number of seconds"
    )
    warehouse = _warehouse(values, faults)
    skip: list[str] = []
    try:
        skip = _skip(values)
    except SettingsError as error:
        faults.append(str(error))

    if faults:
        raise SettingsError(
            "\n".join([*faults, f"Set them in the environment or in {dotenv}; see .env.example."])
        )
    return Settings(
        client_id=client_id,
        client_secret=client_secret,
        app_key=app_key,
        tenant_id=tenant_id,
        api_url=api_url,
        auth_url=auth_url,
        calls_per_second=int(calls),
        report_seconds=int(report_seconds),
        skip=frozenset(skip),
        warehouse=warehouse,
    )


def _skip(values: Mapping[str, str]) -> list[str]:
    return entities.choose(values.get("SERVICETITAN_SKIP", "").split(","), "SERVICETITAN_SKIP")


def _warehouse(values: Mapping[str, str], faults: list[str]) -> Warehouse:
    checked = partial(_checked, values, faults)
    target = checked(
        "KPI_TARGET", "dev", "dev|prod|emulator", "expected dev (DuckDB) or prod (BigQuery)"
    )
    keyfile = values.get("KPI_BIGQUERY_KEYFILE")
    endpoint = None
    if target in ("prod", "emulator"):
        if "KPI_BIGQUERY_PROJECT" not in values:
            faults.append(f"KPI_BIGQUERY_PROJECT is missing, KPI_TARGET={target} needs it")
        if keyfile and not Path(keyfile).is_file():
            faults.append(f"KPI_BIGQUERY_KEYFILE={keyfile!r} is wrong: there is no such file")
    # Whatever the endpoint, production's credentials and rows go to Google only.
    if target == "emulator":
        endpoint = _address(values, faults, "KPI_BIGQUERY_ENDPOINT", "http://127.0.0.1:9050")
    # Without a key of its own the hashes last as long as the client secret does.
    hash_key = values.get("KPI_HASH_KEY")
    if hash_key and len(hash_key) < SHORTEST_KEY:
        faults.append(f"KPI_HASH_KEY is too short: expected {SHORTEST_KEY} characters or more")
    hash_key = hash_key or values.get("SERVICETITAN_CLIENT_SECRET")
    return Warehouse(
        target=target,
        duckdb_path=Path(values.get("KPI_DUCKDB_PATH", PROJECT / "kpis.duckdb")),
        schema=checked(
            "KPI_RAW_DATASET",
            "st_raw_v2",
            r"[A-Za-z_][A-Za-z0-9_]*",
            "expected letters, digits and _",
        ),
        project=checked(
            "KPI_BIGQUERY_PROJECT",
            "",
            r"([a-z0-9.-]+:)?[a-z][a-z0-9-]*",
            "expected the id of a project, such as acme-reports-123",
        ),
        location=checked(
            "KPI_BIGQUERY_LOCATION", "US", r"[A-Za-z0-9-]+", "expected a location such as US or EU"
        ),
        keyfile=Path(keyfile) if keyfile else None,
        endpoint=endpoint,
        hash_names=checked("KPI_HASH_NAMES", "0", "[01]", "expected 1 or 0") == "1",
        hash_key=hash_key.encode() if hash_key else None,
    )


def _address(values: Mapping[str, str], faults: list[str], name: str, default: str) -> str:
    value = values.get(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        faults.append(f"{name}={value!r} is wrong: expected an address like {default}")
    return value


def _checked(
    values: Mapping[str, str], faults: list[str], name: str, default: str, pattern: str, what: str
) -> str:
    value = values.get(name, default)
    if value and not re.fullmatch(pattern, value):
        faults.append(f"{name}={value!r} is wrong: {what}")
    return value


def environment(dotenv: Path = PROJECT / ".env") -> dict[str, str]:
    """What a child process gets: the process's own environment over the settings of `dotenv`."""
    return _both(os.environ, dotenv)


def _values(environ: Mapping[str, str] | None, dotenv: Path) -> dict[str, str]:
    both = _both(os.environ if environ is None else environ, dotenv)
    return {name: value.strip() for name, value in both.items() if value.strip()}


def _both(environ: Mapping[str, str], dotenv: Path) -> dict[str, str]:
    in_file = dotenv_values(dotenv) if dotenv.is_file() else {}
    return {name: value for name, value in in_file.items() if value} | dict(environ)
