"""The reader of exports: every kind of file, cell and row that an analyst's folder may hold."""

import json
import os
import zipfile
from datetime import UTC, date, datetime, time
from decimal import Decimal

import duckdb
import openpyxl
import pytest

from extract.reports import layouts
from extract.warehouse.duckdb import DuckDB
from extract.warehouse.reports import ROLES
from review.inbox import land, read
from review.inbox.exports import known, plain
from review.warehouse import ReviewError

MONDAY, SUNDAY = date(2025, 10, 20), date(2025, 10, 26)
SALES = (
    "Job #,Opportunity Date,Estimate Sold Date,Job's Business Unit,Estimate Subtotal,"
    "Sales Opportunity,Closed\n"
)
SOLD = '101,10/21/2025,10/21/2025,Phoenix-Sales,"$1,500.00",1,1\n'
LEADS = "Job #,Created Date,Job's Business Unit,Customer Name\n"
COSTS = (
    "Scheduled Date,Job #,Jobs Subtotal,Labor Pay,Payroll Adjustments,"
    "Materials + Equip. + PO/Bill Costs,Returns,Jobs Total Costs,Status\n"
)
RECEIVABLES = "Location ID,Location Name,Customer ID,Customer Name,Business Unit,Net Amount\n"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "inbox"
    made.mkdir()
    return made


@pytest.fixture
def put(folder):
    """Puts a file into the inbox: text, bytes, or rows of cells for a workbook."""

    def put(name, content, **more_sheets):
        path = folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_bytes(content.encode())
        else:
            book = openpyxl.Workbook()
            book.active.title = "Export"
            for title, rows in {"Export": content, **more_sheets}.items():
                page = book[title] if title in book.sheetnames else book.create_sheet(title)
                for row in rows:
                    page.append(row)
            book.save(path)
        return path

    return put


@pytest.fixture
def reading(folder):
    def reading(first=MONDAY, last=SUNDAY):
        return read(folder, first, last, "America/Phoenix")

    return reading


@pytest.fixture
def only(reading):
    """The one export in the inbox, which has no problem."""

    def only(**period):
        inbox = reading(**period)
        assert inbox.problems == []
        (export,) = inbox.exports
        return export

    return only


@pytest.fixture
def problems(reading):
    """What is said about an inbox in which no file is in order."""

    def problems(**period):
        inbox = reading(**period)
        assert inbox.exports == []
        return [str(problem) for problem in inbox.problems]

    return problems


# Headers


def test_headers_fit_the_layouts():
    for name, layout in known().items():
        roles = layouts()[name]
        assert set(roles.required) <= set(layout.required.values()), name
        assert {*roles.roles} <= {*layout.required.values(), *layout.optional.values()}, name
        assert {*layout.required.values(), *layout.optional.values()} <= ROLES.keys(), name
        assert {*layout.record} <= {*layout.required.values(), *layout.optional.values()}, name
        assert len(set(layout.required.values())) == len(layout.required), name


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("[a]", "layout leads: expected"),
        ("{record: [job_number], required: {}}", "layout leads: expected"),
        ("{record: [job_number], required: {Job: jobnumber}, optional: {}}", "'jobnumber'"),
        ("{record: [job_number], required: {Job: amount}, optional: {}}", "no column"),
    ],
)
def test_a_faulty_block_of_headers_is_named(tmp_path, block, said):
    path = tmp_path / "exports.yml"
    path.write_text(f"leads: {block}")
    with pytest.raises(
        ReviewError, match=rf"^exports\.yml, layout leads: .*{said.split(': ')[-1]}"
    ):
        known(path)


def test_the_drilldown_of_sales(put, only):
    put("week.csv", SALES + SOLD)
    export = only()
    assert (export.layout, export.run.report, export.run.source) == ("sales", "sales", "inbox")
    (row,) = export.rows
    assert row.roles == {
        "job_number": "101",
        "event_date": date(2025, 10, 21),
        "sold_dates": "10/21/2025",
        "business_unit_name": "Phoenix-Sales",
        "estimate_subtotal": Decimal(1500),
        "sales_opportunities": Decimal(1),
        "closed_opportunities": Decimal(1),
    }
    assert row.cells == {
        "Job #": "101",
        "Opportunity Date": "10/21/2025",
        "Estimate Sold Date": "10/21/2025",
        "Job's Business Unit": "Phoenix-Sales",
        "Estimate Subtotal": "$1,500.00",
        "Sales Opportunity": "1",
        "Closed": "1",
    }


