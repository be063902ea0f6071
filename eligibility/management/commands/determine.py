"""`manage.py determine`: one worker's nine answers in the terminal, or as JSON."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from eligibility.current import rulebook
from eligibility.engine import CaseError, determine, make_case
from eligibility.explain import as_data, present
from eligibility.explain.page import Told, ToldBenefit
from eligibility.management.base import WithExamples
from eligibility.rulebook import RulebookError
from eligibility.vocabulary import Outcome, Sector, Status

EXAMPLES = """
examples:
  python manage.py determine --origin ID --destination MY --sector domestic_work --status regular
  python manage.py determine --origin ID --destination MY --sector manufacturing --status regular --on 2025-09-01
  python manage.py determine --origin PH --destination SG --sector services --status regular \\
      --fact months_contributed_home=40 --json

exit status: 0 an answer, 2 a wrong value (the message lists the right ones), 1 a rulebook that does not load.
"""
COLOURS = {
    Outcome.PORTABLE: "32",
    Outcome.RETAINED: "34",
    Outcome.LOST: "31",
    Outcome.DEPENDS: "33",
    Outcome.NONE: "90",
}
SIGNS = {
    Outcome.PORTABLE: "✓",
    Outcome.RETAINED: "●",
    Outcome.LOST: "✕",
    Outcome.DEPENDS: "?",
    Outcome.NONE: "–",
}


class Command(WithExamples):
    examples = EXAMPLES
    help = "Tell which of the nine benefits a worker keeps, loses or can carry across the border, and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--origin", metavar="CC", help="country whose national the worker is, such as ID")
        parser.add_argument("--destination", metavar="CC", help="country of work, such as MY")
        parser.add_argument("--sector", metavar="WORD", help=", ".join(Sector))
        parser.add_argument("--status", metavar="WORD", help=", ".join(Status))
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="the day whose law is asked for (today if not given)")
        parser.add_argument(
            "--fact", metavar="NAME=VALUE", action="append", default=[], help="a further fact; may be given again"
        )
        parser.add_argument("--json", action="store_true", help="the whole answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            law = rulebook()
        except RulebookError as error:
            raise CommandError(str(error), returncode=1) from error
        facts: dict[str, str] = {}
        for pair in options["fact"]:
            name, equals, value = pair.partition("=")
            if not equals:
                raise CommandError(f"--fact {pair}: write it as NAME=VALUE, such as age=42", returncode=2)
            facts[name.strip()] = value.strip()
        given = {key: options[key] for key in ("origin", "destination", "sector", "status", "on")} | {"facts": facts}
        try:
            case = make_case(given, law, timezone.localdate())
        except CaseError as error:
            lines = "\n".join(f"  {fault}" for fault in error.faults)
            raise CommandError(f"this case cannot be answered:\n{lines}", returncode=2) from error
        determination = determine(case, law)
        if options["json"]:
            self.stdout.write(json.dumps(as_data(determination), ensure_ascii=False, indent=2))
            return
        colour = self.stdout.isatty() and not options["no_color"] and "NO_COLOR" not in os.environ
        colour = colour or options["force_color"]
        self.stdout.write(as_text(present(determination, law), colour=colour, width=_width()))


def _width() -> int:
    try:
        return max(60, min(os.get_terminal_size(sys.stdout.fileno()).columns, 110))
    except (OSError, ValueError):
        return 100


def as_text(told: Told, *, colour: bool, width: int) -> str:
    """The answer for a terminal `width` columns wide."""

    def paint(text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if colour else text

    lines = [paint(told.title, "1"), paint(f"{told.law_of} · {told.edition[:19]}", "90"), ""]
    label_width = max(len(benefit.label) for group in told.groups for benefit in group.benefits)
    for group in told.groups:
        lines.append(paint(f"{SIGNS[group.outcome]} {group.heading}", f"1;{COLOURS[group.outcome]}"))
        for benefit in group.benefits:
            lines += _benefit(benefit, label_width, width, paint)
        lines.append("")
    if told.presumed:
        lines.append(paint("This answer rests on", "1"))
        lines += [_wrap(f"- {one.text}", 2, width) for one in told.presumed] + [""]
    if told.questions:
        lines.append(paint("Questions that would make it surer", "1"))
        for question in told.questions:
            lines.append(_wrap(f"- {question.text}  (--fact {question.fact}=…)", 2, width))
        lines.append("")
    return "\n".join(lines).rstrip()


def _benefit(benefit: ToldBenefit, label_width: int, width: int, paint: Any) -> list[str]:
    indent = label_width + 4
    verdict = benefit.verdict + (f" ({benefit.in_part})" if benefit.in_part else "")
    first = textwrap.wrap(verdict, width - indent) or [""]
    lines = [f"  {benefit.label.ljust(label_width)}  {first[0]}", *(" " * indent + line for line in first[1:])]
    seen: set[str] = set()
    for reason in benefit.reasons:
        if reason.decides and reason.rule and reason.rule not in seen:
            seen.add(reason.rule)
            source = reason.sources[0] if reason.sources else None
            where = f"{source.title}{', ' + source.at if source.at else ''}" if source else ""
            since = f", since {reason.since}" if reason.since else ""
            lines += [
                paint(line, "90")
                for line in textwrap.wrap(
                    f"{reason.scheme}{since}: {where} [{reason.rule}]",
                    width,
                    initial_indent=" " * indent,
                    subsequent_indent=" " * indent,
                    break_on_hyphens=False,  # an id is copied whole
                )
            ]
    for line in benefit.depends_on:
        lines.append(_wrap(line, indent, width))
    for step in benefit.steps:
        lines.append(_wrap(f"→ {step.text} Then: {step.outcome_label}.", indent, width))
    return lines


def _wrap(text: str, indent: int, width: int) -> str:
    """A paragraph. Words with a hyphen stay whole: they may be ids or options to be copied."""
    return textwrap.fill(
        text, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2), break_on_hyphens=False
    )
