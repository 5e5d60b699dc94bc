"""Builds two versions of the project beside each other, on the same raw rows and as-of day, and
says which KPI cells differ. Nothing is published."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import yaml

from editing import EditingError, project, versions
from editing.macros import Macros
from editing.moved import LEVELS, Moved, Tolerance, moved
from editing.scratch import SIDES, Scratch, scratch
from extract import config
from review.warehouse import ReviewError, reading

# What the cells need, and what says which records are behind them: these models and what they read.
MODELS = [*(table for table, _ in LEVELS.values()), "kpi_records"]


@dataclass(frozen=True)
class Compared:
    """What was built: `as_of` the last day that both sides count, `edited` the seed files that
    differ, `adds_up` how each KPI does (macros/kpis.sql of both sides)."""

    as_of: date
    edited: list[str]
    adds_up: dict[str, str]
    moved: Moved


def seeds_preview(
    settings: config.Warehouse,
    folder: Path,
    base: str = "HEAD",
    tolerance: Tolerance | None = None,
    as_of: date | None = None,
) -> Compared:
    """The project in `folder` with its seeds as they lie there, against itself with those of the
    commit `base`. Where no seed differs, nothing is built.

    Raises EditingError, ReviewError, SettingsError and WarehouseError.
    """

    def copied(old: Path, new: Path) -> list[str]:
        versions.copy_folder(folder, new)
        versions.copy_folder(folder, old)
        return versions.take_back_seeds(folder, base, old)

    return _compare(settings, folder, copied, tolerance, as_of)


def diff(
    settings: config.Warehouse,
    folder: Path,
    base: str,
    tolerance: Tolerance | None = None,
    as_of: date | None = None,
) -> Compared:
    """The project in `folder`, edits that are not committed included, against the commit `base`,
    seeds and models. Raises as `seeds_preview` does."""

    def copied(old: Path, new: Path) -> None:
        versions.copy_folder(folder, new)
        versions.copy_commit(folder, base, old)

    return _compare(settings, folder, copied, tolerance, as_of)


def _compare(
    settings: config.Warehouse,
    folder: Path,
    copied: Callable[[Path, Path], list[str] | None],
    tolerance: Tolerance | None,
    as_of: date | None,
) -> Compared:
    """`copied` puts both versions into its folders and gives the seeds that differ, None where the
    models may differ as well."""
    with TemporaryDirectory(prefix="kpi_preview_") as name:
        place = Path(name)
        folders = {side: place / side for side in SIDES}
        edited = copied(folders["old"], folders["new"])
        declared = {side: project.load(path) for side, path in folders.items()}
        rules = {side: _kpis(each) for side, each in declared.items()}
        as_of = as_of or _as_of(settings, declared["new"].vars)
        adds_up = {
            kpi: rule["adds_up"] for side in reversed(SIDES) for kpi, rule in rules[side].items()
        }
        if edited == []:
            return Compared(as_of, [], adds_up, Moved([], 0, []))
        with scratch(settings, place, folder / "profiles.yml") as room:
            _build(room, folders, settings, as_of)
            found = moved(
                room, {side: list(rules[side]) for side in SIDES}, tolerance or Tolerance()
            )
    return Compared(as_of, edited or [], adds_up, found)


def _kpis(declared: project.Project) -> dict[str, dict[str, str]]:
    return Macros(declared, str, "{}.{}".format).call("kpis")


def _as_of(settings: config.Warehouse, vars: dict) -> date:
    """One day for both sides: that of the next build where the project fixes it, else that of the
    last build, whose numbers people know; where nothing was built, today at the office."""
    if fixed := vars.get("as_of_date"):
        return date.fromisoformat(str(fixed))
    with reading(settings) as warehouse:
        try:
            ((day,),) = warehouse.query(
                f"select max(event_date) from {warehouse.schema('st_mart')}.daily_kpis_company"
            )
        except ReviewError:
            day = None
    return day or datetime.now(ZoneInfo(vars["business_timezone"])).date()


def _build(
    room: Scratch, folders: dict[str, Path], settings: config.Warehouse, as_of: date
) -> None:
    """Both sides at once, each by a dbt of its own. Raises EditingError with what dbt said."""
    running = {side: _dbt(room, side, folder, settings, as_of) for side, folder in folders.items()}
    try:
        said = {side: process.communicate()[0].strip() for side, process in running.items()}
    finally:
        for process in running.values():
            process.kill()  # nothing where it has ended
            process.wait()
    for side, process in running.items():
        if process.returncode:
            raise EditingError(
                f"the {side} version cannot be built; nothing was compared, and nothing of "
                f"{room.place} has changed. dbt says:\n{said[side]}"
            )


def _dbt(
    room: Scratch, side: str, folder: Path, settings: config.Warehouse, as_of: date
) -> subprocess.Popen:
    own = folder.parent / f"{side}_dbt"
    own.mkdir()
    profile = yaml.safe_load((folder / versions.PROJECT_FILE).read_text("utf-8"))["profile"]
    environment = {"KPI_RAW_DATASET": settings.schema}
    if settings.keyfile:
        environment["KPI_BIGQUERY_KEYFILE"] = str(settings.keyfile.absolute())
    outputs = {profile: {"target": side, "outputs": {side: room.output(side)}}}
    (own / "profiles.yml").write_text(yaml.safe_dump(outputs), "utf-8")
    return subprocess.Popen(
        [
            Path(sys.executable).with_name("dbt"),
            *("--quiet", "--no-use-colors", "build"),
            *("--select", *(f"+{model}" for model in MODELS)),
            # Tests would find nothing that a build does not: seeds-check has judged the seeds.
            *("--resource-type", "seed", "--resource-type", "model"),
            *("--vars", json.dumps({"as_of_date": str(as_of)})),
            *("--target", side, "--profiles-dir", own, "--target-path", own, "--log-path", own),
        ],
        cwd=folder,
        env=config.environment() | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
