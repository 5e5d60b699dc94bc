"""Real processes: whatever a kill -9 interrupts, a run to its end leaves the tables of a clean run;
and of two extractors that start at once the second leaves."""

import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from extract import config
from simulator import build_tenant, one_day
from tests.faults.killed import POINTS
from tests.faults.office import (
    CHOSEN,
    ONLY,
    assert_no_secret,
    child_environment,
    left_behind,
    on_the_line,
    secrets,
    stored,
    tables,
)

# How a killed run began, and with which options.
BEGINNINGS = {
    "first load": (None, ()),
    "daily run": ("yesterday", ()),
    "full load": ("yesterday", ("--full",)),
}
MOMENTS = 50


class House:
    """A tenant on the line, and warehouses of clean runs: of yesterday and of today."""

    def __init__(self, line, folder):
        self.line = line
        self.yesterday, self.clean = folder / "yesterday.duckdb", folder / "clean.duckdb"
        self.run(self.yesterday)
        one_day(line.api.tenant)
        before = len(line.calls)
        self.run(self.clean)
        whole = len(line.calls) - before
        # The token, each export once, the list, the pay of old days and of the last ones.
        self.calls = {"first load": whole, "full load": whole, "daily run": len(CHOSEN) + 2}

    def start(self, warehouse, *options, module=("extract",)):
        return subprocess.Popen(
            [sys.executable, "-m", *module, "sync", *ONLY, *options],
            cwd=config.PROJECT,
            env=child_environment(self.line, warehouse),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, warehouse):
        process = self.start(warehouse)
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
        assert_no_secret(said + stored(warehouse), secrets(self.line))

    def begin(self, warehouse, beginning):
        """The options of a run that begins so; the warehouse stands as it finds it."""
        before, options = BEGINNINGS[beginning]
        for left in warehouse.parent.glob(f"{warehouse.name}*"):
            left.unlink()
        if before:
            shutil.copyfile(getattr(self, before), warehouse)
        return options

    def killed(self, warehouse, beginning, call, delay):
        """The exit code of a run that is killed so many seconds after its n-th call."""
        options = self.begin(warehouse, beginning)
        reached = len(self.line.calls) + call
        process = self.start(warehouse, *options)
        while len(self.line.calls) < reached and process.poll() is None:
            time.sleep(0.001)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return process.returncode

    def assert_healed(self, warehouse):
        self.run(warehouse)
        assert tables(warehouse) == tables(self.clean)
        assert left_behind(warehouse) == []


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    tenant = build_tenant(seed=4, size="cases", weeks=6)
    with on_the_line(tenant, page_size=25) as line:
        yield House(line, tmp_path_factory.mktemp("kills"))


@pytest.fixture
def warehouse(tmp_path):
    return tmp_path / "kpis.duckdb"


@pytest.mark.parametrize(
    "moment", [3, *(pytest.param(n, marks=pytest.mark.full) for n in range(MOMENTS) if n != 3)]
)
def test_a_kill_at_a_random_moment(house, warehouse, moment):
    dice = random.Random(moment)
    beginning = dice.choice(list(BEGINNINGS))
    call = dice.randint(1, house.calls[beginning])
    # After the last call there is still much to do: a difference, a swap, the log, the last write.
    delay = dice.uniform(0, 0.3 if call == house.calls[beginning] else 0.05)
    while house.killed(warehouse, beginning, call, delay) != -signal.SIGKILL:
        delay /= 2  # it had ended before
    house.assert_healed(warehouse)


PLANTED = [
    ("between rows and cursor", 2, "first load"),
    ("inside the commit", 9, "first load"),
    *(
        pytest.param(point, turn, beginning, marks=pytest.mark.full)
        for beginning, point, turn in [
            ("first load", "before the rows", 4),
            ("first load", "between rows and cursor", 9),
            ("first load", "between cursor and commit", 12),
            ("first load", "inside the commit", 16),
            ("first load", "after the commit", 16),
            ("first load", "while outdated rows are dropped", 1),
            ("first load", "while the log is packed", 2),
            ("first load", "before the file is closed", 1),
            ("first load", "between closing the file and opening it", 2),
            ("first load", "between dropping and renaming", 3),
            ("daily run", "between rows and cursor", 1),
            ("daily run", "inside the commit", 10),
            ("daily run", "after the commit", 12),
            ("full load", "between rows and cursor", 5),
            ("full load", "inside the commit", 17),
            ("full load", "between dropping and renaming", 1),
        ]
    ),
]


@pytest.mark.parametrize(("point", "turn", "beginning"), PLANTED)
def test_a_kill_at_a_planted_point(house, warehouse, point, turn, beginning):
    options = house.begin(warehouse, beginning)
    process = house.start(warehouse, *options, module=("tests.faults.killed", point, str(turn)))
    said, _ = process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL, said
    house.assert_healed(warehouse)


@pytest.mark.full
def test_a_run_that_is_killed_again_and_again_gets_on(house, warehouse):
    dice = random.Random(1)
    for _ in range(8):
        calls = len(house.line.calls)
        process = house.start(warehouse)
        while len(house.line.calls) < calls + dice.randint(2, 12) and process.poll() is None:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    house.assert_healed(warehouse)


def test_the_second_extractor_says_so_and_leaves(house, warehouse):
    calls = len(house.line.calls)
    house.line.fault = slow
    first = house.start(warehouse)
    while len(house.line.calls) < calls + 2 and first.poll() is None:
        time.sleep(0.005)
    second = house.start(warehouse)
    said, _ = second.communicate(timeout=300)
    assert first.poll() is None, "the first ended too early for this test"
    house.line.fault = None
    assert second.returncode == 1
    assert len(said.splitlines()) == 1
    assert f"{warehouse} is in use by another process (another sync, dbt" in said
    said, _ = first.communicate(timeout=300)
    assert first.returncode == 0, said
    assert tables(warehouse) == tables(house.clean)


def slow(request, ask):
    """Every answer takes its time."""
    return replace(ask(request), delay=0.3)


def test_every_point_is_planted():
    planted = {getattr(one, "values", one)[0] for one in PLANTED}
    assert planted == set(POINTS)
