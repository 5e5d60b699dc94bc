"""Google's own GoogleSQL analyzer accepts what seeds-preview and diff ask on BigQuery; what they
build there lies in datasets of their own, which are dropped."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from editing import EditingError, preview, scratch
from editing.moved import Tolerance, cells, moved, rows
from editing.scratch import SIDES, InBigQuery
from extract import config
from extract.warehouse.bigquery import connection
from tests.bigquery import googlesql
from tests.bigquery.recording import Recorder

SETTINGS = config.Warehouse("prod", None, "raw", "no-such-project")
KPIS = list(preview._kpis(preview.project.load(config.PROJECT)))
EXAMPLE = config.PROJECT / "profiles.yml.example"


class Datasets(Recorder):
    """The recorder with datasets that can be listed and dropped."""

    def __init__(self, names):
        super().__init__({})
        self.datasets = list(names)

    def list_datasets(self, project):
        assert project == SETTINGS.project
        return [SimpleNamespace(dataset_id=name, reference=name) for name in self.datasets]

    def delete_dataset(self, name, delete_contents, not_found_ok):
        assert delete_contents
        assert not_found_ok
        self.datasets.remove(name)


@pytest.fixture
def client(monkeypatch):
    client = Datasets(["st_mart", "kpi_preview_0_old_st_mart"])
    monkeypatch.setattr(connection, "_client", lambda settings: client)
    return client


def test_both_sides_have_datasets_of_their_own_which_are_dropped(client, tmp_path):
    others = list(client.datasets)
    with scratch.scratch(SETTINGS, tmp_path, EXAMPLE) as room:
        outputs = [room.output(side) for side in SIDES]
        names = [room.schema(side, "st_mart").split("`")[3] for side in SIDES]
        assert names == [f"{output['dataset']}_st_mart" for output in outputs]
        assert len({*names, *others}) == 4
        assert all(output["type"] == "bigquery" and output["location"] for output in outputs)
        client.datasets += names
    assert client.datasets == others


def test_they_are_dropped_when_the_build_fails_too(client, tmp_path):
    others = list(client.datasets)

    def fail():
        with scratch.scratch(SETTINGS, tmp_path, EXAMPLE) as room:
            client.datasets.append(room.schema("old", "st_dim").split("`")[3])
            raise EditingError("the old version cannot be built")

    with pytest.raises(EditingError, match="cannot be built"):
        fail()
    assert client.datasets == others


def test_a_profile_without_the_target_is_named(client, tmp_path):
    with (
        pytest.raises(EditingError, match="names no target staging"),
        scratch.scratch(replace(SETTINGS, target="staging"), tmp_path, EXAMPLE),
    ):
        pass


@pytest.mark.full
@pytest.mark.skipif(
    googlesql.missing() is not None, reason=googlesql.missing() or "the analyzer is here"
)
def test_every_query_of_a_comparison_is_accepted(client, answers, monkeypatch):
    """Both sides stand in the datasets of dbt's target `offline`, whose columns are known."""
    built = {
        each.statement.creates: each.columns for each in answers.values() if each.statement.creates
    }
    monkeypatch.setattr(
        InBigQuery, "schema", lambda self, side, name: f"`no-such-project`.`offline_{name}`"
    )
    room = InBigQuery(SETTINGS, EXAMPLE)
    assert moved(room, dict.fromkeys(SIDES, KPIS), Tolerance()).cells == []
    assert cells(room, "old", KPIS) == {}
    assert rows(room) == [[], []]
    assert {name for each in client.statements for name in re.findall(r"`\.(\w+)", each.sql)} == {
        *preview.MODELS,
        "dim_reporting_units",
    }
    assert not googlesql.rejected(googlesql.analyze(built, client.statements))
    wrong = [
        replace(each, sql=each.sql.replace("records.first_day", "records.event_date"))
        for each in client.statements
    ]
    assert len(googlesql.rejected(googlesql.analyze(built, wrong))) == 2
