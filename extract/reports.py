"""The reports that are pulled and what their rows say: reports/*.yml, checked and as objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from extract.errors import SettingsError
from extract.warehouse.reports import ROLES

HERE = Path(__file__).resolve().parent.parent / "reports"


@dataclass(frozen=True)
class Layout:
    """A kind of report: what one `row` is of, and the roles that its columns fill."""

    name: str
    row: str
    required: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        return self.required + self.optional


@cache
def layouts(path: Path = HERE / "layouts.yml") -> dict[str, Layout]:
    """All layouts by name. Raises SettingsError naming file, layout and key where one is faulty."""
    found = {}
    for name, block in _blocks(path).items():
        place = f"{path.name}, layout {name}"
        _keys(place, block, required=("row", "required", "optional"))
        for key in ("required", "optional"):
            roles = block[key]
            if not isinstance(roles, list) or not set(roles) <= ROLES.keys():
                raise SettingsError(f"{place}: `{key}` must list roles of {', '.join(ROLES)}")
        found[name] = Layout(name, block["row"], tuple(block["required"]), tuple(block["optional"]))
    return found


def _blocks(path: Path) -> dict[str, Any]:
    try:
        blocks = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(blocks, dict) or not blocks:
        raise SettingsError(f"{path}: expected a block per name")
    return blocks


def _keys(
    place: str, block: Any, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Mapping[str, Any]:
    if not isinstance(block, dict):
        raise SettingsError(f"{place}: expected the keys {', '.join(required)}")
    for key in block:
        if key not in required + optional:
            raise SettingsError(f"{place}: unknown key `{key}`; known: {', '.join(required)}")
    for key in required:
        if key not in block:
            raise SettingsError(f"{place}: `{key}` is missing")
    return block
