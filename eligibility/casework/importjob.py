"""The work on an upload, in the background: its rows are cut into chunks, and one chunk after the other is answered.

All of a chunk is written in one transaction: its results, the cases that its rows open, and that it is done. A worker
that is killed leaves the chunk as it was, and two workers at one chunk cannot both write it. What a task is given is
the upload's number in the database and nothing else.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task

from eligibility import bulk, current
from eligibility.bulk.storing import facts_data
from eligibility.casework import audit, turns
from eligibility.casework.changing import New, insert, pseudonym_of
from eligibility.casework.models import Case, Import, ImportChunk, ImportStatus, Membership, Organisation, Role, Stay
from eligibility.engine import CaseError
from eligibility.rulebook import Rulebook
from eligibility.rulebook.editions import EditionError

logger = logging.getLogger(__name__)

ROWS = 1_000
"""Rows in a chunk."""

ROWS_WITH_CASES = 50
"""The same where each row opens a case: nobody else can write while they are inserted."""

SECONDS = 20.0
"""How long a task works before it queues up again, behind whatever waits: the daily chores, other people's uploads."""

LONGEST_PSEUDONYM = Case._meta.get_field("pseudonym").max_length or 0


class Failed(Exception):
    """The work broke down. Says where, and nothing of the rows: the database keeps what a task says when it fails."""


@task()
def answer(upload: str) -> str:
    """Work on an upload for a while, and queue up again if more is to be done. Raises Failed; and OperationalError
    where the database cannot be had, so that the worker tries again."""
    pk = UUID(upload)
    try:
        state = work_on(pk, time.monotonic() + SECONDS)
    except OperationalError:
        raise
    except Exception as error:
        Import.objects.filter(pk=pk, status=ImportStatus.RUNNING).update(status=ImportStatus.STOPPED)
        raise Failed(_where(error)) from None
    if state == "more":
        answer.enqueue(upload)
    return state


