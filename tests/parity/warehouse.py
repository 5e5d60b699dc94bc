"""A warehouse for the parity proofs: records landed without HTTP, and the reports' numbers."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

from extract import config, entities
from extract.rows import Batch, Shaper, with_row_keys
from extract.warehouse import Cursor, open_warehouse
from simulator import oracle

PROJECT = Path(__file__).parents[2]
DBT = Path(sys.executable).with_name("dbt")


def land(records: oracle.Records, path: Path, as_of: date, **options) -> None:
    """Land `records` as the extractor would, and what the reports show of them on `as_of`.

    `options` are those of the oracle (timezone, ar_threshold, ...); `dbt` takes them as vars.
    """
    land_records(records, path)
    oracle.land(path, records, as_of=as_of, **options)


def land_records(records: oracle.Records, path: Path) -> None:
    """Land `records` alone."""
    settings = config.Warehouse("dev", path, "st_raw_v2")
    with closing(open_warehouse(settings)) as warehouse:
        warehouse.prepare(entities.load().values())
        for entity in entities.load().values():
            shaper, batch = Shaper(entity), Batch()
            lines = [shaper.line(record) for record in records.get(entity.name, [])]
            batch.extend(with_row_keys(lines) if entity.feed == "windows" else lines)
            if entity.feed == "windows":
                warehouse.replace_days(entity, None, None, batch.lines(), Cursor())
            else:
                warehouse.merge(entity, batch.lines(), Cursor())


def copy_project(folder: Path) -> Path:
    """A copy of all that dbt reads, so that its seeds can be edited; returns its folder."""
    for part in ("dbt_project.yml", "models", "macros", "seeds", "snapshots", "tests/dbt"):
        source, copy = PROJECT / part, folder / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy)
    return folder


def dbt(
    *words: str, path: Path, project: Path = PROJECT, target: Path, **vars: object
) -> subprocess.CompletedProcess:
    """Run dbt on the warehouse at `path` with `vars`; what it writes goes to `target`."""
    command = [DBT, "--no-use-colors", *words, "--vars", json.dumps(vars, default=str)]
    folders = [
        "--target-path",
        target,
        "--log-path",
        target,
        "--profiles-dir",
        Path(__file__).parent,
    ]
    return subprocess.run(
        [*command, *folders],
        cwd=project,
        env=os.environ | {"KPI_DUCKDB_PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
