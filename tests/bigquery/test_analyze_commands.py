"""Google's own GoogleSQL analyzer accepts what the extractor, `python -m review` and
`python -m editing suggest` run on BigQuery, parameters with their types included."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from daily import checks, numbers
from editing.suggest import suggest
from extract import config, entities
from extract.warehouse import Cursor, Run
from extract.warehouse.bigquery import BigQuery, connection, tables
from extract.warehouse.bigquery.connection import Connection
from extract.warehouse.reports import ReportRun
from review import reconcile
from review.explain import explanation
from review.page.reading import read
from review.parity import compared
from review.warehouse import reading
from review.week import week_table
from tests.bigquery import googlesql
from tests.bigquery.recording import Recorder

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(
        googlesql.missing() is not None, reason=googlesql.missing() or "the analyzer is here"
    ),
]

DAY, NOW = date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)
REPORT = ReportRun(*["x"] * 5, 7, "x", "x", NOW, DAY, DAY, [], [], NOW)
SHOWN = {
    *("daily_kpis", "weekly_kpis", "weekly_kpis_company", "kpi_records", "report_parity"),
    *("int_our_records", "stg_reports__runs", "int_report_runs", "report_differences"),
    *("daily_kpis_company", "kpi_units", "kpi_targets", "kpi_restatements"),
    *("weekly_kpis_region", "monthly_kpis_region", "monthly_kpis_company"),
    *("data_freshness", "unmapped_names", "test_results"),
    *("kpi_moves", "int_judged_days", "kpi_builds"),
}
# What `python -m editing suggest` reads.
SUGGESTED_FROM = {"dim_business_units", "dim_job_types", "dim_jobs", "kpi_records"}
COUNTS = {"as known": [(0, 0)], "as new_rows": [(0, 0, 0)], "as day": [(None,)]}
COUNTS |= {"as all_rows": [(0, 0, 0, 0)], "as rows_of_day": [(DAY, 1)]}


@pytest.fixture(scope="module")
def landed() -> Recorder:
    """Everything that can be asked of the extractor's warehouse, for every entity."""
    recorder = Recorder(COUNTS)
    settings = config.Warehouse("prod", None, "raw", "acme-1")
    warehouse = BigQuery(settings, Connection(settings, recorder))
    everything = entities.load().values()
    # All columns but one, so that one is added.
    warehouse.prepare([replace(each, columns=each.columns[:-1]) for each in everything])
    warehouse.prepare(everything)
    for entity in everything:
        declared = tables.raw(warehouse._to.reference(entity.table), entity)
        recorder.create_table(declared, exists_ok=True)  # as it is with the column
        warehouse.cursor(entity)
        warehouse.begin_full(entity, Cursor(loading={}))
        warehouse.merge(entity, [b"{}"], Cursor(loading={"page": 1}))
        if entity.day:
            warehouse.replace_days(entity, DAY, None, [b"{}"], Cursor(loading={"page": 2}))
            warehouse.replace_days(entity, None, DAY, [], Cursor(loading={"page": 3}))
        for version in {entity.version, entity.day} - {None}:
            warehouse.newest_day(entity, version)
        warehouse.finish_full(entity, {})
        warehouse.count(entity, NOW)
        if entity.day:
            warehouse.count_days(entity)
        if "active" in entity.row_types:
            warehouse.inactive_keys(entity)
        warehouse.merge(entity, [b"{}"], Cursor({"page": 1}))
        warehouse.merge_whole(entity, [b"{}"], Cursor({"page": 2}))
        if entity.day:
            warehouse.replace_days(entity, DAY, DAY, [b"{}"], Cursor({}))
    warehouse.log(Run("x", "jobs", NOW))
    warehouse.standing(everything)
    warehouse.land_report(REPORT, [])
    warehouse.last_report_run(7)
    return recorder


@pytest.fixture(scope="module")
def shown() -> Recorder:
    """Everything that `python -m review` and the summary of `python -m daily` ask, of the datasets
    of dbt's target `offline`."""
    recorder = Recorder(
        {
            "select business_unit, region from": [("x", "y")],
            "select min(event_date), max(event_date)": [(DAY, DAY)],
            "(select max(event_date)": [(DAY, DAY)],
            "select max(event_date)": [(DAY,)],
            "select last_day": [(DAY,)],
            "select gpm_percent": [(1.0,)],
            "select business_unit": [("x", *[None] * 10)],
            "'Company'": [("Company", *[None] * 10)],
        }
    )
    settings = config.Warehouse("offline", None, "raw", "no-such-project")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(connection, "_client", lambda settings: recorder)
        week_table(settings, DAY)
        for place, period in (("x", "day"), ("y", "week"), ("Company", "week")):
            explanation(settings, "gpm_percent", DAY, place, period)
        read(settings)
        compared(settings)
        known = checks.before(settings)
        with reading(settings) as warehouse:
            numbers.new_numbers(warehouse, numbers.last_day(warehouse))
            numbers.unusual(warehouse, ())
            numbers.restated(warehouse)
            checks.new_names(warehouse, known)
            reconcile._refuse_unbuilt(warehouse)
            for files in ([], ["x", "y"]):
                reconcile._compared(warehouse, DAY, DAY, files)
    return recorder


