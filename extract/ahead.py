"""Reading ahead: the next item is on its way while the last one is worked on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")

_END = object()


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items in the same order, one of them read ahead in a thread of its own.

    What `items` raises is raised in its place. Whoever stops early waits for the item under way.
    """
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = reader.submit(next, items, _END)
            yield item  # type: ignore[misc]
