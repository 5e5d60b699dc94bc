"""make seeds-preview and make diff list exactly what an edit moves, and change nothing."""

import csv
import re
import subprocess
from collections import defaultdict
from decimal import Decimal
from types import SimpleNamespace

import duckdb
import pytest

from editing import preview
from editing.__main__ import main
from simulator import build_tenant
from tests.parity.warehouse import copy_project, dbt, land_records

TYPE = "Window/Solar-Touchup"
MODEL = "models/marts/kpis/kpi_total_booked.sql"
NOTE = "Carpentry,none,,,", "Carpentry,none,,,Seen once"
CENT_MORE = (" sold_estimates.subtotal as", " sold_estimates.subtotal + 0.01 as")
# Which of our words is which place of a record, per level.
PLACES = {"unit": lambda unit, region: unit, "region": lambda unit, region: region}
PLACES["company"] = lambda unit, region: "Company"


def git(folder, *words):
    named = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    subprocess.run([*named, *words], cwd=folder, check=True, capture_output=True)


def clone(folder):
    """A project whose versions git keeps."""
    (folder / "simulator" / "seeds").mkdir(parents=True)
    copy_project(folder)
    git(folder, "init", "--initial-branch", "main")
    git(folder, "add", ".")
    git(folder, "commit", "--message", "as it is")
    return folder


def edit(path, right, wrong):
    text = path.read_text("utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), "utf-8")


def files(folder):
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_relative_to(folder / "build")
    }


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A warehouse with published KPIs, and a project of the seeds they were built with."""
    folder = tmp_path_factory.mktemp("office")
    tenant, warehouse = build_tenant(size="tiny", weeks=30), folder / "own" / "kpis.duckdb"
    warehouse.parent.mkdir()
    land_records(tenant.records(), warehouse)
    project = clone(folder / "project")
    run = dbt(
        *("build", "--select", *(f"+{model}" for model in preview.MODELS)),
        *("--resource-type", "seed", "--resource-type", "model"),
        path=warehouse,
        project=project,
        target=folder / "target",
        as_of_date=tenant.last_day,
    )
    assert run.returncode == 0, run.stdout
    return SimpleNamespace(project=project, warehouse=warehouse, folder=folder)


@pytest.fixture
def run(office, tmp_path, capsys):
    """Runs the command line on the office's project, and proves that it changed nothing."""

    def run(*words):
        before = files(office.project), files(office.warehouse.parent)
        code = main(
            [
                *words,
                *("--project", str(office.project), "--warehouse", str(office.warehouse)),
                *("--out", str(tmp_path / "out")),
            ]
        )
        assert (files(office.project), files(office.warehouse.parent)) == before
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err, csvs=tmp_path / "out")

    yield run
    git(office.project, "checkout", "--", ".")


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def expected_without(warehouse, type_name):
    """By arithmetic on the published records: every cell of the KPIs that leave out a list as it is
    and as it is without the jobs of a type, and how many records leave it, where it moves."""
    left_out = ("dollars_produced", "gpm_percent", "future_bookings", "warranty_percent")
    with duckdb.connect(str(warehouse), read_only=True) as db:
        records = db.execute(
            "select kpi, first_day, last_day, business_unit, region, job_type_name, numerator, "
            "denominator from st_mart.kpi_records inner join st_dim.dim_reporting_units "
            "on business_unit = reporting_unit where kpi in $kpis",
            {"kpis": left_out},
        ).fetchall()
    sums = defaultdict(lambda: [Decimal(0)] * 4 + [0])
    for kpi, first, last, unit, region, job_type, numerator, denominator in records:
        for n in range((last - first).days + 1):
            day = first.fromordinal(first.toordinal() + n)
            for level, place in PLACES.items():
                found = sums[kpi, level, place(unit, region), str(day)]
                leaves = job_type == type_name
                for side, counts in enumerate((True, not leaves)):
                    if counts:
                        found[2 * side : 2 * side + 2] = [
                            found[2 * side] + numerator,
                            found[2 * side + 1] + denominator,
                        ]
                found[4] += leaves
    cells = {}
    for key, (*amounts, leaving) in sums.items():
        old, new = (value(key[0], *amounts[2 * n : 2 * n + 2]) for n in range(2))
        if old != new:
            cells[key] = (old, new, leaving)
    return cells


