"""Work that is done one behind."""

from threading import Event

import pytest

from extract.behind import behind

SOON = 10  # seconds; only what hangs takes as long


def test_the_next_piece_is_made_while_the_last_is_done_and_all_in_order():
    done, may_go_on = [], Event()

    def first():
        assert may_go_on.wait(SOON)
        done.append(1)

    with behind() as take:
        take(first)
        assert done == []
        may_go_on.set()
        for number in (2, 3):
            take(lambda number=number: done.append(number))
            assert number - 1 in done
    assert done == [1, 2, 3]


def brings(*pieces, then=lambda: None):
    with behind() as take:
        for piece in pieces:
            take(piece)
        then()


def test_an_error_is_raised_where_the_next_is_brought_which_is_not_done():
    done = []
    with pytest.raises(ZeroDivisionError):
        brings(lambda: 1 / 0, lambda: done.append("next"))
    assert done == []


def test_an_error_of_the_last_is_raised_at_the_end():
    done = []
    with pytest.raises(ZeroDivisionError):
        brings(lambda: 1 / 0, then=lambda: done.append("all brought"))
    assert done == ["all brought"]


def test_who_leaves_early_waits_for_the_piece_under_way():
    done, begun = [], Event()

    def slow():
        begun.set()
        assert not Event().wait(0.05)
        done.append("slow")

    def leave():
        assert begun.wait(SOON)
        raise KeyError

    with pytest.raises(KeyError):
        brings(slow, then=leave)
    assert done == ["slow"]
