"""Run a command and measure it."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

PROJECT = Path(__file__).parents[2]
# What the kernel counts a process's peak memory in.
_UNIT = 1 if sys.platform == "darwin" else 1024


class Failed(Exception):
    """A command that was to be timed did not succeed."""


@dataclass(frozen=True)
class Run:
    """How long a command took from start to end, its peak memory in MiB, what it printed."""

    seconds: float
    peak: float
    output: str


def run(command: Sequence[str | Path], environment: Mapping[str, str]) -> Run:
    """Run `command` in the project with these settings beside the process's own.

    Raises Failed with the end of what it said when it does not exit 0.
    """
    with TemporaryFile() as output:
        begun = time.perf_counter()
        child = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=os.environ | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode(errors="replace")
    if child.returncode != 0:
        words = " ".join(map(str, command))
        raise Failed(f"{words} ended with exit code {child.returncode}:\n{said[-3000:]}")
    return Run(seconds, usage.ru_maxrss * _UNIT / 2**20, said)
