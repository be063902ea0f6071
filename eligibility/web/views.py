"""The worker's pages: four questions, one answer, and the law behind it.

What a worker tells goes from the form into a signed cookie and back; nothing else keeps it.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import current
from eligibility.engine import CaseError, determine, make_case
from eligibility.explain import words
from eligibility.web import answers as kept
from eligibility.web.answerpage import AnswerPage, Slip, build, short, tell
from eligibility.web.answers import Answers
from eligibility.web.forms import FourQuestions, country_names
from eligibility.web.lawpage import agreement_links, rule_page, schemes_of

NOTICES = ("ended", "deleted")
WRONG = 422  # the form is well made, its content is not


class SeeOther(HttpResponseRedirect):
    """After a form: look there, with GET."""

    status_code = 303


def _private(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page that may hold answers: no browser and no proxy may keep it."""
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The four questions, filled in with what was answered before."""
    law, today = current.rulebook(), timezone.localdate()
    before = kept.read(request)
    if request.method == "POST":
        form = FourQuestions(law, today, request.POST)
        if form.is_valid():
            four = form.cleaned_data
            # Further facts stay true for the same corridor; for another one they are asked anew.
            same = before is not None and all(getattr(before, role) == four[role] for role in ("origin", "destination"))
            response = SeeOther(reverse("web:answer"))
            response["Cache-Control"] = "no-store"
            kept.keep(
                response,
                Answers(**four, facts=before.facts, unknown=before.unknown) if before and same else Answers(**four),
            )
            return response
    else:
        form = FourQuestions(law, today, initial=before.four() if before else {})
    notice = request.GET.get("answers", "")
    context = {
        "form": form,
        "questions": form.questions(),
        "covered": form.covered(),
        "notice": notice if notice in NOTICES else "",
        "before": before,
    }
    return _private(request, "web/start.html", context, WRONG if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """The answer to what the cookie holds. A POST tells one more fact and comes back here."""
    law = current.rulebook()
    told = kept.read(request)
    page = _page(told) if told else None
    if told is None or page is None:
        return _start_again("ended")
    slip: Slip | None = None
    if request.method == "POST":
        result = tell(told, request.POST.dict(), law)
        if isinstance(result, Answers):
            response = SeeOther(reverse("web:answer"))
            response["Cache-Control"] = "no-store"
            kept.keep(response, result)
            return response
        if not page.asks(result.fact):
            return SeeOther(reverse("web:answer"))
        slip = result
        page = _page(told, slip) or page
    context = {"page": page, "open": "open" in request.GET or slip is not None}
    return _private(request, "web/answer.html", context, WRONG if slip else 200)


def _page(told: Answers, slip: Slip | None = None) -> AnswerPage | None:
    """The answer page, or None where the answers fit no case any more: the law's edition changed under them."""
    law = current.rulebook()
    if not law.facts.keys() >= {*told.facts, *told.unknown}:
        return None
    try:
        case = make_case({**told.four(), "facts": told.facts}, law, timezone.localdate())
    except CaseError:
        return None
    return build(determine(case, law), law, told, slip)


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Delete the answers."""
    return _start_again("deleted")


def _start_again(notice: str) -> HttpResponse:
    response = SeeOther(f"{reverse('web:start')}?answers={notice}")
    response["Cache-Control"] = "no-store"
    kept.drop(response)
    return response


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    law = current.rulebook()
    context = {
        "origins": country_names(law, "origin"),
        "destinations": country_names(law, "destination"),
        "edition": short(law.edition),
        "full_edition": law.edition,
        "minutes": kept.MAX_AGE // 60,
    }
    return render(request, "web/about.html", context)


@require_safe
def law(request: HttpRequest) -> HttpResponse:
    """All countries and agreements of the rulebook."""
    book = current.rulebook()
    context = {
        "edition": short(book.edition),
        "countries": sorted(
            ((words.country(code), code) for code in book.countries), key=lambda one: one[0].casefold()
        ),
        "agreements": [
            (one, agreement_links(one), [words.country(code) for code in one.parties]) for one in book.agreements
        ],
    }
    return render(request, "web/law.html", context)


@require_safe
def country(request: HttpRequest, code: str) -> HttpResponse:
    """One country's schemes and rules."""
    book = current.rulebook()
    if code not in book.countries:
        raise Http404
    context = {"name": words.country(code), "schemes": schemes_of(code, book)}
    return render(request, "web/country.html", context)


@require_safe
def rule(request: HttpRequest, name: str) -> HttpResponse:
    """One rule, or one clause of an agreement."""
    page = rule_page(name, current.rulebook(), timezone.localdate())
    if page is None:
        raise Http404
    return render(request, "web/rule.html", {"page": page})
