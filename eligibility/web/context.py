"""What every page needs besides its own: the languages to choose from, and whether this one is a draft."""

from __future__ import annotations

from typing import Any

from babel.languages import get_official_languages
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from eligibility.web import answers as kept


def languages(request: HttpRequest) -> dict[str, Any]:
    """`languages`: code and own name of each, those of the worker's country first; `suggested`: another one that the
    worker may read better; `draft`: no native speaker has read the active one yet."""
    active = get_language() or "en"
    told = kept.read(request)
    own = _spoken_in(told.origin) if told else []
    ranked = sorted(settings.LANGUAGES, key=lambda one: (one[0] != "en", one[0] not in own))
    others = [language for language in ranked if language[0] in own and active not in own]
    return {
        "languages": ranked,
        "language_name": dict(settings.LANGUAGES).get(active, active),
        "suggested": others[0] if others and others[0][0] != "en" else None,
        "draft": active not in settings.LANGUAGES_REVIEWED,
        "in_english": "Read it in English",  # never translated: it is for who reads no other
    }


def _spoken_in(country: str) -> list[str]:
    """The languages of the site that are official in a country (CLDR)."""
    official = {code.split("_")[0].lower() for code in get_official_languages(country, regional=True)}
    return [code for code, _name in settings.LANGUAGES if code.split("-")[0] in official]
