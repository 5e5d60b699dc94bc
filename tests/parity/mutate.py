"""Break one KPI rule after the other in copies of the project, and show that parity notices each.

    python -m tests.parity.mutate [NAME ...]

The records are the planted hard cases of the invented tenant, and some about the day on which lists
change; nothing else. Exit 0 = every
mutation turned parity red, 1 = some did not, or could not be applied, or the unbroken project is
not green.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from rich.console import Console
from rich.progress import track
from rich.table import Table

from simulator import build_tenant
from tests.parity import dated_lists
from tests.parity.mutations import Mutation, Outdated, load
from tests.parity.warehouse import PROJECT, land

# Without the models' own tests and descriptions, which only cost time here.
COPIED = (
    "dbt_project.yml",
    "models/**/*.sql",
    "models/**/_sources.yml",
    "models/_groups.yml",
    "models/*.md",
    "macros/**/*.sql",
    "seeds/*",
    "snapshots/*.sql",
    "tests/dbt/generic/*.sql",
    "tests/dbt/*_equal_the_reports.sql",
)
PARITY = {
    "day": "assert_daily_kpis_equal_the_reports",
    "week": "assert_weekly_kpis_equal_the_reports",
    "company week": "assert_weekly_kpis_company_equal_the_reports",
    "region month": "assert_monthly_kpis_region_equal_the_reports",
}
# Relative, so that dbt sees one profile in every copy and parses only what a mutation changed.
WAREHOUSE = "warehouse.duckdb"
WORKERS = 2
WIDE = 170
# The one year near whose 28 February, before a leap year, is a Monday; and its last week goes on.
LAST_DAY = date(2011, 12, 28)
LISTS_CHANGE = date(2011, 3, 1)


class Red(Exception):
    """The unbroken project is not green: nothing can be said of broken ones."""


@dataclass(frozen=True)
class Verdict:
    """What parity said: the differing cells, the first of them in words, or the fault that kept it
    from saying anything."""

    cells: int = 0
    example: str = ""
    fault: str = ""

    @property
    def caught(self) -> bool:
        return self.cells > 0 and not self.fault


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; see the module's docstring."""
    out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    chosen = _chosen(argv)
    outdated = list(_outdated(chosen))
    if outdated:
        out.print("\n".join(outdated), style="red", markup=False)
        return 1
    try:
        verdicts = _judge_all(chosen)
    except Red as red:
        out.print(str(red), style="red", markup=False)
        return 1
    out.print(_table(chosen, verdicts))
    survivors = [mutation for mutation in chosen if not verdicts[mutation.name].caught]
    for mutation in survivors:
        out.print(f"NOT caught: {mutation.name} ({mutation.rule})", style="red", markup=False)
    out.print(f"{len(chosen) - len(survivors)} of {len(chosen)} broken rules turned parity red")
    return 1 if survivors else 0


def _chosen(argv: Sequence[str] | None) -> list[Mutation]:
    known = {mutation.name: mutation for mutation in load()}
    parser = argparse.ArgumentParser(
        prog="python -m tests.parity.mutate", description=__doc__.splitlines()[0]
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="these only; default: all")
    names = parser.parse_args(argv).names
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"mutations.yml has no {', '.join(unknown)}")
    return [known[name] for name in names] or list(known.values())


def _outdated(mutations: list[Mutation]) -> Iterator[str]:
    for mutation in mutations:
        try:
            mutation.text(PROJECT)
        except Outdated as fault:
            yield str(fault)


def _judge_all(mutations: list[Mutation]) -> dict[str, Verdict]:
    """The verdict on each mutation by its name. Raises Red when the unbroken project is red."""
    with TemporaryDirectory(prefix="mutate-") as scratch, _workers() as pool:
        base = Path(scratch, "unbroken")
        _prepare(base)
        unbroken = pool.apply(_judge, (base, None))
        if unbroken.cells or unbroken.fault:
            said = unbroken.fault or f"{unbroken.cells} cells differ, first {unbroken.example}"
            raise Red(f"The unbroken project is not green: {said}")
        found = track(
            pool.imap_unordered(_named_verdict, [(base, mutation) for mutation in mutations]),
            total=len(mutations),
            description="broken rules",
            console=Console(stderr=True),
        )
        return dict(found)


