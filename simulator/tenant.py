"""An invented tenant: a contractor's records in the shape of the API, changeable afterwards."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from simulator.business import REAL, Business, Ids, Volumes, write_reference
from simulator.cases import Desk, Planted, plant
from simulator.store import ENTITIES, Record, Store
from simulator.timekeeping import DAY, Calendar, monday, shift

REAL_FIRST_DAY = date(2020, 1, 1)
REAL_DAYS = (date(2025, 12, 31) - REAL_FIRST_DAY).days + 1
LAST_DAY = date(2025, 12, 31)

# Jobs per day as a share of the real contractor's; `cases` holds the planted cases alone.
SIZES = {"cases": 0.0, "tiny": 0.011, "small": 0.11, "real": 1.0}


@dataclass
class Tenant:
    """A tenant's records and the day on which they were read.

    `last_day` is the tenant's today in `timezone`: the as-of date of a parity run. `cases` are the
    hard cases planted in it, `ids` gives ids for new records.
    """

    id: int
    timezone: str
    first_day: date
    last_day: date
    store: Store
    calendar: Calendar
    cases: list[Planted]
    ids: Ids
    now: str = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.calendar.exact(self.last_day, "23:00")

    def records(self) -> dict[str, list[Record]]:
        """Every entity's newest records, decoded, in the API's JSON shape.

        Numbers with decimals are Decimal, accounting money str, instants and dates str. The shape
        is that of the export feeds (`active` everywhere it exists); what the oracle takes.
        """
        return self.store.records()

    def counts(self) -> Counter:
        """How many records each entity holds."""
        return Counter({entity: self.store.feeds[entity].live for entity in ENTITIES})

    def change(self, entity: str, record: Record, instead_of: Record | None = None) -> Record:
        """Write a new version of a record; every reader of the entity's feed sees it again.

        The record is found by its id (unknown: it is new) and gets the tenant's next second as
        `modifiedOn`. Deactivating is a change to `active: False`, as in the API.
        Gross pay items have no id: there `instead_of` is the old row, None adds a row.
        Returns the record as stored. Raises LookupError when `instead_of` is not there.
        """
        feed = self.store.feeds[entity]
        self.now = shift(self.now, seconds=1)
        record = record | {"modifiedOn": self.now}
        if entity == "gross_pay_items":
            position = None if instead_of is None else self._pay_position(instead_of)
        else:
            position = feed.position_of(record["id"])
        if position is None:
            feed.add(record)
        else:
            feed.replace(position, record)
        return record

    def remove_pay(self, record: Record) -> None:
        """Take back a gross pay item: the API shows no trace of it."""
        self.store.feeds["gross_pay_items"].replace(self._pay_position(record), None)

    def _pay_position(self, record: Record) -> int:
        feed = self.store.feeds["gross_pay_items"]
        for position in feed.of_date(record["date"][:10]):
            if feed.record(position) == record:
                return position
        raise LookupError(f"no such gross pay item on {record['date'][:10]}: {record}")


def build_tenant(
    seed: int = 1,
    weeks: int | None = None,
    size: str = "small",
    timezone: str = "America/Phoenix",
    last_day: date = LAST_DAY,
    tenant_id: int = 424_242,
) -> Tenant:
    """Invent a tenant: the same arguments give the same records, byte for byte.

    `weeks` (Monday to Sunday, the running one included) end with `last_day`; the default is 70,
    and all of 2020-2025 for size `real`, whose counts are then exactly the real contractor's.
    `size` is one of SIZES. Raises ValueError for an unknown size or no weeks.
    """
    if size not in SIZES:
        raise ValueError(f"size is {size!r}, but must be one of {', '.join(SIZES)}")
    if weeks is not None and weeks < 1:
        raise ValueError(f"weeks is {weeks}, but a tenant needs at least one")
    if weeks is None and size == "real":
        first_day = REAL_FIRST_DAY
    else:
        first_day = monday(last_day) - timedelta(weeks=(weeks or 70) - 1)
    calendar = Calendar(timezone, first_day, last_day)
    store, ids = Store(), Ids()
    crews, units = write_reference(store, tenant_id)
    planted_cases = plant(Desk(store, ids, calendar, units))
    share = SIZES[size] * ((last_day - first_day) / DAY + 1) / REAL_DAYS
    planted = {entity: feed.live for entity, feed in store.feeds.items()}
    wanted = Volumes(
        *(
            max(0, round(getattr(REAL, entity) * share) - planted[entity])
            for entity in ("jobs", "estimates", "invoices", "payments")
        )
    )
    if wanted.jobs:
        Business(store, ids, calendar, Random(seed), crews).work(wanted)
    store.sort()
    return Tenant(tenant_id, timezone, first_day, last_day, store, calendar, planted_cases, ids)