def test_sales_of_other_days_are_none_of_the_period(put, only):
    """A file may cover a month: what of a row lies in the week is its opportunity."""
    put(
        "month.csv",
        SALES + '101,10/21/2025,"10/28/2025, 10/27/2025",Phoenix-Sales,"$1,500.00",1,0\n',
    )
    (row,) = only().rows
    assert row.roles["event_date"] == date(2025, 10, 21)
    assert row.roles["sales_opportunities"] == 1
    assert (row.roles["sold_dates"], row.roles["estimate_subtotal"]) == (None, 0)
    assert row.cells["Estimate Subtotal"] == "$1,500.00"


COMPLETED = (
    SALES.strip()
    + ",Completed Estimates\n"
    + SOLD.strip()
    + ",0\n"
    + "102,,,Tucson-Sales,0,0,0,1\n"
)


def test_a_completed_estimate_without_a_day_is_of_the_period_that_the_file_is_of(put, only):
    put("week.csv", COMPLETED + "103,,,Tucson-Sales,0,0,0,0\n")
    export = only()
    completed = {row.roles["job_number"]: row.roles["completed_estimates"] for row in export.rows}
    assert completed == {"101": 0, "102": 1}
    assert export.skipped == ["1 without a day"]


def test_completed_estimates_of_a_longer_file_are_left_out(put, only):
    put("month.csv", COMPLETED + "104,10/28/2025,,Tucson-Sales,0,1,0,1\n")
    export = only()
    assert [row.roles["completed_estimates"] for row in export.rows] == [None]
    assert export.skipped == [
        "1 of other days than 2025-10-20 to 2025-10-26",
        "1 without a day",
        "completed estimates have no day: export 2025-10-20 to 2025-10-26 alone to compare them",
    ]


def test_the_drilldown_of_job_costs(put, only):
    put("costs.csv", COSTS + "10/20/2025,7-1,1000.00,200.00,10,300,(50.00),460,Completed\n")
    export = only()
    assert export.layout == "job_cost"
    assert export.rows[0].roles == {
        "event_date": date(2025, 10, 20),
        "job_number": "7-1",
        "subtotal": Decimal(1000),
        "labor_pay": Decimal(200),
        "payroll_adjustments": Decimal(10),
        "material_cost": Decimal(300),
        "return_cost": Decimal(-50),
        "total_cost": Decimal(460),
        "job_status": "Completed",
    }


def test_leads(put, only):
    put("leads.csv", LEADS + "5,10/20/2025,Phoenix-Sales,Ann\n")
    export = only()
    assert export.layout == "leads"
    assert export.rows[0].roles["customer_name"] == "Ann"


def test_collections(put, only):
    put(
        "paid.csv",
        "Payment #,Paid On,Customer Name,Invoice #,Job #,Business Unit,Amount\n"
        "9,10/20/2025,Ann,,,Tucson-Sales,-12.50\n",
    )
    export = only()
    assert export.layout == "collections"
    assert export.rows[0].roles == {
        "payment_id": "9",
        "event_date": date(2025, 10, 20),
        "customer_name": "Ann",
        "job_number": None,
        "business_unit_name": "Tucson-Sales",
        "amount": Decimal("-12.5"),
    }
    assert export.rows[0].cells["Invoice #"] == ""


def test_headers_match_however_they_are_typed(put, only):
    header = SALES.replace("Job #", "JOB\u00a0#").replace("Job's", "job\u2019s")
    put("week.csv", header.replace("Sales Opp", " Sales  Opp") + SOLD)
    assert only().layout == "sales"


@pytest.mark.parametrize(
    "spelt", ["Pre\u2013Paid Job\u2018s", "Pre\u2212Paid Job\u02bcs", "PRE \u2014 PAID JOB\u2032S"]
)
def test_any_kind_of_dash_and_apostrophe(spelt):
    assert plain(spelt) == plain("Pre-Paid Job's")


def test_the_order_of_columns_is_free_and_more_of_them_are_kept(put, only):
    put(
        "week.csv",
        "Closed,Sales Opportunity,Technician,Estimate Subtotal,Job's Business Unit,"
        "Estimate Sold Date,Opportunity Date,Job #,Job Type,Customer Name,Completed Estimates\n"
        "0,1,Bob,0,Phoenix-Sales,,10/20/2025,101,Estimate,Ann,1\n",
    )
    (row,) = only().rows
    assert row.cells["Technician"] == "Bob"
    assert "Technician" not in row.roles
    assert row.roles["job_number"] == "101"
    assert row.roles["job_type_name"] == "Estimate"
    assert row.roles["customer_name"] == "Ann"
    assert row.roles["completed_estimates"] == 1
    assert row.roles["sold_dates"] is None


