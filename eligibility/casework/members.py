"""Who belongs to an organisation: invitations, roles, and how a membership ends.

Each change is one transaction that first locks the organisation's row, so that two owners who act at the same moment
cannot leave it without one; each is written into the audit trail.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from eligibility.casework import audit
from eligibility.casework.models import Invitation, Membership, Organisation, Role

INVITATION_HOLDS = timedelta(days=7)
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes alone are none: they stand in for one that was lost."""


class Refused(Exception):
    """What was asked cannot be. The text says why, to the person who asked."""


def has_second_factor(user: Any) -> bool:
    """Signs in with more than a password."""
    return is_mfa_enabled(user, SECOND_FACTORS)


def current(organisation: Organisation) -> QuerySet[Membership]:
    """The members, the longest first; `second_factor` says whether each has one."""
    factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=SECOND_FACTORS)
    return organisation.memberships.filter(ended=None).select_related("user").annotate(second_factor=Exists(factors))


def make_organisation(name: str, language: str = "en") -> Organisation:
    """A new organisation without members. Raises Refused if there is one of that name, or no address for it."""
    slug = slugify(name)[:60].strip("-")
    if not slug:
        raise Refused("the name needs some Latin letters or digits, of which its address is made")
    organisation, new = Organisation.objects.get_or_create(slug=slug, defaults={"name": name, "language": language})
    if not new:
        raise Refused(f"{slug} exists already")
    return organisation


def invite(organisation: Organisation, who: str, role: Role, for_whom: str = "", by: Any = None) -> str:
    """A new invitation; what is returned goes into its link and is kept nowhere. `who` invites, `by` is their user."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        Invitation.objects.create(
            organisation=organisation,
            role=role,
            for_whom=for_whom,
            token_hash=hash_of(token),
            by=by,
            until=timezone.now() + INVITATION_HOLDS,
        )
        audit.record(organisation, who, "invited", role=role)
    return token


def link_to(token: str) -> str:
    """The path of an invitation's page."""
    return reverse("casework:invitation", args=[token])


def hash_of(token: str) -> str:
    """What is kept of a token. It is random and long, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    """Those that somebody may still use."""
    return _open(organisation.invitations).select_related("by")


def _open(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Neither used nor left too long, nor made by an account that was shut since. An operator's are made by none."""
    return invitations.filter(Q(by=None) | Q(by__is_active=True), used=None, until__gt=timezone.now())


def open_invitation(token_hash: str | None) -> Invitation | None:
    """The invitation, if it was neither used, nor revoked, nor left too long."""
    if not token_hash:
        return None
    return _open(Invitation.objects.select_related("organisation")).filter(token_hash=token_hash).first()


def revoke(invitation: Invitation, who: str) -> None:
    """Nobody can use the link any more."""
    with transaction.atomic():
        audit.record(invitation.organisation, who, "revoked_invitation", role=invitation.role)
        invitation.delete()


def join(invitation: Invitation, user: Any) -> Membership:
    """Become a member by this invitation, which is then used. Raises Refused if somebody was faster, or if the user is
    a member already: the invitation then stays good for whom it was meant."""
    organisation = invitation.organisation
    with transaction.atomic():
        _lock(organisation)
        if organisation.memberships.filter(user=user, ended=None).exists():
            raise Refused(_("You are already a member of %(name)s.") % {"name": organisation.name})
        if not _open(Invitation.objects.filter(pk=invitation.pk)).update(used=timezone.now()):
            raise Refused(_("This invitation does not hold any more. Ask for a new one."))
        membership = Membership.objects.create(organisation=organisation, user=user, role=invitation.role)
        audit.record(organisation, user.email or user.get_username(), "joined", role=invitation.role)
    return membership


def change_role(membership: Membership, role: Role, who: str) -> None:
    """Whoever is no owner any more has nobody invited either. Raises Refused where no owner would be left."""
    with transaction.atomic():
        _lock(membership.organisation)
        membership.refresh_from_db(fields=["role", "ended"])
        if membership.role == role or membership.ended:
            return
        if role != Role.OWNER:
            _not_the_last_owner(membership)
        before, membership.role = membership.role, role
        membership.save(update_fields=["role"])
        if role != Role.OWNER:
            _take_back_invitations(membership, who)
        audit.record(
            membership.organisation, who, "changed_role", whose=str(membership.user.email), to=role, was=before
        )


def end(membership: Membership, who: str) -> None:
    """From now on this person finds nothing of the organisation's: pages, calendar, mails. The row stays. Raises
    Refused where no owner would be left."""
    with transaction.atomic():
        _lock(membership.organisation)
        membership.refresh_from_db(fields=["role", "ended"])
        if membership.ended:
            return
        _not_the_last_owner(membership)
        membership.ended = timezone.now()
        membership.calendar_hash = ""
        membership.save(update_fields=["ended", "calendar_hash"])
        _take_back_invitations(membership, who)
        audit.record(membership.organisation, who, "ended_membership", whose=str(membership.user.email))


def _lock(organisation: Organisation) -> None:
    Organisation.objects.select_for_update().get(pk=organisation.pk)


def _take_back_invitations(membership: Membership, who: str) -> None:
    """Links that an owner made and kept would let them in again, as an owner, after their time."""
    for invitation in open_invitations(membership.organisation).filter(by=membership.user):
        revoke(invitation, who)


def _not_the_last_owner(membership: Membership) -> None:
    others = membership.organisation.memberships.filter(role=Role.OWNER, ended=None).exclude(pk=membership.pk)
    if membership.role == Role.OWNER and not others.exists():
        raise Refused(_("The last owner must stay. Make somebody else an owner first."))
