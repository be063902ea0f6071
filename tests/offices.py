"""Organisations for the tests of the workspace, and everyone who may knock: members of each role, a former member, and
a stranger who owns another organisation."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from django.utils.text import slugify

from eligibility.casework.models import Import, ImportFile, Membership, Organisation, Role

PASSWORD = "as good as any in a test 7"


@dataclass(frozen=True, slots=True)
class Office:
    """One organisation and its people. `stranger` owns `elsewhere`, another organisation."""

    organisation: Organisation
    owner: User
    caseworker: User
    reader: User
    former: User
    stranger: User
    elsewhere: Organisation

    @property
    def slug(self) -> str:
        return self.organisation.slug

    def membership(self, user: User) -> Membership:
        """What makes this user a member here; for `former` it has ended."""
        return Membership.objects.get(organisation=self.organisation, user=user)


def an_office(name: str = "Harbour Aid") -> Office:
    """An organisation with one member of each role, someone who was a member, and a stranger. Names may differ, so
    that a test can have several offices."""
    organisation, elsewhere = (
        Organisation.objects.create(slug=slugify(title), name=title) for title in (name, f"Not {name}")
    )
    people = {
        word: someone(f"{word}@{organisation.slug}.example") for word in ("owner", "caseworker", "reader", "former")
    }
    for word, user in people.items():
        join(organisation, user, Role.OWNER if word == "former" else Role(word))
    Membership.objects.filter(user=people["former"]).update(ended=timezone.now())
    stranger = someone(f"owner@{elsewhere.slug}.example")
    join(elsewhere, stranger, Role.OWNER)
    return Office(organisation, **people, stranger=stranger, elsewhere=elsewhere)


def someone(email: str) -> User:
    """A person with a checked address and the password `PASSWORD`, member of nothing."""
    user = User.objects.create_user(email, email, PASSWORD)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def join(organisation: Organisation, user: User, role: Role) -> Membership:
    return Membership.objects.create(organisation=organisation, user=user, role=role)


def signed_in(client: Client, user: User, *, fresh: bool = True) -> Client:
    """The same client with this user's session. `fresh`: has just shown again who they are, as `at_desk(fresh=True)`
    asks for."""
    client.force_login(user)
    if fresh:
        request = HttpRequest()
        request.session = client.session
        record_authentication(request, user, "password", reauthenticated=True)
        request.session.save()
    return client


def give_second_factor(user: User) -> str:
    """Set up codes from an app, and return the secret that makes them (`pyotp.TOTP(secret).now()`)."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return str(secret)


def an_upload(organisation: Organisation, content: bytes, name: str = "workers.csv", **told: object) -> Import:
    """A file that somebody sent in."""
    upload = Import.objects.create(organisation=organisation, file_name=name, **told)
    ImportFile.objects.create(of=upload, content=content)
    return upload
