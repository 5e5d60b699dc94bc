"""The tenant's records, kept as encoded JSON in the order in which they changed.

A real-sized tenant has 1.5 million records: as dicts they would not fit a laptop, as bytes they do,
and the API joins pages from them without encoding anything again.
"""

from bisect import bisect_left
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

Record = dict[str, Any]

ENTITIES = (
    "business_units",
    "job_types",
    "campaigns",
    "technicians",
    "customers",
    "locations",
    "jobs",
    "appointments",
    "estimates",
    "invoices",
    "payments",
    "gross_pay_items",
    "purchase_orders",
    "returns",
    "inventory_bills",
)

encode = msgspec.json.Encoder(decimal_format="number").encode
decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Feed:
    """The newest version of every record of one entity; a position, once given, is never reused.

    A record that changes leaves its position (None remains there) and gets a new one at the end:
    so a reader who continues from a position sees it again, as in the API's export feeds.
    """

    def __init__(self) -> None:
        self.bodies: list[bytes | None] = []
        self.modified: list[str] = []
        self._position_of_id: dict[int, int] | None = None
        self._positions_of_date: dict[str, list[int]] | None = None
        self.live = 0

    def add(self, record: Record) -> None:
        """Append a record; the key of the modification order is modifiedOn, else createdOn."""
        self.bodies.append(encode(record))
        self.modified.append((record["modifiedOn"] or record["createdOn"] or "").rstrip("Z"))
        self.live += 1
        if self._position_of_id is not None and record["id"] is not None:
            self._position_of_id[record["id"]] = len(self.bodies) - 1
        if self._positions_of_date is not None:
            day = record["date"][:10]
            self._positions_of_date.setdefault(day, []).append(len(self.bodies) - 1)

    def sort(self) -> None:
        """Put a freshly generated feed into the order of modification."""
        order = sorted(range(len(self.bodies)), key=self.modified.__getitem__)
        self.bodies = [self.bodies[n] for n in order]
        self.modified = [self.modified[n] for n in order]
        self._position_of_id = self._positions_of_date = None

    def replace(self, position: int, record: Record | None) -> None:
        """Give the record at `position` a new version (None: it is gone) at the end of the feed."""
        self.bodies[position] = None
        self.live -= 1
        if record is not None:
            self.add(record)

    def position_of(self, id: int) -> int | None:
        """The position of the record with this id."""
        if self._position_of_id is None:
            self._position_of_id = {
                record["id"]: n for n, record in self.numbered() if record["id"] is not None
            }
        return self._position_of_id.get(id)

    def of_date(self, day: str) -> list[int]:
        """The positions of the records of a calendar date (gross pay items)."""
        if self._positions_of_date is None:
            self._positions_of_date = {}
            for n, record in self.numbered():
                self._positions_of_date.setdefault(record["date"][:10], []).append(n)
        return [n for n in self._positions_of_date.get(day, ()) if self.bodies[n] is not None]

    def days(self) -> list[str]:
        """Every calendar date that a record has, in order (gross pay items)."""
        self.of_date("")
        return sorted(self._positions_of_date)

    def record(self, position: int) -> Record:
        """The decoded record at a position that holds one."""
        return decode(self.bodies[position])

    def numbered(self) -> Iterator[tuple[int, Record]]:
        """(position, decoded record) of every record."""
        for n, body in enumerate(self.bodies):
            if body is not None:
                yield n, decode(body)

    def first_modified(self, since: str) -> int:
        """The first position modified at or after `since`, an instant without its Z."""
        return bisect_left(self.modified, since)

    def page(self, position: int, size: int) -> tuple[list[bytes], int, bool]:
        """Up to `size` bodies from `position`, where to continue, whether more follow."""
        taken: list[bytes] = []
        bodies, end = self.bodies, len(self.bodies)
        while position < end and len(taken) < size:
            chunk = bodies[position : position + size - len(taken)]
            taken += [body for body in chunk if body is not None]
            position += len(chunk)
        more = any(body is not None for body in bodies[position : position + 10_000]) or (
            position + 10_000 < end
        )
        return taken, position, more


class Store:
    """One feed per entity."""

    def __init__(self) -> None:
        self.feeds = {entity: Feed() for entity in ENTITIES}

    def add(self, entity: str, record: Record) -> Record:
        """Append a record to its entity's feed and hand it back."""
        self.feeds[entity].add(record)
        return record

    def sort(self) -> None:
        """Order every feed by modification."""
        for feed in self.feeds.values():
            feed.sort()

    def records(self) -> dict[str, list[Record]]:
        """Every record decoded, entity by entity: numbers with decimals are Decimal."""
        return {
            entity: [record for _, record in feed.numbered()] for entity, feed in self.feeds.items()
        }
