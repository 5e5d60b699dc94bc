"""The rules of the seeds: the tests that YAML declares for them, each by its own SQL."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from editing.macros import NeedsWarehouse
from editing.project import Project
from editing.seeds_in_duckdb import Finding, Seeds, Unreadable

# How a test in tests/dbt says that it judges a seed: it names the seed's file in its rows.
NAMES_A_SEED = re.compile(r"'(seeds/\w+\.csv)' as file")
WARNS = re.compile(r"config\(.*severity='warn'")
# dbt's own tests, which no YAML here describes.
DBTS_OWN = {
    "unique": "No two rows have the same value.",
    "not_null": "The cell is not empty.",
    "accepted_values": "The cell holds one of a few words.",
    "relationships": "Another table has the value, too.",
}


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule of one seed: `run` gives what it finds in the seeds as they are; `column` is None
    where it is one of whole rows."""

    seed: str
    name: str
    column: str | None
    arguments: dict
    says: str
    warns: bool
    run: Callable[[], list[Finding]]


def rules(project: Project, seeds: Seeds) -> tuple[list[Rule], list[str]]:
    """The tests declared in YAML, and those in tests/dbt that judge a seed by seeds alone; and of
    those that cannot be asked now, why. Raises EditingError where one cannot be interpreted."""
    found, unasked, waiting = [], [], Counter()
    for seed in project.seeds.values():
        for test in seed.tests:
            try:
                sql = seeds.sql_of(seed.name, test)
            except Unreadable as unreadable:
                waiting[str(unreadable)] += 1
                continue
            words = project.descriptions.get(f"test_{test.name}") or DBTS_OWN.get(test.name, "")
            found.append(
                Rule(
                    seed=seed.name,
                    name=test.name,
                    column=test.column,
                    arguments=test.arguments,
                    says=f"{words} ({test.name})",
                    warns=test.severity == "warn",
                    run=_runs(seeds, seed.name, str(test), sql),
                )
            )
    by_file = {seed.file: seed for seed in project.seeds.values()}
    for path in project.files(project.test_paths, "*.sql"):
        text = path.read_text("utf-8")
        named = NAMES_A_SEED.search(text)
        if not named or named[1] not in by_file:
            continue
        seed, name = by_file[named[1]], path.stem
        try:
            sql = seeds.macros.render(path)
        except Unreadable as unreadable:
            waiting[str(unreadable)] += 1
        except NeedsWarehouse:
            unasked.append(f"{seed.file}, {name}: it reads the tenant's data; make build asks it")
        else:
            says = f"{project.descriptions.get(name, '')} ({name})"
            run = _runs(seeds, seed.name, name, sql)
            warns = bool(WARNS.search(text))
            found.append(Rule(seed.name, name, None, {}, says, warns, run))
            # What is wrong only if the tenant has no such unit, a build with its data decides.
            run = _runs_if_seeds_know_all_units(seeds, run)
            says += " Unless the tenant's data has such a unit: the build decides."
            found.append(Rule(seed.name, name, None, {}, says, True, run))
    unasked += [f"{count} rules wait until {file} can be read" for file, count in waiting.items()]
    return found, unasked


def _runs(seeds: Seeds, seed: str, name: str, sql: str) -> Callable[[], list[Finding]]:
    return lambda: seeds.findings(seed, name, sql)


def _runs_if_seeds_know_all_units(
    seeds: Seeds, run: Callable[[], list[Finding]]
) -> Callable[[], list[Finding]]:
    """What is found only where the tenant has no units but those of the seeds."""

    def more() -> list[Finding]:
        with seeds.units_of_seeds_only():
            found = Counter(run())
        return list((found - Counter(run())).elements())

    return more
