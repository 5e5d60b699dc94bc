"""A seed as Excel saves it is read as it is meant, or refused with what to do."""

import csv

import pytest
from dbt_common.clients import agate_helper

from editing import csv_file, project
from editing.check import check
from tests.parity.warehouse import PROJECT
from tests.seeds.test_check import copied

# As before rows had dates: the file may lack these two columns.
HEADER = "job_type_name,list_name,note"
WRITE = "the header: job_type_name,list_name,valid_from,valid_to,note"
ROWS = [
    ("Estimate", "estimate", ""),
    ("Estimate, Cabinets", "estimate", "The office’s “own” spelling"),
    ("Andy's", "none", 'called "the 6" \' wall'),
    ("Two\nlines", "none", "#1; a\\b\tc"),
]


def written(rows=ROWS, end="\n", header=HEADER):
    """The rows as a spreadsheet writes them: quotes where they are needed, doubled within."""

    def cell(text):
        quoted = any(mark in text for mark in ',"\r\n')
        return '"' + text.replace('"', '""') + '"' if quoted else text

    return end.join([header, *(",".join(map(cell, row)) for row in rows)]) + end


TEXT = written()
READ = {
    "as an editor saves it": TEXT.encode(),
    "Excel's CSV UTF-8": written(end="\r\n").encode("utf-8-sig"),
    "an old Mac's": written(ROWS[:3], end="\r").encode(),
    "without a last line end": TEXT.rstrip("\n").encode(),
    "every cell in quotes": "\n".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row)
        for row in [tuple(HEADER.split(",")), *ROWS]
    ).encode(),
    "no rows": f"{HEADER}\r\n".encode("utf-8-sig"),
    "only the header": HEADER.encode(),
    "columns in another order": b"note,list_name,job_type_name\n,none,Estimate\n",
}
# the file, the line, what is said, what to do, the nearest
REFUSED = {
    "Excel's plain CSV": (TEXT.encode("cp1252"), 3, "not in UTF-8", "CSV UTF-8", ""),
    "Excel's Unicode Text": (
        TEXT.replace(",", "\t").encode("utf-16"),
        1,
        "Unicode Text",
        "CSV UTF-8",
        "",
    ),
    "semicolons": (TEXT.replace(",", ";").encode(), 1, "semicolons", "CSV UTF-8 (Comma", ""),
    "tabs": (TEXT.replace(",", "\t").encode(), 1, "tabs", "CSV UTF-8 (Comma delimited)", ""),
    "rows pasted with other line ends": (
        f"{HEADER}\r\nA,none,\r\nB,none,\nC,none,\r\n".encode(),
        3,
        "ends in another way",
        "save the whole file anew",
        "",
    ),
    "blanks in the header": (
        b"job_type_name,list_name ,note\n",
        1,
        '"list_name "',
        "",
        "list_name",
    ),
    "a misspelt header": (b"job_type_nam,list_name,note\n", 1, "no column", "", "job_type_name"),
    "a column twice": (b"job_type_name,note,note\n", 1, "twice", WRITE, ""),
    "a column less": (b"job_type_name,list_name\n", 1, '"note" is missing', WRITE, ""),
    "empty columns behind": (f"{HEADER},,\nA,none,,,\n".encode(), 1, "no name", WRITE, ""),
    "a cell less": (f"{HEADER}\nA,none\n".encode(), 2, "2 cells, the header 3", "a comma for", ""),
    "a comma in a bare cell": (
        f"{HEADER}\nA, B,none,\n".encode(),
        2,
        "4 cells",
        'put " around',
        "",
    ),
    "curly quotes for straight": (
        f"{HEADER}\n“A, B”,none,\n".encode(),
        2,
        "4 cells",
        "straight quotes",
        "",
    ),
    "curly quotes around a cell": (
        f"{HEADER}\nA,none,\n“B”,none,\n".encode(),
        3,
        "a part of it",
        "straight quotes",
        "B",
    ),
    "a row of commas": (f"{HEADER}\nA,none,\n,,\n".encode(), 3, "empty", "delete the line", ""),
    "an empty line": (f"{HEADER}\n\nA,none,\n".encode(), 2, "empty", "delete the line", ""),
    "an empty line at the end": (f"{HEADER}\nA,none,\n\n".encode(), 3, "empty", "delete", ""),
    "a quote that stays open": (
        f'{HEADER}\nA,none,\n"B,none,\n'.encode(),
        3,
        "not closed",
        '""',
        "",
    ),
    "a quote within quotes": (f'{HEADER}\n"a"b,none,\n'.encode(), 2, "within a quoted", '""', ""),
    "nothing": (b"", 1, "the file is empty", f"write {WRITE}", ""),
    # DuckDB takes these quotes for those of the cell, without a word
    "apostrophes around a cell": (
        f"{HEADER}\n'A',none,\n".encode(),
        2,
        "reads it as A,none,",
        "",
        "",
    ),
    "a blank before a quote": (
        f'{HEADER}\n "A",none,\n'.encode(),
        2,
        "reads it as A,none,",
        "",
        "",
    ),
}


