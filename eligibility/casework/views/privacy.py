"""One worker's consent, and the page for handing over or erasing everything that is kept about them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility.casework import privacy
from eligibility.casework.desk import Desk, at_desk
from eligibility.casework.forms import DayField
from eligibility.casework.models import Case, ConsentHow, KeptBecause, Role

WRONG = 422
ERASE = "erase"


class _Day(DayField):
    """A day that has come."""

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        if day and day > timezone.localdate():
            raise ValidationError(_("This day has not come yet."))
        return day


class ConsentForm(forms.Form):
    on = _Day(label=lazy("Consent given on"))
    how = forms.ChoiceField(label=lazy("How"), choices=ConsentHow.choices)

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.withdrawn = case.consent_withdrawn

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if self.withdrawn and day < self.withdrawn:
            raise ValidationError(_("Consent was withdrawn after this day."))
        return day


class WithdrawalForm(forms.Form):
    on = _Day(label=lazy("Consent withdrawn on"))
    then = forms.ChoiceField(
        label=lazy("What becomes of the case"),
        choices=[
            (ERASE, lazy("It is erased. An owner of the organisation does it.")),
            *((choice.value, choice.label) for choice in KeptBecause),
        ],
        widget=forms.RadioSelect,
        help_text=lazy("Without consent a case may be kept only where the law gives a reason."),
    )

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.given = case.consent_on

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if self.given and day < self.given:
            raise ValidationError(_("Consent was given after this day."))
        return day


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Role.CASEWORKER)
def consent(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """Record that the worker agrees that the case is kept."""
    case = desk.case(pk)
    given = None if case.consent_withdrawn else case.consent_on
    form = ConsentForm(
        case,
        request.POST if request.method == "POST" else None,
        initial={"on": given or timezone.localdate(), "how": case.consent_how or ConsentHow.SPOKEN},
    )
    if form.is_valid():
        privacy.record_consent(desk, pk, form.cleaned_data["on"], ConsentHow(form.cleaned_data["how"]))
        messages.success(request, _("Consent is recorded."))
        return HttpResponseRedirect(_back(desk, pk))
    context = {"desk": desk, "case": case, "form": form, "back": _back(desk, pk)}
    return render(request, "casework/consent.html", context, status=WRONG if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Role.CASEWORKER)
def withdraw(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """Record that the worker no longer agrees, and what becomes of the case."""
    case = desk.case(pk)
    form = WithdrawalForm(
        case, request.POST if request.method == "POST" else None, initial={"on": timezone.localdate(), "then": ERASE}
    )
    if form.is_valid():
        then = form.cleaned_data["then"]
        privacy.withdraw_consent(desk, pk, form.cleaned_data["on"], None if then == ERASE else KeptBecause(then))
        if then == ERASE and desk.owns:
            return HttpResponseRedirect(desk.url("personal", pk))
        if then == ERASE:
            messages.warning(request, _("Consent is withdrawn. An owner of the organisation must now erase the case."))
        else:
            messages.success(request, _("Consent is withdrawn. The case is kept, for the reason that you gave."))
        return HttpResponseRedirect(_back(desk, pk))
    context = {"desk": desk, "case": case, "form": form, "back": _back(desk, pk)}
    return render(request, "casework/withdraw.html", context, status=WRONG if form.is_bound else 200)


@require_safe
@at_desk(Role.OWNER, fresh=True)
def personal(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """What is kept about the worker, and the two things that can be done with it."""
    return _personal(request, desk, pk)


def _personal(request: HttpRequest, desk: Desk, pk: UUID, wrong: bool = False) -> HttpResponse:
    case = desk.case(pk)
    context = {
        "desk": desk,
        "case": case,
        "counts": {name: getattr(case, name).count() for name in ("stays", "notes", "claims", "answers", "changes")},
        "uploads": list(privacy.uploads_naming(case)),
        "wrong": wrong,
        "back": _back(desk, pk),
    }
    return render(request, "casework/personal.html", context, status=WRONG if wrong else 200)


@require_POST
@at_desk(Role.OWNER, fresh=True)
def export(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """Everything that is kept about the worker, in one file."""
    case = desk.case(pk)
    desk.record("exported", case)
    return HttpResponse(
        privacy.export(case),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="case-{case.number}.zip"'},
    )


@require_POST
@at_desk(Role.OWNER, fresh=True)
def erase(request: HttpRequest, desk: Desk, pk: UUID) -> HttpResponse:
    """Erase everything that is kept about the worker, once the number of the case is typed: nothing brings it back."""
    case = desk.case(pk)
    if request.POST.get("number", "").strip().removeprefix("#") != str(case.number):
        return _personal(request, desk, pk, wrong=True)
    uploads = privacy.erase(desk, pk)
    said = _("Case %(number)d is erased.") % {"number": case.number}
    if uploads:
        said += " " + ngettext(
            "%(count)d upload that named the worker is deleted.",
            "%(count)d uploads that named the worker are deleted.",
            uploads,
        ) % {"count": uploads}
    messages.success(request, said)
    return HttpResponseRedirect(desk.url("cases"))


def _back(desk: Desk, pk: UUID) -> str:
    return desk.url("case", pk)
