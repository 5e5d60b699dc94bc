"""The reports that the tenant serves: equal to the oracle's numbers, and as awkward as the API."""

import json
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import requests
from openapi_schema_validator import OAS30Validator

from simulator import Response, build_tenant, oracle, serve
from simulator.api import APP_KEY, CLIENT_ID, CLIENT_SECRET
from simulator.oracle.book import Book, Options
from simulator.oracle.production import a_year_after, job_costs, monday_of
from simulator.oracle.values import is_blank, same_name

LEADS, SALES, JOB_COST, COLLECTIONS, RECEIVABLES = 7001, 7002, 7003, 7004, 7005
CATEGORY = {
    LEADS: "marketing",
    SALES: "technician-dashboard",
    JOB_COST: "operations",
    COLLECTIONS: "accounting",
    RECEIVABLES: "accounting",
}
RIGHT_DATE = {
    LEADS: "Job Creation Date",
    SALES: "Opportunity or Sold Date",
    JOB_COST: "Job Start Date",
    COLLECTIONS: "Paid On Date",
}
EVER = {"From": "2024-01-01", "To": "2027-12-31"}
ERROR_MEMBERS = {"type", "title", "status", "traceId", "errors", "data"}
SPEC = Path(__file__).parents[3] / "shared" / "servicetitan-openapi" / "reporting-v2.json"


class Client:
    """A client that has its token, and reads numbers with decimals as Decimal."""

    def __init__(self, api):
        self.api = api
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        self.session = requests.Session()
        token = requests.post(f"{api.url}/connect/token", data=form, timeout=5).json()
        self.session.headers["Authorization"] = f"Bearer {token['access_token']}"
        self.session.headers["ST-App-Key"] = APP_KEY

    def url(self, path, tenant=None):
        return f"{self.api.url}/reporting/v2/tenant/{tenant or self.api.tenant.id}/{path}"

    def get(self, path, tenant=None, **query):
        return self.session.get(self.url(path, tenant), params=query, timeout=5)

    def post(self, path, body, **query):
        return self.session.post(self.url(path), json=body, params=query, timeout=5)

    def describe(self, report_id):
        return self.get(f"report-category/{CATEGORY[report_id]}/reports/{report_id}").json()

    def date_type(self, report_id, label):
        """The number that a label has in the report's own value set."""
        parameters = {p["name"]: p for p in self.describe(report_id)["parameters"]}
        set_id = parameters["DateType"]["acceptValues"]["dynamicSetId"]
        rows = self.get(f"dynamic-value-sets/{set_id}").json()["data"]
        return {name: value for value, name in rows}[label]

    def parameters(self, report_id, **values):
        """The values of a run by the right date type, those given instead or added."""
        if report_id in RIGHT_DATE and "DateType" not in values:
            values["DateType"] = self.date_type(report_id, RIGHT_DATE[report_id])
        return [{"name": name, "value": value} for name, value in values.items()]

    def run(self, report_id, values, body=(), **query):
        """One page of a report, the response itself."""
        path = f"report-category/{CATEGORY[report_id]}/reports/{report_id}/data"
        return self.post(
            path, {"parameters": self.parameters(report_id, **values)} | dict(body), **query
        )

    def rows(self, report_id, **values):
        """All rows of a report by field name, page after page."""
        rows, page, more = [], 1, True
        while more:
            answer = self.run(report_id, values, page=page)
            assert answer.status_code == 200, answer.text
            content = json.loads(answer.text, parse_float=Decimal)
            names = [field["name"] for field in content["fields"]]
            rows += [dict(zip(names, row, strict=True)) for row in content["data"]]
            page, more = page + 1, content["hasMore"]
        return rows


@pytest.fixture(scope="module")
def tiny():
    return build_tenant(size="tiny")


@pytest.fixture(scope="module")
def tiny_client(tiny):
    """A client of a tenant that no test changes."""
    with serve(tiny) as api:
        yield Client(api)


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def client(clock):
    """A client of a tenant of its own."""
    with serve(build_tenant(size="cases"), clock=lambda: clock[0]) as api:
        yield Client(api)


# -- the numbers --------------------------------------------------------------------------------


