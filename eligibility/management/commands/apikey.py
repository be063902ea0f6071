"""`manage.py apikey`: make, list and revoke the keys of organisations that use the API."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from eligibility.api.models import SCOPES, OrganisationKey


class Command(BaseCommand):
    help = "Make, list and revoke the keys of organisations that use the API."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="do", required=True)
        make = commands.add_parser("make", help="make a key; it is shown once and never again")
        make.add_argument("name", help="the organisation, up to 50 letters")
        make.add_argument("--scope", action="append", choices=list(SCOPES), help="may be given again; all if not given")
        make.add_argument("--days", type=int, help="how long it holds; for ever if not given")
        commands.add_parser("list", help="every key: who, for what, when last used")
        revoke = commands.add_parser("revoke", help="end a key for good")
        revoke.add_argument("prefix", help="the first eight letters of the key, as `list` shows them")

    def handle(self, *args: Any, do: str, **options: Any) -> None:
        match do:
            case "make":
                self._make(options["name"], options["scope"] or list(SCOPES), options["days"])
            case "list":
                for key in OrganisationKey.objects.all():
                    self.stdout.write(_line(key))
            case "revoke":
                self._revoke(options["prefix"])

    def _make(self, name: str, scopes: list[str], days: int | None) -> None:
        if not 1 <= len(name) <= 50:
            raise CommandError("the name has 1 to 50 letters", returncode=2)
        if days is not None and not 1 <= days <= 36500:
            raise CommandError("--days: a number from 1 to 36500", returncode=2)
        expires = timezone.now() + timedelta(days=days) if days is not None else None
        _row, key = OrganisationKey.objects.create_key(name=name, scopes=scopes, expiry_date=expires)
        self.stdout.write(key)
        self.stderr.write("Hand it over in a safe way: it is kept here only as a hash and cannot be shown again.")

    def _revoke(self, prefix: str) -> None:
        row = OrganisationKey.objects.filter(prefix=prefix).first()
        if row is None:
            raise CommandError(f"no key begins with {prefix}", returncode=2)
        row.revoked = True
        row.save()
        self.stdout.write(f"{row.name}: revoked")


def _line(key: OrganisationKey) -> str:
    state = "revoked" if key.revoked else "expired" if key.has_expired else "good"
    used = f"{key.last_used:%Y-%m-%d %H:%M}" if key.last_used else "never used"
    return f"{key.prefix}  {state:7}  {used:16}  {','.join(key.scopes)}  {key.name}"
