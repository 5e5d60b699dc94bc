"""make docs: one file that needs no network, with the types of the warehouse's columns."""

import json
import os
import re
import shutil
import socket
import subprocess
from datetime import date
from pathlib import Path

import pytest

from docs import site
from tests.docs.described import TABLES
from tests.parity.random_records import draw
from tests.parity.warehouse import dbt, land_records

AS_OF = date(2025, 11, 5)
CHROMIUM = shutil.which("chromium")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=8000",
)


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """An empty project, no setting made; a command that is run leaves its words in `ran`."""
    for name in ("KPI_TARGET", "KPI_DUCKDB_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(site, "PROJECT", tmp_path)

    def run(words, **_):
        (tmp_path / "ran").write_text(" ".join(words[1:]))
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr(site.subprocess, "run", run)
    return tmp_path


def test_a_fresh_clone_shows_the_demo_and_builds_it_first(project):
    assert site.settings()["KPI_DUCKDB_PATH"] == str(project / "demo.duckdb")
    assert (project / "ran").read_text() == "-m simulator.demo"


def test_a_demo_that_is_there_is_not_built_again(project):
    (project / "demo.duckdb").touch()
    assert site.settings()["KPI_DUCKDB_PATH"] == str(project / "demo.duckdb")
    assert not (project / "ran").exists()


def test_your_own_warehouse_comes_first(project, monkeypatch):
    (project / "demo.duckdb").touch()
    (project / "kpis.duckdb").touch()
    assert "KPI_DUCKDB_PATH" not in site.settings()
    (project / "named.duckdb").touch()
    monkeypatch.setenv("KPI_DUCKDB_PATH", "named.duckdb")
    assert site.settings()["KPI_DUCKDB_PATH"] == "named.duckdb"


def test_bigquery_needs_no_file(project, monkeypatch):
    monkeypatch.setenv("KPI_TARGET", "prod")
    monkeypatch.setenv("KPI_DUCKDB_PATH", "none.duckdb")
    assert site.settings()["KPI_TARGET"] == "prod"


def test_a_warehouse_that_is_not_there_is_named(project, monkeypatch, capsys):
    monkeypatch.setenv("KPI_DUCKDB_PATH", "none.duckdb")
    assert site.main([]) == 1
    said = capsys.readouterr().out
    assert "no warehouse none.duckdb" in said
    assert "make build" in said


def test_a_port_in_use_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind((site.HOST, 0))
        taken.listen()
        with pytest.raises(site.SiteError, match="make docs SERVE=another"):
            site.serve(tmp_path / "index.html", taken.getsockname()[1])


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The site of a small warehouse; beside it in target/ what dbt wrote."""
    folder = tmp_path_factory.mktemp("site")
    warehouse = folder / "kpis.duckdb"
    land_records(draw(1, jobs=40), warehouse)
    words = ["build", "--exclude-resource-type", "unit_test", "test"]
    run = dbt(*words, path=warehouse, target=folder / "build", as_of_date=AS_OF)
    assert run.returncode == 0, run.stdout
    environment = os.environ | {
        "KPI_DUCKDB_PATH": str(warehouse),
        "KPI_TARGET": "dev",
        "DBT_PROFILES_DIR": str(Path(__file__).parents[1] / "parity"),
    }
    return site.make(environment, folder / "target", folder / "site" / "index.html")


@pytest.mark.full
def test_every_column_that_is_built_is_described(built):
    """What no yml names would stand on the site without a word."""
    target = built.parents[1] / "target"
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    found = json.loads((target / "catalog.json").read_text())["nodes"]
    told = {key: node for key, node in nodes.items() if node["resource_type"] in TABLES}
    assert told.keys() == found.keys()
    # Staging describes what needs a word; the rest stands there as in the API.
    silent = {
        f"{node['name']}.{column}"
        for key, node in told.items()
        if not node["path"].startswith("staging")
        for column in found[key]["columns"].keys() - node["columns"].keys()
    }
    assert silent == set()
    assert {column["type"] for table in found.values() for column in table["columns"].values()}


@pytest.mark.full
def test_the_site_is_one_file_that_asks_for_nothing(built):
    assert [file.name for file in built.parent.iterdir()] == ["index.html"]
    html = built.read_text()
    assert (
        re.findall(r"""<(?:script|link|img|iframe)[^>]*\s(?:src|href)=["']?https?:""", html) == []
    )
    assert '"send_anonymous_usage_stats": false' in html  # else dbt's page reports each view
    assert site.STYLE.read_text() in html


@pytest.mark.full
@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
def test_the_site_opens_without_a_network(built, tmp_path):
    def page(place):
        words = [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path}", "--dump-dom"]
        run = subprocess.run(
            [*words, f"file://{built}#!/{place}"], capture_output=True, text=True, check=True
        )
        return run.stdout[run.stdout.rindex("<graph-launcher") :]

    assert "Where to begin" in page("overview")
    shown = page("model/model.servicetitan_kpis.daily_kpis")
    assert "how many customers asked for an estimate" in shown
    assert "DECIMAL(38,9)" in shown