def _where(error: Exception) -> str:
    """The kind of an error and its places in our code, without its message: that may repeat what stands in a row."""
    places = [f"{one.filename}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)]
    return f"{type(error).__name__} at {' < '.join(reversed(places[-5:]))}"


def work_on(pk: UUID, until: float) -> str:
    """Answer chunks until the monotonic clock says `until`: "more" if some are left, "done", or "ended" if nothing is
    to be done (any more): stopped, deleted, its law lost, or another worker is at it."""
    uploads = Import.objects.select_related("organisation", "by")
    upload = uploads.filter(pk=pk, status=ImportStatus.RUNNING).first()
    if upload is None:
        return "ended"
    running = Import.objects.filter(pk=pk, status=ImportStatus.RUNNING)
    running.update(alive=timezone.now())
    try:
        law = current.law_of(upload.edition)
    except EditionError:
        # The page of the upload says why: it finds the edition as little.
        running.update(status=ImportStatus.STOPPED)
        return "ended"
    if not upload.chunks.exists():
        _cut(upload, law)
    with bulk.undisturbed():
        return _go_on(upload, bulk.Answering(law, upload.language), until)


def _go_on(upload: Import, answering: bulk.Answering, until: float) -> str:
    """What `work_on` does once the rows are cut."""
    last = -1
    while True:
        waiting = ImportChunk.objects.filter(of=upload, number__gt=last, done=None)
        chunk = waiting.order_by("number").defer("results").first()
        if chunk is None:
            running = Import.objects.filter(pk=upload.pk, status=ImportStatus.RUNNING)
            return "done" if running.update(status=ImportStatus.DONE, finished=timezone.now()) else "ended"
        rows = bulk.unpack_rows(chunk.rows)
        if not _keep(upload, chunk, rows, bulk.pack(answering.chunk(rows))):
            return "ended"
        last = chunk.number
        if time.monotonic() >= until:
            return "more"


def rows_in_a_chunk(upload: Import) -> int:
    """How many rows of the file a chunk stands for, good and bad."""
    return ROWS_WITH_CASES if upload.opens_cases else ROWS


def _cut(upload: Import, law: Rulebook) -> None:
    """Read the file and keep its good rows in chunks, all or none. Of two workers only one writes."""
    mapping = bulk.Mapping(tuple(upload.mapping["fields"]))
    today = timezone.localdate(upload.started)
    size = rows_in_a_chunk(upload)
    pieces: list[ImportChunk] = []
    good = bad = 0
    for piece in bulk.chunks(bulk.open_sheet(upload.file.content, law), mapping, law, today, size):
        good, bad = good + len(piece.good), bad + len(piece.bad)
        if piece.good:
            pieces.append(ImportChunk(of=upload, number=piece.number, rows=bulk.pack_rows(piece.good)))
    with transaction.atomic():
        kept = _locked(upload.pk)
        if kept is not None and not kept.chunks.exists():
            ImportChunk.objects.bulk_create(pieces, batch_size=100)
            Import.objects.filter(pk=upload.pk).update(good=good, bad=bad, alive=timezone.now())


def _locked(pk: UUID) -> Import | None:
    """The upload, locked; None if it was stopped or deleted meanwhile."""
    uploads = Import.objects.select_for_update(of=("self",))
    return uploads.filter(pk=pk, status=ImportStatus.RUNNING).first()


def _keep(upload: Import, chunk: ImportChunk, rows: Sequence[bulk.Row], results: bytes) -> bool:
    """Write what came of a chunk, all or nothing; whether it was still to be done. What takes long, the answers of the
    cases that it opens, is worked out before the database is locked."""
    now = timezone.now()
    new = _new_cases(upload, rows) if upload.opens_cases else []
    with turns.turn():
        waiting = ImportChunk.objects.filter(pk=chunk.pk, done=None)
        if _locked(upload.pk) is None or not waiting.update(results=results, done=now):
            return False
        if upload.opens_cases:
            _open_cases(upload, new)
        Import.objects.filter(pk=upload.pk).update(answered=F("answered") + len(rows), alive=now)
    return True


# --- Cases from rows --------------------------------------------------------------------------------------------------


def no_case(row: bulk.Row, today: date) -> str:
    """Why a row cannot open a case, as a word; "" if it can. A case needs a pseudonym and a first day of work."""
    pseudonym = pseudonym_of(row.reference)
    if not pseudonym:
        return "no_reference"
    if len(pseudonym) > LONGEST_PSEUDONYM:
        return "long_reference"
    if row.from_ is None:
        return "no_first_day"
    return "not_begun" if row.from_ > today else ""


def _new_cases(upload: Import, rows: Sequence[bulk.Row]) -> list[New]:
    """A case for each row that can have one and whose reference is not a case's pseudonym already, none written yet. A
    case is answered by the law of today, as any case is, and never has two rows in the same upload."""
    today, taken = timezone.localdate(), _taken(upload.organisation, (pseudonym_of(row.reference) for row in rows))
    found = []
    for row in rows:
        if no_case(row, today) or pseudonym_of(row.reference) in taken:
            continue
        case, stay = _case_of(row)
        case.organisation, case.came_from, case.language = upload.organisation, upload, upload.language
        try:
            found.append(New(case, [stay], upload.by))
        except CaseError:  # today's law does not know the country any more, or the like
            continue
        taken.add(case.pseudonym)
    return found


def _open_cases(upload: Import, new: Sequence[New]) -> None:
    """Write the cases, without those that somebody else has opened meanwhile."""
    # Locked before looking, so that no other upload opens a case with the same reference.
    organisation = Organisation.objects.select_for_update().get(pk=upload.organisation_id)
    taken = _taken(organisation, (one.case.pseudonym for one in new))
    new = [one for one in new if one.case.pseudonym not in taken]
    member = Membership.objects.filter(organisation=organisation, user=upload.by_id, ended=None).first()
    for one in new:
        one.case.caseworker = member if member is not None and member.may(Role.CASEWORKER) else None
    insert(organisation, new)
    who = str(upload.by.email or upload.by.get_username()) if upload.by else audit.BY_ITSELF
    audit.record_each(organisation, who, "opened", [one.case.pk for one in new], {})


def _taken(organisation: Organisation, pseudonyms: Iterable[str]) -> set[str]:
    """Which of them are cases' pseudonyms already."""
    known = Case.objects.filter(organisation=organisation, pseudonym__in=set(pseudonyms))
    return set(known.values_list("pseudonym", flat=True))


def _case_of(row: bulk.Row) -> tuple[Case, Stay]:
    """A row as a case and its stay, neither written yet."""
    asked = row.case
    facts: dict[str, Any] = facts_data(asked)
    months, at_home = facts.pop("months_contributed", None), facts.pop("months_contributed_home", None)
    stay = Stay(
        destination=asked.destination,
        sector=asked.sector.value,
        status=asked.status.value,
        began=row.from_,
        ended=row.until,
        months=months,
        facts=facts,
    )
    return Case(pseudonym=pseudonym_of(row.reference), origin=asked.origin, months_at_home=at_home), stay