def value(kpi, numerator, denominator):
    if not kpi.endswith("_percent"):
        return numerator
    return 100 * float(numerator) / float(denominator) if denominator else None


@pytest.mark.full
def test_an_edited_list_moves_exactly_the_cells_of_its_jobs(office, run):
    expected = expected_without(office.warehouse, TYPE)
    assert {key[0] for key in expected} >= {"dollars_produced", "gpm_percent", "future_bookings"}
    edit(office.project / "seeds/job_type_lists.csv", f"{TYPE},none", f"{TYPE},excluded")
    done = run("preview")
    assert done.code == 0, done.err
    cells = rows_of(done.csvs / "cells.csv")
    found = {(row["kpi"], row["level"], row["place"], row["day"]): row for row in cells}
    assert len(found) == len(cells)
    assert found.keys() == expected.keys()
    for key, (old, new, leaving) in expected.items():
        shown = [float(found[key][side]) if found[key][side] else None for side in ("old", "new")]
        assert shown == pytest.approx([each and float(each) for each in (old, new)], abs=1e-7)
        assert int(found[key]["records"]) == leaving, key
    behind = rows_of(done.csvs / "records.csv")
    assert {(row["change"], row["job_type_name"]) for row in behind} == {("left", TYPE)}
    assert "edited: seeds/job_type_lists.csv" in done.out
    assert f"{len(cells):,} KPI cells moved" in done.out
    assert re.search(rf"left: job \d+, job \d+, {TYPE}", done.out)


@pytest.mark.full
def test_an_edit_that_moves_nothing_says_so_whatever_the_models_are_edited_to(office, run):
    edit(office.project / "seeds/job_type_lists.csv", *NOTE)
    edit(office.project / MODEL, *CENT_MORE)
    done = run("preview")
    assert done.code == 0, done.err
    assert "\nNothing moved\n" in done.out
    assert rows_of(done.csvs / "cells.csv") == []


@pytest.mark.full
def test_a_model_edit_is_found_and_hidden_by_a_tolerance(office, run):
    edit(office.project / MODEL, *CENT_MORE)
    with duckdb.connect(str(office.warehouse), read_only=True) as db:
        sold = db.execute(
            "select business_unit, first_day::text, sum(numerator), count(*) "
            "from st_mart.kpi_records where kpi = 'total_booked' group by all"
        ).fetchall()
    expected = {
        (unit, day): (amount, amount + count * Decimal("0.01"), count)
        for unit, day, amount, count in sold
    }
    done = run("diff", "--base", "main")
    assert done.code == 1, done.err
    cells = rows_of(done.csvs / "cells.csv")
    assert {row["kpi"] for row in cells} == {"total_booked"}
    assert {
        (row["place"], row["day"]): (Decimal(row["old"]), Decimal(row["new"]), int(row["records"]))
        for row in cells
        if row["level"] == "unit"
    } == expected
    behind = rows_of(done.csvs / "records.csv")
    assert len(behind) == sum(count for *_, count in sold)
    assert {row["change"] for row in behind} == {"changed"}

    git(office.project, "commit", "--all", "--message", "a cent more")
    git(office.project, "tag", "more")
    done = run("diff", "--base", "main~1", "--absolute", "1")
    assert done.code == 0, done.err
    assert f"\nNothing moved; {len(cells)} cells moved within the tolerance\n" in done.out
    git(office.project, "reset", "--hard", "main~1")


@pytest.mark.full
def test_a_build_that_fails_changes_nothing_and_says_what_dbt_says(office, run):
    edit(office.project / MODEL, "sold_estimates.subtotal as", "sold_estimates.no_such as")
    done = run("diff", "--base", "main")
    assert (done.code, done.csvs.exists()) == (2, False)
    assert "the new version cannot be built; nothing was compared" in done.err
    assert "no_such" in done.err


