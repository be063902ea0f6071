"""Every word by which a column or a value may be called, in all languages of the site, and what it stands for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.core import get_global
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from eligibility.explain import words
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import FOUR, Fact, FactType, Sector, Status

#: What a column may say of a row beside the facts of the rulebook.
OWN = ("reference", *FOUR, "on", "from", "until")
PERSONAL = "personal"
_LATIN_ACCENTS = range(0x0300, 0x0370)
_BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
_PLACEHOLDER = re.compile(r"\{\w+\}")


@lru_cache(maxsize=1 << 14)
def fold(text: str) -> str:
    """A word without capitals, accents, spaces and signs. Vowel signs and tones of other scripts stay: they tell
    words apart."""
    spelled = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).replace("đ", "d")
    kept = (c for c in spelled if c.isalnum() or (unicodedata.category(c)[0] == "M" and ord(c) not in _LATIN_ACCENTS))
    return "".join(kept) or spelled.strip()


@cache
def table() -> Mapping[str, Any]:
    """`words.yaml`."""
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
    return found


def languages() -> tuple[str, ...]:
    """The languages of the site."""
    return tuple(code for code, _name in settings.LANGUAGES)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Folded words and what they stand for. `headings`: a field, or PERSONAL; the others: a code. `facts`: the words of
    each fact's values; `examples`: what marks the template's example row."""

    headings: Mapping[str, str]
    countries: Mapping[str, str]
    sectors: Mapping[str, str]
    statuses: Mapping[str, str]
    booleans: Mapping[str, str]
    facts: Mapping[str, Mapping[str, str]]
    examples: frozenset[str]

    def field(self, heading: str) -> str | None:
        """What a column with this heading says; PERSONAL for what a file should rather not hold; None if not known."""
        return _look_up(self.headings, heading)

    def values(self, field: str) -> Mapping[str, str] | None:
        """The words that a field may hold; None if it holds dates, numbers or free text."""
        match field:
            case "origin" | "destination":
                return self.countries
            case "sector":
                return self.sectors
            case "status":
                return self.statuses
        return self.facts.get(field)

    def value(self, field: str, word: str) -> str | None:
        """The code that a word stands for in a field; None if not known."""
        return _look_up(self.values(field) or {}, word)


def _look_up(known: Mapping[str, str], word: str) -> str | None:
    found = known.get(fold(word))
    return found if found is not None else known.get(fold(_BRACKETS.sub("", word)))


@lru_cache(maxsize=4)
def lexicon(law: Rulebook) -> Lexicon:
    """All words for one edition of the rulebook."""
    booleans = _known(_both(table()["values"]["boolean"]), _in_each(lambda: [("true", _("Yes")), ("false", _("No"))]))
    return Lexicon(
        headings=_known(((f, f) for f in (*OWN, *law.facts)), _headings(), _questions(law)),
        countries=_countries(),
        sectors=_labels("sector", tuple(Sector), lambda: [(one.value, words.sector(one)) for one in Sector]),
        statuses=_labels("status", tuple(Status), lambda: [(one.value, words.status(one)) for one in Status]),
        booleans=booleans,
        facts={name: _of_fact(fact, law, booleans) for name, fact in law.facts.items() if fact.type != FactType.NUMBER},
        examples=frozenset(map(fold, table()["example"].values())),
    )


def heading(field: str, language: str) -> str:
    """What the template calls a column. A fact that has no short heading is called by its name."""
    names: Mapping[str, str] = table()["fields"].get(field, {})
    return names.get(language) or names.get("en") or field


Pairs = Iterable[tuple[str, str]]
"""What a word stands for, and the word."""


def _known(*tiers: Pairs) -> dict[str, str]:
    """Folded words with what they stand for. An earlier tier goes before a later one; a word that stands for two things
    in one tier stands for neither."""
    known: dict[str, str] = {}
    for tier in tiers:
        found: dict[str, set[str]] = {}
        for meaning, word in tier:
            found.setdefault(fold(word), set()).add(meaning)
        known |= {word: min(all_) for word, all_ in found.items() if len(all_) == 1 and word and word not in known}
    return known


def _both(listed: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    return ((meaning, word) for meaning, found in listed.items() for word in found)


def _in_each(labels: Any) -> Iterator[tuple[str, str]]:
    """What `labels` gives in each language."""
    for language in languages():
        with override(language):
            yield from list(labels())


def _headings() -> Iterator[tuple[str, str]]:
    for field, names in table()["fields"].items():
        yield from ((field, name) for language, name in names.items() if language != "also")
        yield from ((field, name) for name in names["also"])
    yield from ((PERSONAL, name) for kind in table()["personal"] for name in kind)


def _questions(law: Rulebook) -> Iterator[tuple[str, str]]:
    """The question of each fact, as an export of our own answers or a form would have it."""
    return _in_each(lambda: [(name, _PLACEHOLDER.sub("", _(fact.question))) for name, fact in law.facts.items()])


def _labels(kind: str, codes: tuple[str, ...], labels: Any) -> dict[str, str]:
    return _known(((code, code) for code in codes), _in_each(labels), _both(table()["values"][kind]))


def _countries() -> dict[str, str]:
    """Codes of two and three letters, and names. All countries of the world, so that one which is not covered yet is
    called that and not a mistake."""
    codes = [code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()]
    longer = [(str(two[0]), str(three)) for three, two in get_global("territory_aliases").items() if len(three) == 3]
    alphabetic = [(two, three) for two, three in longer if three.isalpha() and two in codes]
    names = _in_each(lambda: [(code, words.country(code)) for code in codes])
    return _known(((code, code) for code in codes), alphabetic, names, _both(table()["countries"]))


def _of_fact(fact: Fact, law: Rulebook, booleans: Mapping[str, str]) -> Mapping[str, str]:
    match fact.type:
        case FactType.BOOLEAN:
            return booleans
        case FactType.CHOICE:
            values = ((value, value) for value, _label in fact.choices)
            labels = [(value, label) for value, label in fact.choices if not _PLACEHOLDER.search(label)]
            return _known(values, _in_each(lambda: [(value, _(label)) for value, label in labels]))
    schemes = law.schemes.values()
    return _known(((one.id, one.id) for one in schemes), ((one.id, one.short) for one in schemes if one.short))
