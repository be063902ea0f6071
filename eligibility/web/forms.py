"""The form with the four questions. Whether the answers make a case is the engine's to say; the words are ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from eligibility.engine import CaseError, Fault, make_case
from eligibility.explain import asking, words
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import FOUR

_CHOOSE = {
    "origin": lazy("Choose the country you are from."),
    "destination": lazy("Choose the country you work in."),
    "sector": lazy("Choose the work you do."),
    "status": lazy("Choose what your papers say."),
}


class _Word(forms.Field):
    """Whatever came, as text; `make_case` knows which words are right."""

    def to_python(self, value: object) -> str:
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen."""

    value: str
    label: str
    help: str
    id: str
    chosen: bool
    first: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the four questions as the page shows it. `focus`: the first one that is wrong."""

    name: str
    number: int
    question: str
    hint: str
    options: tuple[Option, ...]
    errors: tuple[str, ...]
    focus: bool

    @property
    def described_by(self) -> str:
        """The ids of what explains the field, for aria-describedby."""
        ids = [f"{self.name}-hint"] * bool(self.hint) + [f"{self.name}-error"] * bool(self.errors)
        return " ".join(ids)

    @property
    def target(self) -> str:
        """The id of the control that a link to this question leads to."""
        return self.name if self.name in ("origin", "destination") else self.options[0].id


class FourQuestions(forms.Form):
    origin = _Word(required=False)
    destination = _Word(required=False)
    sector = _Word(required=False)
    status = _Word(required=False)

    def __init__(self, rulebook: Rulebook, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rulebook, self.today = rulebook, today

    def clean(self) -> dict[str, Any]:
        four: dict[str, Any] = {name: self.cleaned_data.get(name, "") for name in FOUR}
        try:
            make_case(four, self.rulebook, self.today)
        except CaseError as error:
            for fault in error.faults:
                self.add_error(fault.field, _message(fault))
        return four

    def questions(self) -> list[Asked]:
        """The four questions in order, with what was chosen and what is wrong."""
        wrong = next((name for name in FOUR if self.errors.get(name)), "")
        asked = [(*asking.question(name), asking.options(name, self.rulebook)) for name in FOUR]
        return [
            Asked(
                name=name,
                number=number,
                question=question,
                hint=hint,
                options=self._options(name, options),
                errors=tuple(map(str, self.errors.get(name, ()))),
                focus=name == wrong,
            )
            for number, (name, (question, hint, options)) in enumerate(zip(FOUR, asked, strict=True), 1)
        ]

    def covered(self) -> dict[str, list[str]]:
        """The names of the countries covered now, by role."""
        return {role: country_names(self.rulebook, role) for role in ("origin", "destination")}

    def _options(self, name: str, options: Iterable[tuple[str, str, str]]) -> tuple[Option, ...]:
        given = self[name].value()
        return tuple(
            Option(value, label, hint, f"{name}-{value}", value == given, number == 0)
            for number, (value, label, hint) in enumerate(options)
        )


def country_names(rulebook: Rulebook, role: str) -> list[str]:
    """The countries that may be `origin` or `destination`, by name, in the order of their names."""
    return sorted((words.country(code) for code in rulebook.with_role(role)), key=str.casefold)


def _message(fault: Fault) -> str:
    match fault.code:
        case "same_country":
            return _("Choose a country that is not your own.")
        case "not_covered":
            countries = _(", ").join(sorted(map(words.country, fault.accepted), key=str.casefold))
            name = words.country(fault.given)
            if name == fault.given:  # no country's code at all
                return _("This country is not covered yet. Covered now: %(countries)s.") % {"countries": countries}
            return _("%(country)s is not covered yet. Covered now: %(countries)s.") % {
                "country": name,
                "countries": countries,
            }
    return str(_CHOOSE[fault.field])
