"""Side by side: up to three variants beside a case as it is. Nothing of the case changes."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from eligibility.casework import answering
from eligibility.casework.comparing import MOST, Variant, columns, joinable, lines
from eligibility.casework.desk import Desk, at_desk
from eligibility.explain import asking, words


@require_safe
@at_desk()
def compare(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """The variants stand in the address (`destination1`, `status1`, …): words of the law, nothing of the worker."""
    case = desk.case(pk)
    stored = case.answer()
    holding = answering.holding(case, stored) if stored is not None else None
    if holding is None:
        raise Http404
    base, law = answering.latest(holding[0]), holding[1]
    asked = [_variant(request.GET, number) for number in range(1, MOST)]
    found = columns(base, [variant for variant in asked if not variant.empty], law)
    shown = [*(variant for variant in asked if not variant.empty)]
    blank = [Variant()] if len(shown) < MOST - 1 else []
    schemes = [(one.id, words.scheme(one)) for one in joinable(found)]
    context = {
        "desk": desk,
        "case": case,
        "columns": found,
        "lines": lines(found),
        "fields": list(enumerate([*shown, *blank], 1)),
        "blank": bool(blank),
        "choices": {name: asking.options(name, law, case.origin) for name in ("destination", "sector", "status")},
        "schemes": schemes,
    }
    return render(request, "casework/compare.html", context)


def _variant(query: QueryDict, number: int) -> Variant:
    def word(name: str) -> str:
        return query.get(f"{name}{number}", "").strip()[:40]

    day = word("on")
    try:
        date.fromisoformat(day)
    except ValueError:
        day = ""
    return Variant(word("destination"), word("sector"), word("status"), day, tuple(query.getlist(f"joins{number}")))
