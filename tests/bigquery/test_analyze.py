"""Google's own GoogleSQL analyzer accepts what dbt runs on BigQuery: models, snapshots, tests.

The columns that it finds in a model are known to whatever reads the model. `make analyzer` installs
it; nothing is sent anywhere.
"""

from dataclasses import replace

import pytest

from simulator.oracle.landing import KEY_TYPES, KPI_TYPES
from tests.bigquery import googlesql

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(
        googlesql.missing() is not None, reason=googlesql.missing() or "the analyzer is here"
    ),
]


def test_every_model_snapshot_and_test_is_accepted(manifest, answers):
    written = {
        key
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "snapshot", "test")
    }
    assert set(answers) == written
    assert not googlesql.rejected(answers)


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ("daily_kpis", ["event_date", "business_unit"]),
        ("monthly_kpis_region", ["event_date", "region"]),
        ("weekly_kpis_company", ["event_date"]),
    ],
)
def test_columns_are_carried_on_to_the_last_table(answers, table, keys):
    """From the raw tables through five layers of models to the types that the reports ask for."""
    types = {key: KEY_TYPES[key] for key in keys} | KPI_TYPES
    expected = {name: googlesql.TYPES[type] for name, type in types.items()}
    assert answers[f"model.servicetitan_kpis.{table}"].columns == expected


def test_partitions_are_of_the_type_that_is_declared(manifest, answers):
    """A date is cut by itself, an instant by its day: BigQuery does not mend a mistake here."""
    declared = {
        key: node["config"]["partition_by"]
        for key, node in manifest["nodes"].items()
        if node["config"].get("partition_by")
    }
    found = {key: answers[key].columns[by["field"]] for key, by in declared.items()}
    assert found
    assert found == {key: by["data_type"].upper() for key, by in declared.items()}


def planted(tables, answers, model, right, wrong) -> list[str]:
    """What is rejected once `right` is `wrong` in the SQL of a model: of it and what reads it."""
    key = f"model.servicetitan_kpis.{model}"
    assert right in answers[key].statement.sql, f"{model} no longer says {right}"
    before = {
        answer.statement.creates: answer.columns | dict(answer.statement.adds)
        for answer in answers.values()
        if answer.statement.creates
    }
    changed = [
        replace(statement, sql=statement.sql.replace(right, wrong))
        if statement.name == key
        else statement
        for statement in (answer.statement for answer in answers.values())
        if statement.name == key or key in statement.reads
    ]
    return googlesql.rejected(googlesql.analyze(tables | before, changed))


PAYMENTS = "stg_servicetitan__payments"


def test_a_wrong_type_is_rejected_where_it_is_read(tables, answers):
    """Amounts as text: the staging model is sound in itself, the one that subtracts them is not."""
    amount = "coalesce(cast(total as numeric), cast(0 as numeric)) as total"
    found = planted(tables, answers, PAYMENTS, amount, "cast(total as string) as total")
    assert any(
        line.startswith("models/intermediate/int_payments_attributed.sql: ")
        and "No matching signature for operator" in line
        for line in found
    ), found


@pytest.mark.parametrize(
    ("model", "right", "wrong", "reason"),
    [
        (PAYMENTS, "nullif(customerId, 0)", "nullif(customerId, '0')", "No matching signature"),
        (PAYMENTS, "nullif(customerId, 0)", "nullif(clientId, 0)", "Unrecognized name: clientId"),
        (
            "stg_servicetitan__payment_applications",
            "json_value(",
            "json_extract_string(",
            "Function not found: json_extract_string",
        ),
    ],
    ids=["type", "column", "function"],
)
def test_a_planted_error_is_rejected(tables, answers, model, right, wrong, reason):
    [found] = planted(tables, answers, model, right, wrong)
    assert found.startswith(f"models/staging/{model}.sql: ")
    assert reason in found


def test_an_outer_join_without_an_equality_is_rejected(tables, answers):
    """The analyzer takes it, BigQuery's planner does not."""
    right = "on parts.business_unit_id = business_units.business_unit_id"
    [found] = planted(tables, answers, "int_payments_attributed", right, right.replace("=", ">="))
    assert found.startswith("models/intermediate/int_payments_attributed.sql: An outer join needs")
