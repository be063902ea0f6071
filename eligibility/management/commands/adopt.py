"""`manage.py adopt`: takes the loaded edition of the law into use for the workspace's cases."""

from __future__ import annotations

from typing import Any

from eligibility import current
from eligibility.casework import lawchange
from eligibility.casework.models import Case
from eligibility.management.base import WithExamples

EXAMPLES = """
examples:
  python manage.py adopt     after each deployment, when the processes of the site have started anew

If the edition in RULEBOOK_PATH is another than the last one, all open cases are asked again in the background, by
`manage.py work`. The first edition of an installation is only noted. To call it again does nothing.
"""


class Command(WithExamples):
    examples = EXAMPLES
    help = "Take the loaded edition of the law into use."

    def handle(self, *args: Any, **options: Any) -> None:
        adoption = lawchange.adopt()
        if adoption is None:
            self.stdout.write(f"{current.rulebook().edition[:19]} is in use.")
        elif not adoption.before:
            self.stdout.write(f"{adoption.edition[:19]} is in use: the first edition of this installation.")
        else:
            number = lawchange.waiting(Case.objects.all())
            cases = "1 open case" if number == 1 else f"{number:,} open cases"
            self.stdout.write(f"{adoption.edition[:19]} is in use after {adoption.before[:19]}; {cases} to be asked.")
