"""The workflows and the container name only what there is."""

import re
import shutil
import subprocess
import sys

import yaml

from tests.parity.warehouse import DBT, PROJECT

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
SETTINGS = set(re.findall(r"^([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
TARGETS = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))


def jobs():
    workflows = [yaml.safe_load(path.read_text()) for path in WORKFLOWS]
    return [job for workflow in workflows for job in workflow["jobs"].values()]


def test_workflows_run_make_targets_that_exist():
    commands = [step["run"] for job in jobs() for step in job["steps"] if "run" in step]
    assert sorted(commands) == ["make daily", "make seeds-check", "make test"]
    assert {command.split()[1] for command in commands} <= TARGETS


def test_workflows_set_settings_that_exist():
    named = {name for job in jobs() for name in job.get("env", {})}
    assert named
    assert named <= SETTINGS
    for job in jobs():
        for name, value in job.get("env", {}).items():
            secret = "secrets." in value
            assert secret == bool(re.search("SECRET|KEY|CLIENT_ID|ALERT_TO", name)), (
                f"{name}: {value}"
            )


def test_the_container_holds_all_that_a_day_needs(tmp_path):
    """The files that the image copies, and nothing else, parse and start."""
    text = (PROJECT / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(.+) (\S+)$", text, re.MULTILINE)
    for sources, goal in copied:
        for source in sources.split():
            assert (PROJECT / source).exists(), source
            there = tmp_path / (source if goal == "./" else goal)
            there.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (PROJECT / source).is_dir() else shutil.copy
            copy(PROJECT / source, there)
    ignored = (PROJECT / ".dockerignore").read_text()
    for sources, _ in copied:
        assert all(f"!{source}" in ignored for source in sources.split()), sources
    shutil.copy(tmp_path / "profiles.yml.example", tmp_path / "profiles.yml")
    parse = subprocess.run(
        [DBT, "parse", "--target", "dev", "--target-path", tmp_path / "target"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert parse.returncode == 0, parse.stdout
    start = subprocess.run(
        [sys.executable, "-m", "daily", "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert start.returncode == 0, start.stderr
