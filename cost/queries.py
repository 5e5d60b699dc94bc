"""A query as the bill sees it."""

from dataclasses import dataclass

Name = tuple[str, str]  # schema, table


@dataclass(frozen=True)
class Read:
    """Columns (lower case; None = all) of a table that a query reads, and the share of its rows
    that lies in the partitions which it cannot leave out."""

    table: Name
    columns: frozenset[str] | None = None
    share: float = 1.0


@dataclass(frozen=True)
class Query:
    """A query that runs `times` times, as a part of a run; `staged` are the bytes that it reads of
    a table that lives for the moment. A table that is read twice is charged twice: that is how
    BigQuery charges a MERGE or UPDATE, for the columns named and then for whole rows."""

    part: str
    name: str
    reads: tuple[Read, ...] = ()
    staged: float = 0.0
    times: int = 1
