"""`manage.py catalogues`: the translations of the worker's pages: what is missing, and the files that gettext reads."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from eligibility import current
from eligibility.explain import catalogues
from eligibility.management.base import WithExamples

EXAMPLES = """
examples:
  python manage.py catalogues compile        write the files that gettext reads (make serve does it)
  python manage.py catalogues check          what is missing, by language
  python manage.py catalogues update         take new messages into every catalogue, and old ones out

exit status: 0, or 1 if `check` finds a message of the interface missing, or a translation with wrong parameters.
"""


class Command(WithExamples):
    examples = EXAMPLES
    help = "Update, check and compile the catalogues of translations under locale/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("do", choices=("compile", "check", "update"))

    def handle(self, *args: Any, **options: Any) -> None:
        match options["do"]:
            case "compile":
                catalogues.compile_all()
            case "update":
                wanted = {**catalogues.law(current.rulebook()), **catalogues.interface()}
                for language in catalogues.languages():
                    catalogues.update(language, wanted, {})
            case "check":
                self._check()

    def _check(self) -> None:
        faults = 0
        for language in catalogues.languages():
            found = catalogues.state(language, current.rulebook())
            self.stdout.write(
                f"{language:8}{found.share:7.1%} translated; missing: {len(found.interface_missing)} of the interface, "
                f"{len(found.law_missing)} of the law; with wrong parameters: {len(found.wrong)}"
            )
            for text in (*found.interface_missing, *found.wrong):
                self.stdout.write(f"    {text}")
            faults += len(found.interface_missing) + len(found.wrong)
        if faults:
            raise CommandError(f"{faults} message{'s' if faults != 1 else ''} to mend", returncode=1)
