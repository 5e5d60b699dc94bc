"""The estimate as tables, in Markdown."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby

from rich import box
from rich.table import Table

from cost import landing, prices
from cost.prices import GIB, MIB, TIB
from cost.queries import Name, Query
from cost.volumes import Volumes
from extract.entities import Entity

Asked = Callable[[Volumes], list[Query]]


def raw(schema: str, entities: Iterable[Entity], volumes: Volumes) -> Table:
    """Per raw table its rows and bytes, and what a daily run loads."""
    known = list(entities)
    table = _table("raw table", "rows", "MiB", "rows loaded a day", "MiB loaded a day")
    loaded = landing.loaded(schema, known, volumes)
    sizes = {e.table: volumes.tables[schema, e.table] for e in known}
    for name, landed in sizes.items():
        rows, size = loaded[name]
        table.add_row(
            name, f"{landed.rows:,.0f}", _in(MIB, landed.size), f"{rows:,.0f}", _in(MIB, size)
        )
    table.add_row(
        "all",
        f"{sum(t.rows for t in sizes.values()):,.0f}",
        _in(MIB, sum(t.size for t in sizes.values())),
        f"{sum(rows for rows, _ in loaded.values()):,.0f}",
        _in(MIB, sum(size for _, size in loaded.values())),
    )
    return table


def models(
    asked: Iterable[Query], written: Mapping[str, tuple[str, Name]], volumes: Volumes
) -> Table:
    """Per model what it scans, is charged for and writes, the dearest first."""
    table = _table("model", "scans MiB", "charged MiB", "writes MiB")
    of_models = [query for query in asked if query.part == "models"]
    sizes = {
        name: [prices.scanned(query, volumes) for query in group]
        for name, group in groupby(of_models, lambda query: query.name)
    }
    charged = {query.name: prices.billed(query, volumes) for query in of_models}
    total = [0.0, 0.0, 0.0]
    for name in sorted(sizes, key=lambda name: (-charged[name], -sum(sizes[name]), name)):
        figures = (sum(sizes[name]), charged[name], volumes.size(written[name][1]))
        total = [one + other for one, other in zip(total, figures, strict=True)]
        table.add_row(name, *(_in(MIB, size) for size in figures))
    table.add_row("all", *(_in(MIB, size) for size in total))
    return table


def parts(asked: Asked, grown: Mapping[int, Volumes]) -> Table:
    """Per part of a run what is charged, at each volume; `asked` gives the queries at a volume."""
    table = _table("part", *(f"volume × {factor}" for factor in grown))
    sums = {factor: prices.total(asked(volumes), volumes) for factor, volumes in grown.items()}
    for part in next(iter(sums.values())):
        table.add_row(part, *(_in(GIB, found[part]) for found in sums.values()))
    table.add_row("all", *(_in(GIB, found.total()) for found in sums.values()))
    return table


def month(first: Asked, daily: Asked, grown: Mapping[int, Volumes]) -> Table:
    """What a month of daily runs costs, at each volume."""
    table = _table("", *(f"volume × {factor}" for factor in grown))
    scans = [prices.RUNS_A_MONTH * prices.total(daily(at), at).total() for at in grown.values()]
    once = [prices.total(first(at), at).total() for at in grown.values()]
    stored = [sum(t.size for t in at.tables.values()) for at in grown.values()]
    rows = {
        "scanned, TiB": [_in(TIB, size) for size in scans],
        f"USD for it, {prices.FREE_TIB_A_MONTH} TiB free": [
            _usd(prices.usd_scanned(size)) for size in scans
        ],
        "stored, GiB": [_in(GIB, size) for size in stored],
        f"USD for it, {prices.FREE_GIB_STORED} GiB free": [
            _usd(prices.usd_stored(size)) for size in stored
        ],
        "USD a month": [
            _usd(prices.usd_scanned(scan) + prices.usd_stored(store))
            for scan, store in zip(scans, stored, strict=True)
        ],
        "once: first load and build, TiB": [_in(TIB, size) for size in once],
        "once: USD for it, nothing free": [
            _usd(size / TIB * prices.USD_PER_TIB_SCANNED) for size in once
        ],
    }
    for name, cells in rows.items():
        table.add_row(name, *cells)
    return table


def _table(*headings: str) -> Table:
    table = Table(box=box.MARKDOWN)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    return table


def _in(unit: int, size: float) -> str:
    number = size / unit
    return f"{number:,.0f}" if number >= 100 else f"{number:,.2f}"


def _usd(amount: float) -> str:
    return f"{amount:,.2f}"
