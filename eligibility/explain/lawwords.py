"""What differs in the law, in words: the name of a field, what it was and what it is.

What is kept of a difference is the text of its fields (`rulebook.differences`); the edition before may be lost. So the
words are made from that text, and where a word is no longer known the text stands as it is, marked as code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as msgid

from eligibility.explain import whom, words
from eligibility.explain.telling import unit
from eligibility.rulebook import Rulebook
from eligibility.rulebook.conditions import Condition, Range
from eligibility.rulebook.differences import Field, Kind, condition_of
from eligibility.rulebook.model import CoverageRule, LeavingRule, Provision, Rule
from eligibility.vocabulary import (
    AtHome,
    Benefit,
    Binding,
    Confidence,
    Coverage,
    Direction,
    FactType,
    Ground,
    OnLeaving,
    ProvisionKind,
    SchemeKind,
    Scope,
)


@dataclass(frozen=True, slots=True)
class ToldField:
    """A field that differs. `old` and `new` are "–" where there was or is nothing. `code`: it has no words, and all
    three are as in the rulebook."""

    name: str
    old: str
    new: str
    code: bool = False


_NAMES = {
    # what may change an outcome, or stands beside one
    "at": msgid("Sources"),
    "at_age": msgid("Paid from the age of"),
    "at_home": msgid("Membership at home"),
    "because": msgid("Why left out"),
    "becomes": msgid("what becomes of it on leaving"),
    "benefits": msgid("Benefits"),
    "binding": msgid("Standing"),
    "claim.deadline": msgid("Until when"),
    "claim.papers": msgid("Papers"),
    "confidence": msgid("How sure we are"),
    "country": msgid("Country"),
    "coverage": msgid("What it says"),
    "crosses": msgid("Given outside the country of work"),
    "direction": msgid("For whom"),
    "exceptions": msgid("Exceptions"),
    "expected": msgid("When"),
    "extension_months": msgid("Can be made longer by"),
    "from": msgid("In force"),
    "gives": msgid("Benefits"),
    "gives_since": msgid("In force"),
    "if_equal": msgid("With equal treatment"),
    "in_force": msgid("In force"),
    "max_months": msgid("At most"),
    "maximum": msgid("At most"),
    "members": msgid("Countries"),
    "min_own_months": msgid("Needed in that country alone"),
    "minimum": msgid("At least"),
    "months": msgid("How long you must have paid first"),
    "operative": msgid("Standing"),
    "parties": msgid("Countries"),
    "presumption": msgid("What we assume"),
    "roles": msgid("Covered as"),
    "scheme": msgid("Scheme"),
    "schemes": msgid("Scheme"),
    "scope": msgid("Only in part"),
    "serves": msgid("For whom"),
    "since": msgid("In force"),
    "to": msgid("Who gets the money"),
    "until": msgid("In force"),
    "when": msgid("When"),
    "where": msgid("Where it is paid"),
    "who": msgid("For whom"),
    "window_months": msgid("How far back months count"),
    "yes_from": msgid("Taken as yes when"),
    # how it reads
    "amount": msgid("How much"),
    "checked": msgid("How sure we are"),
    "claim.how": msgid("How to claim"),
    "contributions": msgid("Who pays"),
    "name": msgid("Name"),
    "note": msgid("Note for lawyers"),
    "otherwise": msgid("Otherwise"),
    "requires": msgid("What it takes"),
    "says": msgid("What it says"),
    "sources": msgid("Sources"),
    "step": msgid("How to join"),
}
_NAMES_OF_KINDS = {
    (Kind.AGREEMENT, "signed"): msgid("Signed"),
    (Kind.INSTRUMENT, "agreement"): msgid("Agreement"),
    (Kind.PROVISION, "agreement"): msgid("Agreement"),
    (Kind.PROVISION, "kind"): msgid("What it says"),
    (Kind.SCHEME, "kind"): msgid("Scheme"),
}
_NAMELESS = {(Kind.FACT, "name"), (Kind.COUNTRY, "country")}


def told_field(kind: Kind, name: str, field: Field, law: Rulebook) -> ToldField:
    """One field of the part of the law that is called so, in the active language."""
    label = _NAMES_OF_KINDS.get((kind, field.name)) or _NAMES.get(field.name)
    if label is None or (kind, field.name) in _NAMELESS:
        return _as_code(field)
    try:
        old, new = _Saying(kind, name, law).both(field)
    except (KeyError, ValueError):
        return _as_code(field)  # a word of another time
    return ToldField(capfirst(_(label)), old or "–", new or "–")


def part(kind: Kind, name: str, law: Rulebook) -> str:
    """Of what a part of the law is, or what it is itself: a scheme, an agreement, a question; "" if that is not in this
    law any more."""
    if kind is Kind.RULE and name in law.rules:
        return words.scheme(law.schemes[law.rules[name].scheme])
    if kind is Kind.SCHEME and name in law.schemes:
        return words.scheme(law.schemes[name])
    if kind is Kind.COUNTRY:
        return words.country(name)
    if kind is Kind.FACT and name in law.facts:
        return _(law.facts[name].question).format_map(whom.names(None))
    found = law.provisions.get(name)
    return _agreement(found.agreement if found else name, law) if kind in (Kind.PROVISION, Kind.AGREEMENT) else ""


def _as_code(field: Field) -> ToldField:
    return ToldField(field.name, field.old or "–", field.new or "–", code=True)


def _agreement(name: str, law: Rulebook) -> str:
    return next((one.title for one in law.agreements if one.id == name), "")


# --- values -----------------------------------------------------------------------------------------------------------

Say = Callable[[str], str]

_DEADLINE = re.compile(r"says (.*?)(?:, months (\d+))?(?:, from (leaving|job_end|event))?", re.DOTALL)
_FROM = {
    "leaving": msgid("from the day of leaving"),
    "job_end": msgid("from the end of the job"),
    "event": msgid("from the day on which it happened"),
}
_SERVES = {
    "everyone": msgid("Everyone"),
    "nationals": msgid("only the country’s own people"),
    "foreigners": msgid("only people from other countries"),
}
_TO = {"worker": msgid("the worker"), "home_scheme": msgid("the scheme at home")}
_ROLES = {"origin": msgid("Country of origin"), "destination": msgid("Country of work")}


class _Saying:
    """How the fields of one part of the law are said; "" for nothing. Raises KeyError or ValueError for a field or a
    text that it does not know."""

    def __init__(self, kind: Kind, name: str, law: Rulebook) -> None:
        self.kind, self.law = kind, law
        self.part: Rule | Provision | None = law.rules.get(name) or law.provisions.get(name)
        self.fact = law.facts.get(name) if kind is Kind.FACT else None

    def both(self, field: Field) -> tuple[str, str]:
        """What a field was, and what it is."""
        if field.name in ("when", "who"):
            return self._condition(field)
        say = self._ways()[field.name]
        return say(field.old), say(field.new)

    def _ways(self) -> dict[str, Say]:
        """By the name of the field."""
        benefits = _each(lambda word: words.benefit(Benefit(word)))
        countries = _each(words.country)
        years = _one(lambda text: _("%(number)s %(unit)s") % {"number": words.number(int(text)), "unit": _("years")})
        return {
            "agreement": _one(lambda name: _agreement(name, self.law) or name),
            "amount": _text,
            "at": str,
            "at_age": years,
            "at_home": _one(lambda word: words.at_home(AtHome(word))),
            "because": _one(lambda word: words.ground(Ground(word))),
            "becomes": _one(lambda word: words.on_leaving(OnLeaving(word))),
            "benefits": benefits,
            "binding": _one(lambda word: words.binding(Binding(word))),
            "checked": _one(lambda text: _("Checked on %(day)s.") % {"day": words.day(date.fromisoformat(text))}),
            "claim.deadline": _one(_deadline),
            "claim.how": _text,
            "claim.papers": self._papers,
            "confidence": _one(lambda word: words.confidence(Confidence(word))),
            "contributions": _contributions,
            "country": _one(words.country),
            "coverage": _one(lambda word: words.coverage(Coverage(word))),
            "crosses": _one(_yes_or_no),
            "direction": _one(self._direction),
            "exceptions": str,
            "expected": _text,
            "extension_months": _months,
            "from": _since,
            "gives": benefits,
            "gives_since": _gives_since,
            "if_equal": _one(lambda word: words.coverage(Coverage(word))),
            "in_force": _since,
            "kind": _one(self._kind),
            "max_months": _months,
            "maximum": self._amount,
            "members": countries,
            "min_own_months": _months,
            "minimum": self._amount,
            "months": _months,
            "name": str,
            "note": str,
            "operative": _operative,
            "otherwise": _text,
            "parties": countries,
            "presumption": self._presumption,
            "requires": _text,
            "roles": _each(lambda word: _(_ROLES[word])),
            "says": _text,
            "scheme": _one(self._scheme),
            "schemes": _each(self._scheme),
            "scope": _each(lambda word: words.scope(Scope(word))),
            "serves": _one(lambda word: _(_SERVES[word])),
            "signed": str,
            "since": _since,
            "sources": self._sources,
            "step": _text,
            "to": _one(lambda word: _(_TO[word])),
            "until": _until,
            "where": _one(_where),
            "window_months": _months,
            "yes_from": _one(self._number_told),
        }

    def _direction(self, word: str) -> str:
        if not isinstance(self.part, CoverageRule):
            raise ValueError(word)
        return words.direction(Direction(word), self.part.country)

    def _kind(self, word: str) -> str:
        if self.kind is Kind.PROVISION:
            return words.provision_kind(ProvisionKind(word))
        return words.scheme_kind(SchemeKind(word))

    def _scheme(self, name: str) -> str:
        return words.scheme(self.law.schemes[name])

    def _papers(self, text: str) -> str:
        """A list of texts that may hold commas themselves: those that the law knows are found whole."""
        known = _all_papers(self.law)
        found, rest = [], text.split(", ") if text else []
        while rest:
            whole = next((n for n in range(len(rest), 0, -1) if ", ".join(rest[:n]) in known), 1)
            found.append(_text(", ".join(rest[:whole])))
            rest = rest[whole:]
        return words.listed(found)

    def _sources(self, text: str) -> str:
        """Titles; the places in them as they stand."""
        cited = (one.partition(" ") for one in text.split("; ") if one)
        known = self.law.sources
        return words.listed(
            f"{known[name].title if name in known else name} {at}".strip() for name, _space, at in cited
        )

    def _condition(self, field: Field) -> tuple[str, str]:
        """A condition, without what holds before and after alike: a long list that stays would hide what does not."""
        before, after = condition_of(field.old), condition_of(field.new)
        alike = set.intersection(*map(set, (*before.clauses, *after.clauses)))
        always = "" if alike else _("always")

        def say(condition: Condition) -> str:
            left = Condition(tuple(tuple(one for one in clause if one not in alike) for clause in condition.clauses))
            told = whom.told(left, self.law, whom.names(self.part))
            return f" {_('or')} ".join(" ".join(lines) for lines in told) if all(left.clauses) else always

        return say(before), say(after)

    def _presumption(self, text: str) -> str:
        if self.fact is None:
            raise ValueError(text)
        match self.fact.type:
            case _ if not text:
                return ""
            case FactType.BOOLEAN:
                return _yes_or_no(text)
            case FactType.CHOICE:
                return _(dict(self.fact.choices)[text]).format_map(whom.names(None))
        return self._amount(text)

    def _number_told(self, text: str) -> str:
        """A number and how much of it, as a condition."""
        number, least = text.split(", ")
        condition = Condition((((number, Range(int(least))),),))
        return " ".join(*whom.told(condition, self.law, whom.names(None)))

    def _amount(self, text: str) -> str:
        """A number of whatever the question asks for."""
        if self.fact is None:
            raise ValueError(text)
        if not text:
            return ""
        return (_("%(number)s %(unit)s") % {"number": words.number(int(text)), "unit": unit(self.fact)}).strip()


@lru_cache(maxsize=4)
def _all_papers(law: Rulebook) -> frozenset[str]:
    """Every paper that a law names."""
    claims = (rule.claim for rule in law.rules.values() if isinstance(rule, LeavingRule))
    return frozenset(paper for claim in claims for paper in claim.papers)


def _one(say: Say) -> Say:
    """Of something that may be left out."""
    return lambda text: say(text) if text else ""


def _each(say: Say) -> Say:
    """Of a list."""
    return lambda text: words.listed(map(say, text.split(", "))) if text else ""


def _text(text: str) -> str:
    """A text of the rulebook, translated where the catalogue has it."""
    return _(text) if text else ""


_months = _one(lambda text: words.months(int(text)))


def _yes_or_no(text: str) -> str:
    return {"true": _("Yes"), "false": _("No")}[text]


def _since(text: str) -> str:
    if not text:
        return _("for longer than these pages look back")
    return _("since %(since)s") % {"since": words.day(date.fromisoformat(text))}


def _until(text: str) -> str:
    if not text:
        return _("no last day")
    return _("until %(until)s") % {"until": words.day(date.fromisoformat(text))}


def _gives_since(text: str) -> str:
    """Pairs of a benefit and a day."""
    given = text.split(", ") if text else []
    pairs = zip(given[::2], given[1::2], strict=True)
    return words.listed(f"{words.benefit(Benefit(word))} ({_since(day)})" for word, day in pairs)


_PAYER = re.compile(r"(?:^|, )(worker|employer|government|of), ")


def _contributions(text: str) -> str:
    """Who pays, and what: pairs, of which only the first has words."""
    before, *given = _PAYER.split(text)
    if before:
        raise ValueError(text)
    return _("; ").join(f"{words.payer(who)} {what}" for who, what in zip(given[::2], given[1::2], strict=True))


def _operative(text: str) -> str:
    return {"true": _("This gives a worker a right."), "false": _("This gives a worker no right yet.")}[text]


def _where(word: str) -> str:
    return {"there": words.scope(Scope.IN_COUNTRY_ONLY), "anywhere": words.on_leaving(OnLeaving.PAID_ABROAD)}[word]


def _deadline(text: str) -> str:
    """The sentence, and what is counted by it."""
    found = _DEADLINE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    says, months, since = found.groups()
    counted = [*([words.months(int(months))] if months else []), *([_(_FROM[since])] if since else [])]
    return f"{_(says)} ({_(', ').join(counted)})" if counted else _(says)
