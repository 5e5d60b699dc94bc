"""Reports as declared and as pulled: what lands is whole and what was meant, or nothing lands."""

import dataclasses
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest

from extract import reports
from extract.__main__ import main
from extract.errors import ApiError, ExtractError, SettingsError, WarehouseError
from extract.parameters import check_period
from extract.pull import pull
from extract.warehouse.duckdb import DuckDB
from extract.warehouse.reports import ReportRow, ReportRun
from tests.extract.scripted_reports import (
    LEAD_FIELDS,
    NOW,
    Calendar,
    ReportTenant,
    fields,
    lead,
    parameter,
)
from tests.extract.scripted_tenant import answer, client, served

FIRST, LAST = date(2025, 10, 20), date(2025, 10, 26)


class Desk:
    """A tenant, a warehouse and a clock; pulls the report that is named."""

    def __init__(self, path):
        self.path = path
        self.tenant = ReportTenant()
        self.time = Calendar()
        self.warehouse = DuckDB(path, "st_raw_v2")
        self.warehouse.prepare([])
        self.said = []

    def pull(self, name="leads", first=FIRST, last=LAST, *, report=None, seconds=0, **options):
        return pull(
            report or reports.load()[name],
            first,
            last,
            client(self.tenant, self.time),
            self.warehouse,
            seconds=seconds,
            say=self.said.append,
            now=self.time.today,
            sleep=self.time.sleep,
            **options,
        )

    def query(self, sql):
        return self.warehouse.query(sql)

    def landed(self):
        return [
            self.query(f"select count(*) from st_raw_v2.{table}")[0][0]
            for table in ("report_runs", "report_rows")
        ]

    def sent(self):
        """Name -> value of the parameters of the last run."""
        return {sent["name"]: sent["value"] for sent in self.tenant.runs[-1][1]["parameters"]}


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path / "kpis.duckdb")
    yield made
    made.warehouse.close()


def changed(**changes):
    """The report of leads, declared otherwise."""
    return dataclasses.replace(reports.load()["leads"], **changes)


# What is declared


def test_every_declared_report_fits_its_layout():
    declared = reports.load()
    assert list(declared) == list(reports.layouts())
    assert {name for name, report in declared.items() if report.layout.balance} == {
        "bookings",
        "receivables",
    }
    assert declared["bookings"].columns == declared["job_cost"].columns


GOOD = """
mine:
  title: Mine
  layout: collections
  category: accounting
  id: 7
  parameters: {From: from, Kind: {label: Paid}, Ids: {value: [1, 2]}}
  columns: {payment_id: P, event_date: D, business_unit_name: U, amount: A}
"""


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("title: Mine", "titel: Mine"), "unknown key `titel`"),
        (("  title: Mine\n", ""), "`title` is missing"),
        (("title: Mine", "title: 5"), "`title` must be text"),
        (("id: 7", "id: seven"), "`id` must be a number"),
        (("id: 7", "id: true"), "`id` must be a number"),
        (("layout: collections", "layout: cash"), "`layout` 'cash' is none of leads"),
        (("layout: collections", "layout: [cash]"), "`layout`"),
        (("From: from", "From: form"), "parameters: `From` must be one of from, to"),
        (("{label: Paid}", "{labl: Paid}"), "parameters: `Kind`"),
        (("{label: Paid}", "{label: 5}"), "parameters: `Kind`"),
        (("amount: A", "amout: A"), "columns: `amout` is no role of the layout collections"),
        ((", amount: A", ""), "columns: `amount` is missing"),
        (("amount: A", "amount: 5"), "columns: `amount` must name a field"),
        (("{From: from,", "[From: from,"), "no YAML"),
    ],
)
def test_a_faulty_declaration_names_file_report_and_key(tmp_path, change, fault):
    path = tmp_path / "reports.yml"
    path.write_text(GOOD)
    assert reports.load(path)["mine"].columns["amount"] == "A"
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(GOOD.replace(*change))
    with pytest.raises(SettingsError) as error:
        reports.load(wrong)
    assert fault in str(error.value)
    assert "wrong.yml" in str(error.value)
    assert "no YAML" in fault or "report mine" in str(error.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("leads: {row: job, required: [job_numbr], optional: []}", "layout leads: `required`"),
        ("leads: {row: job, required: []}", "layout leads: `optional` is missing"),
        ("[]", "expected a block per name"),
    ],
)
def test_a_faulty_layout_names_file_layout_and_key(tmp_path, text, fault):
    path = tmp_path / "layouts.yml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=f"layouts.yml.*{fault}"):
        reports.layouts(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"none\.yml cannot be read"):
        reports.load(tmp_path / "none.yml")


