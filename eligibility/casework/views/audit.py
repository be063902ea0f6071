"""Who did what: the audit trail, for owners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from eligibility.casework import audit
from eligibility.casework.desk import Desk, at_desk
from eligibility.casework.forms import ISO, Day
from eligibility.casework.models import Role

PAGE = 50


class TrailForm(forms.Form):
    """What the page shows. `case`: a case's number, or the long id of one that was erased."""

    who = forms.ChoiceField(label=lazy("Member"), required=False)
    did = forms.ChoiceField(label=lazy("What"), required=False)
    case = forms.CharField(label=lazy("Case"), required=False, max_length=40)
    since = forms.DateField(label=lazy("First day"), required=False, widget=Day, input_formats=[ISO])
    until = forms.DateField(label=lazy("Last day"), required=False, widget=Day, input_formats=[ISO])

    def __init__(self, desk: Desk, data: Any) -> None:
        super().__init__(data)
        everyone = audit.events(desk.organisation).order_by("who").values_list("who", flat=True).distinct()
        members = [(who, who) for who in everyone if who != audit.BY_ITSELF]
        self.fields["who"].choices = [("", lazy("Everyone")), *members]  # type: ignore[attr-defined]
        self.fields["did"].choices = [("", lazy("Anything")), *audit.SAID.items()]  # type: ignore[attr-defined]
        self.desk = desk

    def clean_case(self) -> UUID | None:
        said = self.cleaned_data["case"].strip().removeprefix("#")
        if not said:
            return None
        if said.isascii() and said.isdigit() and len(said) < 10:
            found = self.desk.cases.filter(number=int(said)).values_list("pk", flat=True).first()
        else:
            found = _uuid(said)
        if found is None:
            raise forms.ValidationError(lazy("There is no such case."))
        return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of the trail; `older`: the query of the next page, "" on the last."""

    rows: list[audit.Said]
    older: str


@require_safe
@at_desk(Role.OWNER)
def trail(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The trail, the newest row first."""
    form = TrailForm(desk, request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = audit.events(
        desk.organisation,
        who=chosen.get("who"),
        did=chosen.get("did"),
        case=chosen.get("case"),
        at__gte=_midnight(chosen.get("since")),
        at__lt=_midnight(chosen.get("until"), days=1),
    )
    # Not by the number of the page: rows are added at the front all the time, and counting them all is slow.
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PAGE + 1])
    query = request.GET.copy()
    query["before"] = str(rows[PAGE - 1].pk) if len(rows) > PAGE else ""
    page = Page(audit.said(rows[:PAGE]), query.urlencode() if query["before"] else "")
    context = {"desk": desk, "form": form, "page": page, "newest": audit.newest(desk.organisation)}
    return render(request, "casework/trail.html", context, status=200 if form.is_valid() else 422)


def _midnight(day: Any, days: int = 0) -> datetime | None:
    """The first moment of a day, or of one so many days later; None for no day, and for one past the end of time."""
    try:
        return timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min)) if day else None
    except OverflowError:
        return None
