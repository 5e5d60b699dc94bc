"""What BigQuery refuses is one clear line at the terminal, and the exit code of its kind."""

import json

import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import AuthorizedSession
from google.cloud import bigquery

from extract import config
from extract.__main__ import main
from extract.warehouse.bigquery import connection
from tests.extract.scripted_tenant import API, CREDENTIALS

PLACE = "BigQuery, project acme-1, dataset raw: "
ROLES = ("roles/bigquery.dataEditor", "roles/bigquery.jobUser")
DATASET = {"datasetReference": {"projectId": "acme-1", "datasetId": "raw"}, "location": "US"}
RESULT = {"jobComplete": True, "schema": {"fields": []}, "rows": [], "totalRows": "0"}


class Google(AuthorizedSession):
    """Every call that nothing is scripted for goes well."""

    def __init__(self):
        super().__init__(AnonymousCredentials())
        self.script = []  # (method, end of the path, answer: (status, body), or what to raise)

    def request(self, method, url, data=None, **_):
        path = url.split("?")[0]
        for scripted in self.script:
            if (method, True) == (scripted[0], path.endswith(scripted[1])):
                return self._answer(*self._said(scripted[2]))
        if path.endswith("/datasets/raw"):
            return self._answer(200, DATASET)
        if path.endswith("/tables") and method == "GET":
            return self._answer(200, {"tables": []})
        return self._answer(200, RESULT if path.endswith("/queries") else json.loads(data or "{}"))

    def _said(self, answer):
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _answer(self, status, body):
        response = requests.Response()
        response.status_code = status
        response._content = json.dumps(body).encode()
        response.headers["Content-Type"] = "application/json"
        response.request = requests.Request("GET", "https://bigquery.test/x").prepare()
        return response


def refused(status, reason, message):
    errors = [{"reason": reason, "message": message, "domain": "global"}]
    return status, {"error": {"code": status, "message": message, "errors": errors}}


@pytest.fixture
def google(monkeypatch):
    answering = Google()

    def client(settings):
        return bigquery.Client(
            settings.project,
            credentials=AnonymousCredentials(),
            location=settings.location,
            _http=answering,
        )

    monkeypatch.setattr(connection, "_client", client)
    return answering


@pytest.fixture
def sync(monkeypatch, capfd, tmp_path):
    """Runs `sync` into BigQuery: (exit code, the lines on stderr)."""
    here = {
        **CREDENTIALS,
        "SERVICETITAN_API_URL": API,
        "SERVICETITAN_AUTH_URL": API,
        "KPI_TARGET": "prod",
        "KPI_BIGQUERY_PROJECT": "acme-1",
        "KPI_BIGQUERY_LOCATION": "",
        "KPI_BIGQUERY_KEYFILE": "",
        "KPI_RAW_DATASET": "raw",
        # Nobody's credentials, wherever the library would look for some.
        "HOME": str(tmp_path),
        "CLOUDSDK_CONFIG": str(tmp_path),
        "GOOGLE_APPLICATION_CREDENTIALS": "",
        "NO_GCE_CHECK": "true",
    }

    def command(**changes):
        for name, value in {**here, **changes}.items():
            monkeypatch.setenv(name, value)
        code = main(["sync"])
        return code, capfd.readouterr().err.splitlines()

    return command


@pytest.mark.parametrize(
    ("method", "path", "answer", "said"),
    [
        (
            "GET",
            "/datasets/raw",
            refused(403, "accessDenied", "Access Denied: Permission bigquery.datasets.get denied"),
            ("bigquery.datasets.get", *ROLES),
        ),
        (
            "POST",
            "/tables",
            refused(403, "accessDenied", "Access Denied: Permission bigquery.tables.create denied"),
            ("bigquery.tables.create", *ROLES),
        ),
        (
            "POST",
            "/tables",
            refused(403, "billingNotEnabled", "Billing has not been enabled for this project."),
            ("turn on billing for the project acme-1",),
        ),
        (
            "POST",
            "/tables",
            refused(403, "quotaExceeded", "Quota exceeded: too many table operations"),
            ("Quota exceeded", "run again later"),
        ),
        (
            "GET",
            "/datasets/raw",
            refused(403, "accessNotConfigured", "BigQuery API has not been used in project 1."),
            ("turn on the BigQuery API",),
        ),
        (
            "GET",
            "/tables",
            refused(404, "notFound", "Not found: Dataset acme-1:raw was not found in location US"),
            ("KPI_BIGQUERY_PROJECT, KPI_RAW_DATASET and KPI_BIGQUERY_LOCATION (US)",),
        ),
        ("GET", "/tables", refused(401, "authError", "Invalid Credentials"), ("gcloud auth",)),
        ("GET", "/tables", refused(400, "invalid", "Bad\nthing.\n\nLong"), ("Bad thing",)),
    ],
)
def test_a_refusal_is_one_line_with_the_place_and_what_to_do(
    google, sync, method, path, answer, said
):
    google.script = [(method, path, answer)]
    code, lines = sync()
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith(PLACE)
    for part in said:
        assert part in lines[0]
    assert "http" not in lines[0]


