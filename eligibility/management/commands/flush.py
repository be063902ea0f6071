"""`manage.py flush`: Django's own command, which empties the whole database; the audit trail as well."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from eligibility.casework import guard


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        with guard.lifted(connections[options["database"]]):
            super().handle(**options)
