"""`manage.py rotatekeys`: seal everything kept anew with the newest secret, so that older ones can go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from eligibility.casework import rotation
from eligibility.management.base import WithExamples

EXAMPLES = """
how to change the secret:
  1. put a new one first in CASEWORK_KEYS, the old one behind it; restart the site and its workers
  2. python manage.py rotatekeys       can be stopped at any time and started again
  3. once it says that nothing is left, take the old one out, and restart again

Backups from before still need the old secret: keep it, apart from them, as long as you keep them.

exit status: 0 if everything is sealed with the newest secret, 1 if something is not.
"""


class Command(WithExamples):
    examples = EXAMPLES
    help = "Seal names, contacts, notes and files anew with the newest secret of CASEWORK_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        for table, column, sealed in rotation.seal_anew():
            self.stdout.write(f"{table}.{column}: {sealed} sealed anew")
        left, unreadable = rotation.left()
        if unreadable:
            raise CommandError(
                f"{unreadable} sealed values cannot be opened: CASEWORK_KEYS lacks the secret that sealed them",
                returncode=1,
            )
        self.stdout.write(f"search marks of {rotation.mark_anew()} cases are those of the newest secret")
        if left:
            raise CommandError(
                f"{left} values were sealed with an older secret meanwhile: restart the site, then run this again",
                returncode=1,
            )
        self.stdout.write("everything is sealed with the newest secret; the older ones can go")
