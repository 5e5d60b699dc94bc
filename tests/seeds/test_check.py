"""make seeds-check refuses what dbt refuses, and says where it stands and what to write instead."""

import csv
import re
import resource
import subprocess
import sys

import pytest
import yaml

from editing import EditingError
from editing.__main__ import main
from editing.check import check
from editing.csv_file import read
from editing.project import load
from editing.rules import rules
from editing.seeds_in_duckdb import Seeds
from tests.parity.warehouse import PROJECT, copy_project
from tests.seeds.test_broken_seeds import BROKEN_ROWS, MESSAGES, RIGHT_ROWS
from tests.seeds.test_monthly_targets import BAD as BROKEN_TARGETS
from tests.seeds.test_monthly_targets import GOOD as GOOD_TARGETS
from tests.seeds.test_report_values import FAULTS as FAULTY_VALUES
from tests.seeds.test_report_values import GOOD as GOOD_VALUE
from tests.seeds.test_report_values import rows_of_seed

PLANTED = BROKEN_ROWS | {
    "monthly_targets": [
        *BROKEN_TARGETS,
        "lead_cuont,PHX,2025-10,1,",
        "lead_count,Tuscon,2025-10,1,",
    ]
}
# the row, the column at fault, what stands there, the rule, the nearest valid spelling
NEAREST = [
    ("Typo-Sales,", "unit_kind", "slaes", "seed_value_is_one_of", "sales"),
    (" Blank-", "business_unit_name", " Blank-Sales", "has_no_stray_blanks", "Blank-Sales"),
    ("Other Unit", "reporting_unit", "Phoenx-Sales", "unit_has_its_row", "Phoenix-Sales"),
    ("New Type", "list_name", "estimat", "seed_value_is_one_of", "estimate"),
    ("close_rate", "rule", "only_if", "seed_value_is_one_of", "only"),
    ("lead_cuont", "kpi", "lead_cuont", "assert_monthly_targets_can_be_read", "lead_count"),
    ("gpm,PHX,2025-10,37", "kpi", "gpm", "assert_monthly_targets_can_be_read", "gpm_percent"),
    ("lead_count,Tuscon", "region", "Tuscon", "assert_monthly_targets_can_be_read", "Tucson"),
    ("total_booked,Yuma", "region", "Yuma", "assert_monthly_targets_can_be_read", ""),
    ("total_booked,PHX,2025-12", "target", "-5", "assert_monthly_targets_can_be_read", ""),
    ("gpm_percent,$1", "tolerance", "$1", "seed_value_is_a_number", ""),
]
# the fault, and how the rows begin on whose lines it stands
DAYS = [
    ("valid_from 2025-03-02 is after valid_to", ["Backwards,"]),
    ("2 rows for 2025-03-10 to 2025-03-31", ["Twice B,warranty,3/1", "Twice B,warranty,2025"]),
    ("no row for 2025-02-27 to 2025-02-28", ["Hole,warranty,", "Hole,excluded,"]),
    ('valid_to is "2025-02-30"', ["Someday,"]),
]


@pytest.fixture
def project(tmp_path):
    return copied(tmp_path)


def copied(folder):
    copy_project(folder)
    (folder / "simulator" / "seeds").mkdir(parents=True)
    return folder


