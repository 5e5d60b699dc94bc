"""The reports that are pulled and what their rows say: reports/*.yml, checked and as objects."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from extract.errors import SettingsError
from extract.warehouse.reports import ROLES

HERE = Path(__file__).resolve().parent.parent / "reports"

# What a parameter of a report can be given by one word.
WORDS = ("from", "to", "monday_of_from", "year_after_monday")


@dataclass(frozen=True)
class Layout:
    """A kind of report: what one `row` is of, and the roles that its columns fill. A `balance` is
    of one day: its period starts and ends there."""

    name: str
    row: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    balance: bool

    @property
    def roles(self) -> tuple[str, ...]:
        return self.required + self.optional


@dataclass(frozen=True)
class Report:
    """One of the tenant's own reports: where it is, what is sent to it (parameter name -> a word
    of WORDS, {"label": ...} or {"value": ...}) and which field fills which role."""

    name: str
    title: str
    layout: Layout
    category: str
    id: int
    parameters: dict[str, str | dict[str, Any]]
    columns: dict[str, str]

    def __str__(self) -> str:
        """As messages name it."""
        return f"{self.name} (report {self.id})"


@cache
def layouts(path: Path = HERE / "layouts.yml") -> dict[str, Layout]:
    """All layouts by name. Raises SettingsError naming file, layout and key where one is faulty."""
    found = {}
    for name, block in _blocks(path).items():
        place = f"{path.name}, layout {name}"
        _keys(place, block, ("row", "required", "optional"), ("balance",))
        for key in ("required", "optional"):
            if not isinstance(block[key], list) or not all(
                role in tuple(ROLES) for role in block[key]
            ):
                raise SettingsError(f"{place}: `{key}` must list roles of {', '.join(ROLES)}")
        found[name] = Layout(
            name=name,
            row=block["row"],
            required=tuple(block["required"]),
            optional=tuple(block["optional"]),
            balance=block.get("balance") is True,
        )
    return found


def load(path: Path = HERE / "reports.yml") -> dict[str, Report]:
    """All declared reports by name, in the file's order. Raises SettingsError naming file, report
    and key where one is faulty."""
    return {
        name: _report(f"{path.name}, report {name}", name, b) for name, b in _blocks(path).items()
    }


def choose(name: str) -> Report:
    """The declared report of that name (hyphens or underscores); an unknown one raises
    SettingsError with the names that there are."""
    known = load()
    found = known.get(name) or known.get(name.strip().replace("-", "_"))
    if found is None:
        raise SettingsError(f"{name!r} is no report of reports/reports.yml: {', '.join(known)}")
    return found


def _report(place: str, name: str, block: Any) -> Report:
    def need(ok: bool, what: str) -> None:
        if not ok:
            raise SettingsError(f"{place}: {what}")

    _keys(place, block, ("title", "layout", "category", "id", "parameters", "columns"))
    for key in ("title", "category"):
        need(isinstance(block[key], str) and block[key].strip() != "", f"`{key}` must be text")
    need(
        type(block["id"]) is int and block["id"] > 0, f"`id` must be a number, not {block['id']!r}"
    )
    for key in ("parameters", "columns"):
        need(isinstance(block[key], dict), f"`{key}` must be names with their values")
    known = layouts()
    need(
        block["layout"] in tuple(known),
        f"`layout` {block['layout']!r} is none of {', '.join(known)}",
    )
    layout = known[block["layout"]]

    for parameter, value in block["parameters"].items():
        need(
            _is_value(value),
            f"parameters: `{parameter}` must be one of {', '.join(WORDS)}, "
            f"{{label: ...}} or {{value: ...}}, not {value!r}",
        )
    for role, field in block["columns"].items():
        need(
            role in layout.roles,
            f"columns: `{role}` is no role of the layout {layout.name}: {', '.join(layout.roles)}",
        )
        need(isinstance(field, str), f"columns: `{role}` must name a field, not {field!r}")
    for role in layout.required:
        need(role in block["columns"], f"columns: `{role}` is missing")
    return Report(
        name=name,
        title=block["title"],
        layout=layout,
        category=block["category"],
        id=block["id"],
        parameters=block["parameters"],
        columns=block["columns"],
    )


def _is_value(value: Any) -> bool:
    if not isinstance(value, dict):
        return value in WORDS
    return set(value) == {"value"} or (set(value) == {"label"} and isinstance(value["label"], str))


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
) -> None:
    known = required + optional
    if not isinstance(block, dict):
        raise SettingsError(f"{place}: expected the keys {', '.join(known)}")
    for key in block:
        if key not in known:
            raise SettingsError(f"{place}: unknown key `{key}`; known: {', '.join(known)}")
    for key in required:
        if key not in block:
            raise SettingsError(f"{place}: `{key}` is missing")