class Weeks:
    """Every report of every week, added up per reporting unit as the office does."""

    def __init__(self, client, tenant):
        self.client, self.tenant = client, tenant
        self.book = Book(tenant.records(), Options(as_of=tenant.last_day))
        self.truth = oracle.weekly_kpis(tenant.records(), as_of=tenant.last_day)
        self.weeks = sorted({row["event_date"] for row in self.truth})

    def unit(self, row):
        return self.book.reporting_unit(row["BusinessUnit"]).name

    def job_type_list(self, row):
        return self.book.list_of(row["JobType"], self.tenant.last_day)

    def rows(self, report_id):
        """(week, unit, row) of every row."""
        for week in self.weeks:
            for row in self.client.rows(report_id, **self.period(week)):
                yield week, self.unit(row), row

    def period(self, week):
        last = min(week + timedelta(days=6), self.tenant.last_day)
        return {"From": week.isoformat(), "To": last.isoformat()}

    def added(self, report_id, value, counts=lambda row: True):
        """{(week, unit): sum of a column or of what a function of the row gives}."""
        sums = defaultdict(Decimal)
        for week, unit, row in self.rows(report_id):
            if counts(row):
                sums[week, unit] += value(row) if callable(value) else row[value]
        return sums

    def true(self, kpi):
        """{(week, unit): the oracle's value} where the KPI applies and is not null."""
        return {
            (row["event_date"], row["business_unit"]): row[kpi]
            for row in self.truth
            if row[kpi] is not None
        }


@pytest.fixture(scope="module")
def weeks(tiny_client, tiny):
    return Weeks(tiny_client, tiny)


def without_zeros(values):
    return {place: value for place, value in values.items() if value}


def percent(numerators, denominators):
    return {
        place: float(100 * Fraction(numerators.get(place, Decimal(0))) / Fraction(denominator))
        for place, denominator in denominators.items()
        if denominator
    }


def test_leads_are_the_distinct_customers_by_name(weeks):
    leads = defaultdict(set)
    for week, unit, row in weeks.rows(LEADS):
        name = row["CustomerName"]
        leads[week, unit].add(row["JobNumber"] if is_blank(name) else same_name(name))
    counted = {place: len(names) for place, names in leads.items()}
    assert counted == without_zeros(weeks.true("lead_count"))


@pytest.mark.parametrize(
    ("column", "kpi"),
    [("EstimateSubtotal", "total_booked"), ("CompletedEstimates", "num_estimates")],
)
def test_sales_add_up(weeks, column, kpi):
    assert without_zeros(weeks.added(SALES, column)) == without_zeros(weeks.true(kpi))


def test_close_rate_is_closed_by_opportunities(weeks):
    closed, opportunities = weeks.added(SALES, "Closed"), weeks.added(SALES, "SalesOpportunity")
    assert percent(closed, opportunities) == weeks.true("close_rate_percent")


def produced(weeks, value):
    """Job costing without the types of the excluded list, which the report itself shows."""
    return weeks.added(JOB_COST, value, lambda row: weeks.job_type_list(row) != "excluded")


def test_produced_adds_up(weeks):
    added = produced(weeks, "JobsSubtotal")
    assert without_zeros(added) == without_zeros(weeks.true("dollars_produced"))


def test_margin_is_weighted_over_the_jobs(weeks):
    profit = produced(weeks, lambda row: row["JobsSubtotal"] - row["TotalCosts"])
    assert percent(profit, produced(weeks, "JobsSubtotal")) == weeks.true("gpm_percent")


def test_warranty_is_the_cost_of_its_types_by_produced(weeks):
    cost = weeks.added(JOB_COST, "TotalCosts", lambda row: weeks.job_type_list(row) == "warranty")
    assert percent(cost, produced(weeks, "JobsSubtotal")) == weeks.true("warranty_percent")


def test_future_bookings_are_the_job_costing_of_the_year_ahead(weeks):
    monday = monday_of(weeks.tenant.last_day)
    ahead = {"From": monday.isoformat(), "To": a_year_after(monday).isoformat()}
    booked = defaultdict(Decimal)
    for row in weeks.client.rows(JOB_COST, **ahead):
        if row["Status"] != "Canceled" and weeks.job_type_list(row) != "excluded":
            booked[monday, weeks.unit(row)] += row["JobsSubtotal"]
    now = {place: v for place, v in weeks.true("future_bookings").items() if place[0] == monday}
    assert without_zeros(booked) == without_zeros(now)


def test_collected_adds_up(weeks):
    added = without_zeros(weeks.added(COLLECTIONS, "Amount"))
    assert added == without_zeros(weeks.true("dollars_collected"))


