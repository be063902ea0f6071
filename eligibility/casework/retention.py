"""How long things are kept, and the purge that ends it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from eligibility.casework import audit, turns
from eligibility.casework.models import (
    Case,
    CaseStatus,
    Claim,
    Import,
    Invitation,
    Note,
    Organisation,
    Stay,
    Worker,
)
from eligibility.engine.career import after_months

REMOVED = timedelta(days=1)
"""What was removed from a case can be brought back for so long."""

UPLOADS = timedelta(days=30)
"""An upload, its rows and its results."""

FINISHED_TASKS = 7  # days

AT_ONCE = 200
"""Cases that are deleted in one transaction, so that nobody waits long for the database."""


def new_period(organisation: Organisation) -> None:
    """Closed cases follow the organisation's `retention_months`, which was changed."""
    closed = Case.objects.filter(organisation=organisation, status=CaseStatus.CLOSED, closed_on__isnull=False)
    for day in closed.values_list("closed_on", flat=True).distinct().order_by("closed_on"):
        closed.filter(closed_on=day).update(keep_until=after_months(day, organisation.retention_months))


def purge(now: datetime) -> dict[str, int]:
    """Delete everything whose time is over; how many of each.

    Closed cases after their last day; what was removed from a case more than a day ago; uploads older than 30 days;
    invitations that were used or ran out; sessions that ran out; the results of tasks finished a week ago.
    """
    purged = {"cases": _cases(timezone.localdate(now))}
    for model in (Stay, Note, Claim):
        purged[f"{model._meta.model_name}s"] = model.all_rows.filter(removed__lt=now - REMOVED).delete()[0]
    # By key alone: nobody need unseal a file to delete it, nor hold it in memory.
    old = Import.objects.filter(created__lt=now - UPLOADS).values_list("pk", flat=True)
    purged["imports"] = sum(delete_imports([pk]) for pk in list(old))
    purged["invitations"] = Invitation.objects.filter(Q(used__isnull=False) | Q(until__lt=now)).delete()[0]
    SessionStore.clear_expired()
    sessions = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key"))
    purged["sessions"] = sessions.delete()[0]
    Worker.objects.filter(alive__lt=now - timedelta(days=1)).delete()
    call_command("prune_db_task_results", queue_name="*", min_age_days=FINISHED_TASKS, verbosity=0)
    return purged


def _cases(today: date) -> int:
    deleted = 0
    while batch := _some_cases(today):
        deleted += batch
    return deleted


@turns.turn()
def _some_cases(today: date) -> int:
    over = Case.objects.filter(status=CaseStatus.CLOSED, keep_until__lt=today).order_by("keep_until")
    # Locked, so that nobody opens one again meanwhile.
    batch = list(over.only("organisation").select_related("organisation").select_for_update(of=("self",))[:AT_ONCE])
    delete_cases(case.pk for case in batch)
    for case in batch:
        audit.record(case.organisation, audit.BY_ITSELF, "purged", case.pk)
    return len(batch)


def delete_cases(keys: Iterable[UUID]) -> None:
    """Delete cases with everything in them, without reading (and so without unsealing) any of it."""
    cases = Case.objects.filter(pk__in=list(keys)).only("pk")
    with transaction.atomic():
        # Locked first: whoever is changing one of them is waited for, and what they add goes as well.
        list(cases.select_for_update())
        cases.delete()


def delete_imports(keys: Iterable[UUID]) -> int:
    """Delete uploads with their rows and results, likewise; how many there were."""
    uploads = Import.objects.filter(pk__in=list(keys)).only("pk")
    with transaction.atomic():
        # Locked first: a job that opens cases from one of them is waited for, and finds nothing afterwards.
        list(uploads.select_for_update())
        _rows, by_model = uploads.delete()
    return by_model.get(Import._meta.label, 0)
