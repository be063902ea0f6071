"""A case on paper: the letter to the worker, and the evidence sheet."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from eligibility.casework import answering, paper
from eligibility.casework.desk import Desk, at_desk
from eligibility.casework.forms import open_statuses
from eligibility.casework.models import Case
from eligibility.vocabulary import Benefit


@require_safe
@at_desk()
def letter(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """What the worker takes home, in the worker's language and the office's."""
    return _paper(request, desk, desk.case(pk), paper.letter, "letter")


@require_safe
@at_desk()
def evidence(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """What convinces an office: every rule behind the answer, with its sources."""
    return _paper(request, desk, desk.case(pk), paper.evidence, "evidence")


def _paper(
    request: HttpRequest, desk: Desk, case: Case, make: Callable[[paper.Paper], bytes], name: str
) -> HttpResponse:
    stored = case.answer()
    holding = answering.holding(case, stored) if stored is not None else None
    if holding is None:
        raise Http404
    career, law = holding
    try:
        dues = [
            paper.Due(benefit=Benefit(claim.benefit), scheme=claim.scheme, by=claim.due, filed=claim.filed_on)
            for claim in case.claims.filter(status__in=open_statuses())
        ]
        file = make(
            paper.Paper(
                determination=answering.latest(career),
                rulebook=law,
                language=case.language,
                office_language=desk.organisation.language,
                organisation=desk.organisation.name,
                contacts=tuple(desk.organisation.letterhead.splitlines()),
                reference=_("Case %(number)d") % {"number": case.number},
                written=timezone.localdate(),
                worker=case.name,
                caseworker=str(case.caseworker or ""),
                dues=tuple(dues),
                career=career,
            )
        )
    except paper.PaperError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(desk.url("case", case.pk))
    desk.record("printed", case, what=name)
    response = HttpResponse(file, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="case-{case.number}-{name}.pdf"'
    return response
