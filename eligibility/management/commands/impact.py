"""`manage.py impact OLD NEW`: what an edition of the law changes against another, over all corridors or for the cases
that organisations keep."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from eligibility import current
from eligibility.casework import lawimpact
from eligibility.casework.lawimpact import CasesImpact
from eligibility.casework.models import Case, Organisation
from eligibility.engine.headline import RANK
from eligibility.engine.impact import Impact, Transition, over_corridors
from eligibility.explain.impact import corridors_in_short, difference_in_short, impact_data
from eligibility.management.base import WithExamples
from eligibility.rulebook import Rulebook, RulebookError, editions
from eligibility.rulebook.differences import How, Kind, days_after
from eligibility.rulebook.editions import EditionError
from eligibility.vocabulary import Outcome, Sector, Status

EXAMPLES = """
examples:
  python manage.py impact 3f9a1c52 fixtures/rulebook
  python manage.py impact sha256:3f9a1c52b1d0 ../my-edits/rulebook --on 2027-01-01
  python manage.py impact var/editions/3f9a…/ fixtures/rulebook --json
  python manage.py impact 3f9a1c52 fixtures/rulebook --organisation harbour-aid   its open cases, by their numbers
  python manage.py impact 3f9a1c52 fixtures/rulebook --cases                      those of all organisations, counted

An edition is named as in an answer (sha256:…), or by 8 or more of its digits; a folder by its path. Every corridor,
kind of work and papers is asked on one day with no further fact told.

