"""A tenant in whose every record, report and export stand a name, a phone number, a street, an
e-mail address and a memo; and the search for them in whatever a run leaves behind."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from simulator.reporting.definitions import Field
from simulator.store import ENTITIES, decode, encode
from simulator.tenant import Tenant

NAME = "Zyxwina Plantagenet"
CONTACTS = {
    "phone": "602-555-0148",
    "bare phone": "6025550148",
    "street": "4711 Quillfeather Lane",
    "email": "zyxwina@planted.example",
    "memo": "quagmire behind the gate",
}
PHONE, BARE, STREET, EMAIL, MEMO = CONTACTS.values()
# What each is searched by: no other text of a run holds these.
TRACES = {
    "phone": ["555-0148", "5550148"],
    "street": ["quillfeather"],
    "email": ["planted.example"],
    "memo": ["quagmire"],
}
NAME_TRACES = {"name": ["zyxwina", "plantagenet"]}

FIELDS = {
    # fields that are called after what they hold
    **{"phone": PHONE, "mobilePhoneNumber": BARE, "fax": 6025550148, "caller_id": PHONE},
    **{"email": EMAIL, "eMail": EMAIL, "notificationEmails": [EMAIL]},
    **{"street": STREET, "billingAddress": {"line1": STREET, "zip": STREET}, "address2": STREET},
    **{"memo": MEMO, "jobNotes": MEMO, "summary": MEMO, "description": f"<p>{MEMO}</p>"},
    "contacts": [{"type": "Phone", "value": PHONE, "name": NAME}],
    # fields that nobody knows, whose text tells
    **{"reachAt": f"call ({PHONE[:3]}) {PHONE[4:]} now", "ring": BARE, "abroad": "+16025550148"},
    **{"writeTo": f"Write to {EMAIL}!", "livesAt": STREET, "all": [f"at {STREET}", EMAIL]},
    # names
    **{"customerName": NAME, "createdBy": NAME, "somebody": NAME, "crew": [NAME]},
    **{"assignedTo": {"id": 5, "name": NAME}, "signature": {"by": {"text": NAME}}},
}
MADE_UP = [{"typeId": 8, "name": "Gate", "value": value} for value in (PHONE, STREET, MEMO, NAME)]
NAMED = ("customers", "locations", "technicians", "estimates")
HAND_WRITTEN = ("memo", "summary", "description", "specialInstructions", "bio", "customerPo")

COLUMNS = {  # of reports: field -> label, cell
    "CustomerPhone": ("Customer Phone", PHONE),
    "Mail": ("E-Mail", EMAIL),
    "Place": ("Location Address", STREET),
    "Remark": ("Job Notes", MEMO),
    "Any": ("Column 1", f"call {PHONE}"),
    "Other": ("Column 2", f"{EMAIL}; {STREET}"),
    "Technician": ("Primary Technician", NAME),
    "Whoever": ("Column 3", NAME),
}


def planted(entity: str, record: dict[str, Any]) -> dict[str, Any]:
    """The record with all of it, in every object; names keep what makes them different."""
    found = _everywhere(record)
    if entity in NAMED and (record["name"] or "").strip().lower() not in ("", "name"):
        found["name"] = f"{NAME} {record['name']}"
    if "customFields" in found:
        found["customFields"] = MADE_UP
    return found


def _everywhere(value: Any) -> Any:
    if isinstance(value, list):
        return [_everywhere(one) for one in value]
    if not isinstance(value, dict):
        return value
    # In front: some lists cut the last field off.
    inner = {name: _everywhere(one) for name, one in value.items()}
    written = {name: f"{MEMO} {PHONE}" for name in HAND_WRITTEN if name in value}
    return {name: one for name, one in FIELDS.items() if name not in inner} | inner | written


def plant(tenant: Tenant) -> None:
    """Puts all of it into every record of the tenant."""
    for entity in ENTITIES:
        feed = tenant.store.feeds[entity]
        feed.bodies = [
            body if body is None else encode(planted(entity, decode(body))) for body in feed.bodies
        ]


def plant_reports(reports: Any) -> None:
    """Gives every report columns with all of it; `reports` are the API's."""
    for number, report in reports.definitions.items():
        more = tuple(Field(name, label, "String", name) for name, (label, _) in COLUMNS.items())
        reports.definitions[number] = replace(report, fields=report.fields + more)
    cells = {name: cell for name, (_, cell) in COLUMNS.items()}
    reports.edit = lambda number, rows: [row | cells for row in rows]


def traces(folder: Path, warehouse: Path, said: str, names: bool) -> list[str]:
    """Where something planted stands: in what was printed, a file of `folder` or a table."""
    wanted = _wanted(names)
    found = [f"printed: {kind}" for kind in traces_in(said, names)]
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes().decode("latin-1") if path.is_file() else ""
        found += [f"{path.name}: {kind}" for kind, texts in wanted.items() if _any(texts, content)]
    with duckdb.connect(str(warehouse), read_only=True) as db:
        tables = db.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
        for schema, table in tables:
            rows = f'select lower(row::varchar) as text from "{schema}"."{table}" as row'
            for kind, texts in wanted.items():
                holds = " or ".join(f"contains(text, '{text}')" for text in texts)
                ((count,),) = db.execute(f"select count(*) from ({rows}) where {holds}").fetchall()
                if count:
                    found.append(f"{schema}.{table}: {kind} in {count} rows")
    return found


def traces_in(said: str, names: bool) -> list[str]:
    """The kinds of what is planted that stand in a text."""
    return [kind for kind, texts in _wanted(names).items() if _any(texts, said)]


def _wanted(names: bool) -> dict[str, list[str]]:
    return TRACES | (NAME_TRACES if names else {})


def _any(texts: list[str], content: str) -> bool:
    return any(text in content.lower() for text in texts)
