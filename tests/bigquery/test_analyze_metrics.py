"""Google's own GoogleSQL analyzer accepts what MetricFlow writes for BigQuery, for every metric."""

import json
from dataclasses import replace
from datetime import date

import pytest

from review.metrics import Question, metricflow_sql
from review.week import COLUMNS
from tests.bigquery import googlesql

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(
        googlesql.missing() is not None, reason=googlesql.missing() or "the analyzer is here"
    ),
]

KPIS = [name for name, _, _ in COLUMNS]
GRAINS = ("day", "week", "month", "quarter", "year")
PLACES = ([], ["business_unit"], ["business_unit__region"])
BY_JOB = ["job__campaign_name", "job__job_type_name"]


@pytest.fixture(scope="module")
def built(answers) -> dict:
    """The tables that dbt makes, with their columns."""
    return {
        each.statement.creates: each.columns for each in answers.values() if each.statement.creates
    }


@pytest.fixture(scope="module")
def queries(target) -> list[googlesql.Statement]:
    """All metrics together by every period and place, the flows by job, too, and no period."""
    manifest = target / "semantic_manifest.json"
    metrics = [metric["name"] for metric in json.loads(manifest.read_text())["metrics"]]
    flows = [name for name in metrics if name not in ("future_bookings", "outstanding_ar")]
    assert set(KPIS) < set(metrics)
    questions = [
        *(Question(metrics, [f"metric_time__{g}", *place]) for g in GRAINS for place in PLACES),
        *(Question(flows, ["metric_time__week", name]) for name in BY_JOB),
        Question(metrics),
        Question(metrics, ["metric_time__week"], first=date(2025, 12, 22), last=date(2025, 12, 28)),
    ]
    return [
        googlesql.Statement(
            name=f"metrics by {', '.join(question.by)}, from {question.first}",
            place=f"{len(question.metrics)} metrics by {', '.join(question.by)}",
            sql=metricflow_sql(question, manifest, "bigquery"),
            reads=frozenset(),
        )
        for question in questions
    ]


def test_every_metric_is_accepted_by_every_period_and_place(queries, built):
    found = googlesql.analyze(built, queries)
    assert len(found) == len(queries) == 19
    assert not googlesql.rejected(found)


def test_weeks_begin_on_mondays_there_too(queries):
    (weekly, *_) = (query for query in queries if "__week," in query.name)
    assert "isoweek" in weekly.sql.lower()


def test_a_planted_error_is_rejected(queries, built):
    query = queries[0]
    changed = replace(query, sql=query.sql.replace("counted_key", "customer_key"))
    [rejected] = googlesql.rejected(googlesql.analyze(built, [changed]))
    assert "customer_key" in rejected
