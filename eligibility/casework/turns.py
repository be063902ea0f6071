"""Whose turn it is to write.

SQLite lets in one writer at a time, and those who wait do not stand in a line: each looks now and then whether the door
is open, ten times a second. Whoever writes piece after piece shuts it in their faces, until their pages fail.
PostgreSQL locks rows, and has a line.
"""

from __future__ import annotations

import time

from django.db import connection

PAUSE = 0.15
"""Seconds between two pieces of a long work: longer than SQLite's longest wait (0.1) between two looks."""


def give_way() -> None:
    """Let whoever waits write first. Called between two transactions of a long work."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(PAUSE)
