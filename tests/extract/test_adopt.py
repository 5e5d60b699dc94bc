"""The mapping of the older system's tables, the SQL that reads them, what the command prints."""

import re

import pytest
from google.cloud.bigquery import SchemaField

from extract import config, entities
from extract.__main__ import main
from extract.adoption import command, old_tables
from extract.adoption.outcome import Adoption, Gap, Outcome
from extract.errors import SettingsError
from extract.warehouse.bigquery import adoption
from review.week import COLUMNS as KPIS
from tests.daily.test_freshness import NEEDED
from tests.extract.test_bigquery_errors import google, refused  # noqa: F401, a fixture

ALL = entities.load()
OLD = old_tables.load()
STAGING = config.PROJECT / "models" / "staging"


@pytest.mark.parametrize("name", ALL)
def test_the_kpis_of_its_columns_are_those_of_the_table(name):
    """By the definitions, which tests/daily holds against dbt's lineage."""
    assert set(OLD[name].all_kpis) == NEEDED[name]
    assert set(OLD[name].all_kpis) <= {kpi for kpi, _, _ in KPIS}


@pytest.mark.parametrize("name", ALL)
def test_each_column_that_a_model_reads_is_said_to_feed_kpis_or_none(name):
    sql = (STAGING / f"stg_servicetitan__{name}.sql").read_text()
    columns = {column.name for column in ALL[name].columns} - {ALL[name].key}
    read = {column for column in columns if re.search(rf"\b{column}\b", sql)}
    assert read == {*OLD[name].kpis, *OLD[name].no_kpi}


def test_the_mapping_says_what_is_known_of_the_older_system():
    assert {name: one.key for name, one in OLD.items() if one.key != ALL[name].key} == {
        "purchase_orders": "purchaseOrderId",
        "returns": "returnId",
        "inventory_bills": "inventoryBillId",
    }
    assert OLD["appointments"].renamed == {"start": "scheduledStart", "end": "scheduledEnd"}
    assert [name for name, one in OLD.items() if one.nothing] == ["gross_pay_items"]
    assert OLD["jobs"].names == ("raw_jobs", "jobs")
    assert "businessUnitId" in OLD["invoices"].always_filled


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("columns: {begin: scheduledStart}", "wrong columns: begin"),
        ("kpis: {start: []}\n  no_kpi: [start]", "columns with and without KPIs: start"),
        ("stands_in: {start: x}", "stand-ins of no KPI: start"),
        ("rename: {}", "wrong words: rename"),
    ],
)
def test_a_faulty_block_is_named(tmp_path, block, said):
    path = tmp_path / "old.yml"
    blocks = dict.fromkeys(ALL, "{}") | {"appointments": f"\n  {block}"}
    path.write_text("".join(f"{name}: {text}\n" for name, text in blocks.items()))
    with pytest.raises(SettingsError, match=rf"old\.yml, appointments: .*{said}"):
        old_tables.load(path)
    path.write_text("jobs: {}\nhouses: {}\n")
    with pytest.raises(SettingsError, match=r"one block per entity, wrong are .*houses"):
        old_tables.load(path)


def reading(entity: str, column: str, **old: str) -> adoption.Reading | None:
    one = OLD[entity]
    return adoption.readings(one.entity, one.key, one.renamed, old).get(column)


def test_columns_are_found_in_any_case_and_only_where_their_type_can_be_read():
    assert reading("jobs", "jobStatus", JOBSTATUS="STRING").of == ("JOBSTATUS",)
    assert reading("jobs", "jobStatus") is None
    assert reading("jobs", "jobStatus", jobStatus="RECORD") is None
    assert reading("jobs", "createdOn", createdOn="INT64") is None
    assert reading("jobs", "estimateIds", estimateIds="ARRAY").value.endswith(", null)")
    # The hash in `id` is no key where the API's id stands elsewhere.
    assert reading("returns", "id", id="INT64") is None
    assert reading("returns", "id", id="STRING", returnId="INT64").of == ("returnId",)
    # A field of an object, where the object stands there, alone or beside an empty column.
    assert reading("invoices", "businessUnitId", businessUnit="STRING").of == ("businessUnit",)
    both = reading("invoices", "businessUnitId", businessUnitId="STRING", businessUnit="STRING")
    assert both.of == ("businessUnitId", "businessUnit")


