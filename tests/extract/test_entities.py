"""The table of entities: well-formed, and faults in it named."""

import pytest
import yaml

from extract import entities
from extract.errors import SettingsError

GOOD = {
    "path": "jpm/v2/tenant/{tenant}/export/jobs",
    "scope": "Jobs",
    "feed": "export",
    "key": "id",
    "version": "modifiedOn",
    "columns": {
        "id": "integer",
        "modifiedOn": "instant",
        "typeId": {"from": "type.id", "type": "integer"},
    },
}


def load(tmp_path, **changes):
    block = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    path = tmp_path / "entities.yml"
    path.write_text(yaml.safe_dump({"jobs": block}))
    return entities.load(path)["jobs"]


def test_a_block_becomes_an_entity(tmp_path):
    jobs = load(tmp_path)
    assert (jobs.table, jobs.label) == ("raw_jobs", "jobs")
    assert jobs.columns[2].source == ("type", "id")
    assert list(jobs.row_types) == ["id", "modifiedOn", "typeId", "_extra_fields"]
    assert (jobs.partition, jobs.cluster) == (None, ())


def test_a_block_says_how_bigquery_lays_its_table_out(tmp_path):
    jobs = load(tmp_path, partition="modifiedOn", cluster=["typeId", "id"])
    assert (jobs.partition, jobs.cluster) == ("modifiedOn", ("typeId", "id"))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"feed": "stream"}, "feed 'stream' is none of export, list, windows"),
        ({"path": None}, "missing ['path']"),
        ({"cursor": "x"}, "unknown words ['cursor']"),
        ({"key": "number"}, "`key` must name a column"),
        ({"version": "id"}, "`version` must name a column of type instant"),
        ({"columns": {"id": "int"}}, "column id: type is none of integer, string"),
        ({"columns": {"id": {"from": "a.b.c", "type": "integer"}}}, "one level down"),
        ({"feed": "windows", "key": None, "version": None}, "needs a `version`"),
        ({"feed": "windows", "key": None}, "`day` must name a column of type date"),
        ({"feed": "windows", "day": "id"}, "makes its own key"),
        ({"partition": "id"}, "`partition` must name a column of type date or instant"),
        ({"cluster": ["number"]}, "`cluster` must name up to four columns, none of type json"),
        ({"cluster": ["id"] * 5}, "`cluster` must name up to four columns"),
        ({"columns": GOOD["columns"] | {"tags": "json"}, "cluster": ["tags"]}, "none of type json"),
    ],
)
def test_a_faulty_block_is_named(tmp_path, changes, fault):
    with pytest.raises(SettingsError) as error:
        load(tmp_path, **changes)
    assert str(error.value).startswith("entities.yml, entity jobs: ")
    assert fault in str(error.value)


def test_names_are_taken_with_hyphens_and_underscores_in_order_and_once():
    chosen = entities.choose(["job-types", " jobs", "job_types", ""], "--only")
    assert chosen == ["job_types", "jobs"]
    with pytest.raises(
        SettingsError, match=r"--only names unknown entities: job, unit\. Valid: business-un"
    ):
        entities.choose(["jobs", "job", "unit"], "--only")