# What lands


def test_rows_land_verbatim_beside_their_roles(desk):
    desk.tenant.rows = [lead(101, Age=Decimal("1.50")), lead("102", CustomerName=" ", Age="$2")]
    run, count = desk.pull()
    assert count == 2
    found = desk.query(
        "select run_id, row_number, cells::varchar, job_number, event_date, business_unit_name, "
        "customer_name, job_type_name, amount::varchar from st_raw_v2.report_rows order by 2"
    )
    role = ("Phoenix-Sales", "Ann", "ESTIMATE- RES", None)
    assert found == [
        (
            run.run_id,
            1,
            '{"JobNumber":101,"CreatedDate":"2025-10-20T00:00:00-07:00",'
            '"BusinessUnit":"Phoenix-Sales","CustomerName":"Ann","JobType":"ESTIMATE- RES",'
            '"Age":1.50}',
            "101",
            FIRST,
            *role,
        ),
        (run.run_id, 2, found[1][2], "102", FIRST, role[0], None, *role[2:]),
    ]
    assert json.loads(found[1][2])["Age"] == "$2"


def test_a_run_says_what_was_asked_of_which_report_and_when(desk):
    desk.time.now = 5.0
    run, _ = desk.pull()
    assert desk.warehouse.last_report_run(7001) == run
    assert run == ReportRun(
        run_id=run.run_id,
        report="leads",
        layout="leads",
        source="api",
        file_name=None,
        report_id=7001,
        category="marketing",
        report_name="Leads",
        report_modified_at=datetime(2025, 3, 4, 15, 2, 10, 123456, UTC),
        period_start=FIRST,
        period_end=LAST,
        parameters=[
            {"name": "DateType", "value": 3},
            {"name": "From", "value": "2025-10-20"},
            {"name": "To", "value": "2025-10-26"},
        ],
        fields=fields(LEAD_FIELDS),
        pulled_at=NOW + timedelta(seconds=5),
    )
    assert desk.query("select row_count from st_raw_v2.report_runs") == [(2,)]
    assert desk.tenant.runs == [
        ({"page": "1", "pageSize": "5000", "includeTotal": "true"}, {"parameters": run.parameters})
    ]


def test_a_report_without_rows_lands_as_a_run(desk):
    desk.tenant.rows = []
    assert desk.pull()[1] == 0
    assert desk.landed() == [1, 0]


def test_a_run_that_lands_again_is_replaced_whole_and_half_a_run_never_lands(desk):
    run, _ = desk.pull()

    def one_row(then):
        yield ReportRow({"A": 1}, {"amount": Decimal("0E-9")})
        if then:
            raise then

    with pytest.raises(KeyError):
        desk.warehouse.land_report(run, one_row(KeyError()))
    assert desk.landed() == [1, 2]
    with pytest.raises(WarehouseError):
        desk.warehouse.land_report(run, [ReportRow({}, {"amount": Decimal("1e40")})])
    assert desk.landed() == [1, 2]
    desk.warehouse.land_report(run, one_row(None))
    assert desk.landed() == [1, 1]


def test_the_last_run_is_the_newest_of_that_report_through_the_api(desk):
    run, _ = desk.pull()
    for number, change in enumerate(
        [
            {"pulled_at": NOW - timedelta(days=1)},
            {"pulled_at": NOW + timedelta(days=1), "source": "inbox"},
            {"pulled_at": NOW + timedelta(days=1), "report_id": 7002},
        ]
    ):
        desk.warehouse.land_report(dataclasses.replace(run, run_id=str(number), **change), [])
    assert desk.warehouse.last_report_run(7001) == run
    assert desk.warehouse.last_report_run(7003) is None


