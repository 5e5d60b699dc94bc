"""One DuckDB file, worked on by a thread of its own.

By DuckDB's Arrow driver (ADBC), which needs Python's lock once for a script of statements. DuckDB's
own client asks for it several times in each, and waits whenever other threads compute: of a full
load's landing that was more than half of the time.
"""

import glob
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import adbc_driver_duckdb
import nanoarrow
from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement, Error

from extract.errors import WarehouseError
from extract.warehouse.duckdb import statements

# DuckDB's own, of all that the extractor takes; what needs more (comparing a full load with what
# was there) goes to the disk beside the file.
MEMORY = "80MB"
# Rows are packed in groups of so many when they go to the file: of DuckDB's 122,880, invoices with
# their items would take 200 MB. Multiples of 2,048.
GROUP_ROWS = 20_480
# When the log beside the file has so many bytes, its rows are packed: each time the last group of
# every table anew.
LOG_BYTES = 128_000_000

Result = TypeVar("Result")


class Connection:
    """A connection to the file at `path`, made where it is not there. Raises WarehouseError.

    A thread of its own does the work, for any number of others: a transaction or a single statement
    at a time. DuckDB keeps memory for each thread that it has worked in, and work that is handed
    over whole is not held up by threads that compute meanwhile.
    """

    def __init__(self, path: Path, read_only: bool = False):
        self._path = path
        self._options = "read_only" if read_only else f"row_group_size {GROUP_ROWS}"
        self._worker = ThreadPoolExecutor(max_workers=1)
        self._thread = self._worker.submit(threading.get_ident).result()
        self._pending: list[str] = []
        self._is_open = True
        self._is_attached = False
        if read_only and not path.is_file():
            raise WarehouseError(
                f"there is no warehouse at {path}: run python -m extract sync first, or set "
                "KPI_DUCKDB_PATH"
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = AdbcDatabase(
                driver=adbc_driver_duckdb.driver_path(),
                entrypoint="duckdb_adbc_init",
                path=":memory:",
                memory_limit=MEMORY,
                threads="1",
                checkpoint_threshold="1TB",  # `_pack` does it
                temp_directory=str(self._overflow),
            )
            self._db = AdbcConnection(self._database)
            self._run("set timezone = 'UTC'")
        except (OSError, Error) as error:
            raise self._not_opened(error) from None
        self._attach()

    def _attach(self) -> None:
        try:
            self._run(
                f"attach {statements.literal(self._path)} as warehouse ({self._options}); "
                "use warehouse"
            )
        except Error as error:
            raise self._not_opened(error) from None
        self._is_attached = True

    def _pack(self) -> None:
        """Writes the log's rows into the file and opens that anew: DuckDB keeps in memory what it
        knows of each group of rows that it has written since, 2 MB for 150,000 rows of pay."""
        self._run("checkpoint warehouse; use memory")
        self._is_attached = False
        self._run("detach warehouse")
        self._attach()

    def _not_opened(self, error: Exception) -> WarehouseError:
        if "lock" in str(error):
            return WarehouseError(
                f"{self._path} is in use by another process (another sync, dbt or an open DuckDB "
                "shell): close that and run again"
            )
        return WarehouseError(f"{self._path} cannot be opened (KPI_DUCKDB_PATH): {_said(error)}")

    def close(self) -> None:
        """Does nothing the second time."""
        if not self._is_open:
            return
        self._is_open = False
        self._worker.submit(self._db.close).result()
        self._worker.submit(self._database.close).result()
        self._worker.shutdown()
        for file in self._path.parent.glob(f"{glob.escape(self._path.name)}.*.arriving"):
            file.unlink(missing_ok=True)
        with suppress(OSError):  # there is none, or somebody put something there
            self._overflow.rmdir()

    def query(self, sql: str) -> list[tuple]:
        """Runs statements to their end; the rows of the last."""
        with self._errors():
            return self._on_its_thread(lambda: self._run(sql))

    def transaction(self, work: Callable[[], Result]) -> Result:
        """What `work` gives; what it runs is there wholly or not at all."""

        def whole() -> Result:
            if self._log.exists() and self._log.stat().st_size > LOG_BYTES:
                self._pack()
            self._pending = ["begin"]
            try:
                result = work()
                self._run("commit")
            except BaseException:
                self._pending = []
                # A failed commit has already rolled back; a fatal error leaves no transaction.
                with suppress(Error):
                    self._run("rollback")
                raise
            return result

        with self._errors():
            return self._on_its_thread(whole)

    def run(self, sql: str) -> None:
        """Within a transaction: runs a statement whose rows nobody wants, together with the one
        that comes next."""
        self._pending.append(sql)

    def arrived(self, name: str, types: Mapping[str, str], lines: list[bytes]) -> str:
        """Lines of JSON as a relation of typed rows, until others of that name arrive. By way of a
        file: DuckDB reads it many times faster than parameters."""
        # Beside the warehouse, which holds the same rows: a kill leaves it to the next batch.
        file = self._path.with_name(f"{self._path.name}.{name}.arriving")
        with self._errors():
            file.write_bytes(b"\n".join(lines))
        longest = max(map(len, lines), default=0)
        return statements.arrived(types, file, longest)

    def _on_its_thread(self, work: Callable[[], Result]) -> Result:
        if threading.get_ident() == self._thread:
            return work()
        return self._worker.submit(self._attached, work).result()

    def _attached(self, work: Callable[[], Result]) -> Result:
        # Somebody else may have had the file in the moment between its closing and its opening.
        if not self._is_attached:
            self._attach()
        return work()

    def _run(self, sql: str) -> list[tuple]:
        # In one go: after it, this thread waits until those that read pages let it go on.
        script = ";\n".join([*self._pending, sql])
        self._pending = []
        return self.run_script(script)

    def run_script(self, script: str) -> list[tuple]:
        """The rows of the last of some statements, all of them run; on this connection's thread.
        Raises TypeError where a column is decimal."""
        with AdbcStatement(self._db) as statement:
            statement.set_sql_query(script)
            found, _ = statement.execute_query()
            with nanoarrow.ArrayStream(found) as rows:
                # nanoarrow 0.9 reads a negative one as a huge one.
                if nanoarrow.Type.DECIMAL128 in (field.type for field in rows.schema.fields):
                    raise TypeError(f"decimals are to be read as text: {script}")
                return list(rows.iter_tuples())

    @property
    def _log(self) -> Path:
        return self._path.with_name(f"{self._path.name}.wal")

    @property
    def _overflow(self) -> Path:
        """A directory for what does not fit into memory."""
        return self._path.with_name(f"{self._path.name}.tmp")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (Error, OSError) as error:
            said = f"DuckDB, {self._path}: {_said(error)}"
            if "No space left" in said:
                said += ". Free some space and run again: what has landed stays"
            raise WarehouseError(said) from error


def _said(error: Exception) -> str:
    """The first line of an error, without the driver's word for its kind."""
    said = str(error).splitlines()[0]
    return said.removeprefix(f"{error.status_code.name}: ") if isinstance(error, Error) else said
