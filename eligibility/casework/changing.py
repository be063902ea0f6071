"""Every change of a case goes through here: row, search marks, answer and audit trail in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core import signing
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from eligibility import current
from eligibility.bulk.values import without_turns
from eligibility.casework import answering, keys
from eligibility.casework.desk import Desk
from eligibility.casework.models import (
    Case,
    CaseStatus,
    CaseWord,
    Claim,
    ClaimStatus,
    Membership,
    Organisation,
    Stay,
    StoredAnswer,
)
from eligibility.engine.career import after_months

REOPENED = "casework.reopened"
"""Salt, so that nothing else that is signed passes for an undo."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the case since the form was opened."""


@contextmanager
def changing(desk: Desk, pk: Any, did: str, version: int | None = None, **detail: Any) -> Iterator[Case]:
    """The case, locked, to be changed inside the `with`; saved, answered again and noted at its end.

    `version` is the one that the form was opened with. Raises Http404 for another organisation's case, CaseError where
    the law cannot answer what was told, and ChangedMeanwhile; then nothing at all is written.
    """
    with transaction.atomic():
        desk.cases.select_for_update().filter(pk=pk).first()
        case = desk.case(pk)
        if version is not None and case.version != version:
            raise ChangedMeanwhile
        yield case
        settle(case, desk.membership.user)
        desk.record(did, case, **detail)


def create(desk: Desk, case: Case, stays: list[Stay], did: str = "opened") -> Case:
    """A new case with its stays, under the key that it has. Inside or outside a transaction; all of it is written or
    nothing. Raises CaseError."""
    with transaction.atomic():
        case.organisation = desk.organisation
        insert(desk.organisation, [New(case, stays, desk.membership.user)])
        desk.record(did, case)
    return case


class New:
    """A case that has no row yet, with its stays, one at least, and its answer. Raises CaseError where the law cannot
    answer what was told; then nothing of it must be written."""

    def __init__(self, case: Case, stays: Sequence[Stay], by: Any) -> None:
        self.case, self.stays = case, sorted(stays, key=lambda stay: stay.began)
        _show(case, self.stays[-1])
        self.answer = answering.first(case, self.stays, current.rulebook(), by)
        for stay in stays:
            stay.case = case


def insert(organisation: Organisation, new: Sequence[New]) -> None:
    """Write new cases of an organisation, each with its stays, its answer and its search marks. Inside a transaction;
    notes nothing in the trail."""
    for one, number in zip(new, organisation.next_numbers(len(new)), strict=True):
        one.case.number = number
    Case.objects.bulk_create([one.case for one in new])
    Stay.objects.bulk_create([stay for one in new for stay in one.stays])
    StoredAnswer.objects.bulk_create([one.answer for one in new])
    CaseWord.objects.bulk_create([word for one in new for word in _words(one.case, _marks(one.case))])


def pseudonym_of(text: str) -> str:
    """What somebody wrote, as the pseudonym that it becomes: the same from a form and from a row of a file."""
    return " ".join(without_turns(text).split())


def settle(case: Case, by: Any) -> None:
    """Make everything kept beside a case fit it again, and save it."""
    _show(case, case.stays.order_by("began", "pk").last())
    answering.store(case, current.rulebook(), by)
    case.next_due = next_due(case)
    case.changed = timezone.now()
    case.version += 1
    case.save()
    mark_words(case)


def _show(case: Case, last: Stay | None) -> None:
    """Note on the case what lists of cases show of its last stay."""
    case.destination = last.destination if last else ""
    case.sector = last.sector if last else ""
    case.work_status = last.status if last else ""


def closing(case: Case, today: date, undo: str = "") -> None:
    """Note the day on which a case was closed, and until when it is kept; forget both when it is opened again.

    `undo` of a reopening (`reopened`) gives it its day back: by a day of today it would be kept longer than promised.
    """
    if case.status == CaseStatus.CLOSED:
        case.closed_on = case.closed_on or _closed_before(case, undo) or today
        case.keep_until = after_months(case.closed_on, case.organisation.retention_months)
    else:
        case.closed_on = case.keep_until = None


def reopened(case: Case, closed_on: date) -> str:
    """What undoes the opening of a case that was closed on that day, as long as nothing else changes the case.

    It goes through the browser, so it is signed: a day long past would have the case deleted the next night."""
    return signing.dumps([str(case.pk), case.version, closed_on.isoformat()], salt=REOPENED)


def _closed_before(case: Case, undo: str) -> date | None:
    try:
        pk, version, day = signing.loads(undo, salt=REOPENED)
    except signing.BadSignature:
        return None
    return date.fromisoformat(day) if (pk, version) == (str(case.pk), case.version) else None


def next_due(case: Case) -> Any:
    """The nearest last day of the claims that are still to be filed."""
    waiting = Claim.objects.filter(case=case, status=ClaimStatus.TO_FILE, due__isnull=False)
    return waiting.aggregate(nearest=Min("due"))["nearest"]


def mark_words(case: Case) -> None:
    """Keep a search mark for each word of the name and the contacts, and for no other."""
    wanted = _marks(case)
    had = set(case.words.values_list("mark", flat=True))
    if wanted - had:
        CaseWord.objects.bulk_create(_words(case, wanted - had))
    if had - wanted:
        case.words.filter(mark__in=had - wanted).delete()


def _marks(case: Case) -> set[str]:
    return set(keys.marks([*keys.words_of(case.name), *keys.words_of(case.contacts)]))


def _words(case: Case, marks: Iterable[str]) -> list[CaseWord]:
    return [CaseWord(case=case, organisation_id=case.organisation_id, mark=mark) for mark in sorted(marks)]


def caseworkers(desk: Desk) -> Any:
    """The members who can have cases."""
    return (
        Membership.objects.select_related("user")
        .filter(organisation=desk.organisation, ended=None)
        .exclude(role="reader")
    )
