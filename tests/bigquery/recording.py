"""What our code asks of BigQuery, written down instead of being sent."""

from types import SimpleNamespace
from typing import Any

from google.api_core.exceptions import NotFound
from google.cloud import bigquery

from tests.bigquery.googlesql import Columns, Path3, Statement


class Rows(list):
    num_dml_affected_rows = 0


class Recorder:
    """In the place of Google's client: `tables` are those that were made, with their columns,
    `statements` what was run, each statement of a script by itself.

    `answers` are the rows to give where a query holds a text; any other gives none.
    """

    def __init__(self, answers: dict[str, list[tuple]]):
        self.tables: dict[Path3, Columns] = {}
        self.statements: list[Statement] = []
        self._answers = answers
        self._made: dict[str, bigquery.Table] = {}

    def query_and_wait(self, sql: str, job_config: Any, wait_timeout: float) -> Rows:
        types = tuple((each.name, each.type_) for each in job_config.query_parameters)
        for statement in sql.split(";"):
            if text := statement.strip():
                name = f"{len(self.statements)}: {' '.join(text.split()[:6])}"
                used = tuple((name, kind) for name, kind in types if f"@{name}" in text)
                found = Statement(name, name, text, reads=frozenset(), parameters=used)
                self.statements.append(found)
        return Rows(next((rows for part, rows in self._answers.items() if part in sql), []))

    def create_table(self, table: bigquery.Table, exists_ok: bool) -> None:
        self._made[table.table_id] = table
        path = (table.project, table.dataset_id, table.table_id)
        self.tables[path] = {field.name: field.field_type for field in table.schema}

    def get_table(self, reference: bigquery.TableReference) -> bigquery.Table:
        if reference.table_id not in self._made:
            raise NotFound("no such table")
        return self._made[reference.table_id]

    def list_tables(self, _: Any) -> list[bigquery.Table]:
        return list(self._made.values())

    def delete_table(self, reference: bigquery.TableReference, not_found_ok: bool) -> None:
        self._made.pop(reference.table_id, None)

    def get_dataset(self, *_: Any, **__: Any) -> SimpleNamespace:
        return SimpleNamespace(location="US")

    def copy_table(self, *_: Any, **__: Any) -> SimpleNamespace:
        return SimpleNamespace(result=lambda timeout: None)

    load_table_from_file = copy_table

    def close(self) -> None:
        pass
