"""Rendering the project's own SQL without dbt, which takes seconds to start.

The macros are those of the project and, for dbt's own tests and functions, those that dbt and
dbt-duckdb bring: read from their files, never copied. What a macro asks of dbt that is not here is
an error, not an empty text.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo, available_timezones

import jinja2

from editing import EditingError
from editing.project import Project

BLOCK = re.compile(
    r"\{%-?\s*(?P<kind>macro|test)\s+(?P<name>\w+).*?\{%-?\s*end(?P=kind)\s*-?%\}", re.DOTALL
)
OPENS_TEST = re.compile(r"(\{%-?\s*)test(\s+)(\w+)")
CLOSES_TEST = re.compile(r"(\{%-?\s*)endtest\b")
EXPRESSION = re.compile(r"(ref|source|var)\(.*\)")
DIALECTS = ("duckdb", "default")


class NeedsWarehouse(Exception):
    """Some SQL reads what only a warehouse has; says which."""


class _Returned(BaseException):
    """dbt's `return`: leaves a macro with a value. No Exception, as no jinja code may catch it."""

    def __init__(self, value: object):
        self.value = value


class Macros:
    """The macros by name; `ref` says what stands for a seed or a model in SQL, `source` for a
    landed table."""

    def __init__(
        self,
        project: Project,
        ref: Callable[[str], object],
        source: Callable[[str, str], object],
    ):
        self._project = project
        self._sources = _dbts_own() | _sources(project.files(project.macro_paths, "*.sql"))
        self._sources |= _sources(project.files(project.test_paths, "*.sql"))
        self._compiled: dict[str, Callable] = {}
        self._jinja = jinja2.Environment(
            undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"]
        )
        macros = {name: self._lazy(name) for name in self._sources}
        self._jinja.globals |= macros | {
            "ref": ref,
            "source": source,
            "var": self._var,
            "return": _return,
            "config": lambda **_: "",
            "execute": True,
            "adapter": SimpleNamespace(dispatch=self._dispatch),
            "api": SimpleNamespace(Column=SimpleNamespace(translate_type=str)),
            "dbt": SimpleNamespace(**macros),
            "exceptions": SimpleNamespace(raise_compiler_error=_refuse),
            "modules": SimpleNamespace(
                re=re,
                pytz=SimpleNamespace(all_timezones_set=available_timezones(), timezone=ZoneInfo),
            ),
            "run_started_at": datetime.now(UTC),
            "should_store_failures": lambda: False,
            "target": SimpleNamespace(type="duckdb"),
        }

    def __contains__(self, name: str) -> bool:
        return name in self._sources

    def call(self, name: str, /, **arguments: object) -> str:
        """What the macro makes of the arguments; a text such as ref('…') among them is what it
        says, as in YAML. Raises EditingError, NeedsWarehouse."""
        return self._guarded(
            name, lambda: self._macro(name)(**{k: self._argument(v) for k, v in arguments.items()})
        )

    def render(self, path: Path) -> str:
        """The SQL in a file, such as a model's. Raises EditingError, NeedsWarehouse."""
        return self._guarded(
            str(path), lambda: self._jinja.from_string(path.read_text("utf-8")).render()
        )

    def _guarded(self, name: str, made: Callable[[], str]) -> str:
        try:
            return made()
        except (jinja2.TemplateError, TypeError) as error:
            raise EditingError(
                f"{name} cannot be interpreted without dbt: {error}; teach editing/macros.py"
            ) from None

    def _argument(self, value: object) -> object:
        if isinstance(value, str) and EXPRESSION.fullmatch(value):
            return self._jinja.compile_expression(value)()
        return value

    def _lazy(self, name: str) -> Callable:
        return lambda *positions, **names: self._macro(name)(*positions, **names)

    def _macro(self, name: str) -> Callable:
        if name not in self._compiled:
            if name not in self._sources:
                raise EditingError(
                    f"there is no macro or test {name} (macros/, tests/dbt/generic/)"
                )
            macro = getattr(self._jinja.from_string(self._sources[name]).module, name)

            def called(*positions: object, **names: object) -> object:
                try:
                    return macro(*positions, **names)
                except _Returned as returned:
                    return returned.value

            self._compiled[name] = called
        return self._compiled[name]

    def _dispatch(self, name: str, package: str = "") -> Callable:
        for dialect in DIALECTS:
            if f"{dialect}__{name}" in self._sources:
                return self._lazy(f"{dialect}__{name}")
        raise EditingError(f"there is no macro duckdb__{name} nor default__{name}")

    def _var(self, name: str, default: object = None) -> object:
        return self._project.vars.get(name, default)


def _sources(paths: list[Path]) -> dict[str, str]:
    """Macro -> its text; a test's macro is called test_…, as in dbt."""
    found = {}
    for path in paths:
        for block in BLOCK.finditer(path.read_text("utf-8")):
            prefix = "test_" if block["kind"] == "test" else ""
            text = OPENS_TEST.sub(r"\1macro\2test_\3", block[0])
            found[prefix + block["name"]] = CLOSES_TEST.sub(r"\1endmacro", text)
    return found


def _dbts_own() -> dict[str, str]:
    """Macros that dbt brings, dbt-duckdb's over dbt's."""
    include = Path(find_spec("dbt").submodule_search_locations[0], "include")
    paths = [include / "global_project", include / "duckdb"]
    return _sources([path for folder in paths for path in sorted(folder.rglob("*.sql"))])


def _return(value: object) -> None:
    raise _Returned(value)


def _refuse(message: str) -> None:
    raise EditingError(message)