def test_receivables_are_the_lines_of_ten_dollars_and_more(weeks):
    outstanding = defaultdict(Decimal)
    for week in weeks.weeks:
        nets = defaultdict(Decimal)
        for row in weeks.client.rows(RECEIVABLES, AsOf=weeks.period(week)["To"]):
            if same_name(row["LocationName"] or "") != "name":
                line = row["LocationId"] or ("customer", row["CustomerId"])
                nets[line, weeks.unit(row)] += row["NetAmount"]
        for (_, unit), net in nets.items():
            outstanding[week, unit] += net if net >= 10 else 0
    assert without_zeros(outstanding) == without_zeros(weeks.true("outstanding_ar"))


# -- the rows -----------------------------------------------------------------------------------


def test_job_cost_is_the_sum_of_its_parts_and_of_the_oracle(weeks):
    costs = job_costs(weeks.book)
    numbers = {job["jobNumber"]: job["id"] for job in weeks.book.jobs.values()}
    paid, adjusted = defaultdict(Decimal), defaultdict(Decimal)
    for item in weeks.book.all("gross_pay_items"):
        is_worked = item["grossPayItemType"] == "TimesheetTime"
        (paid if is_worked else adjusted)[item["jobId"]] += item["amount"]
        adjusted[item["jobId"]] += item["amountAdjustment"] or 0
    rows = weeks.client.rows(JOB_COST, **EVER)
    for row in rows:
        parts = ("LaborPay", "PayrollAdjustments", "MaterialEquipmentPurchaseOrderCosts")
        total = sum(row[part] for part in parts) + row["ReturnCosts"]
        job_id = numbers[row["JobNumber"]]
        assert row["TotalCosts"] == total == costs.get(job_id, 0)
        assert row["ReturnCosts"] <= 0
    assert any(row["ReturnCosts"] for row in rows)
    by_job = {numbers[row["JobNumber"]]: row for row in rows}
    shown = [job_id for job_id in adjusted if adjusted[job_id] and job_id in by_job]
    of_invoices = {item["invoiceId"] for item in weeks.book.all("gross_pay_items")} - {None}
    direct = [job_id for job_id in shown if weeks.book.jobs[job_id]["invoiceId"] not in of_invoices]
    assert direct
    for job_id in direct:
        assert by_job[job_id]["LaborPay"] == paid[job_id]
        assert by_job[job_id]["PayrollAdjustments"] == adjusted[job_id]


def test_margin_is_of_each_job_and_null_without_revenue(tiny_client):
    for row in tiny_client.rows(JOB_COST, **EVER):
        subtotal, cost = Fraction(row["JobsSubtotal"]), Fraction(row["TotalCosts"])
        if subtotal:
            assert float(row["GrossMarginPercentage"]) == float(100 * (subtotal - cost) / subtotal)
        else:
            assert row["GrossMarginPercentage"] is None


def test_units_stand_under_their_own_names(tiny_client):
    names = {row["BusinessUnit"] for row in tiny_client.rows(LEADS, **EVER)}
    assert {"Z-DO NOT USE - West - Sales", " Yuma Startup\u00a0", None} < names


def test_job_costing_shows_all_statuses_and_types_of_its_units_only(weeks):
    rows = weeks.client.rows(JOB_COST, **EVER)
    assert "Canceled" in {row["Status"] for row in rows}
    assert "excluded" in {weeks.job_type_list(row) for row in rows}
    assert {weeks.book.reporting_unit(row["BusinessUnit"]).kind for row in rows} == {
        "production",
        "unmapped",
    }


def test_sales_columns_tell_of_the_period_only(tiny, tiny_client):
    whole = {row["JobNumber"]: row for row in tiny_client.rows(SALES, **EVER)}
    twice = next(row for row in whole.values() if "," in (row["EstimateSoldDate"] or ""))
    newest, oldest = (
        date.fromisoformat(f"{text[6:]}-{text[:2]}-{text[3:5]}")
        for text in (twice["EstimateSoldDate"][:10], twice["EstimateSoldDate"][-10:])
    )
    assert newest > oldest
    day = newest.isoformat()
    rows = tiny_client.rows(SALES, From=day, To=day)
    (alone,) = [row for row in rows if row["JobNumber"] == twice["JobNumber"]]
    assert alone["EstimateSoldDate"] == f"{newest:%m/%d/%Y}"
    assert alone["EstimateSubtotal"] < twice["EstimateSubtotal"]
    assert (alone["SalesOpportunity"], alone["OpportunityDate"]) == (0, None)
    assert (twice["SalesOpportunity"], twice["Closed"]) == (1, 1)


