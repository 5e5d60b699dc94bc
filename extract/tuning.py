"""How the process is set for a few busy threads and many short-lived objects."""

import ctypes
import gc
import sys

_M_ARENA_MAX = -8  # of glibc's malloc.h


def tune() -> None:
    """To be called once, before other threads begin. Figures: docs/performance.md."""
    # Decoded pages are many objects and no cycles: looking for those takes a fifth of the time.
    gc.set_threshold(100_000, 50, 100)
    # Threads that take turns often spend much on taking them; if seldom, who only waits for an
    # answer waits for a turn, too.
    sys.setswitchinterval(0.01)
    # A heap for each thread, as glibc has it, keeps 50 MB that nobody uses.
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other libraries may have none
        if mallopt:
            mallopt(_M_ARENA_MAX, 1)
