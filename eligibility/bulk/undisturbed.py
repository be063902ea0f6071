"""For a job that answers a whole file in a process of its own."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without the search for garbage in cycles. Nearly all that answering makes is kept, and it makes no cycles: to
    look through it again and again takes a third of the time. It holds for the whole process, so a room does not do it
    by itself."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
