"""The good and the bad rows that the seeds' documentation shows are good and bad."""

import csv
import re
from datetime import date

import duckdb
import pytest

from tests.docs.described import PACKAGE
from tests.parity.random_records import draw
from tests.parity.warehouse import PROJECT, copy_project, dbt, land_records

AS_OF = date(2025, 11, 5)
HOW = "editing_a_seed"
EXAMPLE = re.compile(r"^(Good|Bad):\n\n```\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
SEEDS = sorted(path.stem for path in (PROJECT / "seeds").glob("*.csv"))


def examples(seed: str) -> dict[str, str]:
    """Good and Bad -> the row, from the text beside the seeds."""
    blocks = (PROJECT / "seeds" / "seeds.md").read_text().split("{% enddocs %}")
    (text,) = (text for text in blocks if f"{{% docs editing_{seed} %}}" in text)
    return dict(EXAMPLE.findall(text))


def cells(seed: str, row: str) -> dict[str, str]:
    """The row by the names of the seed's columns."""
    header = (PROJECT / "seeds" / f"{seed}.csv").read_text().splitlines()[0]
    (line,) = csv.DictReader([header, row], restkey="too many", restval=None)
    return line


@pytest.mark.parametrize("seed", SEEDS)
def test_the_page_of_a_seed_says_how_to_edit_it_with_a_good_and_a_bad_row(manifest, seed):
    description = manifest["nodes"][f"seed.{PACKAGE}.{seed}"]["description"]
    assert manifest["docs"][f"doc.{PACKAGE}.{HOW}"]["block_contents"] in description
    assert dict(EXAMPLE.findall(description)) == examples(seed)
    assert set(examples(seed)) == {"Good", "Bad"}


@pytest.mark.parametrize("kind", ["Good", "Bad"])
@pytest.mark.parametrize("seed", SEEDS)
def test_an_example_has_a_cell_for_each_column(seed, kind):
    line = cells(seed, examples(seed)[kind])
    assert "too many" not in line
    assert None not in line.values()


@pytest.fixture(scope="module")
def findings(tmp_path_factory) -> list[tuple]:
    """What the tests say of the seeds with every example in its place: file, row, found, fix."""
    folder = tmp_path_factory.mktemp("examples")
    project, warehouse = copy_project(folder / "project"), folder / "kpis.duckdb"
    for seed in SEEDS:
        path, shown = project / "seeds" / f"{seed}.csv", examples(seed)
        key = shown["Good"].split(",")[0] + ","
        lines = path.read_text().splitlines()
        if shown["Good"] not in lines:  # then it replaces the row that it stands for
            lines = [line for line in lines if not line.startswith(key)] + [shown["Good"]]
        path.write_text("\n".join([*lines, shown["Bad"]]) + "\n")
    land_records(draw(1, jobs=5), warehouse)  # the units, of which a report speaks
    staging = ["+stg_report_values", "+stg_monthly_targets"]
    for words, code in (
        (["seed"], 0),
        (["run", "--select", *staging], 0),
        (["test", "--select", "path:seeds", *staging, "--indirect-selection", "cautious"], 1),
    ):
        run = dbt(
            *words, path=warehouse, project=project, target=folder / "target", as_of_date=AS_OF
        )
        assert run.returncode == code, run.stdout
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from information_schema.columns "
            "where table_schema = 'st_test_failures' and column_name = 'fix'"
        ).fetchall()
        return [
            row
            for (table,) in tables
            for row in connection.execute(f'from st_test_failures."{table}"').fetchall()
        ]


@pytest.mark.full
@pytest.mark.parametrize("seed", SEEDS)
def test_the_bad_row_is_refused_and_the_good_one_is_not(findings, seed):
    said = [f"{row} {found}" for file, row, found, _ in findings if file == f"seeds/{seed}.csv"]
    good, bad = (next(csv.reader([row])) for row in examples(seed).values())
    only_good = next(cell for cell in good if cell not in bad)
    only_bad = next(cell for cell in bad if cell not in good)
    assert any(only_bad.strip().lower() in words.lower() for words in said), findings
    assert not any(only_good in words for words in said), said
