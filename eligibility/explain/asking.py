"""The four questions that come first, in words, with every answer that may be given."""

from __future__ import annotations

from django.utils.translation import gettext as _

from eligibility.explain import words
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import Sector, Status

Option = tuple[str, str, str]
"""One answer that may be given: its value, its label, a word of help or ""."""


def question(name: str) -> tuple[str, str]:
    """One of the four questions and its help."""
    match name:
        case "origin":
            return _("Which country are you from?"), _("The country of your passport.")
        case "destination":
            return _("Which country do you work in?"), _("Or where do you plan to work?")
        case "sector":
            return _("What work do you do there?"), ""
    return _("What do your papers say?"), _("Choose what is nearest. You do not have to show anything.")


def options(name: str, rulebook: Rulebook, but: str = "") -> list[Option]:
    """The answers that may be given to one of the four, countries in the order of their names; `but` is left out."""
    match name:
        case "origin" | "destination":
            named = [(code, words.country(code), "") for code in rulebook.with_role(name) if code != but]
            return sorted(named, key=lambda option: option[1].casefold())
        case "sector":
            return [(word.value, words.sector(word), "") for word in Sector]
    return [(word.value, words.status(word), words.status_help(word)) for word in Status]