@pytest.fixture(scope="module")
def suggested() -> Recorder:
    """Everything that `python -m editing suggest` asks, of the same datasets."""
    recorder = Recorder({})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(connection, "_client", lambda settings: recorder)
        settings = config.Warehouse("offline", None, "raw", "no-such-project")
        assert suggest(settings, config.PROJECT) == []
    return recorder


@pytest.fixture(scope="module")
def built(answers) -> dict:
    """The tables that dbt makes, with their columns."""
    return {
        each.statement.creates: each.columns for each in answers.values() if each.statement.creates
    }


def test_every_statement_of_the_extractor_is_accepted(landed):
    kinds = {each.sql.split()[0] for each in landed.statements}
    assert kinds == {"select", "merge", "insert", "delete", "alter", "begin", "commit"}
    assert not googlesql.rejected(googlesql.analyze(landed.tables, landed.statements))


def test_every_query_of_a_review_is_accepted(shown, built):
    read = {name for each in shown.statements for name in re.findall(r"`\.(\w+)", each.sql)}
    assert read == SHOWN
    assert not googlesql.rejected(googlesql.analyze(built, shown.statements))


def test_every_query_of_the_suggestions_is_accepted(suggested, built):
    read = {name for each in suggested.statements for name in re.findall(r"`\.(\w+)", each.sql)}
    assert read == SUGGESTED_FROM
    assert not googlesql.rejected(googlesql.analyze(built, suggested.statements))
    wrong = [
        replace(each, sql=each.sql.replace("count(distinct jobs.", "count(distinct job."))
        for each in suggested.statements
    ]
    assert len(googlesql.rejected(googlesql.analyze(built, wrong))) == 2


MERGE = "merge into `acme-1.raw.raw_jobs`"
APPEND = "insert into `acme-1.raw._loading_jobs`"
DELETE = "delete from `acme-1.raw.report_rows`"
CURSOR = "select to_json_string(position)"
COUNT = "select\n            coalesce(sum(rows_of_key), 0)"
NEWEST = "select `run_id`"
PLANTED = [
    (COUNT, "createdOn >= @since", "name >= @since", "No matching signature for operator >="),
    (NEWEST, "order by ended_at", "order by end_at", "Unrecognized name: end_at"),
    (MERGE, "to_json_string(staged.`customFields`)", "staged.`id`", "No matching signature"),
    (MERGE, "staged.`jobStatus`", "staged.`status`", "Name status not found inside staged"),
    (APPEND, "current_timestamp()", "current_date()", "has type DATE which cannot be"),
    (DELETE, "where run_id", "where run_number", "Unrecognized name: run_number"),
    (CURSOR, "entity = @entity", "position = @entity", "No matching signature for operator ="),
]


@pytest.mark.parametrize(("statement", "right", "wrong", "reason"), PLANTED)
def test_an_error_planted_in_the_extractor_is_rejected(landed, statement, right, wrong, reason):
    found = next(each for each in landed.statements if each.sql.startswith(statement))
    assert right in found.sql
    changed = replace(found, sql=found.sql.replace(right, wrong))
    [rejected] = googlesql.rejected(googlesql.analyze(landed.tables, [changed]))
    assert reason in rejected


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("max(event_date)", "max(event_day)", "Unrecognized name: event_day"),
        ("event_date = @monday", "business_unit = @monday", "No matching signature"),
        ("in (@run_0", "in (@first", "No matching signature"),
        ("limit 0", "fetch first 0 rows only", "Syntax error"),
    ],
)
def test_an_error_planted_in_a_review_is_rejected(shown, built, right, wrong, reason):
    found = next(each for each in shown.statements if right in each.sql)
    changed = replace(found, sql=found.sql.replace(right, wrong))
    [rejected] = googlesql.rejected(googlesql.analyze(built, [changed]))
    assert reason in rejected
