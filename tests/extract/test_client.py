"""Token, retries, rate limit: scripted answers and a clock that only sleeping moves."""

import logging

import pytest
import requests

from extract.client import RateLimit, Traffic, asked_wait
from extract.errors import ApiError, CredentialsError
from tests.extract.scripted_tenant import APP_KEY, SECRET, Tenant, Time, answer, client

JOBS = "jpm/v2/tenant/{tenant}/export/jobs"
EMPTY = {"hasMore": False, "continueFrom": "t0", "data": []}


@pytest.fixture
def tenant():
    return Tenant()


def test_a_token_is_asked_for_once_and_renewed_before_it_ends(tenant):
    time = Time()
    reader = client(tenant, time)
    reader.get(JOBS)
    time.now = 809.0
    reader.get(JOBS)
    assert tenant.tokens == 1
    time.now = 811.0  # 900 seconds of life, less 90
    reader.get(JOBS)
    assert tenant.tokens == 2
    assert tenant.headers[-1]["Authorization"] == "Bearer token-2"
    assert tenant.headers[-1]["ST-App-Key"] == APP_KEY


def test_a_token_that_lives_shorter_than_the_margin_is_still_used_more_than_once(tenant):
    tenant.script = [("connect", answer({"access_token": "short", "expires_in": 60}))]
    time = Time()
    reader = client(tenant, time)
    reader.get(JOBS)
    time.now = 29.0
    reader.get(JOBS)
    assert [path for path, _ in tenant.calls].count("connect/token") == 1
    time.now = 31.0
    reader.get(JOBS)
    assert [path for path, _ in tenant.calls].count("connect/token") == 2


def test_a_401_renews_the_token_once_and_asks_again(tenant):
    tenant.script = [("jobs", answer(b"", 401))]
    assert client(tenant).get(JOBS) == EMPTY
    assert tenant.tokens == 2


def test_a_second_401_names_the_settings(tenant):
    tenant.script = [("jobs", answer(b"", 401)), ("jobs", answer(b"", 401))]
    with pytest.raises(CredentialsError, match="SERVICETITAN_APP_KEY"):
        client(tenant).get(JOBS)
    assert tenant.tokens == 2


def test_refused_credentials_are_not_retried_and_name_the_settings(tenant):
    tenant.script = [("connect", answer({"error": "invalid_client"}, 400))]
    with pytest.raises(CredentialsError, match=r"invalid_client.*SERVICETITAN_CLIENT_ID"):
        client(tenant).authenticate()
    assert len(tenant.calls) == 1


@pytest.mark.parametrize(
    "fault",
    [
        answer(b"", 500),
        answer(b"<html>bad gateway</html>", 502),
        answer({"title": "busy"}, 503),
        answer(b'{"hasMore": fal'),
        answer(b"<html>login</html>"),
        answer(b"\xff\xfe"),
        requests.ConnectionError("reset by peer"),
        requests.exceptions.ChunkedEncodingError("IncompleteRead"),
        requests.Timeout("read timed out"),
    ],
)
def test_a_passing_fault_is_retried_with_growing_waits(tenant, fault):
    tenant.script = [("jobs", fault)] * 4
    time, traffic = Time(), Traffic()
    assert client(tenant, time).get(JOBS, traffic=traffic) == EMPTY
    assert time.slept == [1.0, 2.0, 4.0, 8.0]  # the longest draws
    assert (traffic.retries, traffic.waited, traffic.answers) == (4, 15.0, 1)


def test_after_five_tries_the_error_names_request_and_fault(tenant):
    tenant.script = [("jobs", answer(b"<html>", 502))] * 6
    with pytest.raises(ApiError, match=r"GET jpm/v2/…/export/jobs from=t7: 502, tried 5 times"):
        client(tenant).get(JOBS, {"from": "t7"})
    assert len(tenant.script) == 1


def test_a_page_that_never_is_json_says_so(tenant):
    tenant.script = [("jobs", answer(b"<html>login</html>"))] * 5
    with pytest.raises(ApiError, match="the body is not JSON"):
        client(tenant).get(JOBS)


