"""The audit trail: who did and saw what, in rows that nobody can alter unseen.

Each row carries the hash of the row before it (a hash chain, as in RFC 6962's idea of an append-only log): whoever
changes, removes or inserts a row in the database breaks the chain, and `first_break` finds where.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from eligibility.casework.models import Event, Organisation

LOOKS_AGAIN = timedelta(minutes=10)
"""Whoever looks at the same case again within this time is noted once."""


def record(organisation: Organisation, who: str, did: str, case: UUID | None = None, **detail: Any) -> Event:
    """Write one row. `did` is a word of `SAID`; `detail` names things (fields, counts, roles), never their content."""
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)  # one row after the other
        last = Event.objects.filter(organisation=organisation).order_by("-pk").first()
        event = Event(
            organisation=organisation,
            at=timezone.now(),
            who=who,
            did=did,
            case=case,
            detail=detail,
            before=last.digest if last else "",
        )
        event.digest = digest_of(event)
        event.save(force_insert=True)
    return event


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
    return at.astimezone(timezone.get_default_timezone()).isoformat(timespec="microseconds")


def first_break(organisation: Organisation) -> Event | None:
    """The first row whose chain is broken; None if all rows are as they were written."""
    before = ""
    for event in Event.objects.filter(organisation=organisation).order_by("pk").iterator():
        if event.before != before or event.digest != digest_of(event):
            return event
        before = event.digest
    return None