def test_both_tables_are_there_before_any_report(desk):
    assert desk.landed() == [0, 0]


# What is sent


def test_a_label_is_found_on_a_later_page_whatever_its_case_and_blanks(desk):
    desk.tenant.page = 2
    desk.tenant.values = [[1, "Start"], [2, "Stop"], ["c", " job creation DATE "]]
    desk.pull()
    assert desk.sent()["DateType"] == "c"


def test_a_label_may_stand_in_the_definition_itself(desk):
    accepts = {"fields": [], "dynamicSetId": None, "values": [[8, "Job Creation Date"]]}
    desk.tenant.parameters[0]["acceptValues"] = accepts
    desk.pull()
    assert desk.sent()["DateType"] == 8


def test_an_unknown_label_lists_the_labels_there_are(desk):
    desk.tenant.values = [[1, "Created"], [2, "Sold"]]
    with pytest.raises(
        ExtractError,
        match=r"leads \(report 7001\), parameter DateType: .*'Job Creation Date'.*: Created, Sold",
    ):
        desk.pull()
    assert desk.tenant.runs == []


def test_a_label_of_two_values_is_refused(desk):
    desk.tenant.values = [[1, "Job Creation Date"], [2, "job creation date"]]
    with pytest.raises(ExtractError, match=r"label of several values.*1, 2"):
        desk.pull()


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        ("2025-10-22", "2025-10-20", "2026-10-20"),
        ("2025-10-20", "2025-10-20", "2026-10-20"),
        ("2024-02-29", "2024-02-26", "2025-02-26"),
        ("2044-03-04", "2044-02-29", "2045-02-28"),  # a Monday that the next year does not have
    ],
)
def test_a_balance_can_be_asked_for_the_year_from_its_monday(desk, day, start, end):
    day = date.fromisoformat(day)
    report = changed(
        parameters={
            "DateType": {"value": 4},
            "From": "monday_of_from",
            "To": "year_after_monday",
        }
    )
    run, _ = desk.pull(report=report, first=day, last=day)
    assert desk.sent() == {"DateType": 4, "From": start, "To": end}
    assert (run.period_start, run.period_end) == (day, day)


def test_a_required_parameter_that_is_not_sent_is_named(desk):
    desk.tenant.parameters += [parameter("Region", required=False), parameter("Unit")]
    with pytest.raises(ExtractError, match=r"leads \(report 7001\) requires the parameter Unit:"):
        desk.pull()
    assert desk.tenant.runs == []


def test_a_parameter_that_the_report_does_not_have_is_named(desk):
    desk.tenant.parameters.pop()
    with pytest.raises(ExtractError, match=r"no parameter To, .*it has: DateType, From"):
        desk.pull()
    assert desk.tenant.runs == []


# What the report must be


def test_a_changed_report_is_refused_until_it_is_accepted(desk):
    desk.pull()
    desk.tenant.modified_on = "2025-11-02T08:00:00Z"
    with pytest.raises(
        ExtractError, match=r"changed .* on 2025-11-02 08:00 UTC; .*--accept-change"
    ):
        desk.pull()
    assert len(desk.tenant.runs) == 1
    desk.pull(accept_change=True)
    desk.pull()
    assert desk.landed() == [3, 6]


def test_a_change_is_seen_by_every_report_of_that_id(desk):
    desk.pull(report=changed(name="other"))
    desk.tenant.modified_on = "2025-11-02T08:00:00Z"
    with pytest.raises(ExtractError, match=r"leads .* was changed"):
        desk.pull()


def test_a_missing_column_is_named_before_the_run(desk):
    desk.tenant.field_names[3] = "Client"
    with pytest.raises(
        ExtractError, match=r"leads .*no field CustomerName.*customer_name.*Client \(Client #\)"
    ):
        desk.pull()
    assert desk.tenant.runs == []


def test_a_column_missing_in_the_answer_is_named(desk):
    desk.tenant.answered_fields = [*LEAD_FIELDS[:3], "Client", *LEAD_FIELDS[4:]]
    with pytest.raises(ExtractError, match=r"no field CustomerName"):
        desk.pull()
    assert desk.landed() == [0, 0]


