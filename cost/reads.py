"""Which columns and partitions of which tables a statement for BigQuery reads.

A view is replaced by its SQL, since BigQuery charges for the columns of the tables below that
survive the pruning of what nobody asks for. A table counts once per query, however often it stands
in it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.pushdown_predicates import pushdown_predicates
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

from cost.queries import Name, Read

DIALECT = "bigquery"
# A table, its partition column and conditions on it, in DuckDB's SQL -> the share of its rows that
# lies in partitions with a row that meets one of them.
Share = Callable[[Name, str, list[str]], float]


class NotUnderstood(Exception):
    """SQL whose columns cannot be told: of what, and why."""


class Reader:
    """`tables`: their columns, `views`: their SQL, `partitions`: the column that a table is
    partitioned by. Names come without the project."""

    def __init__(
        self,
        tables: Mapping[Name, Collection[str]],
        views: Mapping[Name, str],
        partitions: Mapping[Name, str],
        share: Share,
    ):
        self._views = {name: sqlglot.parse_one(sql, read=DIALECT) for name, sql in views.items()}
        self._partitions = partitions
        self._share = share
        self._schema = MappingSchema(dialect=DIALECT)
        for (schema, table), columns in tables.items():
            self._schema.add_table(
                exp.table_(table, db=schema), dict.fromkeys(columns, "unknown"), dialect=DIALECT
            )

    def reads(self, sql: str, name: str) -> tuple[Read, ...]:
        """What a query reads; `name` is for the message of NotUnderstood, which it may raise."""
        try:
            query = qualify(
                self._without_views(sqlglot.parse_one(sql, read=DIALECT)),
                schema=self._schema,
                dialect=DIALECT,
                quote_identifiers=False,
            )
            query = pushdown_projections(pushdown_predicates(query, dialect=DIALECT))
        except SqlglotError as error:
            raise NotUnderstood(
                f"{name}: {str(error).splitlines()[0]}; was the warehouse built by these models? "
                "Run dbt build on it"
            ) from error
        columns: dict[Name, set[str]] = defaultdict(set)
        conditions: dict[Name, list[str | None]] = defaultdict(list)
        for scope in traverse_scope(query):
            for alias, source in scope.sources.items():
                if isinstance(source, exp.Table):
                    table = (source.db, source.name)
                    columns[table] |= {c.name.lower() for c in scope.columns if c.table == alias}
                    conditions[table].append(self._condition(scope, alias, table))
        return tuple(
            Read(table, frozenset(names), self._left(table, conditions[table]))
            for table, names in columns.items()
        )

    def _without_views(self, query: exp.Expression) -> exp.Expression:
        for table in list(query.find_all(exp.Table)):
            if not table.db:
                continue  # a CTE
            view = self._views.get((table.db, table.name))
            if view is None:
                table.set("catalog", None)
            else:
                alias = exp.TableAlias(this=exp.to_identifier(table.alias_or_name))
                table.replace(exp.Subquery(this=self._without_views(view.copy()), alias=alias))
        return query

    def _condition(self, scope: Scope, alias: str, table: Name) -> str | None:
        """What a scope asks of a table's partition column alone, in DuckDB's SQL."""
        column = self._partitions.get(table, "").lower()
        where = scope.expression.args.get("where")
        if not column or not where:
            return None
        asked = []
        for part in where.this.flatten() if isinstance(where.this, exp.And) else [where.this]:
            names = {(c.table, c.name.lower()) for c in part.find_all(exp.Column)}
            # BigQuery leaves partitions out only for the bare column compared with a constant.
            bare = isinstance(part, exp.Predicate | exp.Between) and any(
                isinstance(side, exp.Column) for side in part.iter_expressions()
            )
            if bare and names == {(alias, column)} and not part.find(exp.Query):
                asked.append(_unqualified(part))
        return " and ".join(asked) or None

    def _left(self, table: Name, conditions: list[str | None]) -> float:
        if None in conditions:
            return 1.0
        return self._share(table, self._partitions[table], conditions)


def _unqualified(condition: exp.Expression) -> str:
    bare = condition.copy()
    for column in bare.find_all(exp.Column):
        column.set("table", None)
    return f"({bare.sql(dialect='duckdb')})"
