"""Tables as organisations send them in, for the tests of many cases at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

HEADER = ("Reference", "Nationality", "Country of work", "Job", "Papers", "Start date", "Months paid in")
GOOD = ("Indonesia", "Malaysia", "manufacturing", "regular", "2021-03-01", "40")


def written(rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> bytes:
    """A CSV file."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


def a_table(rows: int) -> bytes:
    """So many good rows, W-0, W-1, …; they differ in the months that were paid in."""
    return written((f"W-{number}", *GOOD[:-1], str(number % 60)) for number in range(rows))
