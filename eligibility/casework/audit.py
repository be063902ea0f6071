"""The audit trail: who did and saw what, in rows that nobody can alter unseen.

Each row carries the hash of the row before it (a hash chain, as in RFC 6962's idea of an append-only log): whoever
changes, removes or inserts a row in the database breaks the chain, and `first_break` finds where.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from eligibility.casework.models import Case, CaseStatus, ConsentHow, Event, KeptBecause, Organisation, Role
from eligibility.explain import words

SAID: dict[str, str | Promise] = {
    # Cases
    "saw": lazy("looked at the case"),
    "opened": lazy("opened the case"),
    "changed": lazy("changed the case"),
    "status": lazy("changed the status of the case"),
    "added": lazy("added to the case"),
    "removed": lazy("removed from the case"),
    "changed_part": lazy("changed a part of the case"),
    "printed": lazy("printed a paper of the case"),
    "restored": lazy("brought back what was removed from the case"),
    "told": lazy("answered a question of the case"),
    "answered": lazy("had the case answered anew"),
    "replayed": lazy("had an old answer worked out again"),
    "downloaded": lazy("downloaded something of the case"),
    "calendar": lazy("made or ended a link to the calendar"),
    "saw_change": lazy("marked what the law changed as seen"),
    "unsaw_change": lazy("marked what the law changed as not seen"),
    # Personal data
    "consented": lazy("recorded the worker's consent"),
    "withdrew": lazy("recorded that consent was withdrawn"),
    "exported": lazy("exported everything kept about the worker"),
    "erased": lazy("erased the case"),
    "purged": lazy("deleted the case, since its time was over"),
    "forgot_upload": lazy("deleted an upload that named an erased worker"),
    # Many at once
    "uploaded": lazy("uploaded a file with many cases"),
    "began_upload": lazy("had an upload answered"),
    "stopped_upload": lazy("stopped the work on an upload"),
    "took_results": lazy("downloaded the results of an upload"),
    "took_faults": lazy("downloaded the rows of an upload that could not be read"),
    "deleted_upload": lazy("deleted an upload"),
    # The organisation
    "invited": lazy("invited somebody"),
    "revoked_invitation": lazy("took back an invitation"),
    "joined": lazy("became a member"),
    "changed_role": lazy("changed a member's role"),
    "ended_membership": lazy("ended a membership"),
    "changed_settings": lazy("changed the organisation's settings"),
    "digest": lazy("turned the e-mail about changes on or off"),
    "took_numbers": lazy("downloaded the numbers"),
}
"""What a member did, in words that follow their name."""

BY_ITSELF = ""
"""`who` of what no member did: the site itself, when a case's time was over."""

LOOKS_AGAIN = timedelta(minutes=10)
"""Whoever looks at the same case again within this time is noted once."""


def record(organisation: Organisation, who: str, did: str, case: UUID | None = None, **detail: Any) -> Event:
    """Write one row. `did` is a word of `SAID`; `detail` names things (fields, counts, roles), never their content."""
    return record_each(organisation, who, did, [case], detail)[0]


def record_each(
    organisation: Organisation, who: str, did: str, about: Iterable[UUID | None], detail: Mapping[str, Any]
) -> list[Event]:
    """Write one row for each of the cases, in their order."""
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)  # one row after the other
        last = newest(organisation)
        before, at = last.digest if last else "", timezone.now()
        rows = []
        for case in about:
            row = Event(organisation=organisation, at=at, who=who, did=did, case=case, detail=detail, before=before)
            before = row.digest = digest_of(row)
            rows.append(row)
        return Event.objects.bulk_create(rows)


def record_look(organisation: Organisation, who: str, case: UUID) -> None:
    """Note that somebody saw a case, once in `LOOKS_AGAIN`."""
    since = timezone.now() - LOOKS_AGAIN
    if not Event.objects.filter(organisation=organisation, case=case, who=who, did="saw", at__gt=since).exists():
        record(organisation, who, "saw", case)


