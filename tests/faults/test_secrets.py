"""No secret in what the client says, however an answer is shaped. The runs of test_matrix.py,
test_records.py, test_processes.py and test_disk.py are each searched at their end."""

import pytest

from extract.errors import ApiError
from tests.extract.scripted_tenant import APP_KEY, SECRET, Tenant, answer, client

JOBS = "jpm/v2/tenant/{tenant}/export/jobs"


def said(tenant, reader=None):
    with pytest.raises(ApiError) as error:
        (reader or client(tenant)).get(JOBS)
    return str(error.value)


@pytest.mark.parametrize("secret", [SECRET, APP_KEY, "token-1"])
def test_a_secret_where_a_message_is_cut_shows_no_part_of_it(secret):
    for length in range(470, 505):
        tenant = Tenant()
        tenant.script = [("jobs", answer({"title": f"{'x' * length}{secret}"}, 404))]
        assert secret[:4] not in said(tenant)


def test_a_token_that_has_ended_is_as_secret_as_the_new_one():
    tenant = Tenant()
    named = answer({"title": "token-1 has ended, token-2 has not"}, 404)
    tenant.script = [("jobs", answer(b"", 401)), ("jobs", named)]
    assert "*** has ended, *** has not" in said(tenant)


def test_errors_of_the_token_endpoint_are_searched_as_well():
    tenant = Tenant()
    tenant.script = [("connect", answer({"error_description": f"no client {SECRET}"}, 418))]
    assert "no client ***" in said(tenant)