def test_cells_are_named_by_the_fields_of_their_own_answer(desk):
    desk.tenant.answered_fields = LEAD_FIELDS[::-1]
    desk.tenant.rows = [lead(101)[::-1]]
    desk.pull()
    assert desk.query("select job_number, customer_name from st_raw_v2.report_rows") == [
        ("101", "Ann")
    ]


def test_pages_are_followed_to_the_end(desk):
    desk.tenant.page = 2
    desk.tenant.rows = [lead(number) for number in range(5)]
    assert desk.pull()[1] == 5
    assert [params["page"] for params, _ in desk.tenant.runs] == ["1", "2", "3"]
    assert desk.query("select list(job_number order by row_number) from st_raw_v2.report_rows") == [
        (["0", "1", "2", "3", "4"],)
    ]


def spoil_page(number, **changes):
    """A change of one page of the answer."""

    def spoil(tenant):
        real = tenant.result

        def result(params):
            given = real(params)
            return {**given, **changes} if params["page"] == str(number) else given

        tenant.result = result

    return spoil


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (spoil_page(2, fields=fields(["Job", *LEAD_FIELDS[1:]])), "page=2 .*its fields are Job, "),
        (spoil_page(2, data=[[1, 2]]), "row 1 has 2 cells for 6 fields"),
        (spoil_page(2, data=[[*lead(3), 7]]), "row 1 has 7 cells for 6 fields"),
        (spoil_page(2, data=[lead(0), lead(1)]), "the rows of an earlier page came again"),
        (spoil_page(2, data=[]), "an empty page with hasMore"),
        (spoil_page(2, page=1), "page 1 was sent instead"),
        (spoil_page(3, data=[]), "4 rows came, the API counts 5"),
        (spoil_page(3, data=[lead(8), lead(9)]), "6 rows came, the API counts 5"),
        (spoil_page(2, hasMore=False), "4 rows came, the API counts 5"),
        (spoil_page(1, fields=fields(["JobNumber"] * 6)), "a field stands twice"),
        (spoil_page(1, fields=None), "not as documented"),
        (spoil_page(1, data=[{"JobNumber": 1}]), "not as documented"),
    ],
)
def test_pages_that_make_no_whole_land_nothing(desk, spoil, fault):
    desk.tenant.page = 2
    desk.tenant.rows = [lead(number) for number in range(5)]
    spoil(desk.tenant)
    with pytest.raises(ApiError, match=rf"leads \(report 7001\): POST .*{fault}"):
        desk.pull()
    assert desk.landed() == [0, 0]


def test_a_cell_that_cannot_be_read_names_report_row_field_and_value(desk):
    desk.tenant.page = 1
    desk.tenant.rows = [lead(101), lead(102, CreatedDate="yesterday")]
    with pytest.raises(
        ExtractError,
        match=r"leads \(report 7001\), row 2, field CreatedDate: expected a day .*'yesterday'",
    ):
        desk.pull()
    assert desk.landed() == [0, 0]


# When it runs


def test_two_runs_of_a_report_are_apart_and_each_page_is_a_run(desk):
    desk.tenant.page = 1
    run, _ = desk.pull(seconds=60)
    assert desk.time.slept == [60.0]
    assert run.pulled_at == NOW  # of the first page
    assert desk.said == [
        "leads (report 7001): waiting 60 s, it runs once in 60 s (SERVICETITAN_REPORT_SECONDS)"
    ]


def test_another_process_waits_too(desk):
    desk.pull(report=changed(name="other"))
    desk.warehouse.close()
    desk.warehouse = DuckDB(desk.path, "st_raw_v2")
    desk.time.now += 20
    run, _ = desk.pull(seconds=60)
    assert desk.time.slept == [40.0]
    assert run.pulled_at == NOW + timedelta(seconds=60)
    desk.time.now += 61
    desk.pull(seconds=60)
    desk.pull(report=changed(id=7002), seconds=60)
    assert desk.time.slept == [40.0]