def test_text_is_cut_to_what_bigquery_takes():
    """The emulator takes more: seven decimals of a second, and a day with its time behind it."""
    instant = reading("jobs", "createdOn", createdOn="STRING").value
    assert r"safe_cast(regexp_replace(trim(old_row.`createdOn`), r'(\.\d{6})\d+', r'\1')" in instant
    day = reading("invoices", "dueDate", dueDate="STRING").value
    assert "safe_cast(substr(trim(old_row.`dueDate`), 1, 10) as date)" in day


def test_types_are_taken_as_the_api_of_bigquery_names_them():
    fields = [
        SchemaField("a", "FLOAT"),
        SchemaField("b", "INTEGER"),
        SchemaField("c", "INTEGER", mode="REPEATED"),
        SchemaField("d", "BOOLEAN"),
        SchemaField("e", "JSON"),
    ]
    assert list(adoption.columns(fields).values()) == ["FLOAT64", "INT64", "ARRAY", "BOOL", "JSON"]


def test_every_statement_reads_the_old_table_and_writes_ours():
    for one in OLD.values():
        old = {one.renamed.get(c.name, c.name): "STRING" for c in one.entity.columns}
        old |= {one.key: "STRING"}
        ways = adoption.readings(one.entity, one.key, one.renamed, old)
        assert set(ways) == {column.name for column in one.entity.columns}
        question = adoption.count(one.entity, "`p.old.t`", old, ways, "`p.ours.t`")
        assert question.split()[0] == "select"
        statement = adoption.adopt(one.entity, "`p.old.t`", old, ways, "`p.ours.t`")
        assert statement.split()[:3] == ["merge", "into", "`p.ours.t`"]
        assert statement.count("`p.old.t`") == 1


@pytest.fixture
def run(monkeypatch, capfd, tmp_path):
    def ran(*argv, **changes):
        here = {
            "KPI_TARGET": "prod",
            "KPI_BIGQUERY_PROJECT": "acme-1",
            "KPI_BIGQUERY_LOCATION": "",
            "KPI_BIGQUERY_KEYFILE": "",
            "KPI_RAW_DATASET": "ours",
            "HOME": str(tmp_path),
        }
        for name, value in {**here, **changes}.items():
            monkeypatch.setenv(name, value)
        code = main(["adopt", *argv])
        return code, *capfd.readouterr()

    return ran


@pytest.mark.parametrize(
    ("source", "settings", "said"),
    [
        ("st_raw_v2", {"KPI_TARGET": "dev"}, "in BigQuery: set KPI_TARGET=prod, KPI_BIGQUERY_PROJ"),
        ("ours", {}, "is the dataset that KPI_RAW_DATASET names"),
        ("acme-1.OURS", {}, "is the dataset that KPI_RAW_DATASET names"),
        ("a/b", {}, "expected a dataset or project.dataset"),
        ("x", {"KPI_BIGQUERY_PROJECT": ""}, "KPI_BIGQUERY_PROJECT is missing"),
    ],
)
def test_what_cannot_be_is_one_line_and_code_2(run, source, settings, said):
    code, out, err = run("--from", source, **settings)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert said in err


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (refused(404, "notFound", "Not found: Dataset acme-2:old"), 2, "there is no such dataset"),
        (
            refused(403, "accessDenied", "Access Denied: bigquery.tables.list denied"),
            1,
            "bigquery.tables.list denied: the account needs roles/bigquery.dataViewer on the data",
        ),
        ((200, {"tables": []}), 2, "it has no table of the older system"),
    ],
)
def test_an_old_dataset_that_cannot_be_read_is_one_line(run, google, answer, code, said):  # noqa: F811
    google.script = [("GET", "/projects/acme-2/datasets/old/tables", answer)]
    found, out, err = run("--from", "acme-2.old")
    assert (found, out, len(err.splitlines())) == (code, "", 1)
    assert err.startswith("--from acme-2.old: ")
    assert said in err


