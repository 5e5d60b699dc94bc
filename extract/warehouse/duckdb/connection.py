"""One DuckDB file, shared by threads that take turns."""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from extract.errors import WarehouseError
from extract.warehouse.duckdb import statements

# DuckDB's own, of all that the extractor takes; what needs more (comparing a full load with what
# was there) goes to the disk beside the file.
MEMORY = "80MB"
# Rows are packed in groups of so many when they go to the file: of DuckDB's 122,880, invoices with
# their items would take 200 MB. Multiples of 2,048.
GROUP_ROWS = 20_480
# When the log beside the file is that long, its rows are packed: each time the last group of every
# table anew.
CHECKPOINT = "128MB"


class Connection:
    """A connection to the file at `path`, made where it is not there. Raises WarehouseError.

    Threads take turns: whoever is in a transaction, or runs a single statement, has it alone.
    """

    def __init__(self, path: Path, read_only: bool = False):
        self._path = path
        self._turn = threading.RLock()
        # DuckDB keeps memory for each thread that it has worked in: it gets one.
        self._worker = ThreadPoolExecutor(max_workers=1)
        if read_only and not path.is_file():
            raise WarehouseError(
                f"there is no warehouse at {path}: run python -m extract sync first, or set "
                "KPI_DUCKDB_PATH"
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = duckdb.connect(
                config={
                    "memory_limit": MEMORY,
                    "threads": 1,
                    "checkpoint_threshold": CHECKPOINT,
                    "temp_directory": str(self._overflow),
                }
            )
            options = "read_only" if read_only else f"row_group_size {GROUP_ROWS}"
            self._db.execute(f"attach {statements.literal(path)} as warehouse ({options})")
            self._db.execute("use warehouse")
            self._db.execute("set timezone = 'UTC'")
        except (OSError, duckdb.Error) as error:
            if "lock" in str(error):
                raise WarehouseError(
                    f"{path} is in use by another process (another sync, dbt or an open DuckDB "
                    "shell): close that and run again"
                ) from None
            raise WarehouseError(f"{path} cannot be opened (KPI_DUCKDB_PATH): {error}") from None

    def close(self) -> None:
        with self._turn:
            self._worker.submit(self._db.close).result()
            self._worker.shutdown()
            self._lines_file.unlink(missing_ok=True)
            with suppress(OSError):  # there is none, or somebody put something there
                self._overflow.rmdir()

    def query(self, sql: str) -> list[tuple]:
        """Runs statements to their end; the rows of the last."""
        with self._turn, self._errors():
            return self._run(sql)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What the block runs is there wholly or not at all."""
        with self._turn, self._errors():
            self._run("begin")
            try:
                yield
                self._run("commit")
            except BaseException:
                # A failed commit has already rolled back; a fatal error leaves no transaction.
                with suppress(duckdb.Error):
                    self._run("rollback")
                raise

    def arrived(self, types: Mapping[str, str], lines: list[bytes]) -> str:
        """Lines of JSON as a relation of typed rows, until the next ones arrive; within a
        transaction. By way of a file: DuckDB reads it many times faster than parameters."""
        with self._errors():
            self._lines_file.write_bytes(b"\n".join(lines))
        longest = max(map(len, lines), default=0)
        return statements.arrived(types, self._lines_file, longest)

    def _run(self, sql: str) -> list[tuple]:
        return self._worker.submit(lambda: self._db.execute(sql).fetchall()).result()

    @property
    def _lines_file(self) -> Path:
        """Beside the warehouse, which holds the same rows: a kill may leave it there, and the next
        batch overwrites it."""
        return self._path.with_name(f"{self._path.name}.arriving")

    @property
    def _overflow(self) -> Path:
        """A directory for what does not fit into memory."""
        return self._path.with_name(f"{self._path.name}.tmp")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (duckdb.Error, OSError) as error:
            raise WarehouseError(f"DuckDB, {self._path}: {str(error).splitlines()[0]}") from error