def test_the_unit_of_a_job_cost_where_it_is_there(put, only):
    put(
        "costs.csv",
        COSTS.replace("Status", "Status,Business Unit")
        + "10/20/2025,7,1,0,0,0,0,0,Done,Phoenix-Production\n",
    )
    assert only().rows[0].roles["business_unit_name"] == "Phoenix-Production"


def test_headers_below_titles(put, only):
    put("week.csv", "BU Sales\n\n10/20/2025 - 10/26/2025\n\n" + SALES + SOLD)
    assert len(only().rows) == 1


def test_columns_without_a_name_or_with_the_same(put, only):
    put("leads.csv", LEADS.replace("\n", ",Extra,,Extra\n") + "5,10/20/2025,P,Ann,a,b,c\n")
    export = only()
    assert export.run.fields[4:] == ["Extra", "(column 6)", "Extra (column 7)"]
    assert export.rows[0].cells["Extra (column 7)"] == "c"


def test_a_column_that_is_read_stands_once(put, problems):
    put("leads.csv", LEADS.replace("\n", ",Job #\n") + "5,10/20/2025,P,Ann,6\n")
    assert problems() == [
        "leads.csv: the header 'Job #' stands twice; delete one of the two columns"
    ]


def test_the_nearest_layout_is_named(put, problems):
    put("week.csv", "A title\n" + SALES.replace(",Closed", "") + SOLD)
    (said,) = problems()
    assert said.startswith("week.csv: it is none of the reports sales, job_cost, leads,")
    assert "Nearest: sales, which lacks Closed." in said
    assert "Headers found in row 2: Job #, Opportunity Date, Estimate Sold Date" in said


def test_a_file_of_something_else(put, problems):
    put("else.csv", "\nname,age\nAnn,7\n")
    (said,) = problems()
    assert said.startswith("else.csv: it has no header of any of the reports")
    assert said.endswith("it begins with: name, age")


def test_two_layouts_that_fit_equally(put, problems):
    put("both.csv", LEADS.replace("\n", ",Payment #,Paid On,Business Unit,Amount\n"))
    (said,) = problems()
    assert said.startswith("both.csv: it has the headers of leads and of collections (found: Job #")


def test_of_two_layouts_the_fuller_one(put, only):
    put("week.csv", SALES.replace("\n", ",Created Date,Customer Name\n") + SOLD)
    assert only().layout == "sales"


# Kinds of files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-mark", "cp1252"])
def test_encodings(put, only, encoding):
    text = LEADS.replace("'", "\u2019") + "5,10/20/2025,Phoenix-Sales,Zoë\n"
    if encoding == "utf-16-be-mark":
        put("leads.csv", b"\xfe\xff" + text.encode("utf-16-be"))
    else:
        put("leads.csv", text.encode(encoding))
    assert only().rows[0].roles["customer_name"] == "Zoë"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators(put, only, separator):
    lines = [
        "BU Sales",
        separator.join(SALES.strip().split(",")),
        separator.join(
            ["101", '"10/21/2025, 10/20/2025"', "10/21/2025", "A; B", '"$1,000,000.00"', "1", "1"]
        ).replace("A; B", '"A; B"'),
    ]
    put("week.csv", "\n".join(lines) + "\n")
    roles = only().rows[0].roles
    assert roles["estimate_subtotal"] == 1_000_000
    assert roles["business_unit_name"] == "A; B"


def test_amounts_with_commas_between_semicolons(put, only):
    put("week.csv", SALES.replace(",", ";") + "101;10/21/2025;;P;1,234,567.00;1;0\n" * 3)
    assert [row.roles["estimate_subtotal"] for row in only().rows] == [1_234_567] * 3


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_ends_of_lines_and_line_breaks_in_cells(put, only, end):
    text = LEADS + '5,10/20/2025,Phoenix-Sales,"Ann\nLee ""A"""\n6,10/20/2025,P,Bo\n'
    put("leads.csv", text.replace("\n", end))
    names = [row.roles["customer_name"] for row in only().rows]
    assert names == [f'Ann{end}Lee "A"', "Bo"]


