"""What a sync is charged for, by hand."""

import pytest

from cost import landing, prices
from cost.prices import MIB
from cost.volumes import Table, Volumes
from extract import entities

RAW = "raw"
JOBS, TYPES, PAY = (entities.load()[name] for name in ("jobs", "job_types", "gross_pay_items"))
RUNS = {(RAW, name): Table(10, {"x": 100.0}) for name in ("sync_cursors", "sync_runs")}


def table(entity, rows: int, mib: float, **more) -> Volumes:
    """A raw table of so many MiB, half of it the key's (and one MiB each of day and version)."""
    sizes = {entity.key.lower(): mib / 2 * MIB}
    sizes |= {c.lower(): 1.0 * MIB for c in (entity.day, entity.version) if c and entity.day}
    sizes |= {"active": 0.0} if "active" in entity.row_types else {}
    rest = mib * MIB - sum(sizes.values())
    return Volumes(RUNS | {(RAW, entity.table): Table(rows, sizes | {"rest": rest}, **more)})


def charged(queries, volumes) -> list[float]:
    """MiB per query, that of the cursors and the log left out."""
    return [prices.billed(query, volumes) / MIB for query in queries if query.part == landing.PART]


@pytest.mark.parametrize(("changed", "batches"), [(0, 0), (700, 1), (5_000, 1), (12_500, 3)])
def test_every_batch_of_an_export_is_merged(changed, batches):
    """The key (50 MiB), then whole rows twice; what is staged counts ten MiB at least."""
    volumes = table(JOBS, 1_000_000, 100, changed=changed)
    count, merge = charged(landing.daily(RAW, [JOBS], volumes), volumes)
    assert (count, merge) == (batches * (50 + 10), batches * (100 + 100 + 10))


def test_a_list_is_merged_once_however_long():
    volumes = table(TYPES, 20_000, 30)
    count, merge = charged(landing.daily(RAW, [TYPES], volumes), volumes)
    # all of it is staged
    assert (count, merge) == (15 + 30, 30 + 30 + 30)


def test_pay_is_merged_window_by_window():
    """12,000 rows of the last 75 days are three windows of 5,000."""
    volumes = table(PAY, 120_000, 300, recent=12_000)
    day, version, rows, count, merge = charged(landing.daily(RAW, [PAY], volumes), volumes)
    assert (day, version, rows) == (10, 10, 10)
    assert (count, merge) == (3 * (150 + 1 + 10), 3 * (300 + 300 + 10))


def test_the_first_load_reads_itself_twice_and_its_staging_once():
    volumes = table(JOBS, 10_000, 200)
    staged, *rest = charged(landing.first(RAW, [JOBS], volumes, 700), volumes)
    assert staged == 25 * 10  # batches of 8 MiB
    assert rest == [200, 200]


def test_so_does_the_first_load_of_pay():
    volumes = table(PAY, 20_000, 400)
    staged, *rest = charged(landing.first(RAW, [PAY], volumes, 700), volumes)
    assert (staged, rest) == (4 * 100, [400, 400])


def test_cursor_and_log_of_an_entity():
    """Cursor read, two batches saved, begin and end logged; one look at the log before all."""
    volumes = table(JOBS, 1_000_000, 100, changed=8_000)
    asked = landing.daily(RAW, [JOBS], volumes)
    control = sum(prices.billed(q, volumes) for q in asked if q.part != landing.PART)
    assert control / MIB == 10 * (1 + 3 + 2)


def test_what_a_day_loads():
    volumes = table(JOBS, 1_000, 100, changed=20)
    assert landing.loaded(RAW, [JOBS], volumes) == {"raw_jobs": (20, 2 * MIB)}
