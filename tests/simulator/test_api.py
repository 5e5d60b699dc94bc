"""The API on loopback behaves as the real one is documented and was observed to behave."""

import pytest
import requests

from simulator import Response, build_tenant, serve
from simulator.api import APP_KEY, CLIENT_ID, CLIENT_SECRET
from simulator.resources import RESOURCES

BY_ENTITY = {resource.entity: resource for resource in RESOURCES}
FORM = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
}
ERROR_MEMBERS = {"type", "title", "status", "traceId", "errors", "data"}


class Client:
    """A client that has its token; `get` answers with the response."""

    def __init__(self, api):
        self.api = api
        self.session = requests.Session()
        token = requests.post(f"{api.url}/connect/token", data=FORM, timeout=5).json()
        self.session.headers["Authorization"] = f"Bearer {token['access_token']}"
        self.session.headers["ST-App-Key"] = APP_KEY

    def get(self, path, tenant=None, **params):
        module, _, rest = path.partition("/")
        url = f"{self.api.url}/{module}/v2/tenant/{tenant or self.api.tenant.id}/{rest}"
        return self.session.get(url, params=params, timeout=5)

    def export(self, path, **params):
        """Every page of an export from `from` on, and the last token."""
        pages = []
        while True:
            page = self.get(path, **params).json()
            pages.append(page["data"])
            params["from"] = page["continueFrom"]
            if not page["hasMore"]:
                return pages, page["continueFrom"]


@pytest.fixture
def tenant():
    return build_tenant(size="cases")


@pytest.fixture
def api(tenant):
    with serve(tenant, page_size=50) as api:
        yield api


@pytest.fixture
def client(api):
    return Client(api)


# -- access -------------------------------------------------------------------------------------


def test_the_token_is_for_forms_only(api):
    url = f"{api.url}/connect/token"
    assert requests.post(url, json=FORM, timeout=5).status_code == 400
    answer = requests.post(url, data=FORM, timeout=5)
    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 900
    assert answer.json()["token_type"] == "Bearer"


def test_a_wrong_client_gets_the_oauth_error(api):
    wrong = FORM | {"client_secret": "wrong"}
    answer = requests.post(f"{api.url}/connect/token", data=wrong, timeout=5)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


def test_a_call_needs_token_app_key_and_tenant(client):
    assert client.get("jpm/jobs").status_code == 200
    assert client.get("jpm/jobs", tenant=1).status_code == 403
    del client.session.headers["ST-App-Key"]
    assert client.get("jpm/jobs").status_code == 403
    client.session.headers["Authorization"] = "Bearer nonsense"
    assert client.get("jpm/jobs").status_code == 401


def test_a_token_ends(tenant):
    now = [0.0]
    with serve(tenant, clock=lambda: now[0]) as api:
        client = Client(api)
        now[0] = 899.0
        assert client.get("jpm/jobs").status_code == 200
        now[0] = 900.0
        assert client.get("jpm/jobs").status_code == 401


def test_forgotten_tokens_are_refused(client):
    client.api.forget_tokens()
    assert client.get("jpm/jobs").status_code == 401


def test_the_environment_names_everything_the_extractor_needs(api, tenant):
    environment = api.environment()
    assert environment["SERVICETITAN_API_URL"] == environment["SERVICETITAN_AUTH_URL"] == api.url
    assert environment["SERVICETITAN_TENANT_ID"] == str(tenant.id)
    assert {"SERVICETITAN_CLIENT_ID", "SERVICETITAN_CLIENT_SECRET"} < environment.keys()


# -- errors -------------------------------------------------------------------------------------


def test_the_gateway_answers_unknown_paths_in_its_own_shape(client):
    answer = client.get("jpm/export/job-types")
    assert answer.status_code == 404
    assert answer.json().keys() == {"statusCode", "message"}


@pytest.mark.parametrize(
    "params",
    [
        {"page": "x"},
        {"page": 0},
        {"pageSize": 5001},
        {"ids": ",".join(map(str, range(51)))},
        {"ids": "one"},
        {"modifiedOnOrAfter": "soon"},
    ],
)
def test_a_bad_parameter_is_named_in_the_declared_error_body(client, params):
    answer = client.get("jpm/jobs", **params)
    assert answer.status_code == 400
    assert answer.json().keys() == ERROR_MEMBERS
    assert answer.json()["errors"]


def test_a_bad_continuation_token_is_a_400(client):
    assert client.get("jpm/export/jobs", **{"from": "no-token"}).status_code == 400