def test_an_old_dataset_elsewhere_is_a_wrong_setting(run, google):  # noqa: F811
    listed = [{"tableReference": {"projectId": "acme-2", "datasetId": "old", "tableId": "jobs"}}]
    google.script = [
        ("GET", "/datasets/old/tables", (200, {"tables": listed})),
        ("GET", "/old/tables/jobs", (200, {**listed[0], "location": "EU", "schema": {}})),
        ("GET", "/datasets/ours/tables", refused(404, "notFound", "Not found: Dataset ours")),
    ]
    code, out, err = run("--from", "acme-2.old")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "`acme-2.old.jobs` lies in EU, KPI_BIGQUERY_LOCATION says US" in err


def test_what_bigquery_refuses_of_a_table_fails_that_table(run, google):  # noqa: F811
    tables = [
        {"tableReference": {"projectId": "acme-2", "datasetId": "old", "tableId": name}}
        for name in ("raw_jobs", "raw_payments")
    ]
    schema = {"fields": [{"name": "id", "type": "INTEGER"}]}
    google.script = [
        ("GET", "/datasets/old/tables", (200, {"tables": tables})),
        *(
            ("GET", f"/old/tables/{name}", (200, {**table, "schema": schema}))
            for name, table in zip(("raw_jobs", "raw_payments"), tables, strict=True)
        ),
        ("POST", "/queries", refused(403, "accessDenied", "Access Denied: Table acme-2:old.t")),
    ]
    code, out, err = run("--from", "acme-2.old")
    assert (code, len(err.splitlines())) == (1, 2)
    assert re.match("jobs: .*Access Denied: Table acme-2:old.t", err)
    assert re.search(r"^jobs +raw_jobs +failed *$", out, re.M)


def test_the_plan_says_per_table_and_kpi_what_is_missing_and_the_cure(capfd):
    jobs = Outcome(
        OLD["jobs"],
        "raw_jobs",
        "to adopt",
        rows=1200,
        ids=1100,
        without_id=10,
        from_api=100,
        adopted_before=400,
        new=600,
        mended=5,
        lost={"completedOn": 1},
        finer={"total": 2},
        gaps=[Gap("noCharge", "is not in the old table"), Gap("summary", "x")],
        not_taken=["summary"],
    )
    pay = Outcome(OLD["gross_pay_items"], "raw_gross_pay_items", note="pay has no id")
    complete = Outcome(
        OLD["payments"], "raw_payments", is_complete=True, rows=3, ids=3, note="done"
    )
    command.show(Adoption("acme.old", [jobs, pay, complete], ["other"]), done=False)
    out = [line.rstrip() for line in capfd.readouterr().out.splitlines()]
    assert out[2].split() == [
        "jobs",
        "raw_jobs",
        "1,200",
        "1,100",
        "90",
        "10",
        "100",
        "400",
        "600",
        "5",
        "to",
        "adopt",
    ]
    assert out[3].split()[:3] == ["gross-pay-items", "raw_gross_pay_items", "nothing"]
    assert out[out.index("") :] == [
        "",
        "Not taken over as they are",
        "  jobs.completedOn: 1 value cannot be converted, null instead",
        "  jobs.total: 2 values rounded to cents",
        "",
        "Not taken over",
        "  raw_jobs: its columns summary",
        "  the tables other",
        "",
        "What adopted rows cannot give",
        "  jobs: python -m extract sync --full --only jobs",
        "    noCharge is not in the old table: close_rate_percent: a job without an estimate and "
        "without money is taken for a no-charge one",
        "    empty, and no KPI needs them: summary",
        "  gross-pay-items: python -m extract sync --full --only gross-pay-items",
        "    no rows: gpm_percent, warranty_percent",
        "",
        "Per KPI",
        "  close_rate_percent",
        "    with a stand-in for jobs.noCharge",
        "    python -m extract sync --full --only jobs",
        "  gpm_percent",
        "    cannot be right without gross-pay-items",
        "    python -m extract sync --full --only gross-pay-items",
        "  warranty_percent",
        "    cannot be right without gross-pay-items",
        "    python -m extract sync --full --only gross-pay-items",
        "",
        "The API's own history cures all of it",
        "  python -m extract sync --full --only jobs,gross-pay-items",
    ]
