"""The seeds in an in-memory DuckDB, where their tests' own SQL is run, and rows tried otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from editing import EditingError
from editing.csv_file import SeedFile
from editing.macros import Macros, NeedsWarehouse
from editing.project import Project, Test

# What a test of the seeds says of a row (tests/dbt/generic/seed_tests.sql).
MESSAGE = ["file", "row_name", "found", "fix"]
# Of what is landed, the seeds themselves know the names of the business units. A row of
# report_values may name a unit that only the tenant's data has: see `units_as_written`.
STAND_INS = {
    "raw_business_units": """
        select
            row_number() over (order by name) as id,
            name,
            true as active,
            cast(null as timestamptz) as createdOn,
            cast(null as timestamptz) as modifiedOn
        from (
            select business_unit_name as name from {business_units}
            union
            select reporting_unit as name from {business_units}
            union
            select business_unit_or_region as name from {report_values}
            where getvariable('units_as_written')
        ) as names
    """
}


class Relation(str):
    """A seed or a model as SQL names it, with its schema: a query may call a step of its own like
    a seed. `identifier` as dbt's relations have it."""

    __slots__ = ()

    @property
    def identifier(self) -> str:
        return self.partition(".")[2]


class Unreadable(Exception):
    """A rule asks for a seed whose file cannot be read; says which."""


Finding = tuple[str, str, str, str]  # file, row_name, found, fix


class Seeds:
    """The seeds' rows as tables, and the models that read nothing but seeds as views over them."""

    def __init__(self, project: Project, files: dict[str, SeedFile]):
        self._project = project
        self._files = files
        self._database = duckdb.connect(config={"threads": 1})  # the rows are few
        self._database.execute("set TimeZone = 'UTC'")
        self._views: set[str] = set()
        self._database.execute("set variable units_as_written = true")
        self.macros = Macros(project, self.ref, self._source)
        for name, file in files.items():
            if not file.faults:
                self._load(name, file)

    def ref(self, name: str) -> Relation:
        """What stands for a seed or a model in SQL. Raises Unreadable; NeedsWarehouse where the
        model reads what is landed."""
        if name in self._files:
            if self._files[name].faults:
                raise Unreadable(self._project.seeds[name].file)
        elif name not in self._views:
            models = self._project.files(self._project.model_paths, f"{name}.sql")
            if not models:
                raise EditingError(f"there is no seed or model {name}")
            self._view(name, self.macros.render(models[0]))
        return Relation(f"main.{name}")

    def sql_of(self, seed: str, test: Test) -> str:
        """The SQL by which dbt would run the test. Raises EditingError where no such test exists,
        Unreadable."""
        column = {"column_name": test.column} if test.column else {}
        arguments = column | test.arguments
        return self.macros.call(f"test_{test.name}", model=self.ref(seed), **arguments)

    def findings(self, seed: str, test: str, sql: str) -> list[Finding]:
        """What the SQL of a test finds. A test that says nothing of its own is told by its rows."""
        result = self._execute(sql, test)
        names = [column[0] for column in result.description]
        rows = result.fetchall()
        if names == MESSAGE:
            return [tuple(str(cell) for cell in row) for row in rows]
        file = self._project.seeds[seed].file
        return [
            (file, str(row[0]), ", ".join(f"{n} {c}" for n, c in zip(names, row, strict=True)), "")
            for row in rows
        ]

    def cell(self, seed: str, row: int, column: str) -> str:
        """One cell of the file, the rows counted from 0; empty where nothing stands there."""
        file = self._files[seed]
        return dict(zip(file.columns, file.rows[row].cells, strict=True)).get(column, "")

    def cells_of(self, seed: str, row: int) -> tuple[str, ...]:
        """All cells of a row, in the order of the file."""
        return self._files[seed].rows[row].cells

    def holding_today(self, seed: str) -> list[int]:
        """The rows of a dated seed, counted from 0, that hold on the day that a build now would
        take for today."""
        names = ("as_of_date", "first_valid_day", "last_valid_day")
        today, first, last = (self.macros.call(name) for name in names)
        sql = f"select rowid from {seed} where {today} between {first} and {last} order by rowid"
        return [row for (row,) in self._execute(sql, f"the days of {seed}").fetchall()]

    def words(self) -> set[str]:
        """What stands in the seeds, but for the notes."""
        return {
            cell
            for file in self._files.values()
            if not file.faults
            for row in file.rows
            for column, cell in zip(file.columns, row.cells, strict=True)
            if column != "note"
        }

    def name_keys(self, names: list[str]) -> dict[str, str]:
        """Name -> what is equal for names that match."""
        key = self.macros.call("name_key", name="name")
        sql = f"select name, {key} from unnest($names) as names (name)"
        return dict(self._database.execute(sql, {"names": names}).fetchall())

    @contextmanager
    def without(self, seed: str, rows: range) -> Iterator[None]:
        """The seed without these rows, counted from 0, for as long as it lasts."""
        with self._tried():
            self._database.execute(
                f"delete from {seed} where rowid >= {rows.start} and rowid < {rows.stop}"
            )
            yield

    @contextmanager
    def with_cell(self, seed: str, row: int, column: str, cell: str) -> Iterator[None]:
        """The seed with another text in one cell, for as long as it lasts."""
        with self._tried():
            self._database.execute(
                f'update {seed} set "{column}" = $cell where rowid = {row}', {"cell": cell}
            )
            yield

    @contextmanager
    def units_of_seeds_only(self) -> Iterator[None]:
        """As if the tenant had no unit that the seeds do not know, for as long as it lasts; else
        whatever report_values names is taken for a unit."""
        self._database.execute("set variable units_as_written = false")
        try:
            yield
        finally:
            self._database.execute("set variable units_as_written = true")

    @contextmanager
    def _tried(self) -> Iterator[None]:
        self._database.execute("begin")
        try:
            yield
        finally:
            self._database.execute("rollback")

    def _source(self, schema: str, table: str) -> Relation:
        """What stands for a landed table. Raises NeedsWarehouse where nothing can."""
        if table not in STAND_INS:
            raise NeedsWarehouse(f"{schema}.{table}")
        if table not in self._views:
            seeds = {name: self.ref(name) for name in ("business_units", "report_values")}
            self._view(table, STAND_INS[table].format(**seeds))
        return Relation(f"main.{table}")

    def _view(self, name: str, sql: str) -> None:
        self._execute(f"create view {name} as {sql}", name)
        self._views.add(name)

    def _load(self, name: str, file: SeedFile) -> None:
        added = self._project.seeds[name].optional - set(file.columns)
        columns = ", ".join(f'"{column}" varchar' for column in [*file.columns, *sorted(added)])
        self._database.execute(f"create table {name} ({columns})")
        # as dbt loads them: an empty cell is null
        rows = [[cell or None for cell in row.cells] for row in file.rows]
        if rows:
            cells = ", ".join("unnest(cast(? as varchar[]))" for _ in file.columns)
            by_column = [list(column) for column in zip(*rows, strict=True)]
            names = ", ".join(f'"{column}"' for column in file.columns)
            self._database.execute(f"insert into {name} ({names}) select {cells}", by_column)

    def _execute(self, sql: str, what: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._database.execute(sql)
        except duckdb.Error as error:
            raise EditingError(
                f"{what} cannot be run on the seeds: {str(error).splitlines()[0]}"
            ) from None
