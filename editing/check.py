"""Holds the seeds against their rules and says of each fault on which line it stands."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from editing import csv_file, project
from editing.faults import Fault
from editing.nearest import QUOTED, nearest_valid
from editing.rules import Rule, rules
from editing.seeds_in_duckdb import Finding, Seeds


@dataclass
class Checked:
    """What was found; `unasked` says of rules why they could not be asked."""

    faults: list[Fault] = field(default_factory=list)
    seeds: int = 0
    rows: int = 0
    rules: int = 0
    unasked: list[str] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(not fault.warns for fault in self.faults)


def check(folder: Path) -> Checked:
    """Every fault of the seeds of the project in `folder`, by file and line. Raises EditingError
    where a rule cannot be interpreted: none is skipped in silence."""
    declared = project.load(folder)
    files = {name: csv_file.read(folder / seed.file, seed) for name, seed in declared.seeds.items()}
    seeds = Seeds(declared, files)
    asked, unasked = rules(declared, seeds)
    faults = [fault for file in files.values() for fault in file.faults]
    for rule in asked:
        of_seed = [other for other in asked if other.seed == rule.seed]
        columns = declared.seeds[rule.seed].columns
        lines = [row.line for row in files[rule.seed].rows]
        faults += _faults(rule, of_seed, seeds, columns, lines)
    return Checked(
        faults=_in_order(faults),
        seeds=len(files),
        rows=sum(len(file.rows) for file in files.values()),
        rules=len({(rule.seed, rule.name, rule.column, str(rule.arguments)) for rule in asked}),
        unasked=unasked,
    )


def _in_order(faults: list[Fault]) -> list[Fault]:
    """By file and line. What dbt's own tests find says nothing where a rule with words does."""
    told = {(fault.file, fault.line, fault.column, fault.warns) for fault in faults if fault.fix}
    kept = [
        fault
        for fault in faults
        if fault.fix or (fault.file, fault.line, fault.column, fault.warns) not in told
    ]
    return sorted(kept, key=lambda fault: (fault.file, fault.line or 0, fault.rule))


def _faults(
    rule: Rule, of_seed: list[Rule], seeds: Seeds, columns: tuple[str, ...], lines: list[int]
) -> Iterator[Fault]:
    """What the rule finds, on the lines of the rows that break it."""
    found = Counter(rule.run())
    for finding, rows in _breaking(rule, found, seeds, len(lines)).items():
        file, row_name, words, fix = finding
        # The row that the message names stands in front.
        rows.sort(key=lambda row: row_name.strip('"') not in seeds.cells_of(rule.seed, row))
        alone = list(dict.fromkeys(rows))
        # As many rows as findings: each has its own.
        for place in [[row] for row in alone] if len(rows) == found[finding] else [alone]:
            column = rule.column or _column_meant(words, columns, seeds, rule.seed, place)
            cell = seeds.cell(rule.seed, place[0], column) if place and column else row_name
            # Where it takes other rows too, their message says what to write.
            of_one = column and len(place) == 1
            yield Fault(
                file=file,
                line=lines[place[0]] if place else None,
                also=tuple(lines[row] for row in place[1:]),
                column=column,
                value=cell,
                found=words,
                fix=fix,
                nearest=nearest_valid(rule, of_seed, seeds, place[0], column, fix)
                if of_one
                else "",
                rule=rule.says,
                warns=rule.warns,
            )


def _column_meant(
    words: str, columns: tuple[str, ...], seeds: Seeds, seed: str, place: list[int]
) -> str:
    """The column of which the message of a test of whole rows speaks, first by its name, else by
    what stands there in quotes; empty where it speaks of none."""
    for column in columns:
        if words.startswith(f"{column} "):
            return column
    quoted = QUOTED.findall(words)
    for column in columns if place else ():
        if seeds.cell(seed, place[0], column).strip() in quoted:
            return column
    return ""


def _breaking(rule: Rule, found: Counter, seeds: Seeds, rows: int) -> dict[Finding, list[int]]:
    """Finding -> the rows without which the rule would not find it, or not as often: each as many
    times as it would find it less. So no rule has to say where a fault stands. Where it would take
    more than one row less, those it names."""
    breaking = {finding: [] for finding in found}

    def search(part: range) -> None:
        # By halves: where all of these rows make no difference, none of them does.
        with seeds.without(rule.seed, part):
            left = Counter(rule.run())
        moved = [finding for finding, times in found.items() if left[finding] < times]
        if moved and len(part) > 1:
            middle = len(part) // 2
            search(part[:middle])
            search(part[middle:])
        else:
            for finding in moved:
                breaking[finding] += [part[0]] * (found[finding] - left[finding])

    if found and rows:
        search(range(rows))
    for finding, alone in breaking.items():
        name = finding[1].strip('"')
        breaking[finding] = alone or [
            row for row in range(rows) if name in seeds.cells_of(rule.seed, row)
        ]
    return breaking