def test_a_project_that_does_not_exist_is_one_line(google, sync):
    missing = refused(404, "notFound", "Not found: Project acme-1")
    google.script = [("GET", "/datasets/raw", missing), ("POST", "/datasets", missing)]
    code, lines = sync()
    assert (code, len(lines)) == (1, 1)
    assert "Not found: Project acme-1: check KPI_BIGQUERY_PROJECT" in lines[0]


def test_a_missing_dataset_is_made_and_not_without_permission(google, sync):
    missing = refused(404, "notFound", "Not found: Dataset acme-1:raw")
    denied = refused(403, "accessDenied", "Access Denied: bigquery.datasets.create")
    google.script = [("GET", "/datasets/raw", missing), ("POST", "/datasets", denied)]
    code, lines = sync()
    assert (code, len(lines)) == (1, 1)
    assert "bigquery.datasets.create" in lines[0]
    assert "on the project where the dataset is still to be made" in lines[0]


def test_without_the_right_to_run_jobs_it_ends_with_one_line(google, sync, monkeypatch):
    denied = refused(403, "accessDenied", "Access Denied: User does not have bigquery.jobs.create")
    google.script = [("POST", "/queries", denied)]
    monkeypatch.setattr("extract.__main__.Client.authenticate", lambda self: None)
    code, lines = sync()
    assert code == 1
    said = [line for line in lines if "bigquery.jobs.create" in line]
    assert len(said) == 1
    assert "roles/bigquery.jobUser" in said[0]
    assert len(lines) == 1


def test_a_dataset_elsewhere_is_a_wrong_setting(google, sync):
    code, lines = sync(KPI_BIGQUERY_LOCATION="EU")
    assert (code, len(lines)) == (2, 1)
    assert lines[0] == f"{PLACE}it lies in US, KPI_BIGQUERY_LOCATION says EU"


def test_credentials_that_ran_out_are_code_2(google, sync):
    google.script = [("GET", "/datasets/raw", RefreshError("invalid_grant: Token has expired"))]
    code, lines = sync()
    assert (code, len(lines)) == (2, 1)
    assert "invalid_grant" in lines[0]
    assert "gcloud auth application-default login" in lines[0]


def test_no_answer_is_one_line_and_soon(google, sync, monkeypatch):
    monkeypatch.setattr(connection, "_FIRST_ANSWER", 0.1)
    google.script = [("GET", "/datasets/raw", requests.ConnectionError("refused"))]
    code, lines = sync()
    assert (code, len(lines)) == (1, 1)
    assert "no answer" in lines[0]
    assert "run again later" in lines[0]


def test_no_credentials_at_all_are_code_2(sync):
    code, lines = sync()
    assert (code, len(lines)) == (2, 1)
    assert lines[0].startswith(f"{PLACE}there are no credentials: run gcloud auth")
    assert "KPI_BIGQUERY_KEYFILE" in lines[0]


@pytest.mark.parametrize("content", ["", "no json", "{}", '{"type": "service_account"}'])
def test_a_broken_key_file_is_code_2_and_stays_secret(sync, tmp_path, content):
    keyfile = tmp_path / "key.json"
    keyfile.write_text(content)
    code, lines = sync(KPI_BIGQUERY_KEYFILE=str(keyfile))
    assert (code, len(lines)) == (2, 1)
    assert lines[0].startswith(f"KPI_BIGQUERY_KEYFILE={str(keyfile)!r} is no key file")


def test_the_rows_go_to_google_alone(monkeypatch):
    """An address that is left over from the tests is none for production."""
    environment = {"KPI_TARGET": "prod", "KPI_BIGQUERY_PROJECT": "acme-1"}
    endpoint = {"KPI_BIGQUERY_ENDPOINT": "http://127.0.0.1:1"}
    settings = config.warehouse({**environment, **endpoint}, dotenv=config.PROJECT / "none")
    monkeypatch.setattr(connection, "_credentials", lambda _: AnonymousCredentials())
    assert connection._client(settings)._connection.API_BASE_URL == (
        "https://bigquery.googleapis.com"
    )
