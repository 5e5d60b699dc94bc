"""Both warehouses are read alike, and what is not there is one line that says what to do.

That BigQuery understands the queries is shown in tests/bigquery.
"""

import os
import subprocess
import sys
from datetime import date

import duckdb
import pytest
import yaml
from google.api_core import exceptions as api

from extract.warehouse.bigquery import connection
from review.__main__ import main
from tests.parity.warehouse import PROJECT

PLACE = "BigQuery, project acme-1, dataset st_mart"
NO_DATASET = "Not found: Dataset acme-1:st_mart was not found in location US"
NO_TABLE = "Not found: Table acme-1:st_mart.weekly_kpis was not found in location US"
NO_COLUMN = "Unrecognized name: gpm_percent at [1:8]"
UNBUILT = f"{PLACE}, location US holds no KPIs, or those of older models: run `dbt build` first\n"


class NoDataset(api.NotFound):
    pass


class Client:
    """What Google's client would do: `answers` are the rows of each query, or what to raise."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def query_and_wait(self, sql, job_config, wait_timeout):
        self.asked.append((sql, {p.name: (p.type_, p.value) for p in job_config.query_parameters}))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def get_dataset(self, dataset, retry):
        """There, but where the first answer is that nobody has made it, or that nobody answers."""
        self.waits = retry.timeout
        if self.answers and isinstance(self.answers[0], (NoDataset, api.RetryError)):
            raise self.answers.pop(0)
        return dataset

    def close(self):
        pass


@pytest.fixture
def ask(monkeypatch, capsys):
    """Runs a command on a scripted BigQuery: (exit code, output, errors)."""

    def ask(client, *words, target="prod"):
        monkeypatch.setenv("KPI_TARGET", target)
        monkeypatch.setenv("KPI_BIGQUERY_PROJECT", "acme-1")
        monkeypatch.setenv("KPI_BIGQUERY_KEYFILE", "")
        monkeypatch.setattr(connection, "_client", lambda settings: client)
        return main(words), *capsys.readouterr()

    return ask


WEEK = (
    [(date(2025, 11, 2), date(2025, 10, 20))],
    [("Phoenix-Sales", 3, *[None] * 9)],
    [("Company", 3, *[None] * 9)],
)


@pytest.mark.parametrize(
    ("target", "dataset"), [("prod", "st_mart"), ("emulator", "emulator_st_mart")]
)
def test_a_week_is_read_from_the_datasets_of_the_target(ask, target, dataset):
    client = Client(*WEEK)
    code, shown, _ = ask(client, "week", target=target)
    assert code == 0
    assert "Week of 2025-10-27 to 2025-11-02" in shown
    assert "Phoenix-Sales" in shown
    for sql, values in client.asked[1:]:
        assert f"from `acme-1`.`{dataset}`.weekly_kpis" in sql
        assert values == {"monday": ("DATE", date(2025, 10, 27))}


def test_a_targets_datasets_begin_with_its_name():
    """As the reader supposes: `dataset` in the profile is what dbt puts in front."""
    profile = yaml.safe_load((PROJECT / "profiles.yml.example").read_text())
    outputs = profile["servicetitan_kpis"]["outputs"]
    prefixes = {
        name: output["dataset"] for name, output in outputs.items() if output["type"] == "bigquery"
    }
    assert prefixes.pop("prod")
    assert prefixes == {"emulator": "emulator"}


@pytest.mark.parametrize(
    "words",
    [
        ("week",),
        ("explain", "--kpi", "gpm_percent", "--day", "2025-10-20", "--unit", "x"),
        ("parity",),
        ("reconcile", "--week", "2025-10-20"),
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize(
    "error", [NoDataset(NO_DATASET), api.NotFound(NO_TABLE), api.BadRequest(NO_COLUMN)]
)
def test_what_no_build_has_made_is_one_line(ask, words, error):
    assert ask(Client(error), *words) == (1, "", UNBUILT)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (api.Forbidden("Access Denied: Table acme-1:st_mart.x"), "roles/bigquery.jobUser"),
        (api.NotFound("Not found: Project acme-1"), "check KPI_BIGQUERY_PROJECT"),
        (api.BadRequest("Syntax error: Unexpected end of script"), "Syntax error"),
    ],
)
def test_what_a_build_would_not_mend_is_said_in_one_line(ask, error, said):
    code, _, answer = ask(Client(error), "week")
    assert (code, answer.count("\n")) == (1, 1)
    assert answer.startswith(f"{PLACE}: ")
    assert said in answer
    assert "dbt build" not in answer


def test_an_answer_that_breaks_off_is_one_line(ask):
    def rows():
        yield WEEK[0][0]
        raise ConnectionError("reset by peer")

    code, _, answer = ask(Client(rows()), "week")
    assert (code, answer) == (1, f"{PLACE}: no answer (reset by peer); run again later\n")


def test_that_nobody_answers_is_said_within_a_minute(ask):
    client = Client(api.RetryError("timeout", None))
    _, _, answer = ask(client, "week")
    assert answer == f"{PLACE}: no answer (timeout, last exception: None); run again later\n"
    assert client.waits <= 60


def test_a_missing_project_is_one_line(monkeypatch, capsys):
    monkeypatch.setenv("KPI_TARGET", "prod")
    monkeypatch.setenv("KPI_BIGQUERY_PROJECT", "")
    assert main(["week"]) == 1
    said = capsys.readouterr().err
    assert said == "KPI_BIGQUERY_PROJECT is missing, KPI_TARGET=prod needs it\n"


def test_a_duckdb_file_may_be_named_whatever_the_target(ask, tmp_path):
    path = tmp_path / "none.duckdb"
    _, _, said = ask(Client(), "week", "--warehouse", str(path))
    assert f"there is no warehouse at {path}" in said


READ = """
import sys
from pathlib import Path
from extract.config import Warehouse
from review.warehouse import reading
with reading(Warehouse("dev", Path(sys.argv[1]), "st_raw_v2")) as warehouse:
    print(*warehouse.query("select moment, cast(moment as date) from seen")[0])
"""


def test_instants_are_those_of_utc_on_every_machine(tmp_path):
    path = tmp_path / "kpis.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("create table seen as select timestamptz '2025-10-20 23:30:00+00' as moment")
    run = subprocess.run(
        [sys.executable, "-c", READ, path],
        cwd=PROJECT,
        env=os.environ | {"TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "2025-10-20 23:30:00+00:00 2025-10-20\n", run.stderr