def test_a_clock_that_was_put_back_does_not_wait_longer_than_the_pause(desk):
    desk.pull()
    desk.time.now -= 3600
    desk.pull(seconds=60)
    assert desk.time.slept == [60.0]


def test_a_wait_that_only_the_title_asks_for_is_waited_for_and_said(desk, caplog):
    title = {"status": 429, "title": "Rate limit is exceeded. Try again in 50 seconds."}
    desk.tenant.script = [("/data", answer(title, 429))]
    desk.pull()
    assert desk.time.slept == [50.0]
    assert "Try again in 50 seconds" in caplog.text
    assert "in 50.0 s" in caplog.text
    assert desk.tenant.runs[0] == desk.tenant.runs[1]


def test_a_wait_that_is_too_long_is_not_waited_for(desk):
    title = {"status": 429, "title": "Rate limit is exceeded. Try again in 6000 seconds."}
    desk.tenant.script = [("/data", answer(title, 429))]
    with pytest.raises(ApiError, match="asks to wait 6000 s"):
        desk.pull()
    assert desk.time.slept == []


def test_a_run_is_retried_and_signed_like_every_call(desk):
    desk.tenant.script = [("/data", answer(b"<html>", 502)), ("/data", answer(b"", 401))]
    desk.pull()
    assert desk.tenant.tokens == 2
    assert desk.tenant.headers[-1]["Authorization"] == "Bearer token-2"
    assert desk.tenant.headers[-1]["Content-Type"] == "application/json"
    assert desk.landed() == [1, 2]


# Which period


@pytest.mark.parametrize(
    ("name", "first", "last", "fault"),
    [
        ("leads", FIRST, FIRST - timedelta(days=1), "--to 2025-10-19 is before --from 2025-10-20"),
        ("leads", FIRST, date(2025, 11, 5), "--to 2025-11-05 is in the future"),
        ("bookings", FIRST, LAST, "bookings is the balance of one day: --from and --to"),
        ("receivables", FIRST, LAST, "receivables is the balance of one day"),
    ],
)
def test_a_period_that_cannot_be_is_refused(name, first, last, fault):
    with pytest.raises(SettingsError, match=fault):
        check_period(reports.load()[name], first, last, NOW)


def test_tomorrow_in_utc_may_be_today_in_the_tenants_zone():
    check_period(reports.load()["leads"], FIRST, date(2025, 11, 4), NOW)
    check_period(reports.load()["bookings"], FIRST, FIRST, NOW)


# The command line


@pytest.fixture
def tenant():
    return ReportTenant()


@pytest.fixture
def run(tenant, tmp_path, monkeypatch, capfd):
    """Runs a command against the tenant on loopback: (exit code, stdout, stderr)."""
    with served(tenant) as settings:
        environment = {
            **settings,
            "SERVICETITAN_REPORT_SECONDS": "0",
            "SERVICETITAN_SKIP": "",
            "KPI_TARGET": "",
            "KPI_RAW_DATASET": "",
            "KPI_DUCKDB_PATH": str(tmp_path / "kpis.duckdb"),
        }

        def command(*argv, **changes):
            with monkeypatch.context() as patched:
                for name, value in {**environment, **changes}.items():
                    patched.setenv(name, value)
                code = main(argv)
            return code, *capfd.readouterr()

        yield command


WEEK = ("--from", "2025-10-20", "--to", "2025-10-26")


def test_report_lands_and_says_so_in_one_line(run, tenant, tmp_path):
    code, out, err = run("report", "leads", *WEEK)
    assert (code, err) == (0, "")
    assert out == (
        "leads: 2 rows of 2025-10-20 to 2025-10-26 (report 7001, changed 2025-03-04) landed\n"
    )
    with duckdb.connect(str(tmp_path / "kpis.duckdb"), read_only=True) as db:
        assert db.execute("select count(*) from st_raw_v2.report_rows").fetchone() == (2,)
    tenant.modified_on = "2025-11-02T08:00:00Z"
    code, out, err = run("report", "leads", *WEEK)
    assert (code, out) == (1, "")
    assert "--accept-change" in err
    assert run("report", "leads", *WEEK, "--accept-change")[0] == 0


