"""Walks over feeds that change between two calls: what stood there all along is never missed."""

import itertools
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extract import pages
from extract.errors import ApiError


class List:
    """Ids in pages of `size`; in front of every call some go, or some come anywhere."""

    def __init__(self, ids, size, changes):
        self.ids, self.size = list(ids), size
        self.always = set(ids)
        self._changes = iter(changes)
        self._fresh = itertools.count(1_000)

    def get(self, _, params):
        for place in next(self._changes, ()):
            if place < 0 and self.ids:
                self.always.discard(self.ids.pop(-place % len(self.ids)))
            elif place >= 0:
                self.ids.insert(place % (len(self.ids) + 1), next(self._fresh))
        end = params["page"] * self.size
        return {
            "page": params["page"],
            "hasMore": end < len(self.ids),
            "totalCount": len(self.ids),
            "data": self.ids[end - self.size : end],
        }


def walked(served):
    seen = set()
    for page in pages.whole_list(served.get, "x", {}, seen.__len__):
        seen.update(page.records)
    return seen


def changes(places):
    return st.lists(st.lists(places, max_size=2), max_size=9)


# Records that go, or records that come; both in one breath may leave the total as it was.
@settings(max_examples=200)
@example(4, 2, [[], [-4]])
@given(
    st.integers(0, 12),
    st.integers(1, 5),
    changes(st.integers(-20, -1)) | changes(st.integers(0, 20)),
)
def test_a_list_that_changes_while_it_is_read_loses_nothing_that_stays(number, size, happening):
    served = List(range(number), size, happening)
    try:
        found = walked(served)
    except ApiError as error:
        assert "run again when the list is quiet" in str(error)  # noqa: PT017
    else:
        assert found >= served.always


def test_a_list_whose_first_record_goes_between_two_pages_is_walked_again():
    """1 goes, 3 slides to the page that has been read; the three that were seen are not the three
    that are there."""
    assert walked(List([1, 2, 3, 4], 2, [[], [-4]])) == {1, 2, 3, 4}


def test_a_list_that_never_is_quiet_is_an_error():
    with pytest.raises(ApiError, match=r"after 3 walks, the API counts \d+ to \d+; run again"):
        walked(List(range(9), 3, [[0]] * 30))


class Export:
    """A feed of (id, version): a record that changes leaves its place and comes again behind."""

    def __init__(self, number, size, dice):
        self.feed = [(key, 0) for key in range(number)]
        self.calls = 0
        self._size, self._dice = size, dice

    def get(self, _, params):
        self.calls += 1
        changing = self._dice.randrange(len(self.feed))
        if self.calls < 20 and self.feed[changing] and self._dice.random() < 0.5:
            key, version = self.feed[changing]
            self.feed[changing] = None
            self.feed.append((key, version + 1))
        begin, turn = map(int, params.get("from", "0-0").split("-"))
        # Some pages are empty, and some repeat the end of the one before.
        end = min(len(self.feed), begin + self._dice.choice([0, self._size, self._size]))
        again = max(0, begin - self._dice.choice([0, 0, 2]))
        return {
            "hasMore": end < len(self.feed),
            "continueFrom": f"{end}-{turn + 1}",
            "data": [record for record in self.feed[again:end] if record],
        }


@given(st.integers(1, 15), st.integers(1, 5), st.integers(0, 1_000))
def test_an_export_that_changes_while_it_is_read_gives_every_last_version(number, size, seed):
    served = Export(number, size, random.Random(seed))
    found = {}
    for page in pages.export(served.get, "x", {}, None):
        for key, version in page.records:
            found[key] = max(version, found.get(key, 0))
    assert found == dict(record for record in served.feed if record)
