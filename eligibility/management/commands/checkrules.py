"""`manage.py checkrules`: load the rulebook, walk every case it can be asked, and report what was seen."""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date, timedelta
from functools import partial
from multiprocessing import get_context
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from eligibility.engine.survey import Walk, corridors, walk
from eligibility.rulebook import Rulebook, RulebookError, load
from eligibility.rulebook.checks import flat
from eligibility.rulebook.model import Rule
from eligibility.vocabulary import CONFIDENCE_ORDER, Benefit, Confidence

STALE = timedelta(days=365)
MOST_DEPENDS = 2.0
_LAW: list[Rulebook] = []


class Command(BaseCommand):
    help = (
        "Check the rulebook: every file, then every corridor, sector, status and day on which a rule changes. "
        "Exit status: 0 if everything that must hold holds, 1 if not."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quick", action="store_true", help="only load and check the files")
        parser.add_argument("--since", type=date.fromisoformat, default=date(2015, 1, 1), help="first day (2015-01-01)")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (all cores)")
        parser.add_argument("--only", metavar="CC", action="append", help="only corridors from or to this country")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            law = load(settings.RULEBOOK_PATH)
        except RulebookError as error:
            raise CommandError(str(error), returncode=1) from error
        self.stdout.write(
            f"{len(law.countries)} countries, {len(law.rules)} rules, {len(law.agreements)} agreements, "
            f"{len(law.instruments)} instruments, {len(law.sources)} sources, {law.edition[:19]}"
        )
        if options["quick"]:
            return
        walks = list(self._walks(law, options))
        faults = self._report(law, walks, options["only"] or law.countries, options["since"])
        if faults:
            raise CommandError(f"{faults} thing{'s' if faults != 1 else ''} that must not be", returncode=1)

    def _walks(self, law: Rulebook, options: dict[str, Any]) -> Iterator[Walk]:
        """Every corridor, walked on all cores, with progress on the error stream."""
        wanted = [c for c in corridors(law) if not options["only"] or set(c) & set(options["only"])]
        start, done = time.monotonic(), 0
        _LAW.append(law)  # forked processes inherit it
        with ProcessPoolExecutor(options["jobs"], mp_context=get_context("fork")) as pool:
            ask = partial(_walk, timezone.localdate(), options["since"])
            futures = [pool.submit(ask, corridor) for corridor in wanted]
            for future in as_completed(futures):
                found = future.result()
                done += 1
                self._progress(done, len(wanted), time.monotonic() - start)
                yield found

    def _progress(self, done: int, of: int, seconds: float) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{done}/{of} corridors, {seconds:.0f} s", ending="\n" if done == of else "")
        elif done == of:
            self.stderr.write(f"{of} corridors in {seconds:.0f} s")

    def _report(self, law: Rulebook, walks: list[Walk], countries: Collection[str], since: date) -> int:
        """Print what was seen; the number of things that must not be. Of `countries`, every case was asked."""
        faults = 0
        wrong = [line for found in walks for line in found.wrong]
        faults += self._list(f"cases asked: {sum(w.asked for w in walks)}; without an answer or a source", wrong)
        reached = set().union(*(found.reached for found in walks))
        waiting: dict[str, set[str]] = {}
        for found in walks:
            for rule, facts in found.waiting.items():
                waiting.setdefault(rule, set()).update(facts)
        asked_of = [rule for rule in law.rules.values() if rule.country in countries]
        dead = [rule for rule in asked_of if rule.id not in reached and rule.id not in waiting]
        over = [rule for rule in dead if rule.until is not None and rule.until < since]
        excepting = {rule.id for parent in asked_of for rule in flat(parent.exceptions)}
        never = [rule for rule in dead if rule not in over]
        for title, exceptions in (("rules that no case can reach", False), ("exceptions that never apply", True)):
            found_dead = [rule for rule in never if (rule.id in excepting) is exceptions]
            faults += self._list(title, [f"{rule.id} ({_dates(rule)})" for rule in found_dead])
        self._list(f"rules that ended before {since}, so no case was asked", [f"{r.id} ({_dates(r)})" for r in over])
        by_fact = [f"{r}: {', '.join(sorted(f))}" for r, f in waiting.items() if r not in reached and f]
        self._list("rules that only a fact reaches, with the facts", sorted(by_fact))
        behind = [r for r, f in waiting.items() if r not in reached and not f]
        self._list("rules that apply but never speak first", sorted(behind))
        self._list("sources never used", sorted(set(law.sources) - _cited(law)))
        old = timezone.localdate() - STALE
        self._list("rules last checked more than a year ago", sorted(r.id for r in asked_of if r.checked < old))
        self.stdout.write(
            "\nHow many of the nine depend on something, for ordinary workers, with the four answers alone"
        )
        for found in sorted(walks, key=lambda one: -one.depends_of_nine):
            benefits = ", ".join(f"{b} {n / found.ordinary:.1f}" for b, n in found.depends.items())
            much = "  too many" if found.depends_of_nine > MOST_DEPENDS else ""
            self.stdout.write(
                f"  {found.origin} to {found.destination}  {found.depends_of_nine:4.1f}  {benefits}{much}"
            )
        average = sum(w.depends_of_nine for w in walks) / len(walks) if walks else 0.0
        self.stdout.write(f"  on average {average:4.1f}")
        faults += sum(one.depends_of_nine > MOST_DEPENDS for one in walks)
        self._table(law)
        return faults

    def _list(self, title: str, lines: Iterable[str]) -> int:
        lines = list(lines)
        self.stdout.write(f"\n{title}: {len(lines)}")
        for line in lines[:60]:
            self.stdout.write(f"  {line}")
        if len(lines) > 60:
            self.stdout.write(f"  and {len(lines) - 60} more")
        return len(lines)

    def _table(self, law: Rulebook) -> None:
        """Countries by benefits: how many rules speak at work, on leaving and of qualifying; the weakest confidence."""
        self.stdout.write(
            "\nRules by country and benefit: in and out / leaving / qualifying, and the weakest confidence"
        )
        width = max(len(benefit) for benefit in Benefit)
        self.stdout.write(" " * (width + 2) + "".join(f"{code:>13}" for code in law.countries))
        for benefit in Benefit:
            cells = []
            for country in law.countries.values():
                parts = [
                    [rule for rule in flat(part) if benefit in rule.benefits]
                    for part in (country.coverage, country.leaving, country.qualifying)
                ]
                weakest = _weakest(rule.confidence for part in parts for rule in part)
                cells.append("/".join(str(len(part)) for part in parts) + f" {weakest}")
            self.stdout.write(f"  {benefit:{width}}" + "".join(f"{cell:>13}" for cell in cells))


def _walk(today: date, since: date, corridor: tuple[str, str]) -> Walk:
    return walk(_LAW[-1], *corridor, today, since)


def _weakest(found: Iterable[Confidence]) -> str:
    weakest = min(found, key=CONFIDENCE_ORDER.index, default=None)
    return weakest[0] if weakest else "-"


def _dates(rule: Rule) -> str:
    return f"{rule.from_ or '…'} to {rule.until or '…'}"


def _cited(law: Rulebook) -> set[str]:
    """The ids of all sources that anything cites."""
    groups: list[Any] = [*law.rules.values(), *law.schemes.values(), *law.agreements, *law.provisions.values()]
    groups += law.instruments
    groups += [article for instrument in law.instruments for article in instrument.articles]
    groups += [office for scheme in law.schemes.values() for office in scheme.offices]
    groups += [one for country in law.countries.values() for one in country.announced]
    return {citation.source for group in groups for citation in group.sources}
