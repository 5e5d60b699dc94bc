"""make seeds-suggest proposes a row for what the data has and no seed, and says what it changes."""

import csv

import duckdb
import pytest

from editing import guesses
from editing.__main__ import main
from editing.check import check
from editing.suggest import suggest
from extract import config
from review.warehouse import ReviewError
from tests.parity.warehouse import PROJECT
from tests.seeds.test_check import copied, leave_out

TABLES = """
create schema st_dim;
create schema st_mart;
create table st_dim.dim_business_units (
    business_unit_id int, business_unit_name text, is_active bool
);
create table st_dim.dim_job_types (job_type_id int, job_type_name text, is_active bool);
create table st_dim.dim_jobs (job_id int, business_unit_id int, job_type_id int);
create table st_mart.kpi_records (
    kpi text, business_unit text, job_type_name text, numerator decimal(38, 9)
);
insert into st_dim.dim_business_units values
    (1, 'Phoenix-Sales', true), (2, 'TUCSON–sales', true);
insert into st_dim.dim_job_types values (1, 'Estimate', true), (2, 'Company Training ', false);
"""
UNITS = """
insert into st_dim.dim_business_units values
    (3, 'Tuscon-Sales', true), (4, 'Yuma', true), (5, ' yuma', false), (6, null, true),
    (7, 'Mesa, "Old" Sales', false), (8, 'Reno Production', true);
insert into st_dim.dim_jobs values (1, 3, 1), (2, 3, 1), (3, 4, 1), (4, 5, 1);
insert into st_mart.kpi_records values
    ('total_booked', 'Tuscon-Sales', 'Estimate', 1200.50), ('total_booked', 'Tuscon-Sales', 'x', 1),
    ('gpm_percent', 'Tuscon-Sales', 'Estimate', 7), ('lead_count', 'Yuma', 'Estimate', 1),
    ('dollars_produced', ' yuma', 'Estimate', 50), ('total_booked', 'Phoenix-Sales', 'Estimate', 9);
"""
TYPES = """
insert into st_dim.dim_job_types values
    (3, 'ESTIMATE-RES-EXTR', true), (4, 'Roof  Inspection ', true), (5, 'Colors', true);
insert into st_dim.dim_jobs values (11, 1, 3), (12, 1, 3), (13, 1, 4), (14, 1, 5);
insert into st_mart.kpi_records values
    ('dollars_produced', 'Phoenix-Production', 'Roof  Inspection ', 500),
    ('total_booked', 'Phoenix-Sales', 'Roof  Inspection ', 500);
"""


@pytest.fixture
def warehouse(tmp_path):
    """What a build leaves of these names, with `more` SQL."""

    def warehouse(*more):
        path = tmp_path / "kpis.duckdb"
        with duckdb.connect(str(path)) as database:
            for sql in (TABLES, *more):
                database.execute(sql)
        return config.Warehouse("dev", path, "st_raw_v2")

    return warehouse


def by_name(settings, folder=PROJECT):
    return {next(csv.reader([each.row]))[0]: each for each in suggest(settings, folder)}


def test_where_every_name_has_its_row_nothing_is_suggested(warehouse, capsys):
    settings = warehouse()
    assert suggest(settings, PROJECT) == []
    assert main(["suggest", "--warehouse", str(settings.duckdb_path)]) == 0
    assert capsys.readouterr().out == (
        "every unit and every job type of the last build has its row: nothing to suggest\n"
    )


def test_each_unknown_name_gets_one_row_with_a_guess_marked_as_one(warehouse):
    found = by_name(warehouse(UNITS, TYPES))
    assert {name: next(csv.reader([each.row]))[1:] for name, each in found.items()} == {
        'Mesa, "Old" Sales': [
            'Mesa, "Old" Sales',
            *["sales", "", "", 'guess: "sales" stands in its name'],
        ],
        "Reno Production": [
            "Reno Production",
            *["production", "", "", 'guess: "production" stands in its name'],
        ],
        "Tuscon-Sales": [
            "Tucson-Sales",
            *["sales", "TUC", "Tucson", 'guess: spelt nearly like "Tucson-Sales"'],
        ],
        "Yuma": ["Yuma", "", "", "", "guess: no unit is called like it"],
        "Colors": ["none", "", "", "guess: no type is called like it"],
        "ESTIMATE-RES-EXTR": [
            *["estimate", "", "", 'guess: spelt nearly like "ESTIMATE-RES-EXT"'],
        ],
        "Roof Inspection": [
            *["excluded", "", ""],
            'guess: 2 of 2 types with "inspection" are in list excluded',
        ],
    }
    assert found["Yuma"].to_fill_in == ("unit_kind", "region", "region_name")
    assert found["Tuscon-Sales"].to_fill_in == ()


def test_it_says_what_each_row_would_change(warehouse):
    found = by_name(warehouse(UNITS, TYPES))
    assert found["Tuscon-Sales"].about == "Tuscon-Sales (active, 2 jobs)"
    assert found["Tuscon-Sales"].changes == (
        'total_booked $1,201.50 (2 records) move to "Tucson-Sales", region TUC',
        "with unit_kind sales, gpm_percent (1 record) count no more",
    )
    assert found["Yuma"].about == "Yuma (active, 2 jobs)"
    assert found["Yuma"].changes == (
        "lead_count 1 (1 record), dollars_produced $50.00 (1 record) stand under its name, in the "
        "region that you fill in",
        "with unit_kind production, lead_count 1 (1 record) count no more",
        "with unit_kind sales, dollars_produced $50.00 (1 record) count no more",
    )
    assert found["Reno Production"].changes == ("no number: no record of it counts in a KPI",)
    assert found["ESTIMATE-RES-EXTR"].changes == (
        "its jobs (2) begin to count in lead_count, num_estimates, where they meet the KPI's other "
        "conditions",
    )
    assert found["Roof Inspection"].changes == (
        "dollars_produced $500.00 (1 record) count no more",
    )
    assert found["Colors"].changes == ("no number: it only ends the warning",)