def add(project, seed, *lines):
    with (project / "seeds" / f"{seed}.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def change(project, file, right, wrong):
    path = project / file
    text = path.read_text("utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), "utf-8")


def leave_out(path, *columns):
    """The CSV without these columns."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows, left = list(reader), [name for name in reader.fieldnames if name not in columns]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, left, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """All broken rows at once, and right ones: (file -> its lines from 1, the faults)."""
    project = copied(tmp_path_factory.mktemp("planted"))
    for rows_of_seeds in (PLANTED, RIGHT_ROWS):
        for seed, rows in rows_of_seeds.items():
            add(project, seed, *rows)
    lines = {
        f"seeds/{seed}.csv": ["", *(project / "seeds" / f"{seed}.csv").read_text().splitlines()]
        for seed in PLANTED
    }
    return lines, check(project).faults


def test_the_committed_seeds_are_accepted_in_a_few_seconds():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(
        [sys.executable, "-m", "editing", "check"], cwd=PROJECT, capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.endswith("all is well\n")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 3  # seconds of CPU


def test_neither_dbt_nor_a_warehouse_is_loaded():
    program = (
        "import sys; from editing.check import check; from pathlib import Path; check(Path('.'))\n"
        "sys.exit(str([m for m in ('dbt', 'google.cloud.bigquery') if m in sys.modules]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True
    )
    assert run.stderr == "[]\n"


@pytest.mark.parametrize(
    ("seed", "row"), [(seed, row) for seed, rows in PLANTED.items() for row in rows]
)
def test_every_planted_row_is_named_by_its_line(planted, seed, row):
    lines, faults = planted
    line = lines[f"seeds/{seed}.csv"].index(row)
    assert any(
        fault.file == f"seeds/{seed}.csv" and line in (fault.line, *fault.also) for fault in faults
    )


def test_each_fault_is_told_in_the_words_of_its_test(planted):
    _, faults = planted
    for seed, _, found, fix in MESSAGES:
        assert any(
            fault.file == f"seeds/{seed}.csv" and found in fault.found and fix in fault.fix
            for fault in faults
        ), found


@pytest.mark.parametrize(("found", "rows"), DAYS)
def test_a_fault_of_days_names_the_lines_of_its_rows(planted, found, rows):
    lines, faults = planted
    (fault,) = [f for f in faults if f.found.startswith(found) and "job_type" in f.file]
    said = [lines[fault.file][line] for line in (fault.line, *fault.also)]
    assert all(row.startswith(start) for row, start in zip(said, rows, strict=True)), said
    assert fault.warns == found.startswith("no row")


def test_reported_values_are_refused_in_the_words_of_their_test(project):
    """What test_report_values sees dbt refuse, no more and no less, but for the lines."""
    with (project / "seeds/report_values.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, GOOD_VALUE, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows_of_seed())
    declared = load(project)
    files = {name: read(project / seed.file, seed) for name, seed in declared.seeds.items()}
    asked, _ = rules(declared, Seeds(declared, files))
    said = [finding[2:] for rule in asked if rule.seed == "report_values" for finding in rule.run()]
    for _, found, fix in FAULTY_VALUES:
        assert any(found in what and fix in instead for what, instead in said), found
    # two rows of one value, and a unit that only dbt knows
    assert len(said) == len(FAULTY_VALUES) + 3


@pytest.mark.parametrize("count", [2, 3, 4])
def test_equal_rows_are_one_fault(project, count):
    """Of three rows each two are found, three times in the same words."""
    add(project, "job_type_lists", *["New Type,none,,,"] * count)
    first = len((project / "seeds/job_type_lists.csv").read_text().splitlines()) - count + 1
    (fault,) = check(project).faults
    assert [fault.line, *fault.also] == list(range(first, first + count))


@pytest.mark.parametrize("seed", ["job_type_lists", "kpi_lists"])
@pytest.mark.parametrize("left_out", [["valid_from", "valid_to"], ["valid_from"], ["valid_to"]])
def test_an_older_csv_is_accepted_without_the_days_that_its_hook_adds(project, seed, left_out):
    leave_out(project / "seeds" / f"{seed}.csv", *left_out)
    assert check(project).faults == []


def test_no_other_column_may_lack(project):
    leave_out(project / "seeds" / "job_type_lists.csv", "valid_from", "note")
    (fault,) = check(project).faults
    assert fault.found == 'the column "note" is missing'


def test_several_hooks_are_read_as_one(project):
    change(
        project,
        "seeds/_seeds.yml",
        "      post_hook: \"{{ add_missing_columns(['valid_from', 'valid_to']) }}\"\n",
        "      post_hook:\n        - \"{{ add_missing_columns(['valid_from']) }}\"\n"
        "        - '{{ add_missing_columns([\"valid_to\"]) }}'\n",
    )
    leave_out(project / "seeds" / "job_type_lists.csv", "valid_from", "valid_to")
    assert check(project).faults == []


def test_no_good_row_is_at_fault_alone(planted):
    lines, faults = planted
    for fault in faults:
        seed = fault.file.removeprefix("seeds/").removesuffix(".csv")
        rows = {lines[fault.file][line] for line in (fault.line, *fault.also)}
        assert rows & set(PLANTED[seed]), fault


@pytest.mark.parametrize(("row", "column", "value", "rule", "nearest"), NEAREST)
def test_value_rule_and_nearest_spelling_are_said(planted, row, column, value, rule, nearest):
    lines, faults = planted
    (found,) = [
        fault
        for fault in faults
        if lines[fault.file][fault.line].startswith(row)
        and fault.column == column
        and rule in fault.rule
    ]
    assert (found.value, found.nearest) == (value, nearest)


def test_a_spelling_that_another_rule_refuses_is_not_proposed(project):
    """gpm_percent is right in itself, but has its row."""
    add(project, "parity_tolerances", "gpm,0,")
    (fault,) = check(project).faults
    assert (fault.value, fault.nearest) == ("gpm", "")


def test_a_spelling_that_its_own_rule_refuses_is_not_proposed(project):
    """ "warranty_percent" looks like "warranty", and is no list either."""
    change(project, "seeds/job_type_lists.csv", "Warranty,warranty,,,\nTouchup,warranty,,,\n", "")
    (fault,) = check(project).faults
    assert (fault.value, fault.nearest) == ("warranty", "")


def test_good_targets_are_accepted(project):
    add(project, "monthly_targets", *GOOD_TARGETS)
    assert check(project).faults == []


def test_the_report_says_file_line_value_rule_and_spelling(project, capsys):
    add(project, "job_type_lists", "New Type,estimat,,,")
    assert main(["check", "--project", str(project)]) == 1
    said = capsys.readouterr().out
    line = len((project / "seeds/job_type_lists.csv").read_text().splitlines())
    assert f'seeds/job_type_lists.csv:{line}: list_name "estimat"' in said
    assert "write one of: estimate, excluded, warranty, none" in said
    assert 'nearest: "estimate"' in said
    assert "rule: The cell holds one of a few words" in said
    assert "1 to mend, 0 to look at" in said


def test_one_fault_is_told_once(project):
    """dbt's own `unique` finds the two rows as well, and has no words for them."""
    add(project, "parity_tolerances", "gpm_percent,0,")
    (fault,) = check(project).faults
    assert (fault.line, fault.also, fault.fix) == (5, (12,), "keep one row")


def test_what_only_warns_in_a_build_only_warns_here(project, capsys):
    add(project, "business_units", "Other Unit,Phoenx-Sales,sales,PHX,Phoenix,")
    assert main(["check", "--project", str(project)]) == 0
    assert 'warning: reporting_unit "Phoenx-Sales"' in capsys.readouterr().out


def test_every_declared_test_is_asked():
    """Counted on their own: every entry of every data_tests in the YAML beside the seeds."""
    declared = 0
    for path in [*(PROJECT / "seeds").glob("*.yml"), *(PROJECT / "simulator/seeds").glob("*.yml")]:
        for seed in yaml.safe_load(path.read_text())["seeds"]:
            blocks = [seed, *seed["columns"]]
            declared += sum(len(block.get("data_tests", [])) for block in blocks)
    checked = check(PROJECT)
    of_tests = [
        path for path in (PROJECT / "tests/dbt").glob("*.sql") if "'seeds/" in path.read_text()
    ]
    asked_elsewhere = [words for words in checked.unasked if "make build asks it" in words]
    assert len(asked_elsewhere) == len(checked.unasked)
    assert checked.rules + len(checked.unasked) == declared + len(of_tests)
    assert declared > 25


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("- unique\n", "- is_pretty\n", "there is no macro or test test_is_pretty"),
        (
            "config: {severity: warn}",
            'config: {severity: warn, where: "note is null"}',
            "seed_reporting_unit_has_its_row of reporting_unit has the config where",
        ),
        ("arguments: {says: reporting_unit}", "arguments: {speaks: x}", "cannot be interpreted"),
        ("arguments: {says: reporting_unit}", "arguments: {says: no_column}", "cannot be run"),
        ("tolerance: string", "tolerance: integer", "parity_tolerances has a column of type int"),
        ("columns:\n", "columns: [\n", "_seeds.yml cannot be read"),
    ],
)
def test_a_test_that_cannot_be_interpreted_is_refused_by_name(project, right, wrong, said):
    change(project, "seeds/_seeds.yml", right, wrong)
    with pytest.raises(EditingError, match=re.escape(said)):
        check(project)


