"""How the list of cases fares with many cases, beside the same pages with few: `make bench-casework`.

An empty database (SQLite, or the one that DATABASE_URL names, which must be empty) is filled with cases of one
organisation, drawn at random, and every page is asked for by a member through the whole stack. What counts is the
ratio of the two columns in one run; milliseconds are this machine's.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

FEW, MANY = 1_000, 100_000
AT_ONCE = 5_000
TIMES = 7
NAMES = "Siti Dewi Aung Thida Somchai Nguyen Maria Jose Sok Dara Noy Keo Rahma Putri Min Htet Linh Hoa Ana Bela".split()


@contextmanager
def site() -> Iterator[None]:
    """Django on a throw-away database."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DEBUG", "0")
        os.environ.setdefault("SECRET_KEY", "x" * 50)
        os.environ.setdefault("CASEWORK_KEYS", "a secret for a database of invented cases")
        os.environ.setdefault("ALLOWED_HOSTS", "testserver")
        if "DATABASE_URL" not in os.environ:
            os.environ["DATABASE_PATH"] = str(Path(folder) / "bench.sqlite3")
        (Path(folder) / "static").mkdir()
        os.environ["STATIC_ROOT"] = str(Path(folder) / "static")
        os.environ["DJANGO_SETTINGS_MODULE"] = "portability.settings"
        import django
        from django.conf import settings

        django.setup()
        settings.SECURE_SSL_REDIRECT = False
        settings.SESSION_COOKIE_SECURE = False
        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield


def _fill(slug: str, number: int) -> object:
    """An organisation with so many cases; its owner."""
    from django.contrib.auth.models import User
    from django.db import transaction

    from eligibility import current
    from eligibility.casework import keys
    from eligibility.casework.models import OUTCOME_LETTERS, Case, CaseWord, Membership, Organisation, Role
    from eligibility.vocabulary import Benefit, Sector, Status

    draw = random.Random(number)  # noqa: S311
    law = current.rulebook()
    organisation = Organisation.objects.create(slug=slug, name=slug, cases_numbered=number)
    user = User.objects.create_user(f"{slug}@example.org", f"{slug}@example.org")
    member = Membership.objects.create(organisation=organisation, user=user, role=Role.OWNER)
    letters = list(OUTCOME_LETTERS.values())
    for start in range(0, number, AT_ONCE):
        cases, words = [], []
        for at in range(start, start + AT_ONCE if start + AT_ONCE < number else number):
            name = f"{draw.choice(NAMES)} {draw.choice(NAMES)}{at % 997}"
            case = Case(
                organisation=organisation,
                number=at + 1,
                pseudonym=f"Case {at}",
                name=name,
                origin=draw.choice(law.with_role("origin")),
                destination=draw.choice(law.with_role("destination")),
                sector=draw.choice(list(Sector)).value,
                work_status=draw.choice(list(Status)).value,
                status=draw.choices(("open", "waiting", "closed"), (30, 10, 60))[0],
                outcomes="".join(draw.choices(letters, k=len(Benefit))),
                next_due=date(2026, 1, 1) + timedelta(days=draw.randrange(1000)) if draw.random() < 0.3 else None,
                caseworker=member,
            )
            cases.append(case)
            words += [CaseWord(case=case, organisation=organisation, mark=m) for m in keys.marks(keys.words_of(name))]
        with transaction.atomic():
            Case.objects.bulk_create(cases)
            CaseWord.objects.bulk_create(words)
    return user


PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "the list as it opens": ("get", {}),
    "all, by deadline": ("get", {"status": "", "order": "due"}),
    "page 40": ("get", {"status": "", "page": "40"}),
    "one corridor": ("get", {"origin": "ID", "destination": "MY"}),
    "old age lost": ("get", {"benefit": "old_age", "outcome": "lost"}),
    "deadline within 30 days": ("get", {"due": "30"}),
    "a name": ("post", {"words": "Siti Dewi500", "status": ""}),
    "a pseudonym": ("post", {"words": "Case 777", "status": ""}),
    "a number": ("post", {"words": "#500", "status": ""}),
}


def _time(ask: Callable[[], object]) -> float:
    """The median of some tries, in milliseconds, after one to warm up."""
    ask()
    taken = []
    for _try in range(TIMES):
        start = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def main() -> None:
    with site():
        from django.db import connection
        from django.test import Client
        from django.urls import reverse

        sizes = {"few": FEW, "many": MANY}
        browsers = {}
        for slug, number in sizes.items():
            browsers[slug] = Client()
            browsers[slug].force_login(_fill(slug, number))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        print(f"{connection.vendor}; milliseconds, the median of {TIMES}")
        print(f"{'':26}{FEW:>10,} {MANY:>10,}   ratio")
        for label, (how, sent) in PAGES.items():
            taken = []
            for slug, browser in browsers.items():
                address = reverse("casework:cases", args=[slug])
                ask = getattr(browser, how)
                assert ask(address, sent).status_code == 200
                taken.append(_time(lambda ask=ask, address=address, sent=sent: ask(address, sent)))
            print(f"{label:26}{taken[0]:>10.1f} {taken[1]:>10.1f}   {taken[1] / taken[0]:>5.1f}")


if __name__ == "__main__":
    main()