@pytest.fixture(scope="module")
def seed():
    return project.load(PROJECT).seeds["job_type_lists"]


@pytest.mark.parametrize("form", READ)
def test_it_is_read_as_it_is_meant(tmp_path, seed, form):
    path = tmp_path / "seed.csv"
    path.write_bytes(READ[form])
    found = csv_file.read(path, seed)
    assert found.faults == []
    if form == "columns in another order":
        assert [row.cells for row in found.rows] == [("", "none", "Estimate")]
    else:
        rows = ROWS[: len(found.rows)]
        assert [row.cells for row in found.rows] == rows
        assert len(rows) == {"no rows": 0, "only the header": 0, "an old Mac's": 3}.get(form, 4)
    # and by dbt, where it reads a file itself (DuckDB's reading is held against it in read())
    table = agate_helper.from_csv(path, text_columns=list(found.columns))
    assert [tuple(cell or "" for cell in row) for row in table.rows] == [
        tuple(cell for cell in row.cells) for row in found.rows
    ]


def test_rows_are_counted_as_an_editor_counts_lines(tmp_path, seed):
    path = tmp_path / "seed.csv"
    path.write_text(written([ROWS[3], ROWS[0], ROWS[3], ROWS[1]]))
    assert [row.line for row in csv_file.read(path, seed).rows] == [2, 4, 5, 7]


@pytest.mark.parametrize("form", REFUSED)
def test_it_is_refused_with_line_and_fix(tmp_path, seed, form):
    data, line, found, fix, nearest = REFUSED[form]
    path = tmp_path / "seed.csv"
    path.write_bytes(data)
    first, *_ = csv_file.read(path, seed).faults
    assert (first.file, first.line, first.nearest) == ("seeds/job_type_lists.csv", line, nearest)
    assert found in first.found
    assert fix in first.fix
    assert first.fix


def test_what_excels_own_code_page_garbles_is_shown_as_it_was_meant(tmp_path, seed):
    path = tmp_path / "seed.csv"
    path.write_bytes(TEXT.encode("cp1252"))
    (fault,) = csv_file.read(path, seed).faults
    assert "The office’s “own” spelling" in fault.value


def test_curly_apostrophes_and_a_tidy_file_of_excel_pass_the_rules(tmp_path):
    """Names match with curly apostrophes, so that such a row stands for the straight one."""
    folder = copied(tmp_path)
    for path in (folder / "seeds").glob("*.csv"):
        text = path.read_text("utf-8").replace("'", "’").replace("\n", "\r\n")
        path.write_bytes(text.encode("utf-8-sig"))
    assert check(folder).faults == []


def test_trailing_blanks_are_refused_where_they_matter(tmp_path):
    folder = copied(tmp_path)
    path = folder / "seeds" / "job_type_lists.csv"
    with path.open("a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(["New Type ", "none ", "", "", "a note "])
    faults = check(folder).faults
    assert {(fault.column, fault.value, fault.nearest) for fault in faults} == {
        ("job_type_name", "New Type ", "New Type"),
        ("list_name", "none ", "none"),
    }