@pytest.fixture
def unbuilt(tmp_path, monkeypatch):
    """A project, and a warehouse with one raw table; a build would fail the test."""

    def refuse(*_):
        raise AssertionError("dbt was started")

    monkeypatch.setattr(preview, "_dbt", refuse)
    with duckdb.connect(str(tmp_path / "kpis.duckdb")) as db:
        db.execute("create schema st_raw_v2")
        db.execute("create table st_raw_v2.raw_jobs (id int)")
    project = clone(tmp_path / "project")
    return project, ["--project", str(project), "--warehouse", str(tmp_path / "kpis.duckdb")]


@pytest.mark.parametrize("command", ["preview", "diff"])
def test_a_broken_seed_is_refused_in_the_words_of_the_check_before_a_build(
    unbuilt, command, capsys
):
    project, words = unbuilt
    edit(project / "seeds/job_type_lists.csv", "Carpentry,none", "Carpentry,estimat")
    assert main(["check", "--project", str(project)]) == 1
    told = capsys.readouterr().out
    told = told[: told.rindex("\n\n") + 2]  # without what it counts at its end
    assert "estimat" in told
    assert main([command, *words]) == 2
    said = capsys.readouterr()
    assert said.out == told
    assert said.err.startswith("Nothing was built: mend the seeds first")


def test_without_an_edit_nothing_is_built(unbuilt, capsys):
    project, words = unbuilt
    edit(project / "seeds/seeds.md", "editing_a_seed", "editing_a_seed ")
    assert main(["preview", *words]) == 0
    assert capsys.readouterr().out == "no seed differs from HEAD: nothing to preview\n"


@pytest.mark.parametrize("base", ["no-such-branch", "--output=stolen", ""])
def test_a_base_that_git_does_not_know_is_named(unbuilt, base, capsys, tmp_path):
    project, words = unbuilt
    edit(project / "seeds/job_type_lists.csv", *NOTE)
    for command in ("preview", "diff"):
        assert main([command, *words, f"--base={base}"]) == 2
        assert f"BASE={base} is no commit, branch or tag" in capsys.readouterr().err
    assert not list(tmp_path.rglob("stolen"))


def test_what_cannot_be_compared_is_said_in_one_line(unbuilt, capsys, tmp_path):
    project, words = unbuilt
    edit(project / "seeds/job_type_lists.csv", *NOTE)
    for command in ("preview", "diff"):
        assert main([command, *words[:2], "--warehouse", str(tmp_path / "none.duckdb")]) == 2
        assert "there is no warehouse at" in capsys.readouterr().err
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    assert main(["preview", *words[:2], "--warehouse", str(tmp_path / "empty.duckdb")]) == 2
    assert "has no raw tables in st_raw_v2: run `python -m extract sync`" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["diff", *words, "--absolute", "-1"])
    assert stopped.value.code == 2
    assert "'-1' is no tolerance" in capsys.readouterr().err


def test_the_seeds_of_the_base_are_taken_alone(tmp_path):
    """Edited, new, removed and untouched CSVs; models and YAML are those of the folder."""
    project = clone(tmp_path / "project")
    seeds, was = project / "seeds", (project / "seeds/kpi_lists.csv").read_bytes()
    edit(seeds / "kpi_lists.csv", "lead_count,estimate,only", "lead_count,warranty,only")
    (seeds / "new.csv").write_text("a,b\n1,2\n")
    (seeds / "parity_tolerances.csv").unlink()
    edit(seeds / "_seeds.yml", "One row per job type", "A row per job type")
    copy = tmp_path / "copy"
    preview.versions.copy_folder(project, copy)
    assert preview.versions.take_back_seeds(project, "HEAD", copy) == [
        *("seeds/kpi_lists.csv", "seeds/new.csv", "seeds/parity_tolerances.csv")
    ]
    assert (copy / "seeds/kpi_lists.csv").read_bytes() == was
    assert (copy / "seeds/new.csv").read_text() == "a,b\n"
    assert (copy / "seeds/parity_tolerances.csv").is_file()
    assert "A row per job type" in (copy / "seeds/_seeds.yml").read_text()
