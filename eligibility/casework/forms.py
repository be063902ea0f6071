"""The forms of a case. Whether stays make a case that the law can answer is the engine's to say."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from eligibility.bulk.values import without_turns
from eligibility.casework.changing import caseworkers, pseudonym_of
from eligibility.casework.desk import Desk
from eligibility.casework.models import Case, Claim, ClaimStatus, ConsentHow, Note, Stay
from eligibility.explain import asking, words
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import Benefit

ISO = "%Y-%m-%d"


class Day(forms.DateInput):
    """A day, with the browser's own calendar."""

    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs=attrs, format=ISO)


FIRST_DAY, LAST_DAY = date(1930, 1, 1), date(2150, 12, 31)
"""No day of a life at work lies outside, but a mistyped one may."""


class DayField(forms.DateField):
    """A day that can be meant. Only as browsers with a calendar send it: `03/04/2020` is two days."""

    widget = Day

    def __init__(self, **told: Any) -> None:
        days = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
        super().__init__(input_formats=[ISO], validators=days, **told)


def _choices(name: str, law: Rulebook, but: str = "") -> list[tuple[str, str]]:
    return [("", _("Choose")), *((value, label) for value, label, _help in asking.options(name, law, but))]


class CaseForm(forms.ModelForm[Case]):
    """Who it is about. `version` tells whether somebody else changed the case meanwhile."""

    origin = forms.ChoiceField(label=lazy("Country of origin"))
    months_at_home = forms.IntegerField(
        label=lazy("Months paid in at home"), required=False, min_value=0, max_value=720
    )
    consent_on = DayField(label=lazy("Consent given on"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Case
        fields = (
            "pseudonym", "name", "contacts", "language", "origin", "months_at_home", "caseworker", "consent_on",
            "consent_how",
        )  # fmt: skip
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "pseudonym": forms.TextInput(attrs={"autocomplete": "off"}),
            "contacts": forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
        }

    def __init__(self, desk: Desk, law: Rulebook, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        origin, caseworker = self.fields["origin"], self.fields["caseworker"]
        assert isinstance(origin, forms.ChoiceField)
        assert isinstance(caseworker, forms.ModelChoiceField)
        origin.choices = _choices("origin", law)
        how = self.fields["consent_how"]
        assert isinstance(how, forms.ChoiceField)
        how.choices = [("", _("Choose")), *ConsentHow.choices]
        caseworker.queryset = caseworkers(desk)
        caseworker.empty_label = _("Nobody yet")
        if self.instance.pk and self.instance.version:
            self.initial["version"] = self.instance.version

    def clean_pseudonym(self) -> str:
        return pseudonym_of(self.cleaned_data["pseudonym"])

    def clean_name(self) -> str:
        return without_turns(self.cleaned_data["name"])

    def clean_contacts(self) -> str:
        return without_turns(self.cleaned_data["contacts"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        given, how = data.get("consent_on"), data.get("consent_how")
        if given and given > self.today:
            self.add_error("consent_on", _("This day has not come yet."))
        if given and not how:
            self.add_error("consent_how", _("Say how the consent was given."))
        if how and not given:
            self.add_error("consent_on", _("Say on which day the consent was given."))
        return data


class StayForm(forms.ModelForm[Stay]):
    """One time of work in one country."""

    destination = forms.ChoiceField(label=lazy("Country of work"))
    sector = forms.ChoiceField(label=lazy("Work"))
    status = forms.ChoiceField(label=lazy("Papers"))
    began = DayField(label=lazy("First day of work there"))
    ended = DayField(
        label=lazy("Last day of work there"), required=False,
        help_text=lazy("Leave it empty while the work goes on."),
    )  # fmt: skip
    months = forms.IntegerField(
        label=lazy("Months that were paid in"), required=False, min_value=0, max_value=720,
        help_text=lazy("Leave it empty if nobody knows."),
    )  # fmt: skip

    class Meta:
        model = Stay
        fields = ("destination", "sector", "status", "began", "ended", "months")

    def __init__(self, law: Rulebook, origin: str, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for name in ("destination", "sector", "status"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = _choices(name, law, origin if name == "destination" else "")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        began, ended = data.get("began"), data.get("ended")
        if began and ended and ended < began:
            self.add_error("ended", _("This day is before the first one."))
        elif began and began > self.today:
            self.add_error("began", _("This day has not come yet."))
        return data


class NoteForm(forms.ModelForm[Note]):
    class Meta:
        model = Note
        fields = ("text",)
        widgets = {"text": forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})}


class ClaimForm(forms.ModelForm[Claim]):
    """A claim: of what, by when, how far."""

    benefit = forms.ChoiceField(label=lazy("Benefit"))
    scheme = forms.ChoiceField(label=lazy("Scheme"), required=False)
    due = DayField(label=lazy("Last day to claim"), required=False)

    class Meta:
        model = Claim
        fields = ("benefit", "scheme", "due", "status", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 2, "autocomplete": "off"})}

    def __init__(self, case: Case, law: Rulebook, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        benefit, scheme = self.fields["benefit"], self.fields["scheme"]
        assert isinstance(benefit, forms.ChoiceField)
        assert isinstance(scheme, forms.ChoiceField)
        benefit.choices = [("", _("Choose")), *((one.value, words.benefit(one)) for one in Benefit)]
        countries = {case.origin, *case.stays.values_list("destination", flat=True)}
        schemes = [one for one in law.schemes.values() if one.country in countries]
        named = sorted(
            ((one.id, f"{words.country(one.country)}: {words.scheme(one)}") for one in schemes), key=lambda o: o[1]
        )
        known = {one.id for one in schemes}
        gone = [(self.instance.scheme, self.instance.scheme)] if self.instance.scheme not in known | {""} else []
        scheme.choices = [("", _("Another one")), *named, *gone]


def open_statuses() -> tuple[str, ...]:
    """The claims that somebody still has to see to."""
    return tuple(one.value for one in ClaimStatus if one.open)
