"""`manage.py replay`: works stored answers out again, each by its own edition, and compares the bytes."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from eligibility import current
from eligibility.casework import answering
from eligibility.casework.models import Case, Organisation, StoredAnswer
from eligibility.engine import CaseError
from eligibility.management.base import WithExamples
from eligibility.rulebook.editions import EditionError

EXAMPLES = """
examples:
  python manage.py replay                             every stored answer of every organisation
  python manage.py replay --organisation harbour-aid
  python manage.py replay --case 0b0e9f5c-…
  python manage.py replay 17 18

exit status: 0 every answer came out the same, byte for byte; 1 some did not; 2 some could not be worked out, since
their edition is not kept here or cannot be read, or what was asked for is not there.
"""

SAME, WORDING, DIFFERENT, DAMAGED, MISSING = "the same", "wording only", "different", "damaged", "edition missing"
WRONG = (WORDING, DIFFERENT, DAMAGED)


class Command(WithExamples):
    examples = EXAMPLES
    help = "Work stored answers out again, and compare the bytes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "answers", nargs="*", type=int, metavar="ANSWER", help="numbers of answers; all if not given"
        )
        parser.add_argument("--organisation", metavar="SLUG", help="only the answers to this organisation's cases")
        parser.add_argument("--case", type=UUID, metavar="UUID", help="only the answers to this case")

    def handle(self, *args: Any, **options: Any) -> None:
        found = StoredAnswer.objects.all()
        if slug := options["organisation"]:
            if not Organisation.objects.filter(slug=slug).exists():
                raise CommandError(f"There is no organisation {slug}.", returncode=2)
            found = found.filter(case__organisation__slug=slug)
        if options["case"]:
            if not Case.objects.filter(pk=options["case"]).exists():
                raise CommandError(f"There is no case {options['case']}.", returncode=2)
            found = found.filter(case=options["case"])
        if wanted := set(options["answers"]):
            found = found.filter(pk__in=wanted)
            if missing := sorted(wanted - set(found.values_list("pk", flat=True))):
                raise CommandError(f"There is no answer {', '.join(map(str, missing))} among these.", returncode=2)
        counted: Counter[str] = Counter()
        # One edition after the other, so that each is read once.
        for answer in found.order_by("edition", "pk").iterator(chunk_size=200):
            outcome = self._replay(answer)
            counted[outcome] += 1
            if outcome != SAME and (options["verbosity"] > 1 or counted[outcome] <= 10):
                self.stdout.write(f"answer {answer.pk} by {answer.edition[:19]}: {outcome}")
        self._say(counted)
        if counted[MISSING]:
            sys.exit(2)
        if any(counted[outcome] for outcome in WRONG):
            sys.exit(1)

    def _replay(self, answer: StoredAnswer) -> str:
        try:
            law = current.law_of(answer.edition)
        except EditionError:
            return MISSING
        try:
            answering.stored_body(answer)
        except ValueError:
            return DAMAGED
        try:
            found = answering.replay(answer, law)
        except CaseError:
            return DIFFERENT
        return SAME if found.same else WORDING if found.wording_only else DIFFERENT

    def _say(self, counted: Counter[str]) -> None:
        told = [f"{counted[one]:,} {one}" for one in (SAME, *WRONG, MISSING) if counted[one] or one == SAME]
        number = counted.total()
        self.stdout.write(f"{number:,} {'answer' if number == 1 else 'answers'}: {', '.join(told)}")
