"""Everything that the docs site shows is described, in more words than its name."""

import pytest

from tests.docs.described import PACKAGE, things, undescribed

# Descriptions are stored with the tables on BigQuery, which takes so many characters.
LONGEST_TABLE, LONGEST_COLUMN = 16_384, 1_024


def _model(manifest):
    return manifest["nodes"][f"model.{PACKAGE}.dim_jobs"]


def _seed(manifest):
    return manifest["nodes"][f"seed.{PACKAGE}.business_units"]


def _jobs(manifest):
    return manifest["semantic_models"][f"semantic_model.{PACKAGE}.jobs"]


def _source(manifest):
    return manifest["sources"][f"source.{PACKAGE}.servicetitan.raw_jobs"]


def _macro(manifest):
    return manifest["macros"][f"macro.{PACKAGE}.period_start"]


def _generic_test(manifest):
    return manifest["macros"][f"macro.{PACKAGE}.test_unique_together"]


# The thing as the message names it -> where its description stands, one that only repeats.
KINDS = {
    "model dim_jobs": (_model, "description", "The jobs dim."),
    "model column dim_jobs.customer_name": (
        lambda manifest: _model(manifest)["columns"]["customer_name"],
        "description",
        "The customer's name.",
    ),
    "key dim_jobs.job_id": (
        lambda manifest: _model(manifest)["columns"]["job_id"],
        "description",
        "The id of the job",
    ),
    "seed business_units": (_seed, "description", "Business units."),
    "seed column business_units.region_name": (
        lambda manifest: _seed(manifest)["columns"]["region_name"],
        "description",
        "Name of the region.",
    ),
    "snapshot kpi_builds": (
        lambda manifest: manifest["nodes"][f"snapshot.{PACKAGE}.kpi_builds"],
        "description",
        "KPI builds",
    ),
    "source servicetitan": (_source, "source_description", "ServiceTitan"),
    "source table servicetitan.raw_jobs": (
        _source,
        "description",
        "Raw jobs. Endpoint: `GET jpm/v2/tenant/{tenant}/export/jobs`",
    ),
    "macro period_start": (_macro, "description", "The start of the period."),
    "macro argument period_start.day": (
        lambda manifest: _macro(manifest)["arguments"][1],
        "description",
        "The day.",
    ),
    "generic test test_unique_together": (_generic_test, "description", "Unique together: a test"),
    "generic test argument test_unique_together.columns": (
        lambda manifest: _generic_test(manifest)["arguments"][1],
        "description",
        "Columns.",
    ),
    "test assert_parts_of_payments_add_up": (
        lambda manifest: manifest["nodes"][_singular(manifest, "assert_parts_of_payments_add_up")],
        "description",
        "Asserts that the parts of payments add up",
    ),
    "exposure looker_studio Looker Studio": (
        lambda manifest: manifest["exposures"][f"exposure.{PACKAGE}.looker_studio"],
        "description",
        "Looker Studio.",
    ),
    "metric gpm Gross profit margin": (
        lambda manifest: manifest["metrics"][f"metric.{PACKAGE}.gpm"],
        "description",
        "The gross profit margin (GPM).",
    ),
    "semantic model jobs Jobs": (_jobs, "description", "The jobs."),
    "part of a semantic model jobs.job_number": (
        lambda manifest: _jobs(manifest)["dimensions"][0],
        "description",
        "Number of the job",
    ),
    "group office": (
        lambda manifest: manifest["groups"][f"group.{PACKAGE}.office"],
        "description",
        "The office.",
    ),
}


def _singular(manifest, name):
    (key,) = [key for key in manifest["nodes"] if key.startswith(f"test.{PACKAGE}.{name}")]
    return key


def test_nothing_is_undescribed(manifest):
    assert undescribed(manifest) == []


@pytest.mark.parametrize("thing", KINDS)
def test_a_missing_or_empty_description_of_each_kind_is_named(manifest, monkeypatch, thing):
    where, key, repeated = KINDS[thing]
    for nothing in ("", repeated):
        monkeypatch.setitem(where(manifest), key, nothing)
        assert thing in undescribed(manifest)


def test_every_kind_is_planted(manifest):
    planted = {name for name in KINDS for kind in _kinds(manifest) if name.startswith(f"{kind} ")}
    assert planted == set(KINDS)
    unplanted = {"unit test", "snapshot column"}  # as tests and columns
    assert {
        kind for kind in _kinds(manifest) if not any(name.startswith(kind) for name in KINDS)
    } <= unplanted


def test_an_argument_that_no_yml_names_is_named(manifest, monkeypatch):
    macro = _macro(manifest)
    monkeypatch.setitem(macro, "arguments", macro["arguments"][:1])
    assert "macro argument period_start.day" in undescribed(manifest)


def test_a_key_that_no_yml_names_is_named(manifest, monkeypatch):
    columns = manifest["nodes"][f"model.{PACKAGE}.daily_kpis"]["columns"]
    monkeypatch.delitem(columns, "business_unit")
    assert "key daily_kpis.business_unit" in undescribed(manifest)


def test_descriptions_fit_into_bigquery(manifest):
    for thing in things(manifest):
        if thing.kind == "model":
            assert len(thing.description) <= LONGEST_TABLE, thing.name
        if thing.kind == "model column":
            assert len(thing.description) <= LONGEST_COLUMN, thing.name


def _kinds(manifest):
    return {thing.kind for thing in things(manifest)}