def test_a_token_belongs_to_one_endpoint(client):
    _, token = client.export("jpm/export/jobs")
    assert client.get("crm/export/customers", **{"from": token}).status_code == 400


def test_a_denied_scope_is_a_403_of_that_entity_alone(client):
    client.api.denied.add("payments")
    assert client.get("accounting/export/payments").status_code == 403
    assert client.get("accounting/payments").status_code == 403
    assert client.get("accounting/export/invoices").status_code == 200


# -- lists --------------------------------------------------------------------------------------


def test_lists_come_in_pages_without_a_total_unless_asked(client, tenant):
    first = client.get("jpm/jobs", pageSize=100).json()
    last = client.get("jpm/jobs", pageSize=100, page=2, includeTotal="true").json()
    assert (len(first["data"]), first["hasMore"], first["totalCount"]) == (100, True, None)
    total = tenant.counts()["jobs"]
    assert (len(last["data"]), last["hasMore"], last["totalCount"]) == (total - 100, False, total)
    assert len(client.get("jpm/jobs").json()["data"]) == 50


@pytest.mark.parametrize(
    ("path", "parameter", "values"),
    [
        ("settings/business-units", "active", ("True", "False", "Any")),
        ("jpm/job-types", "active", ("True", "False", "Any")),
        ("marketing/campaigns", "active", ("True", "False", "Any")),
        ("sales/estimates", "active", ("True", "False", "Any")),
        ("accounting/invoices", "activeState", ("ActiveOnly", "InactiveOnly", "All")),
        ("accounting/payments", "activeState", ("ActiveOnly", "InactiveOnly", "All")),
    ],
)
def test_only_active_rows_come_by_default(client, path, parameter, values):
    def rows(**params):
        return client.get(path, pageSize=5000, **params).json()["data"]

    default, (active, inactive, everything) = rows(), (rows(**{parameter: v}) for v in values)
    assert default == active
    assert all(row["active"] for row in active)
    assert inactive
    assert not any(row["active"] for row in inactive)
    assert len(everything) == len(active) + len(inactive)
    assert client.get(path, **{parameter: "maybe"}).status_code == 400


def test_unknown_parameters_are_ignored_in_silence(client):
    everything = client.get("jpm/jobs", pageSize=5000).json()
    assert client.get("jpm/jobs", pageSize=5000, modifiedAfter="2099-01-01").json() == everything


def test_filters_are_anded(client, tenant):
    jobs = tenant.records()["jobs"]
    canceled = [job["id"] for job in jobs if job["jobStatus"] == "Canceled"]
    scheduled = [job["id"] for job in jobs if job["jobStatus"] == "Scheduled"]
    ids = ",".join(str(id) for id in canceled[:2] + scheduled[:2])
    found = client.get("jpm/jobs", ids=ids, jobStatus="Canceled").json()["data"]
    assert [job["id"] for job in found] == canceled[:2]


def test_since_is_inclusive_and_before_exclusive(client, tenant):
    job = tenant.records()["jobs"][30]
    found = client.get("jpm/jobs", modifiedOnOrAfter=job["modifiedOn"], pageSize=500).json()
    assert job["id"] in {row["id"] for row in found["data"]}
    found = client.get("jpm/jobs", modifiedBefore=job["modifiedOn"], pageSize=500).json()
    assert job["id"] not in {row["id"] for row in found["data"]}
    assert found["data"]


def test_the_list_of_jobs_hides_active_and_the_export_shows_it(client):
    assert "active" not in client.get("jpm/jobs").json()["data"][0]
    assert "active" in client.get("jpm/export/jobs").json()["data"][0]


def test_inventory_bills_are_a_bare_array_or_paginated(client):
    plain = client.get("accounting/inventory-bills").json()
    assert isinstance(plain, list)
    assert client.get("accounting/inventory-bills/paginated").json()["data"] == plain


# -- gross pay ----------------------------------------------------------------------------------


@pytest.fixture
def pay(tenant):
    rows = tenant.records()["gross_pay_items"]
    return sorted(rows, key=lambda row: row["date"])


def test_a_window_of_pay_leaves_out_its_last_day(client, pay):
    day = pay[0]["date"][:10]
    path = "payroll/gross-pay-items"
    assert client.get(path, dateOnOrAfter=day, dateOnOrBefore=day).json()["data"] == []
    window = client.get(path, dateOnOrAfter=day, dateOnOrBefore=pay[-1]["date"], pageSize=500)
    expected = [row["date"] for row in pay if row["date"] != pay[-1]["date"]]
    assert sorted(row["date"] for row in window.json()["data"]) == expected
    assert all(row["id"] is None for row in window.json()["data"])