def test_a_rule_that_asks_dbt_for_more_is_refused(project):
    change(
        project,
        "tests/dbt/generic/seed_tests.sql",
        "{%- set without_jobs",
        "{{ invocation_id }}{%- set without_jobs",
    )
    with pytest.raises(EditingError, match="'invocation_id' is undefined; teach editing/macros"):
        check(project)


def test_a_rule_lives_where_dbt_reads_it(project):
    """What YAML or a test's SQL is made to accept is accepted here, and the other way round."""
    add(project, "business_units", "Typo-Sales,Typo-Sales,slaes,PHX,Phoenix,")
    assert check(project).refused
    change(project, "seeds/_seeds.yml", "[sales, production]", "[sales, production, slaes]")
    assert not check(project).refused
    change(
        project,
        "tests/dbt/generic/seed_tests.sql",
        "'write one of: {{ values | join(\", \") }}' as fix\nfrom {{ model }}\nwhere",
        "'say no' as fix\nfrom {{ model }}\nwhere {{ column_name }} = 'production' or",
    )
    assert {fault.fix for fault in check(project).faults} == {"say no"}


def test_a_new_column_is_one_of_yaml(project):
    """As it was declared, and where a hook adds it to an older CSV."""
    change(
        project,
        "seeds/_seeds.yml",
        "add_missing_columns(['valid_from', 'valid_to'])",
        "add_missing_columns(['valid_from', 'valid_to', 'since'])",
    )
    change(
        project,
        "seeds/_seeds.yml",
        "  - name: kpi_lists\n",
        "      - name: since\n        data_tests:\n          - accepted_values:\n"
        "              arguments: {values: [always]}\n\n  - name: kpi_lists\n",
    )
    assert check(project).faults == []
    path = project / "seeds" / "job_type_lists.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([f"{lines[0]},since", *(f"{line}," for line in lines[1:])]) + "\n")
    assert check(project).faults == []
    add(project, "job_type_lists", "New Type,none,,,,alwys")
    (fault,) = check(project).faults
    assert (fault.column, fault.value, fault.line) == ("since", "alwys", len(lines) + 1)


