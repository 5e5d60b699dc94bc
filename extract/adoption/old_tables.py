"""What the older system's tables have otherwise than ours: `old_tables.yml`, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from extract import entities
from extract.entities import Entity
from extract.errors import SettingsError

_HERE = Path(__file__).with_name("old_tables.yml")


@dataclass(frozen=True)
class OldTable:
    """Where an entity's old rows stand, and what is lost where a column of ours is empty in them.

    `names` are the tables to look for, the first that is there counts; `key` is the old column with
    the API's id; `renamed` is ours -> theirs; `nothing` says why no row can be adopted; `kpis` are
    those that read a column of ours, `stands_in` what the models take where it is empty.
    """

    entity: Entity
    names: tuple[str, ...]
    key: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    nothing: str | None = None
    always_filled: tuple[str, ...] = ()
    kpis: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stands_in: Mapping[str, str] = field(default_factory=dict)
    no_kpi: tuple[str, ...] = ()

    @property
    def all_kpis(self) -> tuple[str, ...]:
        """The KPIs that read the table at all."""
        return tuple(dict.fromkeys(kpi for kpis in self.kpis.values() for kpi in kpis))


@cache
def load(path: Path = _HERE) -> dict[str, OldTable]:
    """The old table of every entity, by the entity's name. Raises SettingsError naming a faulty
    block."""
    blocks = yaml.safe_load(path.read_text(encoding="utf-8"))
    known = entities.load()
    wrong = sorted(set(blocks) ^ set(known))
    if wrong:
        raise SettingsError(f"{path.name}: one block per entity, wrong are {', '.join(wrong)}")
    return {name: _old_table(path.name, known[name], blocks[name]) for name in known}


def _old_table(file: str, entity: Entity, block: dict[str, Any]) -> OldTable:
    columns = {column.name for column in entity.columns}
    kpis = {name: tuple(of) for name, of in block.get("kpis", {}).items()}
    lists = ("tables", "always_filled", "no_kpi")
    found = OldTable(
        entity=entity,
        names=(*block.get("tables", ()), entity.table, entity.name),
        key=block.get("key", entity.key),
        renamed=block.get("columns", {}),
        nothing=block.get("nothing"),
        always_filled=tuple(block.get("always_filled", ())),
        kpis=kpis,
        stands_in=block.get("stands_in", {}),
        no_kpi=tuple(block.get("no_kpi", ())),
    )
    words = {*lists, "key", "columns", "nothing", "kpis", "stands_in"}
    wrong = {
        "words": set(block) - words,
        "columns": {*found.renamed, *kpis, *found.no_kpi, *found.always_filled} - columns,
        "columns with and without KPIs": set(kpis) & set(found.no_kpi),
        "stand-ins of no KPI": set(found.stands_in) - set(kpis),
    }
    for what, names in wrong.items():
        if names:
            raise SettingsError(f"{file}, {entity.name}: wrong {what}: {', '.join(sorted(names))}")
    return found
