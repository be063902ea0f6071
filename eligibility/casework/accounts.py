"""How people sign in, where it differs from what allauth does by itself (docs/decisions/0009-signing-in.md)."""

from __future__ import annotations

import logging
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.sites.requests import RequestSite
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils.translation import gettext as _

from eligibility.casework import keys, members

logger = logging.getLogger(__name__)

INVITATION = "invitation"
"""Where the session of whoever opened an invitation keeps its hash, until they have joined."""


FORGOTTEN = "account/email/password_reset_key"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only to who opened an invitation that still holds."""
        return members.open_invitation(request.session.get(INVITATION)) is not None

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """As allauth does; but the e-mail names the site where Django would name the machine."""
        named = {
            "Message-ID": make_msgid(domain=urlsplit(settings.SITE_URL).hostname),
            "Auto-Submitted": "auto-generated",
        }
        return super().render_mail(template_prefix, email, context, named | (headers or {}))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """An e-mail that cannot leave now breaks no page: what was done is done, and whoever waits for a code is told
        to ask for another. Not who forgot a password: only an address with an account is mailed then. That the page
        tells neither in words, it says what to do if nothing comes, nor by the time that it takes."""
        # By the name that the pages have; Django knows only that of the machine.
        site = RequestSite(self.request)
        site.name = _("My benefits across borders")
        given = {"request": self.request, "email": email, "current_site": site}
        message = self.render_mail(template_prefix, email, given | context)
        afterwards = getattr(self.request, "afterwards", None)  # a page of `portability.signin.with_mail`
        if template_prefix == FORGOTTEN and afterwards is not None:
            afterwards.append(lambda: _sent(message, template_prefix))
        elif not _sent(message, template_prefix):
            said = _("An e-mail to you could not be sent just now. If you wait for one, try again in a few minutes.")
            messages.error(self.request, said)


def _sent(message: EmailMessage, kind: str) -> bool:
    """Send it; whether it left. The log says the kind, not to whom."""
    try:
        message.send()
    except OSError as error:  # out of reach, or refused: smtplib's errors are of this kind too
        logger.error("An e-mail (%s) could not be sent: %s", kind, type(error).__name__)
        return False
    return True


class SecondFactorAdapter(DefaultMFAAdapter):
    def get_totp_issuer(self) -> str:
        """How the app on the member's telephone lists this site."""
        return _("My benefits across borders")

    def encrypt(self, text: str) -> str:
        """The secrets behind codes are as unreadable in a copy of the database as workers' names are."""
        return keys.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return keys.unseal(encrypted_text)


def called(user: Any) -> str:
    """What mails call this person: the name that they gave, or else their address; the user name is made up."""
    return str(user.get_full_name() or user.email)


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


def forget_messages(sender: Any, request: HttpRequest, **more: Any) -> None:
    """What was not shown yet is not for whoever signs in next in this browser: its cookie outlives the session. That
    one is signed out has just been said, is forgotten with the rest, and said again."""
    list(messages.get_messages(request))
    messages.success(request, _("You have signed out."))
