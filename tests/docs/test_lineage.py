"""From the API's endpoint to the KPI to whoever reads it: what the docs site draws is so."""

import re
from contextlib import nullcontext
from datetime import date
from html import unescape
from urllib.parse import urlencode

import pytest

from extract import entities
from review.page import reading
from review.page.definitions import kpi_definitions
from review.page.kpis import NAMES
from tests.docs.described import PACKAGE, TABLES
from tests.parity.warehouse import PROJECT

ENDPOINT = re.compile(r"Endpoint:\s+`(?:GET|POST) ([^`]+)`")
RELATION = re.compile(r"\bst_mart\.([a-z_]+)")
LINK = re.compile(r"\(#!/(\w+)/([\w.]+)\)")
NAMED = re.compile(r"[}]\.([a-z_]+)")


def test_each_raw_table_names_the_endpoint_that_the_extractor_reads(manifest):
    named = {
        source["name"].removeprefix("raw_"): ENDPOINT.search(source["description"])[1]
        for source in manifest["sources"].values()
        if source["source_name"] == "servicetitan"
    }
    assert named == {name: endpoint(entity) for name, entity in entities.load().items()}


def endpoint(entity: entities.Entity) -> str:
    """Path and fixed parameters, as a source's description writes them."""
    return entity.path + (f"?{urlencode(entity.params)}" if entity.params else "")


def test_the_overview_leads_to_pages_that_exist(manifest):
    overview = manifest["docs"][f"doc.{PACKAGE}.__overview__"]["block_contents"]
    links = LINK.findall(overview)
    assert len(links) > 5
    for kind, key in links:
        assert key.startswith(f"{kind}.")
        pages = ("nodes", "exposures", "metrics")
        assert any(key in manifest[part] for part in pages)


@pytest.mark.parametrize("kpi", NAMES)
def test_each_kpi_leads_from_endpoints_to_the_review_and_to_looker_studio(manifest, kpi):
    model = f"model.{PACKAGE}.kpi_{kpi}"
    behind = ancestors(manifest, model)
    assert any(key.startswith(f"source.{PACKAGE}.servicetitan.") for key in behind)
    for exposure in ("weekly_business_review", "looker_studio"):
        assert model in ancestors(manifest, f"exposure.{PACKAGE}.{exposure}")


@pytest.mark.parametrize("kpi", NAMES)
def test_each_kpi_is_told_once_and_shown_everywhere(manifest, kpi):
    """One block of words: on its model, its columns, in the seeds that name KPIs, on the page."""
    words = " ".join(manifest["docs"][f"doc.{PACKAGE}.{kpi}"]["block_contents"].split())
    nodes = manifest["nodes"]

    def shown(description):
        assert words in " ".join(description.split())

    shown(nodes[f"model.{PACKAGE}.kpi_{kpi}"]["description"])
    shown(manifest["metrics"][f"metric.{PACKAGE}.{kpi}"]["description"])
    for table in ("daily_kpis", "weekly_kpis_region", "monthly_kpis_company"):
        shown(nodes[f"model.{PACKAGE}.{table}"]["columns"][kpi]["description"])
    for seed in ("report_values", "parity_tolerances", "monthly_targets"):
        shown(nodes[f"seed.{PACKAGE}.{seed}"]["columns"]["kpi"]["description"])
    shown(unescape(re.sub("<[^>]+>", "", kpi_definitions()[kpi])))


def test_every_table_has_a_group_with_an_owner_and_a_colour(manifest):
    owners = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    tables = [node for node in manifest["nodes"].values() if node["resource_type"] in TABLES]
    assert [node["name"] for node in tables if not owners.get(node["config"].get("group"))] == []
    assert [node["name"] for node in tables if not node["docs"]["node_color"]] == []


def test_the_exposure_of_the_review_page_is_what_the_page_reads(manifest, monkeypatch):
    asked = Asked()
    monkeypatch.setattr(reading, "reading", lambda _: nullcontext(asked))
    reading.read(settings=None)
    assert depends_on(manifest, "weekly_business_review") == set(RELATION.findall(asked.sql))


def test_the_exposure_of_the_terminal_is_what_the_commands_read(manifest):
    """By the text of the commands: each writes its SQL as `from {schema}.model`."""
    nodes = manifest["nodes"].values()
    models = {node["name"] for node in nodes if node["resource_type"] == "model"}
    text = "".join(file.read_text() for file in (PROJECT / "review").glob("*.py"))
    assert depends_on(manifest, "tables_in_the_terminal") == set(NAMED.findall(text)) & models


def test_the_exposure_of_the_daily_summary_is_what_it_reads(manifest):
    """By the text, as above; report_parity is read as the board does."""
    tables = {
        node["name"] for node in manifest["nodes"].values() if node["resource_type"] in TABLES
    }
    text = "".join(file.read_text() for file in (PROJECT / "daily").glob("*.py"))
    named = set(NAMED.findall(text)) & tables
    assert depends_on(manifest, "daily_summary") == named | {"report_parity"}


class Asked:
    """A warehouse that keeps the queries and answers each with one day."""

    place = "nowhere"
    sql = ""

    def schema(self, name: str) -> str:
        return name

    def query(self, sql: str, **_) -> list[tuple]:
        self.sql += f"{sql}\n"
        return [(date(2025, 12, 28),)]


def depends_on(manifest: dict, exposure: str) -> set[str]:
    """The names of the models on which an exposure depends."""
    keys = manifest["exposures"][f"exposure.{PACKAGE}.{exposure}"]["depends_on"]["nodes"]
    return {key.split(".")[-1] for key in keys}


def ancestors(manifest: dict, key: str) -> set[str]:
    """All that stands to the left of a node."""
    found, ahead = set(), [key]
    while ahead:
        for parent in manifest["parent_map"][ahead.pop()]:
            if parent not in found:
                found.add(parent)
                ahead.append(parent)
    return found
