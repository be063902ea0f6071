"""How people sign in, where it differs from what allauth does by itself (docs/decisions/0009-signing-in.md)."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as msgid

from eligibility.casework import keys, members

SAID_BY_ALLAUTH = (
    msgid("Email"),
    msgid("Code"),
    msgid("Authenticator code"),
    msgid("Current Password"),
    msgid("New Password"),
    msgid("New Password (again)"),
    msgid("Forgot your password?"),
    msgid("The email address and/or password you specified are not correct."),
    msgid("Incorrect password."),
    msgid("Incorrect code."),
    msgid("Please type your current password."),
    msgid("You must type the same password each time."),
    msgid("Too many failed login attempts. Try again later."),
    msgid("Use your password"),
    msgid("Use authenticator app or code"),
    msgid("Use a security key"),
    msgid("You have signed out."),
    msgid("Password successfully changed."),
)
"""What allauth's forms and messages say to whoever signs in. It stands here so that our catalogues translate it: the
library speaks only some of our languages."""

INVITATION = "invitation"
"""Where the session of whoever opened an invitation keeps its hash, until they have joined."""


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only to who opened an invitation that still holds."""
        return members.open_invitation(request.session.get(INVITATION)) is not None


class SecondFactorAdapter(DefaultMFAAdapter):
    def get_totp_issuer(self) -> str:
        """How the app on the member's telephone lists this site."""
        return _("My benefits across borders")

    def encrypt(self, text: str) -> str:
        """The secrets behind codes are as unreadable in a copy of the database as workers' names are."""
        return keys.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return keys.unseal(encrypted_text)


def sign_out_elsewhere(
    sender: type[Authenticator], request: HttpRequest, authenticator: Authenticator, **more: Any
) -> None:
    """Whoever sets up a first second factor is signed out everywhere else: those sessions began with a password alone,
    and an organisation that asks for more must not be entered by them."""
    user = authenticator.user
    others = Authenticator.objects.filter(user=user, type__in=members.SECOND_FACTORS).exclude(pk=authenticator.pk)
    if authenticator.type in members.SECOND_FACTORS and not others.exists():
        for session in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
            session.end()
