"""The estimate of the whole project, on a small tenant."""

import re

import pytest

from cost import __main__ as command
from cost.growth import STAYS, grows
from cost.offline import manifest
from cost.volumes import Warehouse
from extract import entities
from simulator import build_tenant
from tests.parity.warehouse import dbt, land_records

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A warehouse without reports, built once."""
    folder = tmp_path_factory.mktemp("cost")
    tenant, path = build_tenant(size="tiny"), folder / "tiny.duckdb"
    land_records(tenant.records(), path)
    words = ["build", "--exclude-resource-type", "unit_test", "test"]
    run = dbt(*words, path=path, target=folder / "target", as_of_date=tenant.last_day)
    assert run.returncode == 0, run.stdout
    return path


@pytest.fixture(scope="module")
def compiled(built, tmp_path_factory) -> dict:
    return manifest(tmp_path_factory.mktemp("compiled"), Warehouse(built).last_day())


@pytest.fixture(scope="module")
def asked(built, compiled) -> dict:
    warehouse = Warehouse(built)
    volumes = warehouse.measure("st_raw_v2", entities.load().values())
    return {query.name: query for query in command.of_a_build(compiled, volumes, warehouse)}


def test_every_model_snapshot_and_test_is_there(compiled, asked):
    expected = {
        node["name"]
        for node in compiled["nodes"].values()
        if node["resource_type"] in ("model", "snapshot", "test")
        and node["config"]["materialized"] != "view"
        and not any(
            parent.startswith("source.servicetitan_kpis.oracle.")
            for parent in node["depends_on"]["nodes"]
        )
    }
    judged = {
        source["name"]
        for source in compiled["sources"].values()
        if source["source_name"] == "servicetitan"
    }
    assert set(asked) == expected | judged


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (
            "stg_servicetitan__invoice_items",
            {"raw_invoices": "id jobid items active modifiedon"},
        ),
        (
            "int_job_revenue",
            {
                "raw_jobs": "id",
                "raw_invoices": "jobid subtotal active",
                "stg_servicetitan__invoice_items": (
                    "job_id total general_ledger_account_type is_active"
                ),
            },
        ),
        (
            "int_job_starts",
            {
                "raw_jobs": "id firstappointmentid",
                "raw_appointments": "id jobid start active unused",
            },
        ),
        (
            "int_payments_attributed",
            {
                "raw_payments": "id date total businessunitid customerid active",
                "stg_servicetitan__payment_applications": (
                    "payment_id application_number payment_date invoice_id applied_amount is_active"
                ),
                "raw_invoices": "id jobid businessunitid active",
                "dim_business_units": "business_unit_id reporting_unit",
            },
        ),
        (
            "kpi_dollars_collected",
            {
                "int_payments_attributed": (
                    "payment_id application_number part_kind payment_date reporting_unit job_id "
                    "customer_id amount"
                )
            },
        ),
    ],
)
def test_columns_by_hand(asked, model, expected):
    """Found by reading the models and the views below them."""
    found = {read.table[1]: set(read.columns) for read in asked[model].reads}
    assert found == {table: set(columns.split()) for table, columns in expected.items()}


def test_what_does_not_grow_is_there(compiled):
    """A name that nothing has any more would silently grow."""
    names = {node["alias"] for node in compiled["nodes"].values() if node.get("alias")}
    names |= {source["name"] for source in compiled["sources"].values()}
    assert names | {"sync_runs", "sync_cursors"} >= STAYS
    assert grows(("st_raw_v2", "raw_jobs"))
    assert not grows(("st_mart", "daily_kpis_region"))


def test_the_command_prints_every_table(built, capsys):
    assert command.main(["--warehouse", str(built), "--wider", "raw_invoices.items=2"]) == 0
    printed = capsys.readouterr().out
    charged = re.findall(r"^\| all +\|.*$", printed, re.MULTILINE)
    assert len(charged) == 4
    # thirteen tables, each smaller than ten MiB
    assert re.search(r"^\| daily_kpis +\| +[\d.]+ \| +130 \|", printed, re.MULTILINE)
    assert "once: first load and build" in printed
