"""`manage.py organisation`: make an organisation, list them, invite to one; a link for a forgotten password."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import filter_users_by_email, user_pk_to_url_str
from django.conf import settings
from django.core.management.base import CommandError
from django.db.models import Count, Q
from django.urls import reverse

from eligibility.casework import members
from eligibility.casework.models import LANGUAGES, Organisation, Role
from eligibility.management.base import WithExamples

WHO = "manage.py"
"""As the audit trail names whoever uses the command line."""


class Command(WithExamples):
    help = "Make an organisation, list them, invite somebody to one, or make a link for a new password."
    examples = """examples:
  manage.py organisation make "Harbour Aid" --owner-link   the link is for the first owner
  manage.py organisation list
  manage.py organisation invite harbour-aid --role reader
  manage.py organisation password siti@harbour-aid.example   where the site sends no e-mail

Links begin with SITE_URL. Exit codes: 0 done, 2 it cannot be, and why.
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="do", required=True)
        make = commands.add_parser("make", help="make an organisation")
        make.add_argument("name", help="as its members know it, up to 120 letters")
        make.add_argument("--language", choices=[code for code, _ in LANGUAGES], default="en", help="of its letters")
        make.add_argument("--owner-link", action="store_true", help="print the invitation of its first owner")
        commands.add_parser("list", help="every organisation: its address, members, cases")
        invite = commands.add_parser("invite", help="print an invitation; it is shown once and never again")
        invite.add_argument("slug", help="the organisation, as `list` shows it")
        invite.add_argument("--role", choices=Role.values, default=Role.CASEWORKER)
        password = commands.add_parser("password", help="print a link with which somebody chooses a new password")
        password.add_argument("email", help="the address that they sign in with")

    def handle(self, *args: Any, do: str, **options: Any) -> None:
        match do:
            case "make":
                self._make(options["name"], options["language"], options["owner_link"])
            case "list":
                self._list()
            case "invite":
                self._invite(self._organisation(options["slug"]), Role(options["role"]))
            case "password":
                self._password(options["email"])

    def _make(self, name: str, language: str, owner_link: bool) -> None:
        if not 1 <= len(name) <= 120:
            raise CommandError("the name has 1 to 120 letters", returncode=2)
        try:
            organisation = members.make_organisation(name, language)
        except members.Refused as refused:
            raise CommandError(str(refused), returncode=2) from refused
        self.stdout.write(organisation.slug)
        if owner_link:
            self._invite(organisation, Role.OWNER)

    def _list(self) -> None:
        organisations = Organisation.objects.annotate(
            people=Count("memberships", Q(memberships__ended=None), distinct=True),
            kept=Count("cases", distinct=True),
        )
        for one in organisations.order_by("slug"):
            self.stdout.write(f"{one.slug}  {one.people} members  {one.kept} cases  {one.name}")

    def _organisation(self, slug: str) -> Organisation:
        organisation = Organisation.objects.filter(slug=slug).first()
        if organisation is None:
            raise CommandError(f"no organisation has the address {slug}", returncode=2)
        return organisation

    def _invite(self, organisation: Organisation, role: Role) -> None:
        token = members.invite(organisation, WHO, role)
        self.stdout.write(f"{settings.SITE_URL}{members.link_to(token)}")
        days = members.INVITATION_HOLDS.days
        self.stderr.write(f"Whoever opens it first can join as {role}. It holds for {days} days and works once.")

    def _password(self, email: str) -> None:
        users = filter_users_by_email(email, is_active=True)
        if not users:
            raise CommandError(f"nobody signs in with {email}", returncode=2)
        user = users[0]
        path = reverse(
            "account_reset_password_from_key",
            kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
        )
        self.stdout.write(f"{settings.SITE_URL}{path}")
        hours = settings.PASSWORD_RESET_TIMEOUT // 3600
        self.stderr.write(f"For {email} alone: whoever opens it can sign in as them. It holds for {hours} hours.")