def test_a_quotation_mark_that_is_never_closed(put, problems):
    put("leads.csv", LEADS + '5,10/20/2025,P,"Ann\n6,10/20/2025,P,Bo\n')
    (said,) = problems()
    assert said.startswith("leads.csv: its quotation marks do not pair up (")


def test_a_workbook(put, only):
    header = SALES.strip().split(",")
    put(
        "week.xlsx",
        [
            ["BU Sales"],
            [],
            header,
            [101, datetime(2025, 10, 21), date(2025, 10, 21), "P", 1500.5, 1, True],
            [102.0, datetime(2025, 10, 22, 14, 30), "10/22/2025, 10/20/2025", "P", 0.1 + 0.2, 1.0],
            ["103-1", "2025-10-23", None, "P", -12345678.9, 1, False],
        ],
    )
    first, second, third = only().rows
    assert first.roles == {
        "job_number": "101",
        "event_date": date(2025, 10, 21),
        "sold_dates": "10/21/2025",
        "business_unit_name": "P",
        "estimate_subtotal": Decimal("1500.5"),
        "sales_opportunities": Decimal(1),
        "closed_opportunities": Decimal(1),
    }
    assert second.roles["job_number"] == "102"
    assert second.roles["event_date"] == date(2025, 10, 22)
    assert second.cells["Opportunity Date"] == "10/22/2025 2:30 PM"
    assert second.cells["Estimate Subtotal"] == "0.3"
    assert second.roles["closed_opportunities"] is None
    assert third.roles["estimate_subtotal"] == Decimal("-12345678.9")
    assert third.roles["closed_opportunities"] == 0


def test_other_cells_of_a_workbook(put, only):
    header = [*LEADS.strip().split(","), "at", "formula", "wide", "third"]
    day = date(2025, 10, 20)
    put("leads.xlsx", [header, [5, day, "P", "Ann", time(0, 5), "=1+1", 12e19, 100 / 3]])
    cells = only().rows[0].cells
    assert cells["at"] == "12:05 AM"
    assert cells["formula"] == ""  # never calculated, so there is no result
    assert cells["wide"] == "120000000000000000000"
    assert cells["third"] == "33.3333333333333"


def test_a_workbook_that_states_a_wrong_size(put, only):
    path = put("leads.xlsx", [LEADS.strip().split(","), [5, "10/20/2025", "P", "Ann"]])
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, part in parts.items():
            new.writestr(
                name, part.replace(b'<dimension ref="A1:D2" />', b'<dimension ref="A1" />')
            )
    assert b'<dimension ref="A1" />' in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    assert len(only().rows) == 1


def test_other_sheets_are_named(put, only):
    rows = [LEADS.strip().split(","), [5, "10/20/2025", "P", "Ann"]]
    put("leads.xlsx", [["Filters"], ["none"]], Data=rows, Blank=[])
    export = only()
    assert len(export.rows) == 1
    assert export.skipped == ["sheet 'Export' is no report"]


def test_two_exports_in_a_workbook(put, problems):
    rows = [LEADS.strip().split(","), [5, "10/20/2025", "P", "Ann"]]
    put("leads.xlsx", rows, More=rows)
    assert problems() == [
        "leads.xlsx: the sheets 'Export' and 'More' are both exports; "
        "save each as a file of its own"
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0", "files of the kind .xls are not read"),
        ("week.pdf", b"%PDF-1.7", "files of the kind .pdf are not read"),
        ("week", b"Job #", "files of the kind (none) are not read"),
        ("week.xlsx", b"Job #,Closed", "it is no Excel workbook, or a damaged one"),
        ("half.xlsx", "half", "it is no Excel workbook, or a damaged one"),
        ("zip.xlsx", "zip", "the workbook is damaged (KeyError"),
        ("locked.xlsx", b"\xd0\xcf\x11\xe0 locked", "it is protected by a password"),
        ("week.csv", "Job #".encode("utf-16-le"), "its encoding is none of UTF-8"),
        ("bytes.csv", b"Job #\x81", "its encoding is none of UTF-8"),
        ("odd.csv", b"\xff\xfeJ", "its encoding is none of UTF-8"),
    ],
)
def test_files_that_cannot_be_read_say_what_to_save(folder, put, problems, name, content, said):
    if content == "half":
        content = put(name, [["Job #"]]).read_bytes()[:-100]
    elif content == "zip":
        with zipfile.ZipFile(folder / name, "w") as made:
            made.writestr("hello.txt", "hello")
        content = (folder / name).read_bytes()
    put(name, content)
    (problem,) = problems()
    assert problem.startswith(f"{name}: {said}")
    assert problem.endswith("save it as Excel Workbook (.xlsx) or CSV UTF-8 (.csv)")


