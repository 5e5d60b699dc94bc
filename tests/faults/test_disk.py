"""A disk that fills up while rows land: a line that says so, and a run that heals once there is
room. And a file that somebody else holds."""

import resource
import shutil
import subprocess
import sys

import duckdb
import pytest

from extract import config
from simulator import build_tenant
from tests.faults.office import (
    ONLY,
    assert_no_secret,
    child_environment,
    on_the_line,
    secrets,
    stored,
    tables,
)

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def line():
    with on_the_line(build_tenant(seed=5, size="tiny", weeks=70), page_size=1_000) as running:
        yield running


@pytest.fixture(scope="module")
def clean(line, tmp_path_factory):
    path = tmp_path_factory.mktemp("clean") / "kpis.duckdb"
    code, said = sync(line, path)
    assert code == 0, said
    return tables(path)


def sync(line, path, *before, **how):
    """A run in a process of its own: exit code, all that it said."""
    done = subprocess.run(
        [*before, sys.executable, "-m", "extract", "sync", *ONLY],
        cwd=config.PROJECT,
        env=child_environment(line, path),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **how,
    )
    said = done.stdout + done.stderr
    assert_no_secret(said + (stored(path) if path.exists() else ""), secrets(line))
    return done.returncode, said


def assert_said(code, said, path):
    assert code == 1, said
    assert "Traceback" not in said
    faults = [line for line in said.splitlines() if f"DuckDB, {path}: " in line]
    assert faults
    full = "Free some space and run again: what has landed stays"
    assert all(full in line or "File too large" in line for line in faults), said


# The control tables do not fit; a batch on its way; the rows of the last entities.
@pytest.mark.parametrize("kilobytes", [60, 300, 800])
def test_files_that_may_not_grow(line, clean, tmp_path, kilobytes):
    path = tmp_path / "kpis.duckdb"
    most = kilobytes * 1024

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    code, said = sync(line, path, preexec_fn=limit)
    assert_said(code, said, path)
    assert sync(line, path)[0] == 0
    assert tables(path) == clean


def may_mount():
    unshare = shutil.which("unshare")
    return unshare and subprocess.run([unshare, "-rm", "true"], check=False).returncode == 0


@pytest.mark.parametrize("kilobytes", [400, 700, 1000])
def test_a_disk_that_fills_up(line, clean, tmp_path, kilobytes):
    """A disk of its own: in a namespace, where a user may have one."""
    if not may_mount():
        pytest.skip("this machine lets nobody mount a small disk")
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    kept.mkdir()
    script = (
        f'mount -t tmpfs -o size={kilobytes}k none {disk} && "$@"; code=$?; '
        f"cp {disk}/* {kept}; exit $code"
    )
    path = disk / "kpis.duckdb"
    code, said = sync(line, path, "unshare", "-rm", "bash", "-c", script, "bash")
    assert_said(code, said, path)
    assert sync(line, kept / "kpis.duckdb")[0] == 0
    assert tables(kept / "kpis.duckdb") == clean


def test_a_file_that_somebody_reads_is_in_use_and_left_alone(line, clean, tmp_path):
    path = tmp_path / "kpis.duckdb"
    assert sync(line, path)[0] == 0
    before = path.read_bytes()
    with duckdb.connect(str(path), read_only=True):
        code, said = sync(line, path)
    assert code == 1
    assert len(said.splitlines()) == 1
    assert "is in use by another process" in said
    assert path.read_bytes() == before
