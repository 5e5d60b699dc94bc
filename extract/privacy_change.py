"""Reads anew what was landed under another rule of privacy."""

from collections.abc import Iterable

from extract.entities import Entity
from extract.privacy import rule
from extract.warehouse import Cursor, Warehouse

NOTE = "what is personal has changed: read anew from the beginning"

# The rules stand among the cursors, under a name that no entity has.
_RULES = Entity("_privacy", path="", scope="", feed="list", key="", columns=())


def read_anew(warehouse: Warehouse, entities: Iterable[Entity]) -> dict[str, str]:
    """Takes the cursor from each entity that was landed under another rule, so that its next sync
    reads it whole and puts that in the place of its table: names and hashes of one table never
    mix. Gives entity name -> note for those that had one. Raises WarehouseError.
    """
    now = rule(warehouse.names)
    landed = warehouse.cursor(_RULES).position or {}
    changed = [entity for entity in entities if landed.get(entity.name) != now]
    notes = {}
    for entity in changed:
        if warehouse.cursor(entity) != Cursor():
            warehouse.save_cursor(entity, Cursor())
            notes[entity.name] = NOTE
    if changed:
        # After the cursors: a kill before it takes them once more.
        rules = landed | {entity.name: now for entity in changed}
        warehouse.save_cursor(_RULES, Cursor(rules))
    return notes
