"""The answers that were given to a case, each with its edition, and proof that it comes out the same."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from eligibility import current
from eligibility.casework import answering
from eligibility.casework.desk import Desk, at_desk
from eligibility.rulebook.editions import EditionError


@require_safe
@at_desk()
def history(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """Every answer that was kept, the newest first."""
    case = desk.case(pk)
    context = {"desk": desk, "case": case, "answers": case.answers.select_related("by"), "law": current.rulebook()}
    return render(request, "casework/answers.html", context)


@require_safe
@at_desk(fresh=True)
def download(request: HttpRequest, desk: Desk, pk: UUID, answer: int) -> HttpResponse:
    """One stored answer as JSON, the very bytes."""
    case = desk.case(pk)
    stored = get_object_or_404(case.answers, pk=answer)
    desk.record("downloaded", case, what="answer")
    response = HttpResponse(answering.stored_body(stored), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="case-{case.number}-{stored.digest[:8]}.json"'
    return response


@require_POST
@at_desk()
def replay(request: HttpRequest, desk: Desk, pk: UUID, answer: int) -> HttpResponse:
    """Work a stored answer out again by its own edition, and say whether the same bytes come out."""
    case = desk.case(pk)
    stored = get_object_or_404(case.answers, pk=answer)
    try:
        law = current.law_of(stored.edition)
    except EditionError:
        messages.error(
            request, _("This installation has not kept the edition %(edition)s.") % {"edition": stored.edition}
        )
    else:
        found = answering.replay(stored, law)
        desk.record("replayed", case)
        if found.same:
            messages.success(request, _("Worked out again: the same answer, byte for byte."))
        elif found.wording_only:
            messages.warning(
                request, _("Worked out again: the same law and outcomes, but sentences are put differently today.")
            )
        else:
            messages.error(request, _("Worked out again: the answer differs. Please tell whoever runs this site."))
    return HttpResponseRedirect(desk.url("case_answers", pk))
