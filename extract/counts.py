"""How many records of an entity have landed, held against the API's own count."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from extract import pages
from extract.client import describe
from extract.entities import Entity, Total
from extract.errors import ExtractError
from extract.warehouse import Count, Warehouse

# Export feeds show a change about 15 minutes late: what was created this long before a reading
# began may be missing from it.
LATE = timedelta(hours=1)
IDS = 50  # the documented most in one call
# The parameter that shows inactive rows -> its value for those alone.
INACTIVE_ONLY = {"active": "False", "activeState": "InactiveOnly"}
EQUAL = "equal"
CURE = "python -m extract check --counts --heal --only"


@dataclass(frozen=True)
class Comparison:
    """What our table holds of an entity beside the API's `total`; both None where that could not be
    counted, and `not_counted` says why; `failed`: not because the API knows no number.

    `missing` and `extra` are records that we lack and that it lacks, `doubled` rows beyond the
    first of their key. What rightly differs is none of these: `newer` records were created since
    our last reading, `unlisted` ones are inactive and in no list of the API, that is, deleted.
    """

    entity: Entity
    ours: Count | None = None
    total: int | None = None
    missing: int = 0
    extra: int = 0
    doubled: int = 0
    newer: int = 0
    unlisted: int = 0
    not_counted: str | None = None
    failed: bool = False

    @property
    def is_equal(self) -> bool:
        return self.total is not None and not self.differs

    @property
    def differs(self) -> bool:
        return bool(self.missing or self.extra or self.doubled)

    @property
    def said(self) -> str:
        """The result in words, with the cure where there is something to cure."""
        if self.not_counted:
            return f"not counted: {self.not_counted}"
        found = [
            f"{count:,} {what}"
            for count, what in (
                (self.missing, "missing"),
                (self.extra, "that the API does not count"),
                (self.doubled, "standing twice"),
            )
            if count
        ]
        rightly = [
            f"{count:,} {what}"
            for count, what in (
                (self.newer, "newer in the API: the next sync brings them"),
                (self.unlisted, "inactive that no list shows: deleted in ServiceTitan"),
            )
            if count
        ]
        text = f"{', '.join(found)}: {CURE} {self.entity.label}" if found else EQUAL
        return "; ".join([text, *rightly])

    @property
    def place(self) -> str:
        """The call whose total is compared."""
        total = self.entity.total
        return describe(total.path, total.params) if total else ""


def compare(entity: Entity, get: pages.Get, warehouse: Warehouse, began: datetime) -> Comparison:
    """The entity's table beside the API's count; `began` is when its last reading began.

    One call where they are equal; else one more for what was created since, and one for the
    inactive ones (or one per 50 of them, where the list has no parameter for them). Raises nothing:
    what cannot be counted says so.
    """
    if entity.total is None:
        why = "its feed has no total, and entities.yml names no list that has one"
        return Comparison(entity, not_counted=why)
    try:
        return _compare(entity, entity.total, get, warehouse, began - LATE)
    except ExtractError as error:
        return Comparison(entity, not_counted=str(error), failed=True)


def _compare(
    entity: Entity, of: Total, get: pages.Get, warehouse: Warehouse, since: datetime
) -> Comparison:
    ours = warehouse.count(entity, since)
    total = pages.total(get, of.path, of.params)
    if total is None:
        why = f"{describe(of.path, of.params)}: the answer has no totalCount"
        return Comparison(entity, not_counted=why)
    extra, newer, unlisted = ours.records - total, 0, 0
    if extra and "createdOn" in entity.row_types:
        created = {**of.params, "createdOnOrAfter": _instant(since)}
        newer = max(0, (pages.total(get, of.path, created) or 0) - ours.recent)
        extra += newer
    if extra > 0 and ours.inactive:
        unlisted = _unlisted(entity, of, get, warehouse, ours)
        extra -= unlisted
    return Comparison(
        entity,
        ours,
        total,
        missing=max(0, -extra),
        extra=max(0, extra),
        doubled=ours.rows - ours.records,
        newer=newer,
        unlisted=unlisted,
    )


def _unlisted(entity: Entity, of: Total, get: pages.Get, warehouse: Warehouse, ours: Count) -> int:
    """How many of our inactive rows are in no list of the API: its export feeds give deleted
    records, a list may not, and what a list gave once and gives no more we keep as inactive."""
    for name in of.params.keys() & INACTIVE_ONLY.keys():
        asked = {**of.params, name: INACTIVE_ONLY[name]}
        return max(0, ours.inactive - (pages.total(get, of.path, asked) or 0))
    listed = 0
    keys = warehouse.inactive_keys(entity)
    for first in range(0, len(keys), IDS):
        asked = {**of.params, "ids": ",".join(map(str, keys[first : first + IDS]))}
        listed += pages.total(get, of.path, asked) or 0
    return ours.inactive - listed


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
