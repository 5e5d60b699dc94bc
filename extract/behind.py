"""Landing behind: the next batch is made while the last one is on its way into the warehouse."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

Work = Callable[[], None]


@contextmanager
def behind() -> Iterator[Callable[[Work], None]]:
    """Takes pieces of work, does them in their order in a thread of its own, one at a time: who
    brings one waits for the one before.

    What a piece raises is raised where the next is brought, which is then not done, or at the end
    of the block; whatever ends the block, it waits for the piece under way.
    """
    under_way: Future[None] | None = None

    def take(work: Work) -> None:
        nonlocal under_way
        if under_way is not None:
            under_way.result()
        under_way = worker.submit(work)

    with ThreadPoolExecutor(max_workers=1) as worker:
        yield take
        if under_way is not None:
            under_way.result()
