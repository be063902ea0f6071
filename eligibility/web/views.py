"""The worker's pages: four questions, one answer, and the law behind it.

What a worker tells goes from the form into a signed cookie and back; nothing else keeps it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import current
from eligibility.engine import CaseError, determine, make_case
from eligibility.explain import sms, words
from eligibility.vocabulary import Benefit
from eligibility.web import answers as kept
from eligibility.web import careerpage, keeping, whatif
from eligibility.web.answerpage import AnswerPage, Slip, build, short, tell
from eligibility.web.answers import Answers
from eligibility.web.forms import FourQuestions, country_names
from eligibility.web.lawpage import agreement_links, rule_page, schemes_of
from eligibility.web.models import Report

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
                replace(before, **four) if before and same else Answers(**four),
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
    context = {
        "page": page,
        "open": "open" in request.GET or slip is not None,
        "reasons": REPORT_REASONS,
        "kept_as": "/kept/" + slugify(f"{told.origin}-{told.destination}-{told.sector}-{told.status}") + "/",
        "thanked": request.GET.get("thanks") == "1",
        "left_wrong": request.GET.get("left") == "wrong",
    }
    return _private(request, "web/answer.html", context, WRONG if slip else 200)


@require_POST
def what_if(request: HttpRequest) -> HttpResponse:
    """The answer as it is beside the answer with one thing changed. Nothing that was told changes."""
    told = kept.read(request)
    if told is None:
        return _start_again("ended")
    found = whatif.compare(told, request.POST.get("what", ""), current.rulebook(), timezone.localdate())
    if found is None:
        return SeeOther(reverse("web:answer"))
    return _private(request, "web/whatif.html", {"found": found})


@require_http_methods(["GET", "HEAD", "POST"])
def career(request: HttpRequest) -> HttpResponse:
    """Work in other countries too: the stays, a form for one more, and one ledger of rights."""
    law, today = current.rulebook(), timezone.localdate()
    told = kept.read(request)
    if told is None or _page(told) is None:
        return _start_again("ended")
    form = careerpage.StayForm(law, told, today)
    if request.method == "POST":
        changed = None
        if "remove" in request.POST:
            gone = request.POST["remove"]
            changed = replace(told, stays=tuple(s for n, s in enumerate(told.stays) if str(n) != gone))
        elif len(told.stays) < careerpage.MOST_STAYS:
            form = careerpage.StayForm(law, told, today, request.POST)
            if form.is_valid():
                changed = replace(told, stays=(*told.stays, form.stay()))
        if changed is not None or not form.is_bound:
            response = SeeOther(reverse("web:career"))
            response["Cache-Control"] = "no-store"
            kept.keep(response, changed or told)
            return response
    context = {
        "form": form,
        "ledger": careerpage.ledger(told, law, today),
        "full": len(told.stays) >= careerpage.MOST_STAYS,
        "most": careerpage.MOST_STAYS,
    }
    return _private(request, "web/career.html", context, WRONG if form.is_bound else 200)


@require_POST
def stopped(request: HttpRequest) -> HttpResponse:
    """When this work ended: it opens the deadlines."""
    told = kept.read(request)
    if told is None:
        return _start_again("ended")
    try:
        left = careerpage.Month(required=False).clean(request.POST.get("left", ""))
    except ValidationError:
        left = None
    response = SeeOther(reverse("web:answer") + ("#deadlines" if left is not None else "?left=wrong#left"))
    response["Cache-Control"] = "no-store"
    kept.keep(response, told if left is None else replace(told, left=careerpage.last_day(left) if left else ""))
    return response


@require_POST
def calendar(request: HttpRequest) -> HttpResponse:
    """The deadlines as a file for the phone's calendar."""
    told = kept.read(request)
    page = _page(told) if told else None
    if told is None or page is None or not told.left:
        return _start_again("ended")
    response = HttpResponse(keeping.calendar(page.deadlines, timezone.localdate()), content_type="text/calendar")
    response["Content-Disposition"] = 'attachment; filename="deadlines.ics"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """What can be kept: a text message, and, only when asked for, a link with its picture to scan."""
    told = kept.read(request)
    page = _page(told) if told else None
    if told is None or page is None:
        return _start_again("ended")
    context: dict[str, Any] = {"text": sms.message(page.told), "page": page}
    context["segments"] = sms.segments(context["text"])
    if "link" in request.POST:
        address = request.build_absolute_uri(f"{reverse('web:shared')}?of={kept.link_token(told)}")
        context |= {"address": address, "picture": keeping.qr_code(address)}
    return _private(request, "web/keep.html", context)


