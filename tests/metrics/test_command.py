"""make metrics: a table, a CSV or the SQL."""

import csv
import os
import re
import subprocess
import sys

import duckdb
import pytest

from review.__main__ import main
from tests.parity.warehouse import PROJECT

WEEK = ["--from", "2025-12-22", "--to", "2025-12-28"]


@pytest.fixture
def command(metrics_demo, parsed):
    """Runs `python -m review metrics` on the demo's warehouse."""
    warehouse = ["--warehouse", str(metrics_demo.settings.duckdb_path)]
    return lambda *words: main(["metrics", *warehouse, *words])


def test_a_table_writes_kpis_as_the_others_do(command, capsys):
    names = "gpm_percent,lead_count,total_booked,num_estimates,gpm,sales_opportunities"
    by = "metric_time__week,business_unit__region"
    assert command("--metrics", names, "--by", by, *WEEK) == 0
    printed = [line.strip("│ ") for line in capsys.readouterr().out.splitlines()]
    (phoenix,) = (line.split("│") for line in printed if " PHX " in line)
    assert [cell.strip() for cell in phoenix] == [
        *("2025-12-22", "PHX", "48.18%", "9", "$16,597.25", "7", "0.4818", "10")
    ]


def test_a_file_has_every_decimal_and_plain_numbers(command, tmp_path, capsys):
    path = tmp_path / "week.csv"
    names = "outstanding_ar,num_estimates,lead_count,gpm_percent"
    by = "metric_time__week,business_unit"
    assert command("--metrics", names, "--by", by, *WEEK, "--csv", str(path)) == 0
    assert str(path) in capsys.readouterr().out
    header, *rows = csv.reader(path.open(newline="", encoding="utf-8"))
    assert header == [*by.split(","), *names.split(",")]
    assert ["2025-12-22", "Phoenix-Sales", "99", "7", "9", ""] in rows
    assert any(row[2] == "123344.043456789" for row in rows)


def test_the_sql_alone_needs_no_warehouse(command, metrics_demo, capsys):
    assert command("--metrics", "lead_count", "--by", "metric_time__week", "--sql") == 0
    sql = capsys.readouterr().out
    with duckdb.connect(str(metrics_demo.settings.duckdb_path), read_only=True) as connection:
        weeks = connection.execute(sql).fetchall()
        table = connection.execute(
            "select event_date, lead_count from st_mart.weekly_kpis_company"
        ).fetchall()
    assert {(day.date(), count) for day, count in weeks} == set(table)


def test_dbt_reads_the_project_for_the_warehouse_that_is_asked(command, parsed, metrics_demo):
    assert command("--metrics", "lead_count", "--sql") == 0
    ((words, environment),) = parsed
    assert words[0] == "parse"
    path = str(metrics_demo.settings.duckdb_path)
    assert environment == {"KPI_TARGET": "dev", "KPI_DUCKDB_PATH": path}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "say METRICS, as in make metrics"),
        (["--metrics", "leads"], "MetricFlow cannot answer this"),
        (["--metrics", "lead_count", "--from", "Monday"], "'Monday' is no day"),
        (["--metrics", "lead_count", "--from", "2025-12-28", "--to", "2025-12-22"], "FROM"),
        (["--metrics", "lead_count", "--csv", "/nowhere/week.csv"], "/nowhere/week.csv cannot"),
    ],
)
def test_what_cannot_be_answered_is_said(command, capsys, words, said):
    assert command(*words) == 1
    assert said in capsys.readouterr().err


def test_a_warehouse_that_is_not_there_is_named(tmp_path, capsys):
    words = ["--metrics", "lead_count", "--warehouse", str(tmp_path / "none.duckdb")]
    assert main(["metrics", *words]) == 1
    assert "there is no warehouse at" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


README = (PROJECT / "README.md").read_text()


@pytest.mark.full
def test_the_command_of_the_readme_prints_what_the_readme_shows(metrics_demo):
    """With a dbt that reads the project, and names that come from the environment, as from make."""
    command, *shown = re.search(r"make metrics (.+\n\n[^`]+)", README)[1].split("\n")
    asked = dict(word.split("=") for word in command.split())
    assert asked["KPI_DUCKDB_PATH"] == metrics_demo.settings.duckdb_path.name
    run = _run(metrics_demo, ["-m", "review", "metrics"], METRICS=asked["METRICS"], BY=asked["BY"])
    assert run.returncode == 0, run.stdout + run.stderr
    printed = [_cells(line) for line in run.stdout.splitlines()]
    rows = [_cells(line) for line in shown if "│" in line]
    assert len(rows) == 3
    assert [row for row in rows[1:] if row not in printed] == []


@pytest.mark.full
def test_the_notebook_of_the_readme_runs(metrics_demo):
    (code,) = re.findall(r"```python\n(from review.metrics .+?)```", README, re.DOTALL)
    *_, shown = code.strip().splitlines()
    run = _run(metrics_demo, ["-c", f"{code}\nprint(len(answer.rows), ({shown}\n))"])
    assert run.returncode == 0, run.stdout + run.stderr
    with duckdb.connect(str(metrics_demo.settings.duckdb_path), read_only=True) as connection:
        ((weeks,),) = connection.execute("select count(*) from st_mart.weekly_kpis").fetchall()
    header = "(['metric_time__week', 'business_unit', 'gpm_percent', 'lead_count'], [("
    assert run.stdout.startswith(f"{weeks} {header}")


def _run(demo, words: list[str], **asked: str) -> subprocess.CompletedProcess:
    """Python in the project, as a user's shell starts it."""
    settings = {"KPI_TARGET": "dev", "KPI_DUCKDB_PATH": str(demo.settings.duckdb_path)}
    settings["DBT_PROFILES_DIR"] = str(PROJECT / "tests" / "parity")
    return subprocess.run(
        [sys.executable, *words],
        cwd=PROJECT,
        env=os.environ | settings | asked,
        capture_output=True,
        text=True,
        check=False,
    )


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip(" │").split("│")]
