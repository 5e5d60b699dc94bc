"""Reads entities side by side, each into its table, and logs what became of them."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from threading import Semaphore
from types import MappingProxyType

from extract.client import Client, Traffic
from extract.counts import EQUAL, compare
from extract.entities import Entity
from extract.errors import ApiError, CredentialsError, ExtractError
from extract.load import Load, Outcome, Progress
from extract.places import Place
from extract.warehouse import Run, Warehouse

# Most of a run without news is waiting for answers.
SIDE_BY_SIDE = 8
# Of those, so many may read more than a page: what more of them would win is lost to their waiting
# for each other, and each takes 20 MB.
AT_LENGTH = 2


def sync(
    entities: Iterable[Entity],
    client: Client,
    warehouse: Warehouse,
    *,
    run_id: str,
    skip: frozenset[str] = frozenset(),
    full: bool = False,
    notes: Mapping[str, str] = MappingProxyType({}),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = lambda outcome: None,
    read: Callable[[Load], None] = Load.run,
    ended: str = "landed",
) -> list[Outcome]:
    """Lands every entity but those named in `skip`, side by side, and logs each. Outcomes come in
    the order of `entities`.

    `full` starts over; `notes` (entity name -> text) open an entity's notes; `now` gives the time
    in UTC; `progress` hears of every beginning, read page and end, from several threads; `read` and
    `ended` are for who reads only a part: how, and the state that it ends in. What was loaded in
    full is held against the API's count: a difference is a note.

    An entity's failure is in its outcome and stops no other, save refused credentials: no thread
    asks for more, and where nothing has landed CredentialsError is raised.
    """
    outcomes = [
        Outcome(entity, notes=[notes[entity.name]] if entity.name in notes else [])
        for entity in entities
    ]
    refusals: list[CredentialsError] = []
    places = Semaphore(AT_LENGTH)

    def one(outcome: Outcome) -> None:
        if outcome.entity.name in skip:
            outcome.state = "skipped"
            outcome.notes.append("named in SERVICETITAN_SKIP")
            progress(outcome)
            return
        place = Place(places)
        load = Load(outcome, client, warehouse, full, now, progress, place)
        run = Run(run_id, outcome.entity.name, started_at=now())
        begun = time.monotonic()
        try:
            warehouse.log(run)
            progress(outcome)
            with place:
                read(load)
            if outcome.full:
                _compare(outcome, client, warehouse, run.started_at)
            outcome.state = ended
        except ExtractError as error:
            outcome.state, outcome.error = "failed", advice(outcome.entity, error)
            outcome.status = getattr(error, "status", None)
            if isinstance(error, CredentialsError):
                refusals.append(error)
        outcome.seconds = time.monotonic() - begun
        progress(outcome)
        _log_end(warehouse, run, outcome, load.traffic, now())

    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
        # First the feed that asks several times in a row even where nothing is new.
        by_calls = sorted(outcomes, key=lambda outcome: outcome.entity.feed != "windows")
        tasks = [pool.submit(one, outcome) for outcome in by_calls]
        try:
            for task in tasks:
                task.result()
        except BaseException:
            client.stop()
            pool.shutdown(cancel_futures=True)
            raise
    if refusals and not any(outcome.state == "landed" for outcome in outcomes):
        raise refusals[0]
    return outcomes


def _compare(outcome: Outcome, client: Client, warehouse: Warehouse, began: datetime) -> None:
    """Notes what is to be said of a full load beside the API's count. The rows have landed: that
    they differ, or could not be counted, fails nobody."""
    found = compare(outcome.entity, client.get, warehouse, began)
    if found.said != EQUAL:
        outcome.notes.append(found.said)


def _log_end(
    warehouse: Warehouse, run: Run, outcome: Outcome, traffic: Traffic, ended: datetime
) -> None:
    run.ended_at = ended
    run.state = outcome.state
    run.pages, run.bytes = traffic.answers, traffic.bytes
    run.retries, run.waited_seconds = traffic.retries, traffic.waited
    run.rows = outcome.rows
    for name, count in asdict(outcome.landed).items():
        setattr(run, name, count)
    run.note = "; ".join(outcome.notes) or None
    run.error = outcome.error
    try:
        warehouse.log(run)
    except ExtractError as error:
        outcome.state = "failed"
        outcome.error = outcome.error or str(error)


def scope_advice(entity: Entity, said: str | None) -> str | None:
    """What `advice` says to do about a missing scope, where `said`, an error of the run log, is
    about one; else None."""
    _, found, rest = (said or "").partition(_scope_to_add(entity))
    return f"{found}{rest}" if found else None


def _scope_to_add(entity: Entity) -> str:
    return f"Add the scope {entity.scope} to the app"


def advice(entity: Entity, error: ExtractError) -> str:
    """The error, with what to do about it where the status tells."""
    status = error.status if isinstance(error, ApiError) else None
    if status == 403:
        return (
            f"{error}. {_scope_to_add(entity)} and let the tenant's admin accept "
            f"its new version, or name {entity.label} in SERVICETITAN_SKIP"
        )
    if status == 404:
        return (
            f"{error}. Check SERVICETITAN_TENANT_ID and SERVICETITAN_API_URL, or, where only this "
            f"entity is missing, name {entity.label} in SERVICETITAN_SKIP"
        )
    return str(error)