def digest_of(event: Event) -> str:
    """The SHA-256 of everything that the row says, and of the row before it."""
    parts: Mapping[str, Any] = {
        "organisation": event.organisation_id,
        "at": _instant(event.at),
        "who": event.who,
        "did": event.did,
        "case": str(event.case) if event.case else None,
        "detail": event.detail,
        "before": event.before,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def first_break(organisation: Organisation) -> Event | None:
    """The first row whose chain is broken; None if all rows are as they were written.

    A chain cannot tell that its newest rows were cut off. Whoever noted the digest of the newest row can: it must
    still be among the rows (`manage.py audit verify --seen`).
    """
    before = ""
    for event in Event.objects.filter(organisation=organisation).order_by("pk").iterator():
        if event.before != before or event.digest != digest_of(event):
            return event
        before = event.digest
    return None


def newest(organisation: Organisation) -> Event | None:
    """The last row; its digest stands for the whole trail so far."""
    return Event.objects.filter(organisation=organisation).order_by("-pk").first()


@dataclass(frozen=True, slots=True)
class Said:
    """One row of the trail in words. `who` is "" for the site itself; `case` None where no case is meant or where it
    is no more; `detail` what the row names besides."""

    event: Event
    who: str
    did: str
    case: Case | None
    detail: str


def events(organisation: Organisation, **given: Any) -> QuerySet[Event]:
    """The organisation's trail, the newest row first; `given` narrows it by `who`, `did`, `case`, `at__gte`, ...: what
    is None or "" does not."""
    chosen = {name: value for name, value in given.items() if value not in (None, "")}
    return Event.objects.filter(organisation=organisation, **chosen).order_by("-pk")


def said(rows: Iterable[Event]) -> list[Said]:
    """The rows in words, with the cases that are still there."""
    found = list(rows)
    wanted = {event.case for event in found if event.case}
    # Without the name and the contacts: the trail does not show them, so nobody need unseal them.
    cases = Case.objects.filter(pk__in=wanted).only("number", "pseudonym", "organisation").in_bulk()
    return [
        Said(
            event=event,
            who=event.who,
            did=str(SAID.get(event.did, event.did)),
            case=cases.get(event.case) if event.case else None,
            detail=_named(event.detail),
        )
        for event in found
    ]


def of_case(organisation: Organisation, case: UUID, most: int = 8) -> list[Said]:
    """The last things that happened to one case, for its page (templates/casework/_events.html)."""
    return said(events(organisation, case=case)[:most])


THINGS: dict[str, str | Promise] = {
    "letter": lazy("Letter"),
    "evidence": lazy("Evidence sheet"),
    "answer": lazy("The answer"),
    "stay": lazy("A time of work"),
    "note": lazy("A note"),
    "claim": lazy("A claim"),
    **dict((*CaseStatus.choices, *Role.choices, *ConsentHow.choices, *KeptBecause.choices)),
    **{
        field.name: field.verbose_name
        for model in (Organisation, Case)
        for field in model._meta.concrete_fields
        if isinstance(field.verbose_name, Promise)
    },
}
"""What the details of a row name, in words."""


COUNTED: dict[str, str | Promise] = {"rows": lazy("Rows"), "number": lazy("Count")}


TOLD_LAST = ("to", "was", "of", "rows", "cases")
"""Details that come after all others, in this order: PostgreSQL keeps none."""


def _named(detail: Mapping[str, Any]) -> str:
    in_order = sorted(detail, key=lambda name: (TOLD_LAST.index(name) if name in TOLD_LAST else -1, name))
    return "; ".join(told for name in in_order if (told := _told(name, detail[name])))


def _told(name: str, value: Any) -> str:
    """One detail in words: no code word, no bare yes or no. "" for what need not be said."""
    match name, value:
        case "bytes", int():
            return words.size(value)
        case "of", str():  # the day on which a file was sent in
            return words.short_day(date.fromisoformat(value))
        case "on", bool():
            return _("turned on") if value else _("turned off")
        case "cases", bool():
            return _("Also open a case for each row") if value else ""
        case "kept", str():
            return str(dict(KeptBecause.choices).get(value) or _("An owner must erase the case."))
        case "was", str():  # stands behind the role that came instead
            return f"← {_listed(value)}"
        case "form", str():
            return value.upper()
        case _ if name in COUNTED:
            return f"{COUNTED[name]}: {value}"
    return _listed(value)


def _listed(value: Any) -> str:
    return ", ".join(_in_words(one) for one in (value if isinstance(value, list) else [value]))


def _in_words(value: Any) -> str:
    if value is True or value is False or value == "no":
        return _("yes") if value is True else _("no")
    return str(THINGS.get(value, value))
