"""What a case is made of: stays, answers to questions, notes, claims. What is removed can be brought back for a day."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from eligibility import current
from eligibility.casework import answering
from eligibility.casework.changing import ChangedMeanwhile, changing
from eligibility.casework.desk import Desk, at_desk
from eligibility.casework.forms import ClaimForm, NoteForm, StayForm
from eligibility.casework.models import Case, Claim, ClaimStatus, Note, Role, Stay
from eligibility.casework.views.cases import WRONG, blame, case_context, refusing
from eligibility.engine import CaseError
from eligibility.engine.case import Fault, read_facts

KINDS: dict[str, type[Any]] = {"stay": Stay, "note": Note, "claim": Claim}
"""What can be removed and brought back, by the word in its address."""

FIELDS = {"stay": StayForm.Meta.fields, "note": NoteForm.Meta.fields, "claim": ClaimForm.Meta.fields}
"""What a form says of each."""


PRESSES = timedelta(minutes=1)
"""Between two presses of one button. The same note may well be written again later."""


class Twice(Exception):
    """Just this was added a moment ago: the button was pressed twice."""


def _to_case(desk: Desk, pk: UUID, part: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(desk.url("case", pk) + (f"#{part}" if part else ""))


def _again(request: HttpRequest, desk: Desk, pk: UUID, **forms: Any) -> HttpResponse:
    """The case's page with what was filled in wrongly still in place."""
    return render(request, "casework/case.html", case_context(desk, desk.case(pk), **forms), status=WRONG)


def _form(kind: str, desk: Desk, case: Case, row: Any, data: Any) -> Any:
    law, today = current.rulebook(), timezone.localdate()
    makers: dict[str, Callable[[], Any]] = {
        "stay": lambda: StayForm(law, case.origin, today, data, instance=row),
        "note": lambda: NoteForm(data, instance=row),
        "claim": lambda: ClaimForm(case, law, data, instance=row),
    }
    return makers[kind]()


def _state(row: models.Model) -> str:
    """A digest of what a row holds: another one when somebody has changed it since a form was opened."""
    held = [str(field.value_from_object(row)) for field in row._meta.concrete_fields]
    return hashlib.sha256("\0".join(held).encode()).hexdigest()[:16]


def _save(desk: Desk, pk: UUID, kind: str, row: models.Model, did: str, state: str | None = None) -> None:
    """Write a part. `state` is the one that a form was opened with. Raises CaseError, ChangedMeanwhile and Twice."""
    with changing(desk, pk, did, part=kind) as case:
        if row.pk is not None:
            now = KINDS[kind].objects.filter(case=pk, pk=row.pk).first()
            if now is None or _state(now) != state:
                raise ChangedMeanwhile
        row.case = case  # type: ignore[attr-defined]
        if isinstance(row, Note) and row.pk is None:
            row.by = desk.membership.user
        if row.pk is None and _there(kind, row):
            raise Twice
        if isinstance(row, Claim):
            _dated(row)
        row.save()


def _there(kind: str, row: models.Model) -> bool:
    """Whether the last part of this kind in the case says the same as a new one."""
    last = KINDS[kind].objects.filter(case=row.case).order_by("pk").last()  # type: ignore[attr-defined]
    if last is None or (isinstance(row, Note) and (last.by != row.by or last.at < row.at - PRESSES)):
        return False
    return all(getattr(last, name) == getattr(row, name) for name in FIELDS[kind])


def _dated(claim: Claim) -> None:
    """Note the day on which a claim was filed or decided. One that was dropped need never have been filed."""
    today, status = timezone.localdate(), ClaimStatus(claim.status)
    if status is ClaimStatus.TO_FILE:
        claim.filed_on = None
    elif status is not ClaimStatus.DROPPED:
        claim.filed_on = claim.filed_on or today
    claim.decided_on = None if status.open else claim.decided_on or today


