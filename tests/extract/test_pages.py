"""The walks over export feeds, lists and windows of days, against scripted answers."""

import itertools
import random
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract import pages
from extract.errors import ApiError, RowError
from tests.extract.scripted_tenant import Tenant, client, pay

EXPORT = "jpm/v2/tenant/{tenant}/export/jobs"
LIST = "jpm/v2/tenant/{tenant}/job-types"
PAY = "payroll/v2/tenant/{tenant}/gross-pay-items"
TODAY = date(2026, 1, 15)


def scripted(*answers):
    """A `get` that gives these answers, one after the other; asked parameters in `.asked`."""

    def get(path, params):
        get.asked.append(dict(params))
        return answers[len(get.asked) - 1]

    get.asked = []
    return get


def page(data, more=False, token=None, **other):
    return {"data": data, "hasMore": more, "continueFrom": token, **other}


def test_an_export_goes_on_from_token_to_token_also_over_an_empty_page():
    get = scripted(page([1], True, "a"), page([], True, "b"), page([2], False, "c"))
    found = list(pages.export(get, EXPORT, {"active": "Any"}, None))
    assert [p.records for p in found] == [[1], [], [2]]
    assert [p.token for p in found] == ["a", "b", "c"]
    assert get.asked == [
        {"active": "Any"},
        {"active": "Any", "from": "a"},
        {"active": "Any", "from": "b"},
    ]


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "a"]])
def test_an_export_that_would_never_end_is_an_error(tokens):
    get = scripted(*(page([1], True, token) for token in tokens))
    with pytest.raises(ApiError, match=r"export/jobs from=\w: the same continueFrom twice"):
        list(pages.export(get, EXPORT, {}, None))


def test_a_resumed_export_whose_first_answer_repeats_its_own_token_is_an_error():
    with pytest.raises(ApiError, match="the same continueFrom twice"):
        list(pages.export(scripted(page([1], True, "a")), EXPORT, {}, "a"))


def test_the_same_token_at_the_end_is_fine():
    assert len(list(pages.export(scripted(page([], False, "a")), EXPORT, {}, "a"))) == 1


def test_more_to_come_without_a_token_is_an_error():
    with pytest.raises(ApiError, match="hasMore without continueFrom"):
        list(pages.export(scripted(page([1], True)), EXPORT, {}, None))


@pytest.mark.parametrize("answer", [[], {"hasMore": False}, {"data": {}, "hasMore": False}, None])
def test_an_answer_without_data_is_an_error(answer):
    with pytest.raises(ApiError, match=r"export/jobs: the answer has no list `data`"):
        list(pages.export(scripted(answer), EXPORT, {}, None))


def test_an_answer_that_does_not_say_whether_there_is_more_is_an_error():
    with pytest.raises(ApiError, match="no `hasMore`"):
        list(pages.export(scripted({"data": []}), EXPORT, {}, None))


def test_only_a_stored_token_can_be_refused():
    def refuse_after(good):
        answers = [page([1], True, f"t{i}") for i in range(good)]

        def get(path, params):
            if answers:
                return answers.pop()
            raise ApiError("400", 400)

        return get

    with pytest.raises(pages.TokenRefused):
        list(pages.export(refuse_after(0), EXPORT, {}, "stored"))
    with pytest.raises(ApiError) as error:
        list(pages.export(refuse_after(1), EXPORT, {}, "stored"))
    assert not isinstance(error.value, pages.TokenRefused)
    with pytest.raises(ApiError) as error:
        list(pages.export(refuse_after(0), EXPORT, {}, None))
    assert not isinstance(error.value, pages.TokenRefused)


def walk_list(get):
    seen = set()
    for found in pages.whole_list(get, LIST, {}, seen.__len__):
        seen.update(found.records)
    return seen


def test_a_list_is_read_page_by_page():
    get = scripted(page([1, 2], True, totalCount=3), page([3], totalCount=3))
    assert walk_list(get) == {1, 2, 3}
    assert [asked["page"] for asked in get.asked] == [1, 2]
    assert get.asked[0]["includeTotal"] == "true"


def test_a_list_whose_pages_shifted_is_walked_again():
    # 3 slid from page 2 to page 1 between the two calls.
    get = scripted(
        page([1, 2], True, totalCount=4),
        page([4], totalCount=4),
        page([2, 3], True, totalCount=4),
        page([4], totalCount=4),
    )
    assert walk_list(get) == {1, 2, 3, 4}


def test_a_list_that_never_gives_all_is_an_error():
    get = scripted(*[page([1], totalCount=2)] * 3)
    with pytest.raises(ApiError, match=r"1 different records after 3 walks, the API counts 2"):
        walk_list(get)


def test_a_list_without_totals_is_taken_as_it_comes():
    assert walk_list(scripted(page([1], totalCount=None))) == {1}


def test_a_list_that_would_never_end_is_an_error():
    with pytest.raises(ApiError, match="empty page with hasMore"):
        walk_list(scripted(page([], True)))
    with pytest.raises(ApiError, match="page 1 was sent instead"):
        walk_list(scripted(page([1], True, page=1), page([1], True, page=1)))


def windows(tenant, first=None, last=None, params=None, today=TODAY):
    get = client(tenant).get
    return list(
        pages.day_windows(get, PAY, params or {}, field="date", first=first, last=last, today=today)
    )


