"""What old_tables.yml says of each column, seen: emptied in a landed tenant, which KPIs change?

Every model of the KPIs is built again for every column that models read, without dbt.
"""

import json
from collections.abc import Iterator

import duckdb
import pytest

from extract.adoption import old_tables
from simulator import build_tenant
from tests.parity.warehouse import dbt, land_records

pytestmark = pytest.mark.full

RECORDS = "int_kpi_records"
COLUMNS = [
    pytest.param(name, column, id=f"{name}.{column}")
    for name, one in old_tables.load().items()
    for column in (*one.kpis, *one.no_kpi)
]


class Models:
    """The compiled models behind the records of the KPIs, each after those that it reads."""

    def __init__(self, db: duckdb.DuckDBPyConnection, manifest: dict):
        self._db = db
        self._sources = {s["identifier"]: key for key, s in manifest["sources"].items()}
        self._nodes, self._order = manifest["nodes"], []
        (self._records,) = (key for key in self._nodes if key.endswith(f".{RECORDS}"))
        self._visit(self._records)
        for key in self._order:
            schema = self._nodes[key]["schema"]
            db.execute(f"create schema if not exists {schema}")
        self._build(self._order)

    def kpis_without(self, name: str, column: str) -> set[str]:
        """The KPIs whose records differ once a column of a raw table is null in every row."""
        before, table = self._said(), f"st_raw_v2.raw_{name}"
        seen = {self._sources[f"raw_{name}"]}
        below = []
        for key in self._order:
            if seen & set(self._nodes[key]["depends_on"]["nodes"]):
                seen.add(key)
                below.append(key)
        try:
            self._db.execute(f"create or replace temp table kept as from {table}")
            self._db.execute(f'update {table} set "{column}" = null')
            self._build(below)
            after = self._said()
        finally:
            self._db.execute(f"create or replace table {table} as from kept")
            self._build(below)
        assert self._said() == before
        return {kpi for kpi in before | after if before.get(kpi) != after.get(kpi)}

    def _visit(self, key: str) -> None:
        if key.startswith("model.") and key not in self._order:
            for parent in self._nodes[key]["depends_on"]["nodes"]:
                self._visit(parent)
            self._order.append(key)

    def _build(self, keys: list[str]) -> None:
        for key in keys:
            node = self._nodes[key]
            self._db.execute(
                f"create or replace table {node['relation_name']} as {node['compiled_code']}"
            )

    def _said(self) -> dict[str, tuple]:
        """Per KPI its records, each by what counts of it, as a sum that any change changes."""
        counted = "first_day, last_day, business_unit, record_id, counted_key"
        found = self._db.execute(
            f"select kpi, count(*), sum(hash({counted}, numerator, denominator)::hugeint) "
            f"from {self._nodes[self._records]['relation_name']} group by kpi"
        )
        return {kpi: tuple(said) for kpi, *said in found.fetchall()}


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Iterator[Models]:
    folder = tmp_path_factory.mktemp("columns")
    path, target = folder / "kpis.duckdb", folder / "target"
    land_records(build_tenant(weeks=26).records(), path)
    for word in ("seed", "compile"):
        run = dbt(word, path=path, target=target)
        assert run.returncode == 0, run.stdout
    with duckdb.connect(str(path)) as db:
        yield Models(db, json.loads((target / "manifest.json").read_text()))


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_a_column_without_values_changes_the_kpis_that_it_is_said_to_feed(models, name, column):
    one = old_tables.load()[name]
    changed, declared = models.kpis_without(name, column), set(one.kpis.get(column, ()))
    assert changed <= declared
    # With a stand-in a KPI may come out the same.
    if column not in one.stands_in:
        assert changed == declared
