"""What Google's libraries raise, as one line that says what to do."""

import re
from collections.abc import Iterator
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import contextmanager

import requests
from google.api_core import exceptions as api
from google.auth import exceptions as auth

from extract import config
from extract.errors import SettingsError, WarehouseError

ROLES = (
    "the account needs roles/bigquery.dataEditor on the dataset (on the project where the dataset "
    "is still to be made) and roles/bigquery.jobUser on the project"
)
_UNREACHABLE = (
    auth.TransportError,
    requests.exceptions.RequestException,
    api.RetryError,
    TookTooLong,
    ConnectionError,
)


@contextmanager
def one_line(settings: config.Warehouse) -> Iterator[None]:
    """Raises SettingsError where no credentials are found or they are refused, WarehouseError for
    all else that BigQuery answers; both name project and dataset."""
    place = f"BigQuery, project {settings.project}, dataset {settings.schema}"
    try:
        yield
    except auth.DefaultCredentialsError:
        raise SettingsError(
            f"{place}: there are no credentials: run gcloud auth application-default login, or set "
            "KPI_BIGQUERY_KEYFILE to the key file of a service account"
        ) from None
    except auth.RefreshError as error:
        raise SettingsError(
            f"{place}: the credentials are refused ({_first(error)}): run gcloud auth "
            "application-default login again, or make a new key for KPI_BIGQUERY_KEYFILE"
        ) from error
    except _UNREACHABLE as error:
        raise WarehouseError(f"{place}: no answer ({_first(error)}); run again later") from error
    except api.GoogleAPICallError as error:
        said, reason = _said(error)
        raise WarehouseError(f"{place}: {said}{_advice(error, said, reason, settings)}") from error
    except auth.GoogleAuthError as error:
        raise SettingsError(f"{place}: {_first(error)}") from error


def _advice(
    error: api.GoogleAPICallError, said: str, reason: str, settings: config.Warehouse
) -> str:
    if "billing" in f"{reason} {said}".lower():
        return f": turn on billing for the project {settings.project}"
    if "quota" in reason.lower() or "ratelimit" in reason.lower():
        return ": a quota is used up; run again later, what has landed stays"
    if isinstance(error, api.Forbidden) and "has not been used" in said:
        return ": turn on the BigQuery API of the project"
    if isinstance(error, api.Forbidden):
        return f": {ROLES}"
    if isinstance(error, api.Unauthorized):
        return ": run gcloud auth application-default login, or check KPI_BIGQUERY_KEYFILE"
    if isinstance(error, api.NotFound):
        return (
            ": check KPI_BIGQUERY_PROJECT, KPI_RAW_DATASET and KPI_BIGQUERY_LOCATION "
            f"({settings.location})"
        )
    return ""


def _said(error: api.GoogleAPICallError) -> tuple[str, str]:
    """What the answer says, in one line, and its reason in one word."""
    first = error.errors[0] if error.errors and isinstance(error.errors[0], dict) else {}
    return _first(first.get("message") or error.message), str(first.get("reason") or "")


def _first(error: object) -> str:
    """One line of an error's text, without the address that was called."""
    text = re.sub(r"^(GET|POST|PUT|PATCH|DELETE) \S+: ", "", str(error).strip())
    line = " ".join(text.split("\n\n")[0].split()).rstrip(".")
    return line if len(line) <= 400 else f"{line[:397]}..."