@require_safe
def shared(request: HttpRequest) -> HttpResponse:
    """A link that a worker asked for: it hands the answers in it to this browser, and leaves the address bar."""
    answers = kept.from_link(request.GET.get("of", ""))
    if answers is None or _page(answers) is None:
        return _start_again("ended")
    response = SeeOther(reverse("web:answer"))
    response["Cache-Control"] = "no-store"
    kept.keep(response, answers)
    return response


@require_POST
def wrong(request: HttpRequest) -> HttpResponse:
    """ "This is wrong": count it by rule and reason. Nothing of the worker is in it."""
    law = current.rulebook()
    reason, _colon, rule = request.POST.get("wrong", "").partition(":")
    known = rule in law.rules or rule in law.provisions or rule in {benefit.value for benefit in Benefit}
    if known and reason in Report.Reason.values:
        Report.note(rule, law.edition, reason, get_language() or "en")
    return SeeOther(reverse("web:answer") + "?thanks=1")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Forget all and go to a page that has nothing to do with us. A page that leads on by itself, not a redirect: the
    policy on forms would stop one to another site."""
    response = render(request, "web/leave.html", {"address": settings.QUICK_EXIT_URL})
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    kept.drop(response)
    for name in (settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME):
        response.delete_cookie(name)
    return response


# --- without a network ------------------------------------------------------------------------------------------------


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without a network, and for a kept answer that is no longer on this phone."""
    return render(request, "web/offline.html")


@require_safe
def kept_page(request: HttpRequest, name: str) -> HttpResponse:
    """An answer that was kept on a phone is read from the phone. Who comes here from the network has none."""
    return render(request, "web/offline.html", status=404)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script that makes opened pages readable without a network. It lies at the root, or it could not see them."""
    first = [reverse("web:offline"), *(staticfiles_storage.url(name) for name in ("style.css", "page.js", "icon.svg"))]
    version = hashlib.sha256(" ".join([current.rulebook().edition, *first]).encode()).hexdigest()[:12]
    response = render(request, "web/offline.js", {"first": first, "version": version}, content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the site on its first screen."""
    return JsonResponse(
        {
            "name": str(_("My benefits across borders")),
            "short_name": str(_("My benefits")),
            "start_url": "/",
            "display": "standalone",
            "background_color": "#f3f5f6",
            "theme_color": "#0b4f4a",
            "icons": [{"src": staticfiles_storage.url("icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
    )


REPORT_REASONS = (
    (Report.Reason.CHANGED, lazy("The law has changed")),
    (Report.Reason.OFFICE, lazy("An office told me something else")),
    (Report.Reason.HAPPENED, lazy("It went otherwise for me")),
    (Report.Reason.UNCLEAR, lazy("I do not understand it")),
    (Report.Reason.LANGUAGE, lazy("The translation is wrong")),
)


def _page(told: Answers, slip: Slip | None = None) -> AnswerPage | None:
    """The answer page, or None where the answers fit no case any more: the law's edition changed under them."""
    law = current.rulebook()
    if not law.facts.keys() >= {*told.facts, *told.unknown}:
        return None
    try:
        case = make_case({**told.four(), "facts": told.facts}, law, timezone.localdate())
    except CaseError:
        return None
    return build(determine(case, law), law, told, timezone.localdate(), slip)


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