@pytest.mark.parametrize(("name", "content"), [("a.csv", b""), ("a.csv", b" ,\n"), ("a.xlsx", [])])
def test_an_empty_file(put, problems, name, content):
    put(name, content)
    assert problems() == [f"{name}: it is empty; export the report again, or delete the file"]


def test_files_that_are_nobodys_export(put, reading):
    for name in (".gitkeep", ".hidden.csv", "~$week.xlsx"):
        put(name, b"")
    inbox = reading()
    assert (inbox.exports, inbox.problems) == ([], [])


def test_a_folder_in_the_folder(folder, put, reading):
    (folder / "old").mkdir()
    put("leads.csv", LEADS + "5,10/20/2025,P,Ann\n")
    inbox = reading()
    assert [str(each) for each in inbox.problems] == [
        "old: it is a folder; put its files beside it, or move it elsewhere"
    ]
    assert [each.file for each in inbox.exports] == ["leads.csv"]


def test_a_file_that_may_not_be_read(folder, problems):
    (folder / "gone.csv").symlink_to(folder / "nowhere.csv")
    assert problems() == [
        "gone.csv: cannot be read (No such file or directory); is it open elsewhere?"
    ]


# Cells


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("$1,234.50", "1234.5"),
        ("(1,234.50)", "-1234.5"),
        ("($12)", "-12"),
        ("-$12.00", "-12"),
        ("\u221212", "-12"),
        (" 12 ", "12"),
        ("35.230000000000004", "35.23"),
        ("", None),
    ],
)
def test_amounts(put, only, cell, amount):
    put("week.csv", SALES + f'101,10/21/2025,,Phoenix-Sales,"{cell}",1,0\n')
    expected = None if amount is None else Decimal(amount)
    assert only().rows[0].roles["estimate_subtotal"] == expected


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        *(("1", 1), ("1.00", 1), ("Yes", 1), ("TRUE", 1), ("true", 1)),
        *(("0", 0), ("0.00", 0), ("no", 0), ("FALSE", 0), ("", None)),
    ],
)
def test_yes_and_no(put, only, cell, count):
    put("week.csv", SALES + f"101,10/21/2025,,Phoenix-Sales,0,{cell},{cell}\n")
    roles = only().rows[0].roles
    assert roles["sales_opportunities"] == count
    assert roles["closed_opportunities"] == count


@pytest.mark.parametrize(
    "cell",
    [
        *("10/21/2025", "10/21/2025 2:30 PM", "2025-10-21", "2025-10-21T23:30:00-07:00"),
        *("10/21/2025, 9/1/2025", "10/21/2025; 10/20/2025", " 10/21/2025 "),
        *("10/21/2025\n10/20/2025", "-, 10/21/2025"),
    ],
)
def test_days(put, only, cell):
    put("leads.csv", LEADS + f'5,"{cell}",P,Ann\n')
    (row,) = only().rows
    assert row.roles["event_date"] == date(2025, 10, 21)
    assert row.cells["Created Date"] == cell


def test_blanks_around_a_cell_stay_in_cells_only(put, only):
    put("leads.csv", LEADS + " 5\u00a0,10/20/2025, P ,Ann \n")
    (row,) = only().rows
    assert [row.roles[role] for role in ("job_number", "business_unit_name")] == ["5", "P"]
    assert row.cells["Customer Name"] == "Ann "


def test_cells_that_mean_nothing_known(put, problems):
    put(
        "week.csv",
        SALES + "101,31/10/2025,,P,0,1,0\n" + "102,10/21/2025,soon,P,0,1,0\n"
        "103,10/21/2025,,P,#REF!,1,0\n" + "104,10/21/2025,,P,0,perhaps,0\n",
    )
    day, amount = "expected a day like 2026-01-20 or 1/20/2026", "expected an amount like 1,234.50"
    assert problems() == [
        f"week.csv: row 2, Opportunity Date: {day}, found '31/10/2025'",
        f"week.csv: row 3, Estimate Sold Date: {day}, found 'soon'",
        f"week.csv: row 4, Estimate Subtotal: {amount}, found '#REF!'",
        f"week.csv: row 5, Sales Opportunity: {amount}, found 'perhaps'",
    ]


