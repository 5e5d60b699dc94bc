"""The columns and partitions that a statement reads, by hand-made SQL."""

import pytest

from cost.queries import Read
from cost.reads import NotUnderstood, Reader

JOBS, INVOICES, DAYS = ("raw", "jobs"), ("raw", "invoices"), ("mart", "days")
TABLES = {
    JOBS: ["id", "customerId", "name", "_ingested_at"],
    INVOICES: ["id", "jobId", "items", "total", "active"],
    DAYS: ["event_date", "unit", "amount"],
}
VIEWS = {
    ("staging", "jobs"): """
        select id as job_id, nullif(customerId, 0) as customer_id, name as job_name
        from `project`.`raw`.`jobs`
    """,
    ("staging", "active_invoices"): """
        with invoices as (select * from `project`.raw.invoices)
        select jobId as job_id, items, total from invoices where active
    """,
    ("staging", "items"): """
        select invoices.job_id, json_value(element, '$.type') as item_type
        from `project`.staging.active_invoices as invoices
        cross join unnest(json_query_array(invoices.items)) as element
    """,
}


@pytest.fixture
def asked() -> list:
    return []


@pytest.fixture
def reader(asked) -> Reader:
    """Of each partitioned table a quarter is left, whatever is asked of it."""

    def share(table, column, conditions) -> float:
        asked.append((table, column, conditions))
        return 0.25

    return Reader(TABLES, VIEWS, {DAYS: "event_date"}, share)


def columns(reader, sql: str) -> dict:
    return {read.table: set(read.columns) for read in reader.reads(sql, "test")}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select name from raw.jobs", {JOBS: {"name"}}),
        ("select count(*) from raw.jobs", {JOBS: set()}),
        ("select * from raw.jobs", {JOBS: {"id", "customerid", "name", "_ingested_at"}}),
        ("select job_name from `project`.`staging`.`jobs`", {JOBS: {"name"}}),
        ("select CUSTOMER_ID from staging.jobs where job_id > 1", {JOBS: {"id", "customerid"}}),
        (
            "with jobs as (select * from staging.jobs) select job_id from jobs",
            {JOBS: {"id"}},
        ),
        # a condition within the view is read with it, a column that it only hands on is not
        ("select total from staging.active_invoices", {INVOICES: {"total", "active"}}),
        # a view on a view
        (
            "select job_id from staging.items where item_type = 'Service'",
            {INVOICES: {"jobid", "items", "active"}},
        ),
        # a table twice counts once
        (
            "select a.name from raw.jobs as a inner join staging.jobs as b on a.id = b.job_id",
            {JOBS: {"id", "name"}},
        ),
        (
            "select job_id from (select job_id, job_name from staging.jobs union all "
            "select jobId, items from raw.invoices)",
            {JOBS: {"id"}, INVOICES: {"jobid"}},
        ),
        # equal rows fall together by every column of theirs
        (
            "select job_id from (select distinct job_id, job_name from staging.jobs)",
            {JOBS: {"id", "name"}},
        ),
        (
            "select name from raw.jobs where id in (select jobId from raw.invoices)",
            {JOBS: {"id", "name"}, INVOICES: {"jobid"}},
        ),
        # what orders a window is read, though it is not shown
        (
            "select job_id from staging.jobs qualify row_number() over (order by job_name) = 1",
            {JOBS: {"id", "name"}},
        ),
    ],
)
def test_columns_that_nobody_asks_for_are_not_read(reader, sql, expected):
    assert columns(reader, sql) == expected


@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ("event_date >= date '2025-10-01'", "(event_date >= CAST('2025-10-01' AS DATE))"),
        (
            "unit = 'West' and event_date between date '2025-10-01' and date '2025-10-31'",
            "(event_date <= CAST('2025-10-31' AS DATE)) and "
            "(event_date >= CAST('2025-10-01' AS DATE))",
        ),
    ],
)
def test_partitions_are_left_out_for_a_constant(reader, asked, where, condition):
    sql = f"with days as (select * from mart.days) select amount from days where {where}"
    [read] = reader.reads(sql, "test")
    assert read.share == 0.25
    assert asked == [(DAYS, "event_date", [condition])]


@pytest.mark.parametrize(
    "where",
    [
        "unit = 'West'",
        "extract(year from event_date) = 2025",
        "event_date = (select date '2025-10-01')",
        "event_date > cast(unit as date)",
        "event_date >= date '2025-10-01' or unit = 'West'",
    ],
    ids=["another column", "a function of it", "a query", "beside another", "or"],
)
def test_all_partitions_are_read_for_anything_else(reader, where):
    [read] = reader.reads(f"select amount from mart.days where {where}", "test")
    assert read.share == 1


def test_a_table_read_whole_in_one_place_is_read_whole(reader):
    sql = "select amount from mart.days where event_date = date '2025-10-01'"
    [read] = reader.reads(f"{sql} union all select amount from mart.days", "test")
    assert read == Read(DAYS, frozenset({"amount", "event_date"}), 1)


def test_what_is_not_there_is_named(reader):
    with pytest.raises(NotUnderstood, match=r"^dim_jobs: .*colour.*dbt build"):
        reader.reads("select colour from raw.jobs", "dim_jobs")
