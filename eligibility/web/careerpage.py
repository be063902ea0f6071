"""Work in several countries: the form for one stay, and one ledger of rights over all of them."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from eligibility.engine import CaseError
from eligibility.engine.career import determine_career, make_stays
from eligibility.explain import record, words
from eligibility.explain.page import ToldRight
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import Sector, Status
from eligibility.web.answers import Answers

MOST_STAYS = 8
"""As many as a cookie holds."""


class Month(forms.Field):
    """A month as YYYY-MM, as a phone's month picker sends it; the value is that text, "" if none was given."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2024-03", "autocomplete": "off"})

    def to_python(self, value: object) -> str:
        text = str(value or "").strip()
        if not text:
            return ""
        try:
            return date.fromisoformat(f"{text}-01").isoformat()[:7]
        except ValueError:
            raise forms.ValidationError(_("Write the year and the month, such as 2024-03.")) from None


class StayForm(forms.Form):
    """One stay. Whether it makes a case is the engine's to say."""

    destination = forms.ChoiceField(label=lazy("Country"), error_messages={"required": lazy("Choose a country.")})
    sector = forms.ChoiceField(label=lazy("Work"), error_messages={"required": lazy("Choose the work you do.")})
    status = forms.ChoiceField(label=lazy("Papers"), error_messages={"required": lazy("Choose what your papers say.")})
    began = Month(label=lazy("First month of work there"), required=True)
    ended = Month(label=lazy("Last month of work there"), required=False)
    months = forms.IntegerField(
        label=lazy("Months that were paid in, if you know"), required=False, min_value=0, max_value=720
    )

    def __init__(self, rulebook: Rulebook, answers: Answers, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rulebook, self.answers, self.today = rulebook, answers, today
        countries = sorted(
            ((code, words.country(code)) for code in rulebook.with_role("destination") if code != answers.origin),
            key=lambda one: one[1].casefold(),
        )
        blank = [("", _("Choose"))]
        choices: dict[str, list[tuple[str, str]]] = {
            "destination": [*blank, *countries],
            "sector": [*blank, *((word.value, words.sector(word)) for word in Sector)],
            "status": [*blank, *((word.value, words.status(word)) for word in Status)],
        }
        for name, options in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = options
        self.fields["began"].error_messages["required"] = _("Write the year and the month, such as 2024-03.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        began, ended = data.get("began"), data.get("ended")
        if began and ended and ended < began:
            self.add_error("ended", _("This month is before the first one."))
        elif began and f"{began}-01" > self.today.isoformat():
            self.add_error("began", _("This month has not come yet."))
        return data

    def stay(self) -> dict[str, str]:
        """The stay as the cookie keeps it."""
        data = self.cleaned_data
        found = {name: str(data[name]) for name in ("destination", "sector", "status")}
        found["from"] = f"{data['began']}-01"
        found["until"] = last_day(data["ended"]) if data["ended"] else ""
        found["months"] = "" if data["months"] is None else str(data["months"])
        return found


def last_day(month: str) -> str:
    """The last day of a month given as YYYY-MM."""
    year, number = (int(part) for part in month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1]).isoformat()


@dataclass(frozen=True, slots=True)
class StayLine:
    """One stay in words. `index` is its place in the cookie, None for the work of the four answers."""

    index: int | None
    country: str
    work: str
    when: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """All stays, and what becomes of each right, those with a deadline first."""

    stays: tuple[StayLine, ...]
    lines: tuple[ToldRight, ...]


def ledger(answers: Answers, law: Rulebook, today: date) -> Ledger | None:
    """One ledger over the work of the four answers and all other stays; None if they fit no case any more."""
    given = [*answers.stays, _this_work(answers, today)]
    try:
        career = determine_career(
            answers.origin, make_stays(answers.origin, given, law, today), law, today, _at_home(answers)
        )
    except CaseError:
        return None
    stays = [_stay_line(index, stay) for index, stay in enumerate(answers.stays)]
    return Ledger((*stays, _stay_line(None, _this_work(answers, today))), record.rights(career))


def _this_work(answers: Answers, today: date) -> dict[str, Any]:
    facts = {name: value for name, value in answers.facts.items() if name != "months_contributed"}
    return {
        **{name: getattr(answers, name) for name in ("destination", "sector", "status")},
        "from": answers.began or today.isoformat(),
        "until": answers.left,
        "months": answers.facts.get("months_contributed", ""),
        "facts": facts,
    }


def _at_home(answers: Answers) -> int | None:
    months = answers.facts.get("months_contributed_home", "")
    return int(months) if months else None


def _stay_line(index: int | None, stay: Mapping[str, Any]) -> StayLine:
    began = date.fromisoformat(stay["from"])
    until = date.fromisoformat(stay["until"]) if stay["until"] else None
    return StayLine(
        index, words.country(stay["destination"]), words.sector(Sector(stay["sector"])), record.period(began, until)
    )
