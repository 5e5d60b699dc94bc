"""What the docs site shows and what is said about it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import jinja2
from dbt_common.clients.jinja import get_environment

PACKAGE = "servicetitan_kpis"
TABLES = ("model", "seed", "snapshot")
WAREHOUSES = ("default", "duckdb", "bigquery")


@dataclass(frozen=True)
class Thing:
    """One thing on the site: its kind, the name by which a message names it, what is said of it."""

    kind: str
    name: str
    description: str

    def says_something(self) -> bool:
        """Whether the description has a word that is neither in the name nor a fill word."""
        own_name = self.name.split(".")[-1]
        return bool(words(self.description) - words(own_name) - FILL)


def words(text: str) -> set[str]:
    """The words of a text, without capitals and without the s of a plural or possessive."""
    return {word.rstrip("s") for word in re.findall("[a-z]+", text.lower())} - {""}


# Words that say nothing about a thing.
FILL = words(
    "a an and as at by for from in into is it of on or our that the their these this to which with "
    "column description field model name row seed table value"
)


def undescribed(manifest: dict) -> list[str]:
    """Each thing about which nothing is said, as `kind name`."""
    return [
        f"{thing.kind} {thing.name}" for thing in things(manifest) if not thing.says_something()
    ]


def things(manifest: dict) -> Iterator[Thing]:
    """Everything of this project that the site shows, and every column that a key names."""
    for node in _of_project(manifest["nodes"]):
        kind = node["resource_type"]
        if kind in TABLES:
            yield Thing(kind, node["name"], node["description"])
            for column in node["columns"].values():
                name = f"{node['name']}.{column['name']}"
                yield Thing(f"{kind} column", name, column["description"])
        elif kind == "test" and "test_metadata" in node:
            yield from _keys(manifest, node)
        elif kind == "test":
            yield Thing("test", node["name"], node["description"])
    for test in manifest["unit_tests"].values():
        yield Thing("unit test", test["name"], test["description"] or "")
    for source in manifest["sources"].values():
        yield Thing("source", source["source_name"], source["source_description"])
        # The endpoint says where a table is from, not what it holds.
        held = source["description"].split("Endpoint:")[0]
        yield Thing("source table", f"{source['source_name']}.{source['name']}", held)
    for exposure in manifest["exposures"].values():
        yield Thing("exposure", f"{exposure['name']} {exposure['label']}", exposure["description"])
    for metric in manifest["metrics"].values():
        yield Thing("metric", f"{metric['name']} {metric['label']}", metric["description"])
    for model in manifest["semantic_models"].values():
        yield Thing("semantic model", f"{model['name']} {model['label']}", model["description"])
        for part in ("entities", "dimensions", "measures"):
            for each in model[part]:
                name = f"{model['name']}.{each['name']}"
                yield Thing("part of a semantic model", name, each["description"] or "")
    for group in manifest["groups"].values():
        yield Thing("group", group["name"], group.get("description") or "")
    yield from _macros(manifest)


def _keys(manifest: dict, test: dict) -> Iterator[Thing]:
    """The columns that a test of uniqueness names, described or not."""
    metadata, tested = test["test_metadata"], manifest["nodes"].get(test["attached_node"])
    if tested is None or metadata["name"] not in ("unique", "unique_together"):
        return
    for name in metadata["kwargs"].get("columns") or [test["column_name"]]:
        column = tested["columns"].get(name, {"description": ""})
        yield Thing("key", f"{tested['name']}.{name}", column["description"])


def _macros(manifest: dict) -> Iterator[Thing]:
    """Macros and generic tests with their arguments. What a macro does in one warehouse is said by
    the macro that dispatches to it."""
    macros = {macro["name"]: macro for macro in _of_project(manifest["macros"])}
    for name, macro in macros.items():
        warehouse, _, dispatcher = name.partition("__")
        if warehouse in WAREHOUSES and dispatcher in macros:
            continue
        is_test = macro["original_file_path"].startswith("tests/")
        kind = "generic test" if is_test else "macro"
        yield Thing(kind, name, macro["description"])
        said = {argument["name"]: argument["description"] for argument in macro["arguments"]}
        for argument in sorted(said.keys() | set(_signature(macro["macro_sql"]))):
            yield Thing(f"{kind} argument", f"{name}.{argument}", said.get(argument, ""))


def _signature(sql: str) -> list[str]:
    if "materialization" in sql.split("(")[0]:
        return []  # what dbt itself passes
    (macro,) = get_environment(None).parse(sql).find_all(jinja2.nodes.Macro)
    return [argument.name for argument in macro.args]


def _of_project(nodes: dict) -> list[dict]:
    return [node for node in nodes.values() if node["package_name"] == PACKAGE]