def _prepare(base: Path) -> None:
    """A copy of the project with dated lists, and the planted records in its warehouse."""
    for pattern in COPIED:
        for source in PROJECT.glob(pattern):
            copy = base / source.relative_to(PROJECT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
    dated_lists.edit_seeds(base, LISTS_CHANGE)
    tenant = build_tenant(size="cases", last_day=LAST_DAY)
    dated_lists.plant(tenant, LISTS_CHANGE)
    rules = dated_lists.rules(LISTS_CHANGE)
    land(tenant.records(), base / WAREHOUSE, LAST_DAY, rules=rules)


@contextmanager
def _workers() -> Iterator[Pool]:
    """Processes of their own, since dbt works in its current folder and prints."""
    with get_context("spawn").Pool(WORKERS, _silence) as pool:
        yield pool
        pool.close()
        pool.join()


def _silence() -> None:
    """dbt prints what a red test found; here the table says it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _named_verdict(task: tuple[Path, Mutation]) -> tuple[str, Verdict]:
    base, mutation = task
    copy = base.with_name(mutation.name)
    shutil.copytree(base, copy)
    mutation.apply(copy)
    verdict = _judge(copy, base)
    shutil.rmtree(copy)
    return mutation.name, verdict


def _judge(project: Path, base: Path | None) -> Verdict:
    """Build what parity needs and differs from the project at `base` (None: all), and ask it."""
    os.chdir(project)
    os.environ["KPI_DUCKDB_PATH"] = WAREHOUSE
    what = "state:modified+," if base else ""
    words = ["build", "--select", *(f"{what}+{test}" for test in PARITY.values())]
    words += ["--indirect-selection", "empty"]
    words += ["--state", str(base / "target")] if base else []
    words += ["--vars", f"{{as_of_date: {LAST_DAY}}}"]
    words += ["--profiles-dir", str(PROJECT / "tests" / "parity"), "--target-path", "target"]
    quiet = ["--log-level", "none", "--log-level-file", "none", "--no-print"]
    quiet += ["--no-write-json"] if base else []
    run = dbtRunner().invoke([*quiet, *words])
    DuckDBConnectionManager.close_all_connections()  # the next copy's warehouse has the same name
    if run.exception:
        return Verdict(fault=f"dbt: {run.exception}")
    failed = {
        result.node.name: result.message or ""
        for result in run.result
        if result.status in ("error", "skipped")
    }
    if failed:
        name, message = next(iter(failed.items()))
        return Verdict(fault=f"does not build: {name}: {' '.join(message.split())[:200]}")
    red = {result.node.name for result in run.result if result.status == "fail"}
    return _differences({level: test for level, test in PARITY.items() if test in red})


def _differences(red: dict[str, str]) -> Verdict:
    found: list[str] = []
    with duckdb.connect(WAREHOUSE, read_only=True) as connection:
        for level, test in red.items():
            connection.execute(f"select * from st_test_failures.{test}")
            columns = [column[0] for column in connection.description]
            for row in connection.fetchall():
                cell = dict(zip(columns, row, strict=True))
                unit = cell.get("business_unit") or cell.get("region") or "company"
                found.append(
                    f"{cell['kpi']}, {level} of {cell['event_date']}, {unit}: "
                    f"{_short(cell['expected'])}, found {_short(cell['found'])}"
                )
    return Verdict(cells=len(found), example=found[0] if found else "")


def _short(number: str) -> str:
    """Money without the zeros that only its type has."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def _table(mutations: list[Mutation], verdicts: dict[str, Verdict]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("broken rule")
    table.add_column("cells", justify="right")
    table.add_column("first difference: the report, what was found", overflow="fold")
    table.add_column("")
    for mutation in mutations:
        verdict = verdicts[mutation.name]
        table.add_row(
            mutation.name,
            f"{verdict.cells:,}",
            verdict.fault or verdict.example,
            "caught" if verdict.caught else "[bold red]NOT[/]",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