def test_a_column_of_wrong_cells_is_not_told_without_end(put, problems):
    put("week.csv", SALES + "101,10/21/2025,,P,oops,1,0\n" * 50)
    said = problems()
    assert len(said) == 11
    assert said[-1] == "week.csv: and 40 rows more that cannot be read"


def test_a_comma_that_moves_the_cells(put, problems):
    put("week.csv", SALES + SOLD + "102,10/21/2025,,P,$1,234.00,1,0\n")
    (said,) = problems()
    assert "week.csv: row 3" in said
    assert "'0' stands right of the last header; is a comma within a cell unquoted?" in said


# Groups, totals, and rows that are neither


@pytest.mark.parametrize(
    "group",
    [
        *("Phoenix-Sales (1),,,,,,", "Phoenix-Sales (1)", "Business Unit: Phoenix-Sales,,,,,,"),
        *("Unit: Phoenix,,,,1500,1,1", '"Phoenix\u00a0Sales (1,234)",,,,1,1,1'),
        *('Phoenix-Sales (1),,,,"$1,500.00",1,1', "Phoenix-Sales (1),,,,(5.00),1,100.00%"),
        *(",Business Unit: Phoenix-Sales (1),,,1500,1,-", "Phoenix-Sales,,,,,,"),
        *("Phoenix-Sales (1),12,,,1500,1,1", "10/21/2025,,,,,,", "10/21/2025 (1),,,,1500,1,1"),
    ],
)
def test_groups(put, only, group):
    put("week.csv", SALES + group + "\n" + SOLD)
    export = only()
    assert [row.roles["job_number"] for row in export.rows] == ["101"]
    assert export.skipped == ["1 groups"]


def test_a_group_whose_count_stands_under_the_job_number(put, only):
    header = SALES.strip().split(",")
    put(
        "week.csv",
        ",".join([*header[1:], header[0]]) + "\nPhoenix-Sales (1),,,1500,1,1,1\n"
        "10/21/2025,,Phoenix-Sales,1500,1,1,101\n",
    )
    export = only()
    assert [row.roles["job_number"] for row in export.rows] == ["101"]
    assert export.skipped == ["1 groups"]


@pytest.mark.parametrize(
    "total",
    [
        *('Total,,,,"$1,500.00",1,1', "Grand Total:,,,,1500,1,1", "Totals (1),1,,,1500.004,1,1"),
        *(",,,,1500.00,1.00,1.00", "1,,,,1500,1,1", ",,,Total,1500,,-", "TOTAL"),
        *(",,,,Total,1,1", "Total,,,,7,1,1\nTotal,,,,1500,1,1"),
        *("Subtotal,,,,7,1,1", "Total for Phoenix-Sales,,,,7,1,1", "Phoenix-Sales Total,,,,7,1,1"),
    ],
)
def test_totals(put, only, total):
    put("week.csv", SALES + SOLD + total + "\n\n")
    export = only()
    assert [row.roles["job_number"] for row in export.rows] == ["101"]
    assert export.skipped in (["1 totals"], ["2 totals"])


def test_a_total_above_records_is_of_some_of_them(put, only):
    put("week.csv", SALES + SOLD + "Total,,,,1500,1,1\n" + SOLD)
    assert only().skipped == ["1 totals"]


def test_a_total_is_not_held_against_records_that_cannot_be_read(put, problems):
    put("week.csv", SALES + SOLD + "Bob,10/21/2025,,P,5,1,0\nTotal,,,,1505,2,1\n")
    (said,) = problems()
    assert "'Bob'" in said


def test_a_total_that_the_records_do_not_add_up_to(put, problems):
    put(
        "week.csv",
        SALES
        + "Phoenix-Sales (2),,,,1500,2,1\n"
        + SOLD
        + "102,9/1/2025,,Phoenix-Sales,0.50,1,0\n"
        + "Total,,,,1500,2,1\n"
        + "Tucson-Sales (1),,,,1500,2,1\n"
        + "103,10/21/2025,,Tucson-Sales,10,1,0\n"
        + 'Grand Total,,,,"$1,510.51",2,1\n'
        + "Printed on 10/27/2025\n",
    )
    mend = "export the report again, or delete the total if it is wrong"
    assert problems() == [
        "week.csv: row 8, Estimate Subtotal: the total is 1,510.51, but the 3 records add up to "
        f"1,510.50; {mend}",
        "week.csv: row 8, Sales Opportunity: the total is 2.00, but the 3 records add up to "
        f"3.00; {mend}",
    ]


