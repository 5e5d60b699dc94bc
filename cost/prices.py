"""What BigQuery charges for, and how much of it: the one place with prices.

List prices of the US multi-region, to be checked against cloud.google.com/bigquery/pricing; other
regions cost up to half as much again. Storage is logical and active: what was not changed for 90
days costs half of it. Load jobs and copies are free.
"""

from collections import Counter
from collections.abc import Iterable

from cost.queries import Query
from cost.volumes import Volumes

USD_PER_TIB_SCANNED = 6.25
FREE_TIB_A_MONTH = 1
USD_PER_GIB_STORED = 0.02
FREE_GIB_STORED = 10
RUNS_A_MONTH = 30

MIB, GIB, TIB = 2**20, 2**30, 2**40
LEAST = 10 * MIB  # charged per table that a query reads


def scanned(query: Query, volumes: Volumes) -> float:
    """Bytes that a query reads, each time that it runs."""
    return sum(_by_table(query, volumes).values())


def billed(query: Query, volumes: Volumes) -> float:
    """Bytes that BigQuery charges for a query, all its runs together: no table of which it reads
    anything counts less than `LEAST`."""
    tables = _by_table(query, volumes).values()
    return query.times * sum(max(LEAST, size) for size in tables if size)


def total(queries: Iterable[Query], volumes: Volumes) -> Counter[str]:
    """Bytes charged per part of a run."""
    parts: Counter[str] = Counter()
    for query in queries:
        parts[query.part] += billed(query, volumes)
    return parts


def usd_scanned(size: float) -> float:
    """What a month's scanned bytes cost."""
    return max(0.0, size / TIB - FREE_TIB_A_MONTH) * USD_PER_TIB_SCANNED


def usd_stored(size: float) -> float:
    """What these bytes cost per month."""
    return max(0.0, size / GIB - FREE_GIB_STORED) * USD_PER_GIB_STORED


def _by_table(query: Query, volumes: Volumes) -> Counter[tuple[str, str]]:
    tables: Counter[tuple[str, str]] = Counter()
    for read in query.reads:
        tables[read.table] += volumes.size(read.table, read.columns) * read.share
    if query.staged:
        tables["staging", query.name] += query.staged
    return tables
