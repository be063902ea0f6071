"""`make bench`: how many full determinations a second on one core, and how long the rulebook takes to load.

A full determination is nine benefits at three moments with all reasons. "From nothing" lays the rules out and works
each answer out from them. The other figure is what a running server gives: the index is grown first by other draws of
workers, so that a worker who is alike in all that matters is led to an answer that was worked out before (decision
0005). Some of those are the very same case: half of the draws tell no facts, and then only the day can differ.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from eligibility.engine import Case, determine
from eligibility.engine.determine import index_of
from eligibility.rulebook import Rulebook, load
from eligibility.vocabulary import Sector, Status

TODAY = date(2026, 11, 24)


def cases(law: Rulebook, days: int, seed: int) -> list[Case]:
    """Every corridor, sector and status once, in random order, with the months, age and day of a made-up worker."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    corridors = [(o, d) for o in law.with_role("origin") for d in law.with_role("destination") if o != d]
    found = []
    for (origin, destination), sector, status in product(corridors, Sector, Status):
        facts: dict[str, int] = {}
        if chance.random() < 0.5:
            facts = {"months_contributed": chance.randrange(240), "age": chance.randrange(18, 60)}
        on = TODAY - timedelta(days=chance.randrange(days)) if days else TODAY
        found.append(Case(origin, destination, sector, status, on, dict(facts)))
    chance.shuffle(found)
    return found


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rate(law: Rulebook, asked: list[Case]) -> float:
    def run() -> None:
        for case in asked:
            determine(case, law)

    return len(asked) / seconds(run)


def main() -> None:
    with TemporaryDirectory() as folder:
        snapshots = Path(folder)
        fresh = seconds(lambda: load(snapshots=snapshots))
        again = min(seconds(lambda: load(snapshots=snapshots)) for _ in range(5))
    law = load()
    lines = [
        f"rulebook          {len(law.countries)} countries, {len(law.rules)} rules, {law.edition[:19]}",
        f"load, afresh      {fresh * 1000:8.0f} ms   read, validate and check every file (once per edition)",
        f"load              {again * 1000:8.0f} ms   from the snapshot of that edition",
    ]
    for title, days in (("today's law", 0), ("any day since 2015", (TODAY - date(2015, 1, 1)).days)):
        asked = cases(law, days, seed=102)
        index_of.cache_clear()
        cold = rate(law, asked)
        index_of.cache_clear()
        for seed in range(3):
            rate(law, cases(law, days, seed))
        warm = rate(law, asked)
        how = f"one core ({cold:.0f} from nothing; {len(asked)} cases)"
        lines.append(f"{title:18}{warm:8.0f} a second, {how}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