@pytest.mark.parametrize("label", ["", "1", "TOTAL", "Totals (1):", "grand  total (1)"])
def test_a_total_is_checked_whatever_its_label(put, problems, label):
    put("week.csv", SALES + SOLD + f"{label},,,,1600,1,1\n")
    (said,) = problems()
    assert "row 3, Estimate Subtotal: the total is 1,600.00, but the 1 records" in said


def test_a_total_that_is_no_amount(put, problems):
    put("week.csv", SALES + SOLD + "Total,,,,1500,1,100%\n")
    assert problems() == ["week.csv: row 3, Closed: expected an amount like 1,234.50, found '100%'"]


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        *(("Bob,10/21/2025,,P,5,1,0", "'Bob'"), ("Bob,,,,5,1,0", "'Bob'"), (",,,P,5,1,0", "''")),
        *((",10/21/2025,,,5,1,0", "''"), ("#102,10/21/2025,,P,5,1,0", "'#102'")),
        *((",,,,5,1,0", "''"), ("Total Wine (2),10/21/2025,,P,5,1,0", "a text of 14 characters")),
    ],
)
def test_a_row_that_is_neither(put, problems, row, cell):
    put("week.csv", SALES + row + "\n" + SOLD)
    assert problems() == [
        f"week.csv: row 2, Job #: {cell} is no plain number, and the row is neither a group nor a "
        "total; correct the cell or delete the row"
    ]


@pytest.mark.parametrize(
    "row",
    [
        "10/21/2025 2:30 PM,,,1500,1,1,101",
        '"10/21/2025, 10/20/2025 2:30 PM",,,1500,1,1,101',
        ",,,0,0,0,102",
    ],
)
def test_a_record_that_looks_like_a_group_or_a_total(put, only, row):
    header = SALES.strip().split(",")
    put(
        "week.csv",
        ",".join([*header[1:], header[0]]) + f"\n{row}\n10/21/2025,,P,1500,1,1,101\n",
    )
    export = only()
    assert len(export.rows) + ("1 without a day" in export.skipped) == 2


def test_receivables_of_nobody_are_records(put, only):
    put(
        "ar.csv",
        RECEIVABLES + "5,Home (2),6,Ann,Phoenix-Production,100.00\n"
        ",,7,Total Bo,Phoenix-Production,20\n,,,,Phoenix-Production,-1\nPhoenix-Production (3)\n"
        "Total,,,,,119\n",
    )
    export = only(first=SUNDAY, last=SUNDAY)
    assert [row.roles["amount"] for row in export.rows] == [100, 20, -1]
    assert [row.roles["location_id"] for row in export.rows] == ["5", None, None]
    assert export.rows[1].roles["customer_id"] == "7"
    assert export.skipped == ["1 groups", "1 totals"]


@pytest.mark.parametrize("row", ["Bob,Home,,,Phoenix-Production,5", ",,,,,5"])
def test_receivables_that_are_no_records(put, problems, row):
    put("ar.csv", RECEIVABLES + row + "\n5,Home,6,Ann,Phoenix-Production,100.00\n")
    (said,) = problems(first=SUNDAY, last=SUNDAY)
    assert said.startswith("ar.csv: row 2, Location ID: ")


# Periods


def test_the_days_of_the_period(put, only):
    put(
        "leads.csv",
        LEADS + "1,10/19/2025,P,A\n2,10/20/2025,P,A\n3,10/26/2025 11:59 PM,P,A\n"
        "4,10/27/2025,P,A\n5,,P,A\n",
    )
    export = only()
    assert [row.roles["job_number"] for row in export.rows] == ["2", "3"]
    assert export.skipped == ["2 of other days than 2025-10-20 to 2025-10-26", "1 without a day"]
    assert (export.run.period_start, export.run.period_end) == (MONDAY, SUNDAY)


def test_a_sale_counts_on_any_of_its_days(put, only):
    put(
        "week.csv",
        SALES + '1,9/1/2025,"10/27/2025, 10/26/2025",P,5,0,0\n2,10/20/2025,10/28/2025,P,0,1,0\n'
        '3,,10/20/2025,P,5,0,0\n4,9/1/2025,"9/1/2025, 9/2/2025",P,5,1,1\n'
        '5,"9/1/2025, 10/20/2025",,P,5,1,1\n6,10/20/2025,-,P,5,1,0\n',
    )
    export = only()
    assert [row.roles["job_number"] for row in export.rows] == ["1", "2", "3", "6"]
    assert export.rows[3].roles["sold_dates"] is None
    assert export.rows[0].roles["sold_dates"] == "10/27/2025, 10/26/2025"
    assert export.rows[2].roles["event_date"] is None
    assert export.skipped == ["2 of other days than 2025-10-20 to 2025-10-26"]


