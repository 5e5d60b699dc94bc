"""What becomes of the older system's tables, or would become."""

from dataclasses import dataclass, field

from extract.adoption.old_tables import OldTable


@dataclass(frozen=True)
class Gap:
    """A column of ours that adopted rows do not fill, and why."""

    column: str
    why: str


@dataclass
class Outcome:
    """What became of one entity, or would become.

    `state`: adopted, to adopt (without `yes`), nothing to adopt, failed; `note` says why there is
    nothing. `rows` are the old ones, of which `duplicates` have a newer one of their id. `ids` that
    the API gave (`from_api`) or that were adopted before stay, `mended` of the latter change.
    """

    old: OldTable
    table: str | None = None  # the old one's name
    state: str = "nothing to adopt"
    note: str | None = None
    error: str | None = None
    rows: int = 0
    without_id: int = 0
    ids: int = 0
    from_api: int = 0
    adopted_before: int = 0
    mended: int = 0
    new: int = 0
    lost: dict[str, int] = field(default_factory=dict)  # column -> values that cannot be converted
    finer: dict[str, int] = field(default_factory=dict)  # column -> amounts rounded to cents
    gaps: list[Gap] = field(default_factory=list)
    not_taken: list[str] = field(default_factory=list)  # old columns that no column of ours reads
    is_complete: bool = False  # the API has given all its history

    @property
    def duplicates(self) -> int:
        return self.rows - self.without_id - self.ids

    @property
    def adopted(self) -> int:
        """The rows that stand, or would stand, in our table as adopted ones."""
        return self.adopted_before + self.new


@dataclass(frozen=True)
class Adoption:
    """`source` is project.dataset of the old tables; `others` are those that no entity takes."""

    source: str
    outcomes: list[Outcome]
    others: list[str]
