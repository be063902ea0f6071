"""Whose turn it is to write.

SQLite lets in one writer at a time, and those who wait do not stand in a line: each looks now and then whether the door
is open, ten times a second. Whoever writes piece after piece shuts it in their faces, until their pages fail.
PostgreSQL locks rows, and has a line.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

PAUSE = 0.15
"""Seconds between two pieces of a long work: longer than SQLite's longest wait (0.1) between two looks."""

_mine = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """A transaction for one piece of a long work, no sooner than `PAUSE` after the last one: who spent as long on
    working it out waits no more."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(max(0.0, getattr(_mine, "ended", 0.0) + PAUSE - time.monotonic()))
    try:
        with transaction.atomic():
            yield
    finally:
        _mine.ended = time.monotonic()
