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
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext, override
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

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

AGAIN = timedelta(minutes=15)
"""After so long it is tried again to reach a server that could not be reached, or that asked to wait."""

ONE_REFUSED = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError)
"""The server is there, and does not take this one e-mail. Any other OSError: it takes none."""

SALT = "casework.digest"

SENDS_NOTHING = "django.core.mail.backends.dummy.EmailBackend"


@dataclass
class Sent:
    """How many e-mails went out, and how many could not."""

    sent: int = 0
    failed: int = 0


def send(now: datetime) -> Sent:
    """Send today's e-mails that were not sent yet. An address that is refused is tried again at the next call, and
    keeps no other member from theirs. A server that cannot be reached, or that asks to wait, is tried again after
    `AGAIN`: nobody else's work waits for it meanwhile."""
    counted, today, wait = Sent(), timezone.localdate(now), False
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
        except Exception as error:
            # Neither the address nor what was to be said may stand in the log: the kind of the error must do.
            logger.error("The e-mail to membership %d could not be sent: %s", member.pk, type(error).__name__)
            counted.failed += 1
            Membership.objects.filter(pk=member.pk, digest_day=today).update(digest_day=member.digest_day)
            wait = wait or _passes(error)
            if isinstance(error, OSError) and not isinstance(error, ONE_REFUSED):
                break  # each of the others would wait for the server likewise
        else:
            Membership.objects.filter(pk=member.pk).update(digest_told=today, digest_change=newest)
    if wait:
        _later(now)
    return counted


@task()
def send_again() -> dict[str, int]:
    """`send` as a task."""
    return asdict(send(timezone.now()))


def _later(now: datetime) -> None:
    waiting = DBTaskResult.objects.filter(task_path=send_again.module_path, status=TaskResultStatus.READY)
    if not waiting.exists():
        send_again.using(run_after=now + AGAIN).enqueue()


def _passes(error: Exception) -> bool:
    """May the same e-mail be taken a little later? RFC 5321: a code of four hundred and something says so."""
    match error:
        case SMTPRecipientsRefused():
            return any(code < 500 for code, _said in error.recipients.values())
        case SMTPSenderRefused() | SMTPDataError():
            return error.smtp_code < 500
    return isinstance(error, OSError)


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
        off = settings.SITE_URL + reverse("casework:no_digest", args=[token_of(member)])
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
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        "Auto-Submitted": "auto-generated",  # RFC 3834: no answer saying that somebody is on holiday
        "Message-ID": f"<digest.{member.pk}.{today.isoformat()}@{host}>",
    }
    return EmailMessage(" ".join(subject.split()), text, to=[address], headers=headers)


def token_of(member: Membership) -> str:
    """What stands in the address with which this member stops the e-mail. It opens nothing else, and
    holds as long as the membership and SECRET_KEY: an e-mail may be read late. The next one brings a fresh address."""
    return signing.Signer(salt=SALT).sign_object(member.pk)


def member_of(token: str) -> Membership | None:
    """Whose token it is; None for a forged one, and a former member's."""
    try:
        pk = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    return Membership.objects.select_related("organisation", "user").filter(pk=pk, ended=None).first()


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
