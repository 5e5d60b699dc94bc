"""What the tests of a build found, beside the build before."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from daily.summary import Section
from extract import config
from extract.errors import WarehouseError
from review.warehouse import Reader, ReviewError, reading

FAULTS = ("error", "fail", "runtime error")


@dataclass(frozen=True)
class Found:
    """A test or model of a build that did not pass: its status, how many rows a test found, and
    what it looks at."""

    name: str
    status: str
    rows: int
    description: str


@dataclass(frozen=True)
class Before:
    """What was known before the build: warnings with their rows, names that no seed knows."""

    warnings: Mapping[str, int]
    unmapped: frozenset[tuple[str, str]]


def before(settings: config.Warehouse) -> Before:
    """Of the last build; nothing is known where there was none."""
    try:
        with reading(settings) as warehouse:
            mart = warehouse.schema("st_mart")
            tests = warehouse.query(
                f"select test_name, finding_count from {mart}.test_results where status = 'warn'"
            )
            names = warehouse.query(f"select kind, name from {mart}.unmapped_names")
    except (ReviewError, WarehouseError):
        return Before({}, frozenset())
    return Before(dict(tests), frozenset(names))


def found(target: Path) -> list[Found]:
    """What dbt wrote of its last build in `target`; nothing where it wrote nothing."""
    path = target / "run_results.json"
    if not path.exists():
        return []
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    return [
        Found(
            result["unique_id"].split(".")[2],
            result["status"],
            result["failures"] or 0,
            nodes.get(result["unique_id"], {}).get("description", ""),
        )
        for result in json.loads(path.read_text())["results"]
        if result["status"] in (*FAULTS, "warn")
    ]


def failed(results: list[Found]) -> Section:
    """What stopped the build."""
    faults = [each for each in results if each.status in FAULTS]
    lines = [
        f"{each.name}{_rows(each.rows)}" + (f": {_about(each)}" if each.description else "")
        for each in faults
    ]
    return Section(
        "failed", "Failed in the build", lines, [vars(each) for each in faults], is_to_do=True
    )


def new_warnings(results: list[Found], known: Before) -> Section:
    """Warnings that the build before did not have, or about more rows than it had."""
    new = [each for each in results if _is_new(each, known)]
    return Section(
        "new_warnings",
        "New warnings",
        [
            f"{_about(each)}{_rows(each.rows)}"
            + (f", {known.warnings[each.name]:,} before" if each.name in known.warnings else "")
            for each in new
        ],
        [vars(each) for each in new],
        is_to_do=True,
        more="the build prints each with its rows",
    )


def old_warnings(results: list[Found], known: Before) -> Section:
    """How many warnings stand as they did."""
    old = [each for each in results if each.status == "warn" and not _is_new(each, known)]
    lines = [f"{len(old)} as before; the build prints them"] if old else []
    return Section("old_warnings", "Warnings", lines, [vars(each) for each in old])


def new_names(warehouse: Reader, known: Before) -> Section:
    """Units and job types that came since the build before and are in no seed."""
    rows = warehouse.query(
        "select kind, name, job_count "
        f"from {warehouse.schema('st_mart')}.unmapped_names order by kind, name"
    )
    new = [row for row in rows if row[:2] not in known.unmapped]
    seeds = {
        "business unit": "seeds/business_units.csv",
        "job type": "seeds/job_type_lists.csv",
    }
    return Section(
        "new_names",
        "New names that no seed knows",
        [
            f"{kind} {name or '(without a name)'}, {jobs:,} jobs: add a row to {seeds[kind]}"
            for kind, name, jobs in new
        ],
        [{"kind": kind, "name": name, "jobs": jobs} for kind, name, jobs in new],
        is_to_do=True,
    )


def _is_new(each: Found, known: Before) -> bool:
    return each.status == "warn" and each.rows > known.warnings.get(each.name, 0)


def _rows(number: int) -> str:
    return f", {number:,} row{'' if number == 1 else 's'}" if number else ""


def _about(each: Found) -> str:
    """The first sentence of what it looks at; the rest is on the docs site."""
    return " ".join(each.description.split()).split(". ")[0].rstrip(".") or each.name
