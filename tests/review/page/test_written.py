"""The review as a file: what it is made from, and what is said where it cannot be."""

import json
import re
from datetime import date

import duckdb
import pytest
import yaml

from review.__main__ import main
from review.page import definitions as doc_blocks
from review.page.weeks import weeks_up_to
from review.warehouse import ReviewError
from simulator.demo import EXPECTED_WARNINGS


def test_the_demo_says_where_it_lies(built):
    assert str(built.page) in built.run.stdout.replace("\n", "")
    assert built.page.stat().st_size < 1_000_000


def test_the_build_leaves_what_its_tests_found(rows):
    found = dict(rows("select test_name, finding_count from st_mart.test_results"))
    warned = set(yaml.safe_load(EXPECTED_WARNINGS.read_text()))
    assert set(found) == warned | {"(all others)"}
    assert all(found[name] > 0 for name in warned)
    ((passed,),) = rows("select test_count from st_mart.test_results where status = 'pass'")
    assert passed > 300


def test_freshness_names_every_entity_with_its_last_reading(rows):
    found = rows("select entity, last_landed_at, limit_hours from st_mart.data_freshness")
    landed = dict(rows("select entity, max(ended_at) from st_raw_v2.sync_runs group by entity"))
    assert {entity: moment for entity, moment, _ in found} == landed
    assert {limit for _, _, limit in found} == {54}


def test_the_page_asks_for_nothing_elsewhere(built):
    """No address in what the browser would load by itself."""
    page = built.page.read_text()
    assert "default-src 'none'" in page
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:,)[^"']""", page)


def test_definitions_are_those_of_the_doc_blocks(built):
    page = built.page.read_text()
    for name, html in doc_blocks.kpi_definitions().items():
        assert html in page, name


def test_a_missing_definition_is_named(monkeypatch):
    monkeypatch.setattr(doc_blocks, "NAMES", ("lead_count", "no_such_kpi"))
    with pytest.raises(ReviewError, match="defines no_such_kpi"):
        doc_blocks.kpi_definitions()


def test_data_within_a_page_cannot_end_it(built):
    data = re.search(r'id="data">(.*?)</script>', built.page.read_text(), re.DOTALL)[1]
    assert not set("<>&") & set(data)
    assert json.loads(data)["lastFull"] == "2025-12-22"


@pytest.mark.parametrize(
    ("as_of", "last_full", "first"),
    [
        ("2025-12-31", "2025-12-22", "2024-09-30"),
        ("2025-12-28", "2025-12-22", "2024-09-30"),
        ("2025-12-27", "2025-12-15", "2024-09-23"),
        ("2025-12-29", "2025-12-22", "2024-09-30"),
    ],
)
def test_the_last_full_week_is_over(as_of, last_full, first):
    weeks = weeks_up_to(date.fromisoformat(as_of))
    assert str(weeks.last_full) == last_full
    assert str(weeks.detailed[0]) == first
    assert len(weeks.detailed) in (26, 28)  # with the running week, where there is one
    assert str(weeks.last_day(weeks.detailed[-1])) == as_of


def test_a_file_that_cannot_be_written_is_named(built, tmp_path, capsys):
    out = tmp_path / "nowhere" / "review.html"
    assert main(["page", "--warehouse", str(built.warehouse), "--out", str(out)]) == 1
    assert f"cannot write {out}: No such file or directory; say" in capsys.readouterr().err


def test_a_warehouse_without_a_build_is_answered(tmp_path, capsys):
    path = tmp_path / "empty.duckdb"
    duckdb.connect(str(path)).close()
    assert main(["page", "--warehouse", str(path)]) == 1
    assert "run `dbt build` first" in capsys.readouterr().err
