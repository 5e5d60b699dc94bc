"""The command line with a kill -9 planted in it: python -m tests.faults.killed POINT N sync …

The process kills itself at the n-th statement that begins with the words of POINT: `before` it,
`after` it, or `inside`: half a millisecond into it, from another thread.
"""

import os
import signal
import sys
import threading
from functools import partial
from typing import Any

import duckdb

from extract.__main__ import main
from extract.warehouse.duckdb import connection
from extract.warehouse.duckdb.connection import Connection

POINTS = {
    "before the rows": ("before", "insert into st_raw_v2"),
    "between rows and cursor": ("before", "merge into st_raw_v2.sync_cursors"),
    "between cursor and commit": ("before", "commit"),
    "inside the commit": ("inside", "commit"),
    "after the commit": ("after", "commit"),
    "while outdated rows are dropped": ("inside", "delete from st_raw_v2._loading_"),
    "while the log is packed": ("inside", "checkpoint warehouse"),
    "before the file is closed": ("before", "detach warehouse"),
    "between closing the file and opening it": ("after", "detach warehouse"),
    "between dropping and renaming": ("before", "alter table st_raw_v2._loading_"),
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly:
    """Statement by statement what a connection would run as a script, with the kill in it."""

    def __init__(self, run: Any, moment: str, words: str, turn: int):
        self._run = run
        self._moment, self._words, self._left = moment, words, turn

    def __call__(self, script: str) -> Any:
        for statement in duckdb.extract_statements(script):
            done = self._one(statement.query)
        return done

    def _one(self, sql: str) -> Any:
        if not " ".join(sql.split()).replace('"', "").startswith(self._words):
            return self._run(sql)
        self._left -= 1
        if self._left == 0 and self._moment == "before":
            die()
        if self._left == 0 and self._moment == "inside":
            threading.Timer(0.0005, die).start()
        done = self._run(sql)
        if self._left == 0 and self._moment == "after":
            die()
        return done


if __name__ == "__main__":
    point, turn, *command = sys.argv[1:]
    run = Connection.run_script
    deadly: dict[Any, Deadly] = {}

    def watched(self: Connection, script: str) -> Any:
        each = deadly.setdefault(self, Deadly(partial(run, self), *POINTS[point], int(turn)))
        return each(script)

    Connection.run_script = watched
    connection.LOG_BYTES = 50_000  # what takes 128 MB at the office, a few times in a short run
    sys.exit(main(command))
