"""What the project declares about its seeds: their columns and tests, as dbt reads them."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from editing import EditingError

# What stands beside the name of a test without being an argument of it.
BESIDE_ARGUMENTS = {"arguments", "config", "description", "name"}
# Settings of a test that change nothing about which rows it refuses.
HARMLESS = {"severity", "store_failures", "tags", "meta", "alias", "schema"}
SEVERITIES = {"error", "warn"}
# A hook of a seed that adds the columns that an older CSV does not have.
ADDS_COLUMNS = re.compile(r"add_missing_columns\((.*?)\)")
QUOTED = re.compile(r"""['"](\w+)['"]""")


@dataclass(frozen=True)
class Test:
    """A test as YAML declares it: of a column, or of the whole seed (`column` None)."""

    name: str
    column: str | None
    arguments: dict
    severity: str

    def __str__(self) -> str:
        return f"{self.name} of {self.column}" if self.column else self.name


@dataclass(frozen=True)
class Seed:
    """A seed: `file` as messages name it, `columns` in the order in which YAML describes them.

    A file may lack the `optional` ones: a hook adds them, empty, after dbt has loaded it.
    """

    name: str
    file: str
    columns: tuple[str, ...]
    optional: frozenset[str]
    read_by_duckdb: bool
    tests: tuple[Test, ...]


@dataclass(frozen=True)
class Project:
    """The dbt project in `folder`: its vars, its seeds by name, and where its files lie."""

    folder: Path
    vars: dict
    seeds: dict[str, Seed]
    macro_paths: tuple[str, ...]
    model_paths: tuple[str, ...]
    test_paths: tuple[str, ...]
    descriptions: dict[str, str] = field(repr=False)  # macro or test -> what YAML says of it

    def files(self, folders: tuple[str, ...], pattern: str) -> list[Path]:
        """The files of some folders of the project, in a fixed order."""
        return [path for part in folders for path in sorted((self.folder / part).rglob(pattern))]


def load(folder: Path) -> Project:
    """The project in `folder`. Raises EditingError where its YAML cannot be read, declares a seed
    without a file, or sets on a test what is not understood here."""
    settings = _yaml(folder / "dbt_project.yml")
    paths = {kind: tuple(settings[f"{kind}-paths"]) for kind in ("seed", "macro", "model", "test")}
    csvs, declared = {}, {}
    for part in paths["seed"]:
        csvs |= {path.stem: path for path in sorted((folder / part).rglob("*.csv"))}
        for path in sorted((folder / part).rglob("*.yml")):
            for block in _yaml(path).get("seeds", []):
                declared[block["name"]] = (path.relative_to(folder), block)
    if missing := sorted(declared.keys() ^ csvs.keys()):
        raise EditingError(
            f"seeds/: {', '.join(missing)} has a CSV or a block in YAML, not both: add the other"
        )
    descriptions = {}
    for path in [*_all_yaml(folder, paths["macro"]), *_all_yaml(folder, paths["test"])]:
        for kind in ("macros", "data_tests"):
            for block in _yaml(path).get(kind, []):
                descriptions[block["name"]] = " ".join(block.get("description", "").split())
    return Project(
        folder=folder,
        vars=settings.get("vars", {}),
        seeds={
            name: _seed(block, csvs[name].relative_to(folder), where)
            for name, (where, block) in declared.items()
        },
        macro_paths=paths["macro"],
        model_paths=paths["model"],
        test_paths=paths["test"],
        descriptions=descriptions,
    )


def _all_yaml(folder: Path, parts: tuple[str, ...]) -> list[Path]:
    return [path for part in parts for path in sorted((folder / part).rglob("*.yml"))]


def _yaml(path: Path) -> dict:
    try:
        return yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise EditingError(f"{path} cannot be read: {' '.join(str(error).split())}") from None


def _seed(block: dict, file: Path, where: Path) -> Seed:
    config = block.get("config", {})
    if other := sorted(set(config.get("column_types", {}).values()) - {"string"}):
        raise EditingError(
            f"{where}: {block['name']} has a column of type {', '.join(other)}, which seeds-check "
            "does not understand: read it as string, or teach editing/seeds_in_duckdb.py"
        )
    tests = [_test(entry, None, where) for entry in _tests(block)]
    for column in block.get("columns", []):
        tests += [_test(entry, column["name"], where) for entry in _tests(column)]
    return Seed(
        name=block["name"],
        file=file.as_posix(),
        columns=tuple(column["name"] for column in block.get("columns", [])),
        optional=frozenset(_added_by_hook(config.get("post_hook", ""))),
        # dbt-duckdb's own switch: by default DuckDB itself reads the file, else dbt in Python
        read_by_duckdb=config.get("fast", True),
        tests=tuple(tests),
    )


def _added_by_hook(hooks: str | list[str]) -> list[str]:
    """The columns, of one hook or of several."""
    text = hooks if isinstance(hooks, str) else "\n".join(map(str, hooks))
    return [column for called in ADDS_COLUMNS.findall(text) for column in QUOTED.findall(called)]


def _tests(block: dict) -> list:
    return [*block.get("data_tests", []), *block.get("tests", [])]


def _test(entry: str | dict, column: str | None, where: Path) -> Test:
    """One test. Raises EditingError for a setting that would change what it refuses."""
    if isinstance(entry, str):
        return Test(entry, column, {}, "error")
    if len(entry) != 1:
        raise EditingError(f"{where}: write the test {next(iter(entry))} as one name with a colon")
    ((name, body),) = entry.items()
    body = body or {}
    config = body.get("config", {})
    severity = str(config.get("severity", "error")).lower()
    if unknown := sorted(config.keys() - HARMLESS) or {severity} - SEVERITIES:
        raise EditingError(
            f"{where}: {name} of {column or 'the seed'} has the config {', '.join(unknown)}, which "
            "seeds-check does not understand: teach it (editing/project.py) or leave it out"
        )
    arguments = {key: value for key, value in body.items() if key not in BESIDE_ARGUMENTS}
    return Test(name, column, arguments | body.get("arguments", {}), severity)