exit status: 0 no answer changes on that day, 1 some do (or a corridor comes or goes), 2 an edition that cannot be read.
"""
MOST_LINES = 24
GOOD, BAD, GREY, BOLD = "32", "31", "90", "1"
Paint = Callable[[str, str], str]


class Command(WithExamples):
    examples = EXAMPLES
    help = "Show what an edition of the law would change: which outcomes, in which corridors, and by which rules."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("old", metavar="OLD", help="the edition as it is: sha256:…, its first digits, or a folder")
        parser.add_argument("new", metavar="NEW", help="the edition as it would be, named in the same way")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="the day whose law is asked for (today if not given)")
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument(
            "--organisation", metavar="SLUG", help="for the open cases of this organisation, each by number"
        )
        whose.add_argument("--cases", action="store_true", help="for the open cases of all organisations, counts alone")
        parser.add_argument("--json", action="store_true", help="everything as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        on = _day(options["on"])
        old, new = _read(options["old"]), _read(options["new"])
        if options["organisation"] or options["cases"]:
            self._over_cases(old, new, on, options)
            return
        impact = over_corridors(old, new, on, self._progress)
        if options["json"]:
            self.stdout.write(json.dumps(impact_data(impact), ensure_ascii=False, indent=2))
        else:
            later = days_after(on, impact.differences, old, new)
            self.stdout.write(as_text(impact, later, new, colour=self._colour(options), width=_width()))
        if not impact.nothing:
            sys.exit(1)

    def _over_cases(self, old: Rulebook, new: Rulebook, on: date, options: dict[str, Any]) -> None:
        cases, slug = Case.objects.all(), options["organisation"]
        if slug:
            if not Organisation.objects.filter(slug=slug).exists():
                raise CommandError(f"There is no organisation {slug}.", returncode=2)
            cases = cases.filter(organisation__slug=slug)
        impact = lawimpact.over_cases(old, new, on, cases, self._progress_of_cases)
        if options["json"]:
            data = lawimpact.impact_data(impact, each=bool(slug))
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            text = cases_as_text(impact, each=bool(slug), colour=self._colour(options), width=_width())
            self.stdout.write(text)
        if impact.changed:
            sys.exit(1)

    def _colour(self, options: dict[str, Any]) -> bool:
        wanted = self.stdout.isatty() and not options["no_color"] and "NO_COLOR" not in os.environ
        return wanted or options["force_color"]

    def _progress_of_cases(self, done: int, of: int) -> None:
        self._progress(done, of, "cases")

    def _progress(self, done: int, of: int, what: str = "corridors") -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{done}/{of} {what}", ending="\r" + " " * 30 + "\r" if done == of else "")
            self.stderr.flush()


def _day(given: str | None) -> date:
    if not given:
        return timezone.localdate()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise CommandError(f"--on {given}: write a day as YYYY-MM-DD", returncode=2) from None


def _read(word: str) -> Rulebook:
    folder = Path(word)
    try:
        folder = current.find(word)
        return editions.read(folder)
    except EditionError as error:
        cause = error.__cause__
        detail = f"{folder}: {cause}" if isinstance(cause, RulebookError) else str(error)
        raise CommandError(detail, returncode=2) from error


def _width() -> int:
    try:
        return max(60, min(os.get_terminal_size(sys.stdout.fileno()).columns, 120))
    except (OSError, ValueError):
        return 100


# --- as text ---------------------------------------------------------------------------------------------------------


def as_text(impact: Impact, later: list[date], law: Rulebook, *, colour: bool, width: int) -> str:
    """The impact for a terminal `width` columns wide; `law` is the new one."""

    paint = _painter(colour)
    lines = [
        paint(f"{impact.old[:19]} → {impact.new[:19]}, by the law of {impact.on}", BOLD),
        paint(_asked(impact), GREY),
        "",
    ]
    if impact.nothing:
        lines += [paint("No answer changes on that day.", BOLD), ""]
    lines += _coming_and_going(impact, paint)
    moved = [one for one in impact.transitions if one.before is not one.after]
    same = [one for one in impact.transitions if one.before is one.after]
    for title, found in (("Outcomes that change", moved), ("The same outcome, but something else differs", same)):
        if found:
            lines += [paint(title, BOLD), *_transitions(found, impact, law, width, paint), ""]
    if impact.unseen:
        found_ = [difference_in_short(one, law) for one in impact.unseen]
        lines += [paint("Different, but no answer changes by it on that day", BOLD), *_listed(found_, width), ""]
    words = sum(one.words_only for one in impact.differences)
    if words:
        lines += [f"{words} more {'part reads' if words == 1 else 'parts read'} otherwise or cite other sources.", ""]
    if later:
        days = ", ".join(map(str, later[:4]))
        lines += [f"What differs begins or ends again later: ask also --on {days}", ""]
    return "\n".join(lines).rstrip()


def _painter(colour: bool) -> Paint:
    def paint(text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if colour else text

    return paint


def _asked(impact: Impact) -> str:
    number = len(impact.differences)
    if not number:
        return "The two are the same law."
    counted = Counter(one.how for one in impact.differences)
    how = ", ".join(f"{counted[how]} {how}" for how in How if counted[how])
    differ = "1 part of the law differs" if number == 1 else f"{number} parts of the law differ"
    rest = len(impact.corridors) - impact.compared
    alike = f"; in the other {rest} nothing can have changed" if rest else ""
    return f"{differ}: {how}. {impact.cases:,} cases of {_corridors(impact.compared)} compared{alike}."


def _coming_and_going(impact: Impact, paint: Paint) -> list[str]:
    lines = []
    countries = {one.id: one.how for one in impact.differences if one.kind is Kind.COUNTRY}
    for title, pairs, how in (("New", impact.came, How.ADDED), ("Gone", impact.gone, How.REMOVED)):
        if pairs:
            codes = ", ".join(code for code, what in countries.items() if what is how) or "no country, but roles"
            cases = len(pairs) * len(Sector) * len(Status)
            lines += [f"{paint(title, BOLD)}: {codes}; {len(pairs)} corridors, {cases:,} cases", ""]
    return lines


def _transitions(found: list[Transition], impact: Impact, law: Rulebook, width: int, paint: Paint) -> list[str]:
    shown = found[:MOST_LINES]
    names = [", ".join(one.benefits) for one in shown]
    label = min(max(map(len, names)), 34)
    lines = []
    for name, one in zip(names, shown, strict=True):
        moved = f"{one.before} → {one.after}" if one.before is not one.after else one.before.value
        where = corridors_in_short(one.corridors, impact.corridors)
        what = f"{one.cases:>6,} cases of {_corridors(len(one.corridors))} ({where})"
        if one.aspects:
            what += f": {', '.join(one.aspects)}"
        head, *rest = textwrap.wrap(name, label, break_on_hyphens=False)
        verdict = moved.ljust(19)
        shade = GREY if one.better is None else GOOD if one.better else BAD
        indent = 2 + label + 2 + 19 + 1
        told = textwrap.wrap(what, max(width - indent, 30), subsequent_indent=" " * 7, break_on_hyphens=False)
        lines.append(f"  {head.ljust(label)}  {paint(verdict, shade)} {told[0]}")
        lines += [f"  {part}" for part in rest] + [" " * indent + part for part in told[1:]]
        causes = [difference_in_short(part, law) for part in one.by] or [
            "(nothing that differs in the law explains it)"
        ]
        lines += [paint(line, GREY) for line in _listed(causes, width, 6)]
    if len(found) > MOST_LINES:
        lines.append(f"  and {len(found) - MOST_LINES} more; --json has them all")
    return lines


def _corridors(number: int) -> str:
    return "1 corridor" if number == 1 else f"{number} corridors"


def _listed(texts: list[str], width: int, indent: int = 2) -> list[str]:
    lines = []
    for text in texts[:MOST_LINES]:
        lines += textwrap.wrap(
            text, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2), break_on_hyphens=False
        )
    more = len(texts) - MOST_LINES
    return lines + ([f"{' ' * indent}and {more} more; --json has them all"] if more > 0 else [])


# --- the cases that are kept, as text --------------------------------------------------------------------------------


def cases_as_text(impact: CasesImpact, *, each: bool, colour: bool, width: int) -> str:
    """The impact on cases for a terminal; `each`: which cases, by their numbers."""
    paint = _painter(colour)
    changed = (
        "Nothing changes for any of them." if not impact.changed else f"{_cases(len(impact.changed))} would change:"
    )
    lines = [
        paint(f"{impact.old[:19]} → {impact.new[:19]}, as of {impact.on}", BOLD),
        paint(f"{_cases(impact.cases)} not closed; for {impact.asked:,} of them something differs in the law.", GREY),
        "",
        paint(changed, BOLD),
    ]
    for number, what in ((impact.silent, "would not be answered any more"), (impact.again, "would be answered again")):
        if number:
            lines.append(f"  {_cases(number)} {what}: a country, a kind of work or papers come or go")
    counted = list(impact.counted().items())
    for alike, number in counted[:MOST_LINES]:
        moved = f"{alike.before} → {alike.after}" if alike.before != alike.after else f"{alike.after}, but other"
        what = f" {', '.join(alike.aspects)}" if alike.aspects else ""
        was, now = RANK.get(Outcome(alike.before)), RANK.get(Outcome(alike.after))
        shade = GREY if was is None or now is None or was == now else GOOD if now < was else BAD
        corridor = f"{alike.origin} → {alike.destination}"
        lines.append(f"  {number:>6,}  {corridor}  {alike.benefit}: {paint(moved, shade)}{what}")
        causes = [f"{how} {kind} {name}" for kind, name, how in alike.by]
        lines += [
            paint(line, GREY)
            for line in _listed(causes or ["(nothing that differs in the law explains it)"], width, 10)
        ]
    if len(counted) > MOST_LINES:
        lines.append(f"  and {len(counted) - MOST_LINES} more; --json has them all")
    if each and impact.changed:
        numbers = ", ".join(f"#{case.number}" for case in impact.changed)
        lines += ["", *textwrap.wrap(f"Cases: {numbers}", width, subsequent_indent="  ")]
    return "\n".join(lines)


def _cases(number: int) -> str:
    return "1 case" if number == 1 else f"{number:,} cases"
