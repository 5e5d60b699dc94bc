"""Reading ahead: the next item is on its way while the last one is worked on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")

_END = object()


@contextmanager
def ahead(items: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """The same items in the same order, one of them read ahead in a thread of its own.

    What `items` raises is raised in its place. Whoever leaves the block early waits for the item
    under way: left to the garbage collector, the thread would be waited for at any moment, and from
    within any lock.
    """
    with ThreadPoolExecutor(max_workers=1) as reader:
        yield _read(reader, items)


def _read(reader: ThreadPoolExecutor, items: Iterator[Item]) -> Iterator[Item]:
    coming = reader.submit(next, items, _END)
    while (item := coming.result()) is not _END:
        coming = reader.submit(next, items, _END)
        yield item  # type: ignore[misc]