def test_slow_faults_end_by_time_before_the_tries_are_used_up(tenant):
    time = Time()

    class Slow(requests.Timeout):
        """Takes a minute to show."""

    reader = client(tenant, time)
    reader.authenticate()
    real = tenant.__class__.__call__

    def slow(self, method, url, headers):
        time.now += 60
        return real(self, method, url, headers)

    tenant.script = [("jobs", Slow("read timed out"))] * 5
    tenant.__class__ = type("SlowTenant", (Tenant,), {"__call__": slow})
    with pytest.raises(ApiError, match="tried 2 times"):
        reader.get(JOBS)


def test_the_servers_waits_do_not_use_up_the_time(tenant):
    tenant.script = [("jobs", answer({}, 429, Retry_After="100"))] * 4
    time = Time()
    assert client(tenant, time).get(JOBS) == EMPTY
    assert time.slept == [100.0] * 4


def test_a_wait_beyond_all_measure_is_an_error(tenant):
    tenant.script = [("jobs", answer({}, 429, Retry_After="3600"))]
    time = Time()
    with pytest.raises(ApiError, match="asks to wait 3600 s"):
        client(tenant, time).get(JOBS)
    assert time.slept == []


@pytest.mark.parametrize(
    ("headers", "body", "wait"),
    [
        ({"Retry-After": "7"}, b'{"title": "Try again in 50 seconds."}', 7.0),
        (
            {
                "Retry-After": "Wed, 21 Oct 2026 07:28:09 GMT",
                "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            b"",
            9.0,
        ),
        ({}, b'{"title": "Rate limit is exceeded. Try again in 50 seconds."}', 50.0),
        ({}, b"<html>", None),
        ({"Retry-After": "soon"}, b"", None),
    ],
)
def test_where_the_wait_is_said(headers, body, wait):
    response = requests.Response()
    response.headers.update(headers)
    response._content = body
    assert asked_wait(response) == wait


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_what_a_repetition_would_not_better_is_not_retried(tenant, status):
    body = {"title": "No", "traceId": "tr-1", "errors": {"from": ["not a token"]}}
    tenant.script = [("jobs", answer(body, status))]
    with pytest.raises(ApiError, match=rf"{status}: No; from: \['not a token'\]; trace tr-1") as e:
        client(tenant).get(JOBS)
    assert e.value.status == status
    assert len(tenant.asked("jobs")) == 1


def test_a_redirect_is_not_followed_with_the_app_key(tenant):
    tenant.script = [("jobs", answer(b"", 302, Location="http://elsewhere.test/"))]
    with pytest.raises(ApiError, match="302"):
        client(tenant).get(JOBS)


def test_no_secret_in_logs_and_errors(tenant, caplog):
    said = {"title": f"bad {SECRET} {APP_KEY} token-1"}
    tenant.script = [("jobs", answer(said, 500))] * 5
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ApiError) as error:
        client(tenant).get(JOBS)
    everything = caplog.text + str(error.value)
    assert "bad *** *** ***" in everything
    for secret in (SECRET, APP_KEY, "token-1"):
        assert secret not in everything


def test_no_more_calls_begin_in_any_second_than_the_limit_says():
    time = Time()
    limit = RateLimit(3, time.clock, time.sleep)
    begun = []
    for _ in range(10):
        limit.wait()
        begun.append(time.now)
        time.now += 0.1
    assert all(later - earlier >= 1.0 for earlier, later in zip(begun, begun[3:], strict=False))
    assert begun[2] < 1.0  # a burst within the limit is not slowed down


def test_numbers_with_a_point_are_exact(tenant):
    tenant.script = [("jobs", answer(b'{"a": 0.1, "b": 12345678901234567890.123456789}'))]
    found = client(tenant).get(JOBS)
    assert str(found["a"]) == "0.1"
    assert str(found["b"]) == "12345678901234567890.123456789"
