"""The simulator's answers validate against ServiceTitan's OpenAPI files where those are at hand."""

import json
from functools import cache
from pathlib import Path

import pytest
from openapi_schema_validator import OAS30Validator

from simulator import build_tenant
from simulator.lists import export_page, list_page
from simulator.resources import RESOURCES

SPECS = Path(__file__).parents[3] / "shared" / "servicetitan-openapi"

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason=f"no OpenAPI files in {SPECS}: answers are not held against them"
)

# Null though the specification does not allow it: seen so at real tenants, or asked for by a hard
# case of the definitions page.
NULL_ALL_THE_SAME = {
    "jobs": {"customerPo", "externalData", "noCharge", "businessUnitId"},
    "returns": {"memo", "customFields", "externalData"},
    "purchase_orders": {"vendorDocumentNumber", "customFields"},
    "gross_pay_items": {"jobId"},
}

SPEC_OF_MODULE = {"sales": "salestech"}


@cache
def specification(module):
    text = (SPECS / f"{SPEC_OF_MODULE.get(module, module)}-v2.json").read_text()
    return json.loads(text, object_hook=with_null)


def with_null(schema):
    """`nullable` beside `oneOf` means what it says; to the validator it would mean nothing."""
    if schema.get("nullable") and "oneOf" in schema:
        schema["oneOf"].append({"enum": [None], "nullable": True})
    return schema


def problems(resource, path, answer):
    """What is wrong with an answer, less the nulls that are known to occur."""
    spec = specification(resource.module)
    operation = spec["paths"][f"/tenant/{{tenant}}/{path}"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    validator = OAS30Validator(schema | {"components": spec["components"]})
    known = NULL_ALL_THE_SAME.get(resource.entity, set())
    return [
        f"{path} {list(error.absolute_path)}: {error.message}"
        for error in validator.iter_errors(json.loads(answer))
        if not (error.instance is None and error.absolute_path[-1] in known)
    ]


@pytest.fixture(scope="module")
def feeds():
    return build_tenant(size="tiny", weeks=30).store.feeds


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.entity)
def test_lists_answer_as_specified(feeds, resource):
    path = "inventory-bills/paginated" if resource.name == "inventory-bills" else resource.name
    everything = {"pageSize": "5000", "active": "Any", "activeState": "All"}
    answer = list_page(resource, feeds[resource.entity], everything, call=1)
    assert json.loads(answer)["data"]
    assert problems(resource, path, answer) == []


@pytest.mark.parametrize(
    "resource", [r for r in RESOURCES if r.export], ids=lambda resource: resource.entity
)
def test_exports_answer_as_specified(feeds, resource):
    answer = export_page(resource, feeds[resource.entity], {}, size=5000)
    assert problems(resource, f"export/{resource.name}", answer) == []


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.entity)
def test_records_have_no_field_that_the_specification_does_not_know(feeds, resource):
    path = f"export/{resource.name}" if resource.export else resource.name
    spec = specification(resource.module)
    schema = spec["paths"][f"/tenant/{{tenant}}/{path}"]["get"]["responses"]["200"]["content"][
        "application/json"
    ]["schema"]
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    row = spec["components"]["schemas"][
        schema["properties"]["data"]["items"]["$ref"].rpartition("/")[2]
    ]
    known = properties(spec, row)
    _, record = next(feeds[resource.entity].numbered())
    assert record.keys() <= known


def properties(spec, schema):
    """The names of a schema's properties, those that it inherits included."""
    names = set(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        part = (
            spec["components"]["schemas"][part["$ref"].rpartition("/")[2]]
            if "$ref" in part
            else part
        )
        names |= properties(spec, part)
    return names


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.entity)
def test_filters_are_the_specified_ones(resource):
    paths = specification(resource.module)["paths"]
    name = "inventory-bills/paginated" if resource.name == "inventory-bills" else resource.name
    parameters = paths[f"/tenant/{{tenant}}/{name}"]["get"]["parameters"]
    known = {parameter["name"] for parameter in parameters}
    used = resource.equal.keys() | resource.since.keys() | resource.before.keys()
    assert used | {resource.activity or "page"} <= known
