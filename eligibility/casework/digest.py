"""An e-mail to members, at most once a day and only with news: cases that the law changed, and last days to claim.

An e-mail passes through many hands, so it holds numbers of cases and words of the law: no name, no pseudonym, nothing
that was noted.

Nobody gets two on one day: the day is noted on the membership before its e-mail goes out. That it went out is noted
after; until then the next day's e-mail tells the same news again. So a job that is killed in the very moment of sending
loses no news, and one that runs twice sends nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext, override

from eligibility import current
from eligibility.casework import rows
from eligibility.casework.lawrows import ChangeRow, change_rows, with_cases
from eligibility.casework.models import Adoption, CaseStatus, Change, Claim, ClaimStatus, Membership
from eligibility.explain import words
from eligibility.vocabulary import Benefit

logger = logging.getLogger(__name__)

NEAR = timedelta(days=14)
"""A last day to claim that is nearer than this stands in the e-mail, and one that has passed."""

REMINDS = (NEAR, timedelta(days=7), timedelta(days=1), timedelta(days=-1))
"""So long before its last day a claim is news; the last one: the day after. Else the same list would go out daily."""

MOST = 40
"""Changes, and claims, that one e-mail names; the pages have them all."""

SENDS_NOTHING = "django.core.mail.backends.dummy.EmailBackend"


@dataclass
class Sent:
    """How many e-mails went out, and how many could not."""

    sent: int = 0
    failed: int = 0


def send(now: datetime) -> Sent:
    """Send today's e-mails that were not sent yet. An address that cannot be reached is tried again at the next call,
    and keeps no other member from theirs."""
    counted, today = Sent(), timezone.localdate(now)
    if settings.EMAIL_BACKEND == SENDS_NOTHING:
        return counted  # nobody is taken for told
    newest = _newest_change()
    members = Membership.objects.filter(ended=None, digest=True, user__is_active=True).select_related("organisation")
    addresses = _addresses(members)
    for member in members:
        address = addresses.get(member.user_id)
        if address is None or not _take(member, today):
            continue
        try:
            message = _message(member, address, newest, today)
            if message is not None:
                message.send()
                counted.sent += 1
        except Exception:
            logger.exception("The e-mail to membership %d could not be sent", member.pk)
            counted.failed += 1
            Membership.objects.filter(pk=member.pk, digest_day=today).update(digest_day=member.digest_day)
        else:
            Membership.objects.filter(pk=member.pk).update(digest_told=today, digest_change=newest)
    return counted


def _take(member: Membership, today: date) -> bool:
    """Note that the day's e-mail is being sent; False if it was, or if the member wants none any more."""
    due = Q(digest_day=None) | Q(digest_day__lt=today)
    return bool(Membership.objects.filter(due, pk=member.pk, ended=None, digest=True).update(digest_day=today))


def _newest_change() -> int:
    """The last change; none with a smaller key comes later, since changes are written under the same lock."""
    with transaction.atomic():
        Adoption.objects.select_for_update().order_by("-pk").first()
        return Change.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _addresses(members: QuerySet[Membership]) -> dict[int, str]:
    """For each user the address that they confirmed; if there are several, the one that they sign in with."""
    confirmed = EmailAddress.objects.filter(user__in=members.values("user"), verified=True).order_by("primary")
    return dict(confirmed.values_list("user", "email"))


@dataclass(frozen=True, slots=True)
class DueRow:
    """A claim in the e-mail: the number of its case, the scheme, the last day in words."""

    number: int
    scheme: str
    day: str
    passed: bool
    link: str


def _message(member: Membership, address: str, newest: int, today: date) -> EmailMessage | None:
    """The e-mail, in the office's language; None if there is no news for this member."""
    organisation = member.organisation
    changes = Change.objects.filter(
        organisation=organisation, seen=None, pk__gt=member.digest_change, pk__lte=newest
    ).order_by("pk")
    claims = (
        Claim.objects.filter(case__organisation=organisation, status=ClaimStatus.TO_FILE, due__lte=today + NEAR)
        .exclude(case__status=CaseStatus.CLOSED)
        .order_by("due", "pk")
    )
    changed, near = changes.count(), claims.count()
    if not changed and not _news(claims.values_list("due", flat=True), member.digest_told, today):
        return None
    with override(organisation.language):
        said = []
        if changed:
            says = ngettext("the law changed one case", "the law changed %(number)d cases", changed)
            said.append(says % {"number": changed})
        if near:
            says = ngettext("one last day to claim", "%(number)d last days to claim", near)
            said.append(says % {"number": near})
        subject = f"{organisation.name}: {', '.join(said)}"
        off = _link(member, "digest")
        text = render_to_string(
            "casework/digest.txt",
            {
                "organisation": organisation,
                "changes": _changes(member, changes, today),
                "more_changes": max(changed - MOST, 0),
                "claims": _claims(member, claims, today),
                "more_claims": max(near - MOST, 0),
                "law": _link(member, "law"),
                "cases": f"{_link(member, 'cases')}?due={NEAR.days}&order=due",
                "off": off,
            },
        )
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    headers = {
        "List-Unsubscribe": f"<{off}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no answer saying that somebody is on holiday
        "Message-ID": f"<digest.{member.pk}.{today.isoformat()}@{host}>",
    }
    return EmailMessage(" ".join(subject.split()), text, to=[address], headers=headers)


def _news(days: Iterable[date | None], told: date | None, today: date) -> bool:
    """Has one of these last days come nearer by a step since the member was told?"""
    return any(
        day is not None and (told is None or any(told + before < day <= today + before for before in REMINDS))
        for day in days
    )


def _changes(member: Membership, changes: QuerySet[Change], today: date) -> list[tuple[ChangeRow, str]]:
    """The changes with links: first those of the member's own cases."""
    own = list(with_cases(changes.filter(case__caseworker=member))[:MOST])
    others = with_cases(changes.exclude(case__caseworker=member))[: MOST - len(own)]
    found = change_rows([*own, *others], current.rulebook(), today)
    return [(row, _link(member, "case", row.change.case_id)) for row in found]


def _claims(member: Membership, claims: QuerySet[Claim], today: date) -> list[DueRow]:
    law = current.rulebook()
    return [
        DueRow(
            number=claim.case.number,
            scheme=rows.scheme_name(claim.scheme, law) or words.benefit(Benefit(claim.benefit)),
            day=words.day(claim.due),
            passed=claim.due < today,
            link=_link(member, "case", claim.case_id),
        )
        for claim in claims.select_related("case").defer("note", "case__name", "case__contacts")[:MOST]
        if claim.due is not None
    ]


def _link(member: Membership, name: str, *args: object) -> str:
    return str(settings.SITE_URL) + reverse(f"casework:{name}", args=[member.organisation.slug, *args])
