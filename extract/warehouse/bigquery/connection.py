"""A dataset of BigQuery: its tables, SQL and load jobs. Never streaming inserts."""

import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import Conflict, NotFound, PreconditionFailed
from google.auth.credentials import AnonymousCredentials, Credentials
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY
from google.cloud.bigquery.table import RowIterator
from google.oauth2 import service_account

from extract import config
from extract.errors import ExtractError, SettingsError
from extract.warehouse.bigquery import tables
from extract.warehouse.bigquery.errors import one_line

# A kill can leave a staging table behind; nothing reads it again.
_STAGING_LIVES = timedelta(days=1)
_LONGEST_JOB = 3600.0  # seconds
_FIRST_ANSWER = 60.0  # seconds; the library would try for ten minutes

Parameters = Mapping[str, tuple[str, Any]]  # name -> type word, value


class Connection:
    """All methods raise SettingsError or WarehouseError of one line, see `one_line`."""

    def __init__(self, settings: config.Warehouse, client: bigquery.Client | None = None):
        self._settings = settings
        self.place = f"BigQuery, project {settings.project}, dataset {settings.schema}"
        with one_line(settings):
            self._client = client or _client(settings)
        self._dataset = bigquery.DatasetReference(settings.project, settings.schema)

    def close(self) -> None:
        self._client.close()

    def create_dataset(self) -> None:
        """Makes the dataset where it is missing. Raises where it lies elsewhere than said."""
        found = self._found()
        if found is None:
            with one_line(self._settings):
                wanted = bigquery.Dataset(self._dataset)
                wanted.location = self._settings.location
                found = self._client.create_dataset(wanted, exists_ok=True)
        location = self._settings.location
        if found.location and found.location.lower() != location.lower():
            raise SettingsError(
                f"BigQuery, project {self._settings.project}, dataset {self._settings.schema}: it "
                f"lies in {found.location}, KPI_BIGQUERY_LOCATION says {location}"
            )

    def exists(self) -> bool:
        """Whether the dataset is there; says within a minute that nobody answers."""
        return self._found() is not None

    def _found(self) -> bigquery.Dataset | None:
        with one_line(self._settings):
            try:
                return self._client.get_dataset(
                    self._dataset, retry=DEFAULT_RETRY.with_timeout(_FIRST_ANSWER)
                )
            except NotFound:
                return None

    def reference(self, name: str) -> bigquery.TableReference:
        return self._dataset.table(name)

    def quoted(self, name: str) -> str:
        """A table's name as SQL takes it."""
        return f"`{self._dataset.project}.{self._dataset.dataset_id}.{name}`"

    def names(self) -> set[str]:
        """The names of all tables."""
        with one_line(self._settings):
            return {table.table_id for table in self._client.list_tables(self._dataset)}

    def table(self, name: str) -> bigquery.Table | None:
        """A table's columns and layout, None where it does not exist."""
        with one_line(self._settings):
            try:
                return self._client.get_table(self.reference(name))
            except NotFound:
                return None

    def create(self, table: bigquery.Table) -> None:
        """Makes a table; one that is there stays as it is."""
        with one_line(self._settings):
            self._client.create_table(table, exists_ok=True)

    def create_first(self, table: bigquery.Table) -> bigquery.Table | None:
        """Makes a table and gives it as it was made; None where it is there already."""
        with one_line(self._settings):
            try:
                return self._client.create_table(table)
            except Conflict:
                return None

    def change_seen(self, table: bigquery.Table, field: str) -> bigquery.Table | None:
        """Changes a field of a table that nobody has changed since it was fetched, and gives it as
        it is then; None where somebody has, or it is gone."""
        with one_line(self._settings):
            try:
                return self._client.update_table(table, [field])
            except (NotFound, PreconditionFailed):
                return None

    def drop(self, name: str) -> None:
        """Drops a table where it exists."""
        with one_line(self._settings):
            self._client.delete_table(self.reference(name), not_found_ok=True)

    def drop_datasets(self, prefix: str) -> None:
        """Drops the project's datasets whose names begin with `prefix` and a _, tables and all."""
        with one_line(self._settings):
            for found in self._client.list_datasets(self._settings.project):
                if found.dataset_id.startswith(f"{prefix}_"):
                    self._client.delete_dataset(
                        found.reference, delete_contents=True, not_found_ok=True
                    )

    def copy_over(self, source: str, destination: str) -> None:
        """Puts a copy of a table in the place of another, at one blow and free of charge."""
        with one_line(self._settings):
            self._client.copy_table(
                self.reference(source),
                self.reference(destination),
                job_config=bigquery.CopyJobConfig(
                    write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE
                ),
            ).result(timeout=_LONGEST_JOB)

    def query(self, sql: str, parameters: Parameters | None = None) -> RowIterator:
        """Runs SQL to its end; its rows, and `num_dml_affected_rows`."""
        wanted = [
            bigquery.ScalarQueryParameter(
                name, "STRING" if kind == "json" else tables.TYPES[kind], value
            )
            for name, (kind, value) in (parameters or {}).items()
        ]
        with one_line(self._settings):
            return self._client.query_and_wait(
                sql,
                job_config=bigquery.QueryJobConfig(query_parameters=wanted, use_query_cache=False),
                wait_timeout=_LONGEST_JOB,
            )

    @contextmanager
    def staged(self, name: str, types: Mapping[str, str], lines: Iterable[bytes]) -> Iterator[str]:
        """Lines of JSON as a table of their own, by its quoted name, for as long as the block runs.

        JSON columns stand in it as text. What `lines` raises is raised before anything is sent.
        """
        own = f"_staging_{name}_{uuid.uuid4().hex[:12]}"
        schema = tables.staged_schema(types)
        with tempfile.TemporaryFile() as file:
            for line in lines:
                file.write(line)
                file.write(b"\n")
            empty = file.tell() == 0
            table = bigquery.Table(self.reference(own), schema)
            table.expires = datetime.now(UTC) + _STAGING_LIVES
            self.create(table)
            try:
                if not empty:
                    self._load(file, own, schema)
                yield self.quoted(own)
            finally:
                with suppress(ExtractError):  # it expires
                    self.drop(own)

    def _load(self, file: Any, name: str, schema: list[bigquery.SchemaField]) -> None:
        with one_line(self._settings):
            job = self._client.load_table_from_file(
                file,
                self.reference(name),
                rewind=True,
                job_config=bigquery.LoadJobConfig(
                    source_format=bigquery.SourceFormat.NEWLINE_DELIMITED_JSON,
                    schema=schema,
                    write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
                ),
            )
            job.result(timeout=_LONGEST_JOB)


def _client(settings: config.Warehouse) -> bigquery.Client:
    options = ClientOptions(api_endpoint=settings.endpoint) if settings.endpoint else None
    return bigquery.Client(
        project=settings.project,
        location=settings.location,
        credentials=_credentials(settings),
        client_options=options,
    )


def _credentials(settings: config.Warehouse) -> Credentials | None:
    """None = the library looks for application default credentials."""
    if settings.endpoint:
        return AnonymousCredentials()
    if settings.keyfile is None:
        return None
    try:
        return service_account.Credentials.from_service_account_file(str(settings.keyfile))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"KPI_BIGQUERY_KEYFILE={str(settings.keyfile)!r} is no key file of a service account: "
            f"{str(error).splitlines()[0]}"
        ) from None