def test_the_pause_between_runs_is_a_setting_and_is_said(run):
    assert run("report", "leads", *WEEK)[0] == 0
    code, _, err = run("report", "leads", *WEEK, SERVICETITAN_REPORT_SECONDS="2")
    assert code == 0
    assert "it runs once in 2 s" in err
    code, _, err = run("report", "leads", *WEEK, SERVICETITAN_REPORT_SECONDS="soon")
    assert code == 2
    assert "SERVICETITAN_REPORT_SECONDS='soon' is wrong" in err


@pytest.mark.parametrize(
    ("argv", "fault"),
    [
        (("lead", *WEEK), "'lead' is no report of reports/reports.yml: leads, sales, job_cost"),
        (("leads", "--from", "2025-10-20", "--to", "2025-10-19"), "is before --from"),
        (("leads", "--from", "2025-10-20", "--to", "2999-01-01"), "is in the future"),
        (("job-cost", "--from", "2025-10-20", "--to", "2999-01-01"), "is in the future"),
        (("receivables", *WEEK), "balance of one day"),
    ],
)
def test_what_cannot_be_asked_is_code_2_by_name(run, tenant, argv, fault):
    code, _, err = run("report", *argv)
    assert (code, err.count("\n")) == (2, 1)
    assert fault in err
    assert tenant.calls == []


@pytest.mark.parametrize(
    ("argv", "fault"),
    [
        (("leads", "--from", "10/20/2025", "--to", "2025-10-26"), "--from: '10/20/2025' is no day"),
        (("leads", "--from", "2025-10-20", "--to", "2025-02-30"), "--to: '2025-02-30' is no day"),
        (("leads", "--from", "2025-10-20"), "--to"),
    ],
)
def test_what_is_no_day_is_code_2(argv, fault, capfd):
    with pytest.raises(SystemExit) as ended:
        main(("report", *argv))
    assert ended.value.code == 2
    assert fault in capfd.readouterr().err


def test_a_report_that_is_not_there_leads_to_the_list(run, tenant):
    tenant.script = [("reports/7001", answer({"title": "Not found"}, 404))]
    code, _, err = run("report", "leads", *WEEK)
    assert (code, err.count("\n")) == (1, 1)
    assert "leads (report 7001): GET " in err
    assert "python -m extract reports" in err


@pytest.mark.parametrize("argv", [("report", "leads", *WEEK), ("reports",)])
def test_a_missing_scope_is_one_clear_line(run, tenant, argv):
    tenant.script = [("report-categor", answer({"title": "Forbidden"}, 403))]
    code, _, err = run(*argv)
    assert (code, err.count("\n")) == (1, 1)
    assert "403: Forbidden. Add the scopes of Reporting (read)" in err


def test_a_refused_token_is_code_2_and_names_the_settings(run, tenant):
    tenant.script = [("reports/7001", answer(b"", 401))] * 2
    code, _, err = run("report", "leads", *WEEK)
    assert code == 2
    assert "SERVICETITAN_APP_KEY" in err


def test_prod_without_a_project_is_code_2(run, tenant):
    code, _, err = run("report", "leads", *WEEK, KPI_TARGET="prod", KPI_BIGQUERY_PROJECT="")
    assert code == 2
    assert "KPI_BIGQUERY_PROJECT is missing" in err
    assert tenant.calls == []


def test_reports_lists_categories_ids_and_names_and_marks_the_declared(run, tenant):
    tenant.page = 1  # lists have pages, too
    tenant.categories["marketing"][7] = "Campaigns"
    tenant.categories["operations"] = {7003: "FOREMAN Job Cost"}
    code, out, err = run("reports")
    assert code == 0
    assert [line.split() for line in out.splitlines()] == [
        ["category", "id", "report", "in", "reports.yml"],
        ["marketing", "7001", "Leads", "leads"],
        ["marketing", "7", "Campaigns"],
        ["accounting", "9", "[old]", "Aging"],
        ["operations", "7003", "FOREMAN", "Job", "Cost", "job_cost,", "bookings"],
    ]
    assert "sales: no report 7002 in category technician-dashboard" in err
    assert "leads" not in err