def test_collections_name_the_invoice_and_show_the_rest_without_one(tiny, tiny_client):
    rows = tiny_client.rows(COLLECTIONS, **EVER)
    payments = [p for p in tiny.records()["payments"] if p["active"] and p["date"]]
    assert sum(row["Amount"] for row in rows) == sum(Decimal(p["total"]) for p in payments)
    invoices = {i["referenceNumber"]: i for i in tiny.records()["invoices"]}
    rests = [row for row in rows if row["InvoiceNumber"] is None]
    assert rests
    assert all(row["JobNumber"] is None for row in rests)
    for row in rows:
        if row["InvoiceNumber"]:
            of = invoices[row["InvoiceNumber"]]
            assert row["JobNumber"] == (of["job"] or {}).get("number")


def test_receivables_show_every_kind_of_line_and_any_net(tiny_client, tiny):
    rows = tiny_client.rows(RECEIVABLES, AsOf=tiny.last_day.isoformat())
    kinds = {(row["LocationId"] is None, row["CustomerId"] is None) for row in rows}
    assert {(False, False), (True, False), (True, True)} <= kinds
    assert "name" in {(row["LocationName"] or "").lower() for row in rows}
    assert min(row["NetAmount"] for row in rows) < 0
    assert any(0 < row["NetAmount"] < 10 for row in rows)
    assert all(row["NetAmount"] for row in rows)


def test_days_are_local_midnights():
    with serve(build_tenant(size="cases", timezone="America/Denver")) as api:
        days = {row["CreatedDate"] for row in Client(api).rows(LEADS, **EVER)}
    assert {day[10:] for day in days} == {"T00:00:00-06:00", "T00:00:00-07:00"}
    assert any(day[5:7] == "07" and day.endswith("-06:00") for day in days)


def test_both_ends_of_the_period_are_in_it(tiny_client):
    rows = tiny_client.rows(LEADS, **EVER)
    first, last = rows[0]["CreatedDate"], rows[-1]["CreatedDate"]
    assert tiny_client.rows(LEADS, From=first[:10], To=last[:10]) == rows
    within = tiny_client.rows(LEADS, From=first[:10], To=first[:10])
    assert within == [row for row in rows if row["CreatedDate"] == first]


# -- the lists ----------------------------------------------------------------------------------


def test_reports_are_found_through_their_categories(tiny_client):
    found = {}
    for category in tiny_client.get("report-categories").json()["data"]:
        for report in tiny_client.get(f"report-category/{category['id']}/reports").json()["data"]:
            found[report["id"]] = (category["id"], report["name"])
    names = ["Leads", "BU Sales", "FOREMAN Job Cost", "Collections", "AR Report"]
    assert found == {
        id: (category, name) for (id, category), name in zip(CATEGORY.items(), names, strict=True)
    }


def test_a_report_names_its_parameters(tiny_client):
    of_leads = tiny_client.describe(LEADS)
    assert {p["name"]: p["dataType"] for p in of_leads["parameters"]} == {
        "DateType": "Number",
        "From": "Date",
        "To": "Date",
    }
    assert [p["name"] for p in tiny_client.describe(RECEIVABLES)["parameters"]] == ["AsOf"]
    labels = {field["name"]: field["label"] for field in of_leads["fields"]}
    assert labels["JobNumber"] == "Job #"
    assert labels["BusinessUnit"] == "Job's Business Unit"
    fields = tiny_client.run(LEADS, EVER, pageSize=1).json()["fields"]
    assert fields == [{"name": name, "label": label} for name, label in labels.items()]


def test_lists_are_paged(tiny_client):
    first = tiny_client.get("report-categories", pageSize=3, includeTotal="true").json()
    assert (len(first["data"]), first["hasMore"], first["totalCount"]) == (3, True, 4)
    second = tiny_client.get("report-categories", pageSize=3, page=2).json()
    assert (len(second["data"]), second["hasMore"], second["totalCount"]) == (1, False, None)
    assert first["pageSize"] == 3
    assert tiny_client.get("report-categories").json()["pageSize"] == 50


# -- paging of rows -----------------------------------------------------------------------------


