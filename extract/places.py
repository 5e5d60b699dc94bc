"""Few entities at a time read many pages: each holds some in memory, whole."""

from threading import Semaphore


class Place:
    """One of the `places` for those that read much: taken once it shows that there is much to read,
    given back at the end of the block. Who reads little needs none and waits for nobody."""

    def __init__(self, places: Semaphore):
        self._places = places
        self._is_taken = False

    def take(self) -> None:
        """Waits until a place is free, unless this one is taken already."""
        if not self._is_taken:
            self._places.acquire()
            self._is_taken = True

    def __enter__(self) -> "Place":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_taken:
            self._is_taken = False
            self._places.release()