def amounts(found):
    return Counter(str(record["amount"]) for window in found for record in window.records)


def history(*days):
    return [pay(day, amount=f"{number}.00") for number, day in enumerate(days)]


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("cap", [1, 2, 3, 5000])
def test_windows_hold_every_row_once_whatever_the_upper_bound_means(inclusive, cap):
    tenant = Tenant()
    tenant.inclusive, tenant.cap = inclusive, cap
    days = ["1999-12-31", "2016-02-29", "2025-12-31", "2026-01-01", "2026-01-02", "2027-08-01"]
    tenant.records["gross_pay_items"] = history(*days)
    found = windows(tenant)
    assert amounts(found) == Counter(f"{number}.00" for number in range(6))
    assert found[0].first is None
    assert found[-1].last is None
    for before, after in itertools.pairwise(found):
        assert after.first == before.last + timedelta(days=1)
    for window in found:
        for record in window.records:
            day = date.fromisoformat(record["date"][:10])
            assert (window.first or date.min) <= day <= (window.last or date.max)


def test_a_short_history_takes_one_call():
    tenant = Tenant({"gross_pay_items": history("2020-01-01", "2026-01-01")})
    assert len(windows(tenant)) == 1
    assert len(tenant.asked("gross_pay_items")) == 1


def test_bounds_are_respected_and_asked_for():
    tenant = Tenant({"gross_pay_items": history("2025-01-01", "2025-01-02", "2025-01-03")})
    found = windows(tenant, date(2025, 1, 2), date(2025, 1, 2))
    assert amounts(found) == Counter(["1.00"])
    assert tenant.asked("gross_pay_items")[0]["dateOnOrAfter"] == "2025-01-02T00:00:00Z"
    assert tenant.asked("gross_pay_items")[0]["dateOnOrBefore"] == "2025-01-03T00:00:00Z"


@settings(max_examples=30)
@given(
    st.lists(st.dates(date(2000, 1, 1), date(2031, 1, 1)), max_size=40),
    st.integers(1, 12),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_unstable_pages_lose_and_double_nothing(days, cap, inclusive, dice):
    tenant = Tenant()
    tenant.cap, tenant.inclusive = cap, inclusive
    tenant.shuffle = lambda rows: dice.sample(rows, len(rows))
    tenant.records["gross_pay_items"] = history(*map(str, days))
    assert amounts(windows(tenant)) == Counter(f"{number}.00" for number in range(len(days)))


def test_a_crowded_day_with_equal_rows_on_unstable_pages():
    tenant = Tenant()
    tenant.cap = 4
    dice = random.Random(1)
    tenant.shuffle = lambda rows: dice.sample(rows, len(rows))
    rows = [pay("2026-01-05", "10.00")] * 2 + history(*["2026-01-05"] * 5)
    tenant.records["gross_pay_items"] = rows
    assert amounts(windows(tenant)) == Counter(str(row["amount"]) for row in rows)


def test_a_crowded_day_with_equal_rows_on_stable_pages():
    tenant = Tenant()
    tenant.cap = 2
    rows = [pay("2026-01-05", "10.00"), *history(*["2026-01-05"] * 3), pay("2026-01-05", "10.00")]
    tenant.records["gross_pay_items"] = rows
    assert amounts(windows(tenant)) == Counter(str(row["amount"]) for row in rows)


def test_a_crowded_day_that_never_reads_the_same_is_an_error():
    tenant = Tenant()
    tenant.cap = 2
    a, b, c = tenant.records["gross_pay_items"] = history(*["2026-01-05"] * 3)
    # Page 2 repeats a or b in turn and never shows c.
    orders = itertools.cycle([[a, b, c], [b, c, a], [a, b, c], [a, c, b]])
    tenant.shuffle = lambda rows: next(orders)
    with pytest.raises(ApiError, match=r"2026-01-05 does not fit into one page, and 12 reads"):
        windows(tenant, date(2026, 1, 5), date(2026, 1, 5))


def test_a_row_without_a_day_is_an_error():
    tenant = Tenant()
    tenant.shuffle = lambda rows: [{"amount": 1, "date": None}]
    with pytest.raises(RowError, match=r"without a usable `date` \(null\)"):
        windows(tenant)


def test_the_walk_needs_few_calls_for_a_long_history():
    tenant = Tenant()
    tenant.cap = 50
    days = [str(date(2016, 1, 1) + timedelta(days=number)) for number in range(3650)]
    tenant.records["gross_pay_items"] = history(*days)
    assert amounts(windows(tenant)) == Counter(f"{number}.00" for number in range(3650))
    assert len(tenant.asked("gross_pay_items")) < 2 * 3650 / 50


def test_the_walk_takes_years_without_pay_in_strides():
    tenant = Tenant()
    tenant.cap = 1
    tenant.records["gross_pay_items"] = history("2001-01-01", "2026-01-01")
    assert len(windows(tenant)) < 50


def test_days_from_the_first_to_the_last_of_the_calendar():
    tenant = Tenant()
    tenant.cap = 1
    tenant.records["gross_pay_items"] = history("0001-01-01", "2026-01-01", "9999-12-31")
    assert amounts(windows(tenant)) == Counter(["0.00", "1.00", "2.00"])