@require_POST
@at_desk(Role.CASEWORKER)
def add(request: HttpRequest, desk: Desk, pk: UUID, kind: str) -> HttpResponse:
    """A stay, a note or a claim more."""
    case = desk.case(pk)
    form = _form(kind, desk, case, None, request.POST)
    if form.is_valid():
        try:
            with suppress(Twice):
                _save(desk, pk, kind, form.save(commit=False), "added")
        except CaseError as error:
            blame(form, error)
        else:
            return _to_case(desk, pk, f"{kind}s")
    return _again(request, desk, pk, **{f"{kind}_form": form, "open": kind})


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Role.CASEWORKER)
def edit(request: HttpRequest, desk: Desk, pk: UUID, kind: str, part: int) -> HttpResponse:
    """Change a stay, a note or a claim."""
    case = desk.case(pk)
    row = get_object_or_404(KINDS[kind], case=case, pk=part)
    state = _state(row)
    data = request.POST if request.method == "POST" else None
    form = _form(kind, desk, case, row, data)
    if data is not None and form.is_valid():
        try:
            _save(desk, pk, kind, form.save(commit=False), "changed_part", data.get("state", state))
        except ChangedMeanwhile:
            form.add_error(
                None, _("Somebody else changed this meanwhile. What you wrote is still here: look, then save again.")
            )
        except CaseError as error:
            blame(form, error)
        else:
            return _to_case(desk, pk, f"{kind}s")
    context = {"desk": desk, "case": case, "form": form, "kind": kind, "part": part, "state": state}
    return render(request, "casework/part.html", context, status=WRONG if data is not None else 200)


@require_POST
@at_desk(Role.CASEWORKER)
@refusing
def remove(request: HttpRequest, desk: Desk, pk: UUID, kind: str, part: int) -> HttpResponse:
    """Take a part away; the notice that follows offers to bring it back."""
    row = get_object_or_404(KINDS[kind].all_rows, case=desk.case(pk), pk=part)
    if row.removed is None:  # else the button was pressed twice
        with changing(desk, pk, "removed", part=kind):
            KINDS[kind].objects.filter(case=pk, pk=part).update(removed=timezone.now())
    undo = desk.url("case_restore", pk, kind, part)
    messages.success(request, _("Removed."), extra_tags=undo)
    return _to_case(desk, pk, f"{kind}s")


@require_POST
@at_desk(Role.CASEWORKER)
@refusing
def restore(request: HttpRequest, desk: Desk, pk: UUID, kind: str, part: int) -> HttpResponse:
    """Bring back what was removed."""
    get_object_or_404(KINDS[kind].all_rows, case=desk.case(pk), pk=part)
    with changing(desk, pk, "restored", part=kind):
        KINDS[kind].all_rows.filter(case=pk, pk=part).update(removed=None)
    return _to_case(desk, pk, f"{kind}s")


@require_POST
@at_desk(Role.CASEWORKER)
@refusing
def claim(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """Make a claim of what the ledger holds: `scheme` is one that it says can be claimed."""
    case = desk.case(pk)
    stored = case.answer()
    holding = answering.holding(case, stored) if stored is not None else None
    if holding is None:
        raise Http404
    wanted = request.POST.get("scheme")
    one = next((one for one in answering.claimable(holding[0]) if one.scheme == wanted), None)
    if one is not None:
        with changing(desk, pk, "added", part="claim") as case:
            if not case.claims.filter(scheme=one.scheme).exists():
                case.claims.create(benefit=one.benefits[0], scheme=one.scheme, due=one.due)
    return _to_case(desk, pk, "claims")


@require_POST
@at_desk(Role.CASEWORKER)
@refusing
def tell(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """An answer to one of the questions that could change something; an empty one takes it back."""
    desk.case(pk)
    name, law = request.POST.get("fact", ""), current.rulebook()
    given = request.POST.get("value", "").strip()
    faults: list[Fault] = []
    facts = read_facts({name: given} if given else {}, law, faults)
    if faults or name not in law.facts:
        messages.error(request, "; ".join(map(str, faults)) or _("This question is not asked any more."))
        return _to_case(desk, pk, "questions")
    with changing(desk, pk, "told", fact=name) as case:
        stay = case.stays.order_by("began", "pk").last()
        if name == "months_contributed_home":
            case.months_at_home = facts.get(name)  # type: ignore[assignment]
        elif stay is not None and name == "months_contributed":
            stay.months = facts.get(name)
            stay.save()
        elif stay is not None:
            others = {fact: value for fact, value in stay.facts.items() if fact != name}
            value = facts.get(name)
            told = {} if value is None else {name: sorted(value) if isinstance(value, frozenset) else value}
            stay.facts = others | told
            stay.save()
    return _to_case(desk, pk, "answer")
