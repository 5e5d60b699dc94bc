"""Adopts the older system's rows into ours, table by table; the old dataset is only read."""

import re
from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from google.api_core.exceptions import NotFound
from google.cloud.bigquery import Table

from extract import config
from extract.adoption import old_tables
from extract.adoption.old_tables import OldTable
from extract.adoption.outcome import Adoption, Gap, Outcome
from extract.errors import ExtractError, SettingsError, WarehouseError
from extract.warehouse import Run
from extract.warehouse.bigquery import BigQuery, adoption
from extract.warehouse.bigquery.connection import Connection
from extract.warehouse.bigquery.errors import ROLES

READER = "the account needs roles/bigquery.dataViewer on the dataset"
_PLACE = re.compile(r"(?:(?P<project>[a-z0-9.:-]+)\.)?(?P<dataset>[A-Za-z0-9_]+)", re.ASCII)


def adopt(
    settings: config.Warehouse,
    source: str,
    *,
    yes: bool,
    run_id: str,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Adoption:
    """Copies what `source` (dataset or project.dataset) can give into the dataset of `settings`;
    without `yes` only counts it. A row that the API gave stays, and an entity whose history the API
    has given to its end takes none.

    Raises SettingsError, WarehouseError (also where a sync is at work); what goes wrong with one
    table is in its outcome.
    """
    project, dataset = _place(source, settings)
    elsewhere = replace(settings, project=project, schema=dataset)
    with closing(Connection(elsewhere)) as old, closing(Connection(settings)) as ours:
        names = _old_names(old, source)
        found = {
            name: next((n for n in one.names if n in names), None)
            for name, one in old_tables.load().items()
        }
        if not any(found.values()):
            raise SettingsError(
                f"--from {source}: it has no table of the older system; expected raw_jobs and the "
                f"like, there is {', '.join(sorted(names)[:5]) or 'nothing'}"
            )
        warehouse = BigQuery(settings, ours)
        entities = [one.entity for one in old_tables.load().values()]
        with warehouse.alone() if yes else nullcontext():
            notes = {}
            if yes:
                notes = warehouse.prepare(entities)
                there = ours.names()
            else:
                there = _names(ours)
                warehouse.refuse_foreign(there)
            task = _Task(settings, old, ours, warehouse, there, yes, run_id, now)
            outcomes = [
                task.run(one, found[name], notes.get(name))
                for name, one in old_tables.load().items()
            ]
    others = sorted(set(names) - set(found.values()))
    return Adoption(f"{project}.{dataset}", outcomes, others)


@dataclass(frozen=True)
class _Task:
    """What adopting one table needs beside it."""

    settings: config.Warehouse
    old: Connection
    ours: Connection
    warehouse: BigQuery
    there: set[str]
    yes: bool
    run_id: str
    now: Callable[[], datetime]

    def run(self, one: OldTable, table: str | None, note: str | None) -> Outcome:
        outcome = Outcome(one, table, note=note)
        if one.nothing or table is None:
            outcome.note = one.nothing or "there is no old table"
            return outcome
        run = Run(self.run_id, one.entity.name, started_at=self.now())
        try:
            self._adopt(one, table, outcome)
        except WarehouseError as error:  # a wrong setting is wrong for all tables
            outcome.state, outcome.error = "failed", str(error)
        if self.yes and outcome.state in ("adopted", "failed"):
            self._log(run, outcome)
        return outcome

    def _adopt(self, one: OldTable, table: str, outcome: Outcome) -> None:
        entity = one.entity
        columns = adoption.columns(self._old_table(table).schema)
        ways = adoption.readings(entity, one.key, one.renamed, columns)
        if entity.key not in ways:
            outcome.note = f"{table} has no {one.key}, which would give the API's id"
            return
        old_table, ours = self.old.quoted(table), self.ours.quoted(entity.table)
        found = self.ours.table(entity.table) if entity.table in self.there else None
        landed = adoption.landed(entity, ours, found and adoption.columns(found.schema))
        (row,) = self.ours.query(adoption.count(entity, old_table, columns, ways, landed))
        counts = dict(zip(adoption.counts(ways), row, strict=True))
        outcome.rows, outcome.without_id = counts["old_rows"], counts["without_id"]
        outcome.ids, outcome.from_api = counts["ids"], counts["from_api"]
        if self._is_complete(one):
            outcome.is_complete = True
            outcome.note = "the API has given all its history"
            return
        outcome.adopted_before, outcome.mended = counts["adopted_before"], counts["healed"]
        outcome.new = counts["new"]
        outcome.lost = _some(counts, "lost_", ways)
        outcome.finer = _some(counts, "finer_", ways)
        outcome.gaps = _gaps(one, columns, ways, counts, outcome.adopted)
        taken = {name for way in ways.values() for name in way.of} | {"_ingested_at", "id"}
        outcome.not_taken = sorted(name for name in columns if name not in taken)
        if self.yes:
            self.ours.query(adoption.adopt(entity, old_table, columns, ways, ours))
        if outcome.new or outcome.mended:
            outcome.state = "adopted" if self.yes else "to adopt"
        elif outcome.ids:
            outcome.note = "all that it gives is there"
        else:
            outcome.note = "no row has an id" if outcome.rows else "the old table is empty"

    def _old_table(self, name: str) -> Table:
        found = self.old.table(name)
        if found is None:
            raise WarehouseError(f"{self.old.quoted(name)} is gone; run again")
        where, location = found.location, self.settings.location
        if where and where.lower() != location.lower():
            raise SettingsError(
                f"{self.old.quoted(name)} lies in {where}, KPI_BIGQUERY_LOCATION says {location}: "
                "BigQuery copies within one location; copy the old dataset first (Data transfers)"
            )
        return found

    def _is_complete(self, one: OldTable) -> bool:
        if "sync_cursors" not in self.there:
            return False
        return self.warehouse.cursor(one.entity).position is not None

    def _log(self, run: Run, outcome: Outcome) -> None:
        # Only the state `landed` says that a table is fresh.
        run.ended_at, run.state, run.error = self.now(), outcome.state, outcome.error
        run.note = f"from {self.old.quoted(outcome.table or '').strip('`')}"
        run.rows, run.new, run.changed = outcome.rows, outcome.new, outcome.mended
        try:
            self.warehouse.log(run)
        except ExtractError as error:
            outcome.state, outcome.error = "failed", outcome.error or str(error)


def _place(source: str, settings: config.Warehouse) -> tuple[str, str]:
    found = _PLACE.fullmatch(source)
    if settings.target == "dev":
        raise SettingsError(
            "adopt reads the older system's tables, which are in BigQuery: set KPI_TARGET=prod, "
            "KPI_BIGQUERY_PROJECT, and KPI_RAW_DATASET to a dataset of your own"
        )
    if not found:
        raise SettingsError(f"--from {source}: expected a dataset or project.dataset")
    project, dataset = found["project"] or settings.project, found["dataset"]
    if (project, dataset.lower()) == (settings.project, settings.schema.lower()):
        raise SettingsError(
            f"--from {source} is the dataset that KPI_RAW_DATASET names: the older system's tables "
            "stay as they are; name a dataset of your own in KPI_RAW_DATASET, such as st_raw_own"
        )
    return project, dataset


def _old_names(old: Connection, source: str) -> set[str]:
    try:
        return old.names()
    except WarehouseError as error:
        if isinstance(error.__cause__, NotFound):
            raise SettingsError(f"--from {source}: there is no such dataset") from error
        raise WarehouseError(f"--from {source}: {str(error).replace(ROLES, READER)}") from error


def _names(ours: Connection) -> set[str]:
    """The tables of our dataset, none where it is still to be made."""
    try:
        return ours.names()
    except WarehouseError as error:
        if isinstance(error.__cause__, NotFound):
            return set()
        raise


def _some(counts: Mapping[str, int], kind: str, ways: Mapping) -> dict[str, int]:
    named = ((name, counts.get(f"{kind}{name}", 0)) for name in ways)
    return {name: count for name, count in named if count}


def _gaps(
    one: OldTable,
    columns: Mapping[str, str],
    ways: Mapping,
    counts: Mapping[str, int],
    adopted: int,
) -> list[Gap]:
    """Whatever adopted rows do not fill: of the columns that old rows lack, and of those that are
    empty in all of them or should be in none."""
    if not adopted:
        return []
    types = {name.lower(): kind for name, kind in columns.items()}
    gaps = []
    for column in one.entity.columns:
        name = one.renamed.get(column.name, column.name)
        if column.name not in ways:
            kind = types.get(name.lower())
            why = f"is {kind}, not {column.type}" if kind else "is not in the old table"
            gaps.append(Gap(column.name, why))
            continue
        empty = counts[f"empty_{column.name}"]
        if empty == adopted:
            gaps.append(Gap(column.name, "is empty in every row"))
        elif empty and column.name in one.always_filled:
            gaps.append(Gap(column.name, f"is empty in {empty:,} of {adopted:,} rows"))
    return gaps