def test_pasted_rows_are_accepted_once_they_are_filled_in(warehouse, tmp_path, capsys):
    project, settings = copied(tmp_path / "project"), warehouse(UNITS, TYPES)
    assert main(["suggest", "--warehouse", str(settings.duckdb_path)]) == 0
    said = capsys.readouterr().out
    for each in suggest(settings, project):
        assert f"\n{each.row}\n" in said
        with (project / each.file).open("a") as file:
            file.write(f"{each.row}\n")
    to_fill_in = {(fault.value, fault.column) for fault in check(project).faults if not fault.warns}
    assert to_fill_in == {("", "unit_kind"), ("", "region"), ("", "region_name")}
    assert suggest(settings, project) == []
    path = project / "seeds" / "business_units.csv"
    lines = [line for line in path.read_text().splitlines() if ",," not in line[:-1]]
    path.write_text("\n".join(lines) + "\n")
    assert check(project).faults == []


def test_a_dated_rule_counts_on_its_days_and_the_rules_of_today_are_said(warehouse, tmp_path):
    """A guess is that of today's rows, too; the rows of other days make a type known."""
    project = copied(tmp_path / "project")
    path = project / "seeds" / "kpi_lists.csv"
    ended, begun = ("lead_count,estimate,only,,2025-02-28", "num_estimates,estimate,only,1/1/2025,")
    text = path.read_text().replace("lead_count,estimate,only,,", ended)
    path.write_text(text.replace("num_estimates,estimate,only,,", begun))
    with (project / "seeds" / "job_type_lists.csv").open("a") as file:
        file.write("Colours,warranty,,2025-02-28,\nColours,excluded,2025-03-01,,\n")
    known = "insert into st_dim.dim_job_types values (6, 'Colourss', true), (7, 'COLOURS', true);"
    found = by_name(warehouse(TYPES, known), project)
    assert found["ESTIMATE-RES-EXTR"].changes == (
        "its jobs (2) begin to count in num_estimates, where they meet the KPI's other conditions "
        "(by the rules of today; on other days the list has others)",
    )
    assert "today" not in str(found["Roof Inspection"].changes)
    assert next(csv.reader([found["Colourss"].row]))[:4] == ["Colourss", "excluded", "", ""]
    assert "COLOURS" not in found


def test_an_older_csv_gets_rows_of_its_own_columns(warehouse, tmp_path):
    project = copied(tmp_path / "project")
    leave_out(project / "seeds" / "job_type_lists.csv", "valid_from", "valid_to")
    found = by_name(warehouse(TYPES), project)
    assert found["Colors"].row == "Colors,none,guess: no type is called like it"


def test_what_is_not_there_is_said_in_one_line(warehouse, tmp_path, capsys):
    assert main(["suggest", "--warehouse", str(tmp_path / "none.duckdb")]) == 1
    assert "there is no warehouse at" in capsys.readouterr().err
    settings = config.Warehouse("dev", tmp_path / "empty.duckdb", "st_raw_v2")
    duckdb.connect(str(settings.duckdb_path)).close()
    with pytest.raises(ReviewError, match="run `dbt build` first"):
        suggest(settings, PROJECT)
    project = copied(tmp_path / "project")
    (project / "seeds" / "kpi_lists.csv").write_bytes(b"")
    arguments = ["--warehouse", str(warehouse().duckdb_path), "--project", str(project)]
    assert main(["suggest", *arguments]) == 1
    assert capsys.readouterr().err == ("seeds/kpi_lists.csv cannot be read: run make seeds-check\n")


COLUMNS = ("business_unit_name", "reporting_unit", "unit_kind", "region", "region_name")
ROWS = [
    dict(zip(COLUMNS, row, strict=True))
    for row in [
        ("Tucson-Sales", "Tucson-Sales", "sales", "TUC", "Tucson"),
        ("Tucson-Production", "Tucson-Production", "production", "TUC", "Tucson"),
        ("Phoenix-Sales", "Phoenix-Sales", "sales", "PHX", "Phoenix"),
        ("Phoenix West-Sales", "West-Sales", "sales", "PHX", "Phoenix"),
    ]
]


@pytest.mark.parametrize(
    ("name", "reporting_unit", "kind", "region"),
    [
        ("TUSCON SALES", "Tucson-Sales", "sales", "TUC"),
        ("Z-DO NOT USE - Tucson - Production", "Tucson-Production", "production", "TUC"),
        (
            "DO NOT USE - Phoenix West - Sales",
            "West-Sales",
            "sales",
            "PHX",
        ),  # the longer name is meant
        ("Tulsa-Production", "Tulsa-Production", "production", ""),  # not Tucson misspelt
        ("Tucson HVAC", "Tucson HVAC", "", "TUC"),
        ("Sales and Production", "Sales and Production", "", ""),  # of two kinds is of none
    ],
)
def test_a_unit_is_guessed_by_its_name(name, reporting_unit, kind, region):
    cells, why = guesses.of_unit(name, ROWS)
    assert cells["reporting_unit"] == reporting_unit
    assert (cells["unit_kind"], cells["region"]) == (kind, region)
    assert why


def test_without_any_row_nothing_is_guessed():
    assert guesses.of_unit("New", [])[0]["reporting_unit"] == "New"
    assert guesses.of_job_type("New", []) == ({"list_name": "none"}, "no type is called like it")