def test_the_rules_of_a_file_that_cannot_be_read_wait(project, capsys):
    change(project, "seeds/job_type_lists.csv", "Cabinets,estimate,,,", "Cabinets,estimate")
    assert main(["check", "--project", str(project)]) == 1
    said = capsys.readouterr().out
    assert "seeds/job_type_lists.csv:4: Cabinets,estimate\n    the row has 2 cells" in said
    # eight of its own, and that of kpi_lists which asks for its lists
    assert "not asked: 9 rules wait until seeds/job_type_lists.csv can be read" in said


def test_a_test_that_needs_the_data_is_said_to_wait_for_the_build(project, capsys):
    (project / "tests/dbt/assert_more.sql").write_text(
        "select 'seeds/kpi_lists.csv' as file from {{ ref('dim_job_types') }}"
    )
    assert main(["check", "--project", str(project)]) == 0
    assert capsys.readouterr().out.startswith(
        "not asked: seeds/kpi_lists.csv, assert_more: it reads the tenant's data; make build asks"
    )


def test_a_fault_of_no_row_alone_is_told_all_the_same(project):
    """Two against two: none of them can be taken away so that the rest agrees."""
    rows = [f"Mixed {n},Mixed 1,{kind},TUC,Tucson," for n, kind in [(1, "sales"), (2, "sales")]]
    rows += [f"Mixed {n},Mixed 1,production,TUC,Tucson," for n in (3, 4)]
    add(project, "business_units", *rows)
    (fault,) = check(project).faults
    assert "is both" in fault.found
    assert (fault.line, fault.also) == (17, (18, 19, 20))


def test_the_hook_runs_the_check_where_a_seed_or_a_rule_is_committed():
    settings = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())
    ((hook,),) = (repo["hooks"] for repo in settings["repos"])
    assert hook["entry"] == ".venv/bin/python -m editing check"
    assert hook["pass_filenames"] is False
    files = [seed.file for seed in load(PROJECT).seeds.values()]
    files += ["seeds/_seeds.yml", "tests/dbt/generic/seed_tests.sql", "macros/warehouse/names.sql"]
    assert [file for file in files if not re.search(hook["files"], file)] == []
    assert not re.search(hook["files"], "README.md")


def test_a_seed_without_a_file_or_yaml_is_named(project):
    (project / "seeds" / "more.csv").write_text("a,b\n")
    with pytest.raises(EditingError, match="more has a CSV or a block in YAML, not both"):
        check(project)
