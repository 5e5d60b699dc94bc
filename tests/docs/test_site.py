"""make docs: one file that needs no network, with the types of the warehouse's columns."""

import json
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from selenium.webdriver.support.ui import WebDriverWait

from docs import site
from tests.docs.described import TABLES
from tests.review.page.chromium import chromium, needed


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
def built(demo, tmp_path_factory) -> Path:
    """The site of the demo's warehouse; beside its folder in target/ what dbt wrote."""
    assert demo.run.returncode == 0, demo.run.stdout
    folder = tmp_path_factory.mktemp("site")
    warehouse = shutil.copy(demo.warehouse, folder)  # others may be reading it
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
    assert told.keys() <= found.keys()
    # Staging describes what needs a word; the rest stands there as in the API.
    silent = {
        f"{node['name']}.{column}"
        for key, node in told.items()
        if not node["path"].startswith("staging")
        for column in found[key]["columns"].keys() - node["columns"].keys()
    }
    assert silent == set()
    assert all(column["type"] for key in told for column in found[key]["columns"].values())


@pytest.mark.full
def test_the_site_is_one_file_that_asks_for_nothing(built):
    assert [file.name for file in built.parent.iterdir()] == ["index.html"]
    html = built.read_text()
    assert (
        re.findall(r"""<(?:script|link|img|iframe)[^>]*\s(?:src|href)=["']?https?:""", html) == []
    )
    assert '"send_anonymous_usage_stats": false' in html  # else dbt's page reports each view
    assert site.STYLE.read_text() in html


@pytest.fixture(scope="module")
def opened(built, tmp_path_factory):
    """Opens a place of the site in a browser of that width and waits until it shows some words."""
    with chromium(tmp_path_factory.mktemp("profile")) as browser:

        def show(place: str, words: str, width: int = 1280):
            browser.size(width, 900)
            browser.get(f"{built.as_uri()}#!/{place}")
            WebDriverWait(browser, 20).until(lambda _: words in text(browser))
            return browser

        yield show


def text(browser) -> str:
    return browser.find_element("tag name", "body").text


@pytest.mark.full
@needed
def test_the_site_shows_words_and_types_and_asks_for_nothing(opened):
    browser = opened("overview", "Where to begin")
    opened("model/model.servicetitan_kpis.daily_kpis", "how many customers asked for an estimate")
    assert "DECIMAL(38,9)" in text(browser)
    assert "KPI analysts" in text(browser)
    opened("metric/metric.servicetitan_kpis.gpm_percent", "what is left of the revenue")
    opened("seed/seed.servicetitan_kpis.business_units", "How to edit it.")
    opened("macro/macro.servicetitan_kpis.period_start", "The first day of the period")
    opened("exposure/exposure.servicetitan_kpis.looker_studio", "The office's own charts")
    assert [url for url in browser.requests() if url.startswith(("http:", "https:"))] == []


@pytest.mark.full
@needed
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("overview", "Where to begin"),
        ("model/model.servicetitan_kpis.daily_kpis", "how many customers asked"),
        ("seed/seed.servicetitan_kpis.report_values", "How to edit it."),
        ("source/source.servicetitan_kpis.servicetitan.raw_jobs", "export/jobs"),
    ],
)
def test_a_phone_shows_the_page_without_scrolling_sideways(opened, place, words):
    browser = opened(place, words, width=390)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