def test_pages_of_pay_are_unstable(tenant):
    def walks():
        with serve(tenant) as api:
            client = Client(api)
            return [
                [row["createdOn"] for row in client.get("payroll/gross-pay-items").json()["data"]]
                for _ in range(2)
            ]

    first, second = walks()
    assert first != second
    assert sorted(first) == sorted(second)
    assert walks() == [first, second]  # by the number of the call, so tests can rely on it


# -- exports ------------------------------------------------------------------------------------


@pytest.mark.parametrize("entity", [r.entity for r in RESOURCES if r.export])
def test_an_export_gives_every_record_once(client, tenant, entity):
    resource = BY_ENTITY[entity]
    pages, _ = client.export(f"{resource.module}/export/{resource.name}")
    assert all(len(page) == 50 for page in pages[:-1])
    found = [row for page in pages for row in page]
    assert len(found) == tenant.counts()[entity]
    if entity != "gross_pay_items":
        assert len({row["id"] for row in found}) == len(found)


def test_a_changed_record_comes_again_after_the_token(client, tenant):
    _, token = client.export("accounting/export/invoices")
    assert client.export("accounting/export/invoices", **{"from": token})[0] == [[]]
    invoice = tenant.records()["invoices"][5]
    tenant.change("invoices", invoice | {"active": False})
    tenant.change("invoices", invoice | {"id": tenant.ids.new("invoices")})
    pages, later = client.export("accounting/export/invoices", **{"from": token})
    assert [row["active"] for row in pages[0]] == [False, True]
    assert pages[0][0]["id"] == invoice["id"]
    assert later != token


def test_a_change_in_mid_walk_is_not_lost(client, tenant):
    first = client.get("jpm/export/jobs").json()
    job = first["data"][0]
    tenant.change("jobs", tenant.records()["jobs"][0] | {"jobStatus": "Hold"})
    pages, _ = client.export("jpm/export/jobs", **{"from": first["continueFrom"]})
    again = [row for page in pages for row in page if row["id"] == job["id"]]
    assert [row["jobStatus"] for row in again] == ["Hold"]


def test_an_export_starts_at_a_date(client, tenant):
    pages, _ = client.export("jpm/export/jobs", **{"from": "2025-10-01"})
    ids = {row["id"] for page in pages for row in page}
    assert ids == {
        job["id"] for job in tenant.records()["jobs"] if job["modifiedOn"] >= "2025-10-01"
    }
    assert 0 < len(ids) < tenant.counts()["jobs"]


def test_the_older_alias_of_estimates(client):
    alias = client.get("sales/estimates/export").json()["data"]
    assert alias == client.get("sales/export/estimates").json()["data"]


# -- faults -------------------------------------------------------------------------------------


def test_the_log_tells_method_path_and_parameters(client):
    client.get("jpm/export/jobs", includeRecentChanges="true")
    request = client.api.requests[-1]
    assert (request.method, request.entity) == ("GET", "jobs")
    assert request.params == {"includeRecentChanges": "true"}
    assert request.path.endswith("/export/jobs")


def test_a_fault_may_replace_the_answer(client):
    client.api.fault = lambda request: Response(429, b"slow down", {"Retry-After": "7"})
    answer = client.get("jpm/jobs")
    assert (answer.status_code, answer.text) == (429, "slow down")
    assert answer.headers["Retry-After"] == "7"


def test_a_fault_may_drop_the_connection(client):
    client.api.fault = lambda request: Response(dropped=True)
    with pytest.raises(requests.ConnectionError):
        client.get("jpm/jobs")


@pytest.mark.parametrize("sent", [0, 100])
def test_a_fault_may_break_off_within_the_body(client, sent):
    client.api.fault = lambda request: Response(sent=sent)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get("jpm/jobs")


def test_a_fault_may_halve_the_json(client):
    client.api.fault = lambda request: Response(halved=True)
    with pytest.raises(requests.exceptions.JSONDecodeError):
        client.get("jpm/jobs").json()


def test_without_a_fault_the_answer_is_the_ordinary_one(client):
    whole = client.get("jpm/jobs").json()
    client.api.fault = lambda request: None
    assert client.get("jpm/jobs").json() == whole
    client.api.fault = lambda request: Response()
    assert client.get("jpm/jobs").json() == whole