def test_pages_of_seven_hold_every_row_once(tiny_client):
    whole = tiny_client.run(SALES, EVER).json()
    assert (whole["pageSize"], whole["hasMore"], whole["totalCount"]) == (1000, False, None)
    rows, page, more = [], 0, True
    while more:
        page += 1
        answer = tiny_client.run(SALES, EVER, page=page, pageSize=7, includeTotal="true").json()
        assert (answer["page"], answer["pageSize"]) == (page, 7)
        assert answer["totalCount"] == len(whole["data"])
        rows += answer["data"]
        more = answer["hasMore"]
    assert page == -(-len(whole["data"]) // 7) > 2
    assert rows == whole["data"]


def test_a_full_last_page_says_that_no_more_follow(tiny_client):
    total = len(tiny_client.run(SALES, EVER).json()["data"])
    assert tiny_client.run(SALES, EVER, pageSize=total).json()["hasMore"] is False
    assert tiny_client.run(SALES, EVER, pageSize=total - 1).json()["hasMore"] is True


def test_paging_in_the_body_is_ignored(tiny_client):
    asked = tiny_client.run(SALES, EVER, body={"page": 2, "pageSize": 7}).json()
    assert asked == tiny_client.run(SALES, EVER).json()


# -- date types ---------------------------------------------------------------------------------


@pytest.mark.parametrize("report_id", RIGHT_DATE)
def test_another_date_type_gives_other_rows_and_no_error(tiny_client, report_id):
    set_id = tiny_client.describe(report_id)["parameters"][0]["acceptValues"]["dynamicSetId"]
    types = tiny_client.get(f"dynamic-value-sets/{set_id}").json()["data"]
    assert len(types) >= 3
    period = {"From": "2025-08-01", "To": "2025-10-31"}
    right = tiny_client.rows(report_id, **period)
    wrong = [value for value, label in types if label != RIGHT_DATE[report_id]]
    for value in [*wrong, 999]:
        assert tiny_client.rows(report_id, DateType=value, **period) not in ([], right)


def test_leads_by_completion_day_are_completed(tiny_client):
    completed = tiny_client.date_type(LEADS, "Job Completion Date")
    created = tiny_client.rows(LEADS, **EVER)
    rows = tiny_client.rows(LEADS, **EVER, DateType=completed)
    assert 0 < len(rows) < len(created)


# -- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"DateType": 3, "From": "2025-01-01"}, "To"),
        ({"DateType": 3, "From": "2025-01-01", "To": None}, "To"),
        ({"DateType": None, "From": "2025-01-01", "To": "2025-01-31"}, "DateType"),
        ({"DateType": "3", "From": "2025-01-01", "To": "2025-01-31"}, "DateType"),
        ({"DateType": True, "From": "2025-01-01", "To": "2025-01-31"}, "DateType"),
        ({"DateType": 3, "From": 20250101, "To": "2025-01-31"}, "From"),
        ({"DateType": 3, "From": "01/01/2025", "To": "2025-01-31"}, "From"),
        ({"DateType": 3, "From": "20250101", "To": "2025-01-31"}, "From"),
        ({"DateType": 3, "From": "2025-01-01", "To": "2025-01-32"}, "To"),
    ],
)
def test_a_missing_or_wrongly_typed_parameter_is_named(client, values, named):
    answer = client.run(LEADS, values)
    assert answer.status_code == 400
    assert answer.json().keys() == ERROR_MEMBERS
    assert list(answer.json()["errors"]) == [named]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"parameters": [1]}', b"\xff"])
def test_a_body_that_is_none_is_a_400(client, body):
    url = client.url("report-category/marketing/reports/7001/data")
    answer = client.session.post(url, data=body, timeout=5)
    assert answer.status_code == 400
    assert answer.json().keys() == ERROR_MEMBERS


@pytest.mark.parametrize("query", [{"page": 0}, {"page": "x"}, {"pageSize": 25_001}])
def test_bad_paging_is_a_400(client, query):
    answer = client.run(LEADS, EVER, **query)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [*query])


