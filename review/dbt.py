"""Starting dbt, as the commands do."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from extract import config

NOTHING: Mapping[str, str] = MappingProxyType({})


def dbt(
    *words: str, environment: Mapping[str, str] = NOTHING, capture: bool = False
) -> subprocess.CompletedProcess:
    """Runs dbt in the project, with the settings of .env and `environment` over them.

    Its output goes where ours goes, or with `capture` into the result as text. Nothing is raised
    where it fails: see `returncode`.
    """
    return subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--quiet", "--no-use-colors", *words],
        cwd=config.PROJECT,
        env=config.environment() | environment,
        capture_output=capture,
        text=True,
        check=False,
    )
