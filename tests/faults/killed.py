"""The command line with a kill -9 planted in it: python -m tests.faults.killed POINT N sync …

The process kills itself at the n-th statement that begins with the words of POINT: `before` it,
`after` it, or `inside`: half a millisecond into it, from another thread.
"""

import os
import signal
import sys
import threading
from typing import Any

import duckdb

from extract.__main__ import main

POINTS = {
    "before the rows": ("before", "insert into st_raw_v2"),
    "between rows and cursor": ("before", "merge into st_raw_v2.sync_cursors"),
    "between cursor and commit": ("before", "commit"),
    "inside the commit": ("inside", "commit"),
    "after the commit": ("after", "commit"),
    "while outdated rows are dropped": ("inside", "delete from st_raw_v2._loading_"),
    "between dropping and renaming": ("before", "alter table st_raw_v2._loading_"),
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly:
    """A DuckDB connection with the kill in it."""

    def __init__(self, connection: Any, moment: str, words: str, turn: int):
        self._connection = connection
        self._moment, self._words, self._left = moment, words, turn

    def execute(self, sql: str) -> Any:
        for statement in self._connection.extract_statements(sql):
            done = self._one(statement.query)
        return done

    def _one(self, sql: str) -> Any:
        if not " ".join(sql.split()).replace('"', "").startswith(self._words):
            return self._connection.execute(sql)
        self._left -= 1
        if self._left == 0 and self._moment == "before":
            die()
        if self._left == 0 and self._moment == "inside":
            threading.Timer(0.0005, die).start()
        done = self._connection.execute(sql)
        if self._left == 0 and self._moment == "after":
            die()
        return done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


if __name__ == "__main__":
    point, turn, *command = sys.argv[1:]
    connect = duckdb.connect
    duckdb.connect = lambda *given, **named: Deadly(
        connect(*given, **named), *POINTS[point], int(turn)
    )
    sys.exit(main(command))
