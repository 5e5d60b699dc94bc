"""The table of entities against ServiceTitan's OpenAPI files, where they lie beside the project.

The API ignores parameters that it does not know and simply leaves out fields that do not exist: a
misspelt `active` or column would show as rows that are missing and columns that are always null.
"""

import json

import pytest

from extract import config, entities
from extract.counts import INACTIVE_ONLY

FILES = sorted((config.PROJECT.parent / "shared" / "servicetitan-openapi").glob("*.json"))

pytestmark = pytest.mark.skipif(not FILES, reason="the OpenAPI files do not lie in ../shared")

MODULE_OF = {"salestech": "sales"}  # the one module that is not served under its file's name
ENTITIES = entities.load().values()
# What the spec calls our types; enums are strings that it does not type.
TYPES = {
    "integer": {("integer", "int64"), ("integer", "int32")},
    "string": {("string", None), ("enum", None)},
    "boolean": {("boolean", None)},
    "decimal": {("number", "decimal"), ("string", None)},
    "instant": {("string", "date-time")},
    "date": {("string", "date-time")},
    "json": {("array", None)},
}
FORMATS = {"int64", "int32", "decimal", "date-time"}
# Sent by the walks themselves, beside an entity's own parameters.
WALK = {
    "export": {"from"},
    "list": {"page", "pageSize", "includeTotal"},
    "windows": {"page", "pageSize", "includeTotal", "modifiedOnOrAfter"},
}


def operations():
    """path as in entities.yml -> (the file, its GET operation)."""
    found = {}
    for file in FILES:
        spec = json.loads(file.read_text(encoding="utf-8"))
        module = file.stem.removesuffix("-v2")
        for path, methods in spec["paths"].items():
            if "get" in methods:
                found[f"{MODULE_OF.get(module, module)}/v2{path}"] = (spec, methods["get"])
    return found


OPERATIONS = operations()


def resolve(spec, schema):
    while "$ref" in schema:
        found = spec
        for part in schema["$ref"].split("/")[1:]:
            found = found[part]
        schema = found
    for word in ("oneOf", "allOf", "anyOf"):
        if word in schema:
            return resolve(spec, schema[word][0])
    return schema


def record(entity):
    spec, operation = OPERATIONS[entity.path]
    content = operation["responses"]["200"]["content"]
    answer = resolve(spec, next(iter(content.values()))["schema"])
    return spec, resolve(spec, resolve(spec, answer["properties"]["data"])["items"])


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_path_and_parameters_exist(entity):
    assert entity.path in OPERATIONS
    known = {p["name"]: p for p in OPERATIONS[entity.path][1]["parameters"] if p["in"] == "query"}
    sent = WALK[entity.feed] | set(entity.params)
    if entity.day:
        sent |= {f"{entity.day}OnOrAfter", f"{entity.day}OnOrBefore"}
    assert sent <= set(known)
    for name, value in entity.params.items():
        assert value in known[name]["description"], f"{name}: {value} is none of its values"
    # Without it the API gives active records only.
    assert "active" not in known or entity.params.get("active") == "Any"


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_the_total_is_that_of_a_list_with_its_inactive_rows(entity):
    spec, operation = OPERATIONS[entity.total.path]
    known = {p["name"]: p for p in operation["parameters"] if p["in"] == "query"}
    assert {"page", "pageSize", "includeTotal", "createdOnOrAfter"} <= set(known)
    content = operation["responses"]["200"]["content"]
    answer = resolve(spec, next(iter(content.values()))["schema"])
    assert "totalCount" in answer["properties"]
    shown = {"active": "Any", "activeState": "All"}
    filters = {name: shown[name] for name in shown if name in known}
    assert entity.total.params == filters
    for name, value in filters.items():
        assert value in known[name]["description"]
        assert INACTIVE_ONLY[name] in known[name]["description"]
    # Without such a parameter inactive rows are asked for by their ids.
    assert filters or "ids" in known or "active" not in entity.row_types


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_columns_exist_with_their_types(entity):
    spec, schema = record(entity)
    faults = []
    for column in entity.columns:
        found = schema
        for part in column.source:
            found = resolve(spec, resolve(spec, found).get("properties", {}).get(part, {}))
        kind = "enum" if "enum" in found else found.get("type")
        form = found["format"] if found.get("format") in FORMATS else None
        if (kind, form) not in TYPES[column.type]:
            faults.append(f"{column.name}: {column.type}, in the spec {kind} {form}")
    assert not faults
