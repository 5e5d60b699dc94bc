"""CSVs and warehouses of before rows had dates are read as they are, and can gain the dates."""

from datetime import date

import duckdb
import pytest

from editing.check import check
from tests.parity.warehouse import PROJECT, dbt
from tests.seeds.test_check import copied, leave_out

pytestmark = pytest.mark.full  # three runs of dbt

DATED = ("job_type_lists", "kpi_lists")
MODELS = ["stg_job_type_lists", "stg_kpi_lists", "int_kpi_scopes"]
EVER = (date(1, 1, 1), date(9999, 12, 31))


def test_undated_files_are_read_again_and_again_and_then_dated_ones(tmp_path):
    project, warehouse = copied(tmp_path / "project"), tmp_path / "kpis.duckdb"
    for seed in DATED:
        leave_out(project / "seeds" / f"{seed}.csv", "valid_from", "valid_to")

    def built() -> tuple[list, list]:
        """The columns of a seed, and the spans of all scopes."""
        assert check(project).faults == []
        words = ["build", "--select", *DATED, *MODELS, "--exclude-resource-type", "unit_test"]
        run = dbt(*words, path=warehouse, project=project, target=tmp_path / "target")
        assert run.returncode == 0, run.stdout
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            names = connection.execute("from st_seed.job_type_lists limit 0").description
            spans = "select distinct counted_from, counted_to from st_intermediate.int_kpi_scopes"
            return [name for name, *_ in names], connection.execute(spans).fetchall()

    older = ["job_type_name", "list_name", "note", "valid_from", "valid_to"]
    for _ in range(2):
        assert built() == (older, [EVER])
    for seed in DATED:
        name = f"{seed}.csv"
        (project / "seeds" / name).write_bytes((PROJECT / "seeds" / name).read_bytes())
    assert built() == (["job_type_name", "list_name", "valid_from", "valid_to", "note"], [EVER])
