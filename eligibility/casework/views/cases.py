"""The list of cases, a new case, and one case with everything in it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import current
from eligibility.casework import answering, audit, members, once, rows
from eligibility.casework.accounts import INVITATION
from eligibility.casework.changing import ChangedMeanwhile, changing, closing, create, reopened
from eligibility.casework.desk import Desk, at_desk
from eligibility.casework.finding import Filters, find
from eligibility.casework.forms import CaseForm, ClaimForm, NoteForm, StayForm
from eligibility.casework.lawrows import change_rows, with_cases
from eligibility.casework.models import Case, CaseStatus, Membership, Role
from eligibility.engine import CaseError, Fault
from eligibility.explain import asking, present, record, words
from eligibility.explain.telling import ask
from eligibility.vocabulary import Benefit, Outcome

ON_A_PAGE = 50
FOUND_AT_MOST = 200
WRONG = 422  # the form is well made, its content is not


@require_safe
@never_cache
@login_required
def entry(request: HttpRequest) -> HttpResponse:
    """To an invitation that was opened before signing in; to the member's organisation; to a choice where there are
    several or none."""
    if members.open_invitation(request.session.get(INVITATION)) is not None:
        return HttpResponseRedirect(reverse("casework:join"))
    memberships = list(Membership.objects.select_related("organisation").filter(user=request.user, ended=None))
    if len(memberships) == 1:
        return HttpResponseRedirect(reverse("casework:cases", args=[memberships[0].organisation.slug]))
    return render(request, "casework/entry.html", {"memberships": memberships})


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def listed(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cases. Filters stand in the address. Words to search for are posted, since they may be a name: they are in no
    address, no history and no log."""
    today = timezone.localdate()
    given = request.POST if request.method == "POST" else request.GET
    filters, query = Filters.read(given), request.POST.get("words", "").replace("\0", "").strip()[:100]
    if request.method == "POST" and not query:
        address = f"{desk.url('cases')}?{filters.query()}".rstrip("?")
        return HttpResponseRedirect(address)
    found = find(desk.cases, filters, desk.membership.pk, today, query)
    found = found.select_related("caseworker__user").defer("name", "contacts")  # a list unseals nothing
    context: dict[str, Any] = {"desk": desk, "filters": filters, "words": query, "query": filters.query()}
    context["order"] = _(", ").join(map(words.benefit, Benefit))
    if query:
        shown = list(found[: FOUND_AT_MOST + 1])
        context |= {"rows": rows.rows(shown[:FOUND_AT_MOST], today), "more": len(shown) > FOUND_AT_MOST}
        context |= {"count": len(shown[:FOUND_AT_MOST])}
    else:
        page = Paginator(found, ON_A_PAGE).get_page(given.get("page"))
        context |= {"rows": rows.rows(page.object_list, today), "page": page, "count": page.paginator.count}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "casework/_cases.html", context)
    law = current.rulebook()
    context |= {
        "choices": {name: asking.options(name, law) for name in ("origin", "destination", "sector", "status")},
        "statuses": CaseStatus.choices,
        "benefits": [(one.value, words.benefit(one)) for one in Benefit],
        "outcomes": [(one.value, words.outcome(one)) for one in Outcome],
        "empty": not context["count"] and not desk.cases.exists(),
    }
    return render(request, "casework/cases.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Role.CASEWORKER)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new case with its first stay."""
    law, today = current.rulebook(), timezone.localdate()
    data = request.POST if request.method == "POST" else None
    origin = data.get("origin", "") if data else ""
    fresh = Case(caseworker=desk.membership if desk.writes else None, language=desk.organisation.language)
    case_form = CaseForm(desk, law, today, data, instance=fresh)
    stay_form = StayForm(law, origin, today, data)
    if data is not None and all([case_form.is_valid(), stay_form.is_valid()]):
        told, stay = case_form.save(commit=False), stay_form.save(commit=False)

        def make(key: UUID) -> Case:
            told.pk = key
            return create(desk, told, [stay])

        try:
            case, made = once.once(request, desk.cases, make)
        except CaseError as error:
            blame(stay_form, error)
        else:
            if made:
                messages.success(request, _("The case is open, and here is its answer."))
            return HttpResponseRedirect(desk.url("case", case.pk))
    context = {"desk": desk, "case_form": case_form, "stay_form": stay_form, "key": once.key(request)}
    return render(request, "casework/new.html", context, status=WRONG if data is not None else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Role.CASEWORKER)
def edit(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """Who a case is about."""
    law, today = current.rulebook(), timezone.localdate()
    case = desk.case(pk)
    data = request.POST if request.method == "POST" else None
    form = CaseForm(desk, law, today, data, instance=case)
    if data is not None and form.is_valid():
        try:
            with changing(desk, pk, "changed", form.cleaned_data["version"], fields=sorted(form.changed_data)) as kept:
                for name in form.Meta.fields:
                    setattr(kept, name, form.cleaned_data[name])
                if kept.consent_withdrawn and kept.consent_on and kept.consent_on > kept.consent_withdrawn:
                    kept.consent_withdrawn, kept.kept_because = None, ""  # given anew
        except ChangedMeanwhile:
            form.add_error(
                None,
                _("Somebody else changed this case meanwhile. What you wrote is still here: look, then save again."),
            )
            form.data = form.data.copy()  # type: ignore[attr-defined]
            form.data["version"] = str(desk.case(pk).version)  # type: ignore[index]
        except CaseError as error:
            blame(form, error)
        else:
            return HttpResponseRedirect(desk.url("case", pk))
    return render(
        request,
        "casework/edit.html",
        {"desk": desk, "case": desk.case(pk), "form": form},
        status=WRONG if data is not None else 200,
    )


def refusing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A change after which the law could not answer the case is refused, with the reason, on the case's page."""

    @functools.wraps(view)
    def tried(request: HttpRequest, desk: Desk, pk: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, desk, pk, *args, **kwargs)
        except CaseError as error:
            messages.error(request, " ".join(map(_said, error.faults)))
            return HttpResponseRedirect(desk.url("case", pk))

    return tried


def _said(fault: Fault) -> str:
    return _("The country of work is the country of origin.") if fault.code == "same_country" else str(fault)


def blame(form: Any, error: CaseError) -> None:
    """The engine's faults beside the fields that they are about."""
    for fault in error.faults:
        name = {"from": "began", "until": "ended"}.get(fault.field.rpartition(".")[2], fault.field.rpartition(".")[2])
        form.add_error(name if name in form.fields else None, _said(fault))


@require_safe
@at_desk()
def page(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """One case: the answer, the stays, the claims, the notes."""
    case = desk.case(pk)
    audit.record_look(desk.organisation, desk.who, case.pk)
    return render(request, "casework/case.html", case_context(desk, case))


def case_context(desk: Desk, case: Case, **instead: Any) -> dict[str, Any]:
    """What the page of a case shows; `instead`: forms that were filled in wrongly."""
    law, today = current.rulebook(), timezone.localdate()
    stored = case.answer()
    claims = list(case.claims.all())
    context: dict[str, Any] = {
        "desk": desk,
        "case": case,
        "corridor": rows.corridor(case),
        "stays": rows.stay_rows(case.stays.all()),
        "claims": rows.claim_rows(claims, law, today),
        "notes": case.notes.select_related("by"),
        "changes": change_rows(with_cases(case.changes.filter(seen=None)), law, today),
        "stored": stored,
        "events": audit.of_case(desk.organisation, case.pk),
        "statuses": [(value, label) for value, label in CaseStatus.choices if value != case.status],
        "old_day": stored is not None and stored.asked["on"] != today.isoformat(),
        "old_law": stored is not None and law.edition not in (stored.edition, case.law),
    }
    if desk.writes:
        context |= {
            "note_form": NoteForm(),
            "stay_form": StayForm(law, case.origin, today),
            "claim_form": ClaimForm(case, law),
        }
    holding = answering.holding(case, stored) if stored is not None else None
    if holding is not None:
        career, by = holding
        told = present(answering.latest(career), by)
        here = answering.latest(career).case
        context |= {
            "told": told,
            "assumed": [(one, ask(by.facts[one.fact], here)) for one in told.presumed],
            "told_facts": record.facts(here, by),
            "ledger": record.rights(career),
            "to_claim": rows.to_claim(answering.claimable(career), claims, by),
        }
    return context | instead


@require_POST
@at_desk(Role.CASEWORKER)
@refusing
def status(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """Open, waiting or closed; and back again, a case that was closed with the day on which it was."""
    found = desk.case(pk)
    told, _space, closed_before = request.POST.get("status", "").partition(" ")
    # An undo also says what it takes back, "open-closed": whatever somebody else made of it meanwhile stays.
    before, (wanted, _to, only) = found.status, told.partition("-")
    if wanted in CaseStatus.values and wanted != before and only in ("", before):
        try:
            with changing(desk, pk, "status", found.version, status=wanted) as case:
                closed_on = case.closed_on
                case.status = wanted
                closing(case, timezone.localdate(), closed_before)
        except ChangedMeanwhile:
            return HttpResponseRedirect(desk.url("case", pk))
        undo = f"{desk.url('case_status', pk)} status={before}-{wanted}"
        if closed_on is not None and case.closed_on is None:
            undo += f" {reopened(case, closed_on)}"
        messages.success(request, _("Status: %(status)s.") % {"status": CaseStatus(wanted).label}, extra_tags=undo)
    return HttpResponseRedirect(desk.url("case", pk))


@require_POST
@at_desk(Role.CASEWORKER)
@refusing
def again(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """Answer the case anew, by today's law on today's day."""
    with changing(desk, pk, "answered"):
        pass
    return HttpResponseRedirect(desk.url("case", pk))