@pytest.mark.parametrize(
    "path",
    [
        "report-category/no-such/reports",
        "report-category/no-such/reports/7001",
        "report-category/operations/reports/7001",
        "report-category/marketing/reports/7999",
        "report-category/marketing/reports/x",
        "dynamic-value-sets/no-such",
    ],
)
def test_what_is_not_there_is_a_404_in_the_declared_body(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json().keys() == ERROR_MEMBERS
    if path.count("/") == 3:
        assert client.post(f"{path}/data", {"parameters": []}).status_code == 404


def test_the_gateway_answers_wrong_paths_and_methods_in_its_own_shape(client):
    for answer in (
        client.get("reports"),
        client.get("report-category/marketing/reports/7001/data"),
        client.post("report-categories", {}),
    ):
        assert answer.status_code == 404
        assert answer.json().keys() == {"statusCode", "message"}


def test_reports_need_token_app_key_tenant_and_scope(client):
    assert client.get("report-categories", tenant=1).status_code == 403
    client.api.denied = {"reports"}
    assert client.get("report-categories").status_code == 403
    assert client.run(RECEIVABLES, {"AsOf": "2025-12-31"}).status_code == 403
    client.api.denied = {"jobs"}
    assert client.run(RECEIVABLES, {"AsOf": "2025-12-31"}).status_code == 200
    del client.session.headers["ST-App-Key"]
    assert client.run(RECEIVABLES, {"AsOf": "2025-12-31"}).status_code == 403
    client.api.forget_tokens()
    assert client.run(RECEIVABLES, {"AsOf": "2025-12-31"}).status_code == 401


def test_faults_are_asked_for_reports(client):
    seen = []

    def fault(request):
        seen.append((request.method, request.entity, json.loads(request.body or b"{}")))
        return Response(503, b"<html>")

    client.api.fault = fault
    answer = client.run(RECEIVABLES, {"AsOf": "2025-12-31"})
    assert (answer.status_code, answer.text) == (503, "<html>")
    parameters = [{"name": "AsOf", "value": "2025-12-31"}]
    assert seen == [("POST", "reports", {"parameters": parameters})]


# -- the rate limit -----------------------------------------------------------------------------


def test_without_a_limit_a_report_runs_again_at_once(client):
    statuses = [client.run(LEADS, EVER).status_code for _ in range(3)]
    assert statuses == [200, 200, 200]


def test_a_second_run_has_to_wait(client, clock):
    client.api.report_seconds = 60
    clock[0] = 100.0
    assert client.run(LEADS, EVER, pageSize=7).status_code == 200
    clock[0] = 110.5
    answer = client.run(LEADS, EVER, page=2, pageSize=7)
    assert answer.status_code == 429
    assert answer.json()["title"] == "Rate limit is exceeded. Try again in 50 seconds."
    assert "Retry-After" not in answer.headers
    assert client.run(SALES, EVER).status_code == 200
    clock[0] = 160.0
    assert client.run(LEADS, EVER, page=2, pageSize=7).status_code == 200
    assert client.run(LEADS, EVER, page=3, pageSize=7).status_code == 429


def test_a_refused_call_is_no_run(client):
    client.api.report_seconds = 60
    assert client.run(LEADS, {"From": "2025-01-01"}).status_code == 400
    assert client.run(LEADS, EVER).status_code == 200


# -- what tests may change ----------------------------------------------------------------------


def test_edited_rows_are_served(client):
    def edit(report_id, rows):
        if report_id != COLLECTIONS:
            return rows
        return [row | {"Amount": row["Amount"] + 1} for row in rows[1:]] + [{"PaymentId": 1}]

    before, leads = client.rows(COLLECTIONS, **EVER), client.rows(LEADS, **EVER)
    client.api.reports.edit = edit
    *rows, added = client.rows(COLLECTIONS, **EVER)
    assert rows == [row | {"Amount": row["Amount"] + 1} for row in before[1:]]
    assert added == dict.fromkeys(before[0]) | {"PaymentId": 1}
    assert client.rows(LEADS, **EVER) == leads


def test_a_renamed_field_keeps_its_values(client):
    before, rows = client.describe(LEADS), client.rows(LEADS, **EVER)
    client.api.reports.rename_field(LEADS, "CustomerName", "Client", label="Client Name")
    after = client.describe(LEADS)
    assert after["modifiedOn"] > before["modifiedOn"]
    assert {"name": "Client", "label": "Client Name", "dataType": "String"} in after["fields"]
    renamed = client.rows(LEADS, **EVER)
    assert [row["Client"] for row in renamed] == [row["CustomerName"] for row in rows]
    assert "CustomerName" not in renamed[0]


def test_a_dropped_field_is_gone(client):
    before = client.describe(LEADS)
    client.api.reports.drop_field(LEADS, "JobType")
    after = client.describe(LEADS)
    assert after["fields"] == before["fields"][:-1]
    assert after["modifiedOn"] > before["modifiedOn"]
    assert "JobType" not in client.rows(LEADS, **EVER)[0]
    with pytest.raises(LookupError, match="7001 has no field JobType"):
        client.api.reports.drop_field(LEADS, "JobType")


def test_a_touched_report_was_modified(client):
    before = client.describe(LEADS)
    client.api.reports.touch(LEADS)
    after = client.describe(LEADS)
    assert after["modifiedOn"] > before["modifiedOn"]
    assert after | {"modifiedOn": ""} == before | {"modifiedOn": ""}


# -- the tenant as it is now --------------------------------------------------------------------


def test_a_change_shows_at_once(client):
    tenant = client.api.tenant
    row = next(r for r in client.rows(JOB_COST, **EVER) if r["LaborPay"] and r["JobsSubtotal"])
    records = tenant.records()
    job = next(job for job in records["jobs"] if job["jobNumber"] == row["JobNumber"])
    pay = next(item for item in records["gross_pay_items"] if item["jobId"] == job["id"])

    def now():
        (found,) = [r for r in client.rows(JOB_COST, **EVER) if r["JobNumber"] == row["JobNumber"]]
        return found

    tenant.change("jobs", job | {"jobStatus": "Hold"})
    assert now() == row | {"Status": "Hold"}
    tenant.remove_pay(pay)
    assert now()["LaborPay"] == row["LaborPay"] - pay["amount"]
    tenant.change("gross_pay_items", pay)
    assert now() == row | {"Status": "Hold"}


def test_the_tenant_is_read_once_until_it_changes(client, monkeypatch):
    readings = []
    tenant, read = client.api.tenant, client.api.tenant.records
    monkeypatch.setattr(tenant, "records", lambda: readings.append(1) or read())
    client.describe(LEADS)
    assert readings == []
    client.rows(LEADS, **EVER)
    client.rows(RECEIVABLES, AsOf="2025-12-31")
    assert len(readings) == 1
    tenant.change("customers", read()["customers"][0])
    client.rows(LEADS, **EVER)
    assert len(readings) == 2


def test_the_environment_asks_for_no_pause(client):
    assert client.api.environment()["SERVICETITAN_REPORT_SECONDS"] == "0"


# -- ServiceTitan's own description -------------------------------------------------------------

of_specification = pytest.mark.skipif(
    not SPEC.is_file(), reason=f"no {SPEC}: answers are not held against it"
)


def with_null(schema):
    """`nullable` beside `oneOf` means what it says; to the validator it would mean nothing."""
    if schema.get("nullable") and "oneOf" in schema:
        schema["oneOf"].append({"enum": [None], "nullable": True})
    return schema


def problems(method, path, status, content):
    """What is wrong with a parsed body."""
    spec = json.loads(SPEC.read_text(), object_hook=with_null)
    answer = spec["paths"][f"/tenant/{{tenant}}/{path}"][method]["responses"][str(status)]
    schema = answer["content"]["application/json"]["schema"]
    validator = OAS30Validator(schema | {"components": spec["components"]})
    return [
        f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(content)
    ]


OF_REPORT = "report-category/{report_category}/reports/{reportId}"


@of_specification
@pytest.mark.parametrize(
    ("path", "described"),
    [
        ("report-categories", "report-categories"),
        ("report-category/accounting/reports", "report-category/{report_category}/reports"),
        ("report-category/accounting/reports/1", OF_REPORT),
        *((f"report-category/{c}/reports/{id}", OF_REPORT) for id, c in CATEGORY.items()),
        ("dynamic-value-sets/job-date-types", "dynamic-value-sets/{dynamicSetId}"),
        ("dynamic-value-sets/no-such", "dynamic-value-sets/{dynamicSetId}"),
    ],
)
def test_descriptions_are_as_specified(tiny_client, path, described):
    answer = tiny_client.get(path)
    assert problems("get", described, answer.status_code, answer.json()) == []


@of_specification
@pytest.mark.parametrize("report_id", CATEGORY)
def test_data_is_as_specified(tiny_client, report_id):
    values = {"AsOf": "2025-12-31"} if report_id == RECEIVABLES else EVER
    for good in (values, {}):
        answer = tiny_client.run(report_id, good, includeTotal="true")
        assert answer.status_code == (200 if good else 400)
        assert problems("post", f"{OF_REPORT}/data", answer.status_code, answer.json()) == []