def test_receivables_are_of_one_day(put, only):
    put("ar.csv", RECEIVABLES + "5,Home,6,Ann,Phoenix-Production,100.00\n")
    assert len(only(first=SUNDAY, last=SUNDAY).rows) == 1
    export = only()
    assert export.rows == []
    assert export.skipped == ["its balances are of one day: ask for a single day"]


def test_a_period_that_cannot_be(folder, reading):
    with pytest.raises(ReviewError, match="ends before it begins"):
        reading(first=SUNDAY, last=MONDAY)
    with pytest.raises(ReviewError, match="'Mars/Phoenix' is no time zone"):
        read(folder, MONDAY, SUNDAY, "Mars/Phoenix")
    with pytest.raises(ReviewError, match="there is no folder"):
        read(folder / "nowhere", MONDAY, SUNDAY, "America/Phoenix")


# Landing


@pytest.fixture
def warehouse(tmp_path):
    opened = DuckDB(tmp_path / "kpis.duckdb", "st_raw_v2")
    opened.prepare([])
    yield opened
    opened.close()


def landed(tmp_path, query):
    with duckdb.connect(str(tmp_path / "kpis.duckdb")) as connection:
        return connection.execute(query).fetchall()


def test_files_land_beside_those_that_do_not(tmp_path, folder, put, warehouse):
    path = put("a.csv", SALES + SOLD + "102,10/27/2025,,P,0,1,0\n")
    os.utime(path, (1_761_600_000, 1_761_600_000))
    put("b.pdf", b"%PDF")
    put("c.csv", LEADS + "5,10/27/2025,P,Ann\n")
    put("d.csv", LEADS)
    outcomes = land(folder, MONDAY, SUNDAY, warehouse, "America/Phoenix")
    assert [(each.file, each.rows, each.problem) for each in outcomes] == [
        ("a.csv", 1, False),
        ("b.pdf", 0, True),
        ("c.csv", 0, False),
        ("d.csv", 0, False),
    ]
    other_days = "1 of other days than 2025-10-20 to 2025-10-26"
    assert outcomes[0].text == f"a.csv: sales, 1 rows landed; {other_days}"
    assert outcomes[2].text == f"c.csv: leads, nothing landed; {other_days}"
    assert outcomes[3].text == "d.csv: leads, nothing landed; there is no record in it"
    warehouse.close()
    (run,) = landed(
        tmp_path,
        "select report, layout, source, file_name, period_start, period_end, row_count, fields, "
        "cast(pulled_at at time zone 'UTC' as varchar), report_id from st_raw_v2.report_runs",
    )
    at = datetime.fromtimestamp(1_761_600_000, UTC)
    assert run[:7] == ("sales", "sales", "inbox", "a.csv", MONDAY, SUNDAY, 1)
    assert json.loads(run[7]) == SALES.strip().split(",")
    assert run[8:] == (f"{at:%Y-%m-%d %H:%M:%S}", None)
    (row,) = landed(
        tmp_path,
        "select row_number, job_number, event_date, estimate_subtotal, "
        "cells ->> 'Estimate Subtotal' from st_raw_v2.report_rows",
    )
    assert row == (1, "101", date(2025, 10, 21), Decimal(1500), "$1,500.00")


def test_a_file_lands_once_per_content_and_period(tmp_path, folder, put, warehouse):
    def again(first=MONDAY):
        land(folder, first, SUNDAY, warehouse, "America/Phoenix")

    path = put("a.csv", SALES + SOLD)
    again()
    os.utime(path, (1_761_600_000, 1_761_600_000))
    again()
    path.rename(folder / "renamed.csv")
    again()
    again(first=date(2025, 10, 21))
    put("renamed.csv", SALES + SOLD * 2)
    again()
    warehouse.close()
    runs = landed(
        tmp_path,
        "select file_name, period_start, row_count from st_raw_v2.report_runs "
        "order by row_count, period_start",
    )
    assert runs == [
        ("renamed.csv", MONDAY, 1),
        ("renamed.csv", date(2025, 10, 21), 1),
        ("renamed.csv", MONDAY, 2),
    ]
