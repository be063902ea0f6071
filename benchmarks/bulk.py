"""`make bench-bulk`: how long a file of 100,000 rows takes, from its bytes to the file of results, on one core.

0 to 239 months paid in stand in most rows, contract and age in some, and a date out of twelve; three in a thousand hold
a mistake. Corridors, sectors and statuses are drawn as an organisation's are: the second is half as frequent as the
first, the third a third, and so on, in an order of chance. With `even`, each is as likely as any other: few rows are
alike, which is harder than real ones. The process is new: nothing is known from before. Times are the processor's.
"""

from __future__ import annotations

import csv
import io
import os
import random
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portability.settings")
os.environ.setdefault("DEBUG", "1")

import django

from eligibility import bulk
from eligibility.rulebook import Rulebook, load
from eligibility.vocabulary import Sector, Status

ROWS = 100_000
TODAY = date(2026, 11, 24)
DAYS = 12
HEADER = (
    "Reference",
    "Nationality",
    "Country of work",
    "Job",
    "Papers",
    "Date",
    "Months paid in",
    "Contract in months",
    "Age",
    "Phone",
)


def made_up(law: Rulebook, rows: int, even: bool = False, seed: int = 6) -> bytes:
    """A CSV file."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    corridors = [(o, d) for o in law.with_role("origin") for d in law.with_role("destination") if o != d]
    found = [drawn(chance, kinds, rows, even) for kinds in (corridors, [*Sector], [*Status])]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for number, ((origin, destination), sector, status) in enumerate(zip(*found, strict=True)):
        writer.writerow(
            (
                f"C-{number:06}",
                origin if chance.random() > 0.003 else "Atlantis",
                destination,
                sector.value,
                status.value,
                (TODAY - timedelta(days=30 * chance.randrange(DAYS))).isoformat(),
                chance.randrange(240) if chance.random() < 0.8 else "",
                chance.choice((12, 24, 36)) if chance.random() < 0.3 else "",
                chance.randrange(18, 60) if chance.random() < 0.3 else "",
                "+000 000",
            )
        )
    return out.getvalue().encode("utf-8-sig")


def drawn(chance: random.Random, kinds: Sequence[Any], rows: int, even: bool) -> list[Any]:
    """That many of the kinds by chance; unless `even`, some of them far oftener than others."""
    shuffled = chance.sample(kinds, len(kinds))
    weights = [1 if even else 1 / rank for rank in range(1, len(kinds) + 1)]
    return chance.choices(shuffled, weights, k=rows)


class Clock:
    """Seconds of the processor since it was last asked: other work on the machine does not count."""

    def __init__(self) -> None:
        self.since = time.process_time()

    def __call__(self, step: str, note: str = "") -> float:
        now = time.process_time()
        spent, self.since = now - self.since, now
        sys.stdout.write(f"{step:34}{spent:8.1f} s   {note}\n")
        sys.stdout.flush()
        return spent


def main() -> None:
    django.setup()
    law = load()
    even = sys.argv[1:] == ["even"]
    content = made_up(law, ROWS, even)
    sys.stdout.write(f"{ROWS} rows, {'even' if even else 'as an organisation has them'}\n")
    clock = Clock()
    with TemporaryDirectory() as folder, bulk.undisturbed():
        here = Path(folder)
        (here / "cases.csv").write_bytes(content)
        clock.since = time.process_time()
        sheet = bulk.open_sheet(here / "cases.csv", law)
        mapping = bulk.mapping_of(bulk.propose(sheet, law))
        told = bulk.facts_of(mapping, law)
        whole = clock("open, recognise columns", f"{len(content) / 1e6:.1f} MB, all words of twelve languages read")
        found = bulk.preview(sheet, mapping, law, TODAY)
        whole += clock("preview every row", f"{found.good} good, {found.bad_count} bad")
        answering = bulk.Answering(law)
        kept = [bulk.pack(answering.chunk(one.good)) for one in bulk.chunks(sheet, mapping, law, TODAY)]
        whole += clock("check again, answer, keep", f"{sum(map(len, kept)) / 1e6:.1f} MB kept")
        with (here / "results.csv").open("w", encoding="utf-8", newline="") as out:
            out.writelines(bulk.csv_pieces(map(bulk.unpack, kept), told))
        whole += clock("write CSV", _size(here / "results.csv"))
        sys.stdout.write(f"{'file to file, CSV':34}{whole:8.1f} s\n\n")
        with (here / "results.json").open("w", encoding="utf-8") as out:
            out.writelines(bulk.json_pieces(map(bulk.unpack, kept)))
        clock("write JSON", _size(here / "results.json"))
        bulk.write_excel(map(bulk.unpack, kept), told, here / "results.xlsx")
        clock("write Excel", _size(here / "results.xlsx"))
        read_back(here / "results.xlsx", law, clock)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"most memory{peak:31.0f} MB\n")


def read_back(path: Path, law: Rulebook, clock: Clock) -> None:
    """The results are a file that can be sent in again."""
    if path.stat().st_size <= bulk.MOST_BYTES:
        sheet = bulk.open_sheet(path, law)
        rows: Iterator[object] = sheet.rows()
        clock("weigh and read that Excel file", f"{sum(1 for _row in rows)} rows")


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
