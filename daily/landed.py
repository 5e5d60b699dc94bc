"""What a sync did, by the run log."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime

from daily.summary import Section
from extract import config, entities
from extract.errors import WarehouseError
from extract.sync import scope_advice
from extract.warehouse import Run, open_warehouse


def runs_since(settings: config.Warehouse, begun: datetime) -> list[Run]:
    """The newest run of each entity that began at `begun` or later; none where nothing ever ran."""
    try:
        with closing(open_warehouse(settings, read_only=True)) as warehouse:
            standing = warehouse.standing(entities.load().values())
    except WarehouseError:
        return []
    newest = (each.newest for each in standing.values())
    return [run for run in newest if run is not None and run.started_at >= begun]


def failures(runs: Iterable[Run]) -> Section:
    """The entities that failed, a missing scope by its name; those with one fault in one line."""
    failed = [(entities.load()[run.entity], _fault(run)) for run in runs if run.state != "landed"]
    by_words = defaultdict(list)
    for entity, fault in failed:
        advice = scope_advice(entity, fault)
        by_words[f"a scope is missing. {advice}" if advice else fault].append(entity.label)
    return Section(
        "not_landed",
        "Not landed",
        [f"{', '.join(labels)}: {words}" for words, labels in by_words.items()],
        [
            {
                "entity": entity.label,
                "missing_scope": entity.scope if scope_advice(entity, fault) else None,
                "error": fault,
            }
            for entity, fault in failed
        ],
        is_to_do=True,
    )


def new_records(runs: Iterable[Run]) -> Section:
    """How many records of each entity are new, changed or gone."""
    counts = {
        entities.load()[run.entity].label: {
            "new": run.new,
            "changed": run.changed,
            "removed": run.removed,
        }
        for run in runs
        if run.new or run.changed or run.removed
    }
    words = [
        f"{label} {', '.join(f'{number:,} {what}' for what, number in of.items() if number)}"
        for label, of in counts.items()
    ]
    lines = ["; ".join(words)] if words else []
    return Section("records", "New records", lines, [{"entity": k} | v for k, v in counts.items()])


def skipped(names: Iterable[str]) -> Section:
    """What SERVICETITAN_SKIP names."""
    labels = sorted(entities.load()[name].label for name in names)
    lines = [f"{', '.join(labels)} (SERVICETITAN_SKIP)"] if labels else []
    return Section("skipped", "Skipped", lines, labels)


def _fault(run: Run) -> str:
    return run.error or "broken off, see the output of the run"
