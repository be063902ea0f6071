"""What it costs to ask open cases again when the law changes: `make bench-lawchange` (CASES=… for another number).

An empty database is filled with cases as an organisation has them (`benchmarks.bulk`; with `even`, each corridor,
sector and status is as likely as any other), each with one stay and its stored answer. Then editions of the law are
taken into use one after the other. What counts is the processor's time per case, of which a few seconds in all are for
reading the edition before; it is this machine's.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.casework import site

CASES = int(os.environ.get("CASES", "2000"))
AT_ONCE = 500
EDITIONS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "only a comment differs": ("*", ((r"\Z", "\n# A comment.\n"),)),
    "every rule was checked anew": ("*", ((r"checked: \d{4}-", "checked: 2001-"),)),
    "one country pays nobody out": ("my", (("becomes: withdrawn", "becomes: forfeited"),)),
    "every country differs": (
        "*",
        (("becomes: (withdrawn|forfeited)", "becomes: paid_abroad"), ("becomes: ends", "becomes: forfeited")),
    ),
}
"""The files that are edited, and how."""


def _fill(number: int) -> None:
    from django.db import transaction

    from benchmarks.bulk import drawn
    from eligibility import current
    from eligibility.casework import answering
    from eligibility.casework.models import Case, Organisation, Stay
    from eligibility.vocabulary import Sector, Status

    draw, law = random.Random(number), current.rulebook()  # noqa: S311
    organisation = Organisation.objects.create(slug="bench", name="Bench")
    corridors = [(o, d) for o in law.with_role("origin") for d in law.with_role("destination") if o != d]
    even = sys.argv[1:] == ["even"]
    pairs, sectors, statuses = (drawn(draw, kinds, number, even) for kinds in (corridors, [*Sector], [*Status]))
    for start in range(0, number, AT_ONCE):
        with transaction.atomic():
            for at in range(start, min(start + AT_ONCE, number)):
                origin, destination = pairs[at]
                case = Case(organisation=organisation, number=at + 1, origin=origin, destination=destination)
                case.save(force_insert=True)
                began = date(2018, 1, 1) + timedelta(days=draw.randrange(2000))
                Stay.objects.create(
                    case=case,
                    destination=destination,
                    sector=sectors[at].value,
                    status=statuses[at].value,
                    began=began,
                    ended=draw.choice([None, began + timedelta(days=700)]),
                    months=draw.choice([None, draw.randrange(240)]),
                )
                answering.store(case, law)
                case.save()


def main() -> None:
    with site(), TemporaryDirectory() as folder:
        from django.conf import settings
        from django.utils import timezone

        from eligibility import current
        from eligibility.casework import lawchange

        settings.RULEBOOK_EDITIONS = Path(folder) / "editions"
        lawchange.adopt()
        _fill(CASES)
        print(f"{CASES:,} open cases{'asked':>28}{'changed':>10}{'seconds':>10}{'ms a case':>11}{'ms asked':>10}")
        for number, (label, (files, edits)) in enumerate(EDITIONS.items()):
            edition = Path(folder) / str(number)
            shutil.copytree(settings.RULEBOOK_PATH, edition)
            for file in (edition / "countries").glob(f"{files}.yaml"):
                text = file.read_text(encoding="utf-8")
                for old, new in edits:
                    text = re.sub(old, new, text)
                file.write_text(text, encoding="utf-8")
            settings.RULEBOOK_PATH = edition
            current.rulebook.cache_clear()
            lawchange.adopt()
            start = time.process_time()
            done = lawchange.follow(timezone.now())
            taken = time.process_time() - start
            each = f"{taken / done.asked * 1000:>10.1f}" if done.asked else f"{'–':>10}"
            print(f"{label:32}{done.asked:>11,}{done.changed:>10,}{taken:>10.1f}{taken / CASES * 1000:>11.2f}{each}")


if __name__ == "__main__":
    main()
