"""One extractor at a time per dataset: a table that the first one makes and the second one finds.

BigQuery makes a table for one caller only, and changes it only for who has seen its last change:
that is all that a lock needs. The table expires, so that a kill -9 locks nobody out for long; while
its owner runs, the end is put off.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from google.cloud.bigquery import Table

from extract.errors import ExtractError, WarehouseError
from extract.warehouse.bigquery.connection import Connection

log = logging.getLogger(__name__)

NAME = "_sync_running"
LIVES = timedelta(minutes=5)
RENEWED = 60.0  # seconds between two renewals: four may fail


@contextmanager
def alone(
    connection: Connection,
    place: str,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    renewed: float = RENEWED,
) -> Iterator[None]:
    """Holds the dataset, which must be there, while the block runs; `place` names it in messages.

    Raises WarehouseError where another extractor holds it.
    """
    held = _take(connection, place, now())
    ended = threading.Event()
    renewer = threading.Thread(target=_renew, args=(connection, held, now, renewed, ended))
    renewer.start()
    try:
        yield
    finally:
        ended.set()
        renewer.join()
        with suppress(ExtractError):  # it expires
            connection.drop(NAME)


def _take(connection: Connection, place: str, now: datetime) -> Table:
    table = Table(connection.reference(NAME))
    table.expires = now + LIVES
    made = connection.create_first(table)
    if made is not None:
        return made
    other = connection.table(NAME)
    until = now + LIVES  # where it has gone in this moment: somebody may have made it anew
    if other is not None:
        # The emulator keeps no expiration; what it knows is when the owner last put off the end.
        until = other.expires or other.modified + LIVES
    if other is not None and until <= now:
        # It was killed, and BigQuery has not tidied up yet. Of two that see this, one gets it.
        other.expires = now + LIVES
        taken = connection.change_seen(other, "expires")
        if taken is not None:
            return taken
    raise WarehouseError(
        f"{place}: another sync is at work: wait for its end and run again (one that was killed is "
        f"forgotten at {max(until, now):%H:%M} UTC)"
    )


def _renew(
    connection: Connection,
    held: Table,
    now: Callable[[], datetime],
    renewed: float,
    ended: threading.Event,
) -> None:
    while not ended.wait(renewed):
        held.expires = now() + LIVES
        try:
            changed = connection.change_seen(held, "expires")
        except ExtractError as error:
            log.warning("%s; this sync goes on and tries again to say that it is at work", error)
            continue
        if changed is None:
            log.warning(
                "%s is gone or somebody else's: another sync may be at work at the same time", NAME
            )
            return
        held = changed
