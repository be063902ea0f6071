"""The law itself as data: what each thing in the rulebook looks like to a program. Texts are in the active language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from eligibility.explain import words
from eligibility.rulebook import Rulebook
from eligibility.rulebook.conditions import Condition, OneOf, Test
from eligibility.rulebook.model import (
    Agreement,
    Announcement,
    Article,
    Citation,
    CoverageRule,
    Instrument,
    LeavingRule,
    Office,
    Provision,
    QualifyingRule,
    Rule,
    Scheme,
    Source,
)
from eligibility.vocabulary import Benefit, Binding, SchemeKind, SourceKind

Data = dict[str, Any]
RULE_KINDS = ("coverage", "leaving", "qualifying", "provision")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One kind of thing that can be listed and fetched. `filters` has for each parameter its accepted values, or None
    where a day is meant; `every` yields all things that pass the given filters, each as data with an `id`."""

    name: str
    one: str
    says: str
    filters: Mapping[str, Callable[[Rulebook], tuple[str, ...]] | None]
    every: Callable[[Rulebook, Mapping[str, Any]], Iterable[Data]]


# --- parts ------------------------------------------------------------------------------------------------------------


def told(text: str) -> str:
    """A text of the rulebook in the active language; gettext would answer "" with the catalogue's own header."""
    return _(text) if text else ""


def day(when: date | None) -> str | None:
    return when.isoformat() if when else None


def citations(found: Iterable[Citation]) -> list[Data]:
    return [{"id": one.source, "at": one.at or None} for one in found]


def condition(when: Condition) -> list[list[Data]]:
    """Whom a rule speaks of: one list is enough, and of that list all must hold. `[[]]` is everybody."""
    return [[_test(fact, test) for fact, test in clause] for clause in when.clauses]


def _test(fact: str, test: Test) -> Data:
    if isinstance(test, OneOf):
        values = sorted(test.values, key=str)
        return {"fact": fact, "is_none_of" if test.negated else "is_one_of": [_plain(value) for value in values]}
    return {"fact": fact, "at_least": test.low, "below": test.high}


def _plain(value: object) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def office(one: Office) -> Data:
    return {
        "name": one.name,
        "address": one.address,
        "phone": one.phone,
        "url": one.url,
        "form": one.form,
        "note": told(one.note),
        "sources": citations(one.sources),
    }


# --- things -----------------------------------------------------------------------------------------------------------


def source(one: Source) -> Data:
    return {
        "id": one.id,
        "title": one.title,
        "publisher": one.publisher,
        "kind": one.kind.value,
        "url": one.url,
        "date": one.date,
    }


def scheme(one: Scheme) -> Data:
    return {
        "id": one.id,
        "country": one.country,
        "name": one.name,
        "short": told(one.short),
        "local_name": one.local_name,
        "kind": one.kind.value,
        "institution": one.institution,
        "law": one.law,
        "gives": [benefit.value for benefit in one.gives],
        "serves": one.serves,
        "since": day(one.since),
        "until": day(one.until),
        "offices": [office(place) for place in one.offices],
        "sources": citations(one.sources),
    }


def rule(one: Rule) -> Data:
    """A rule. `exceptions` are ids; what only one kind of rule has stands under the name of that kind."""
    return {
        "id": one.id,
        "kind": kind_of(one),
        "country": one.country,
        "scheme": one.scheme,
        "benefits": [benefit.value for benefit in one.benefits],
        "when": condition(one.when),
        "from": day(one.from_),
        "until": day(one.until),
        "says": told(one.says),
        "note": one.note,
        "confidence": one.confidence.value,
        "checked": one.checked.isoformat(),
        "exceptions": [exception.id for exception in one.exceptions],
        "sources": citations(one.sources),
        kind_of(one): _particulars(one),
    }


def kind_of(one: Rule | Provision) -> str:
    match one:
        case CoverageRule():
            return "coverage"
        case LeavingRule():
            return "leaving"
        case QualifyingRule():
            return "qualifying"
    return "provision"


def _particulars(one: Rule) -> Data:
    match one:
        case CoverageRule():
            return {
                "direction": one.direction.value,
                "coverage": one.coverage.value,
                "scope": [word.value for word in one.scope],
                "because": one.because.value,
                "if_equal": one.if_equal.value,
                "crosses": one.crosses,
                "at_home": one.at_home.value,
                "step": told(one.step),
                "contributions": dict(one.contributions),
            }
        case LeavingRule():
            deadline = one.claim.deadline
            return {
                "becomes": one.becomes.value,
                "scope": [word.value for word in one.scope],
                "how": told(one.claim.how),
                "papers": [told(paper) for paper in one.claim.papers],
                "deadline": {"says": told(deadline.says), "months": deadline.months, "from": deadline.from_ or None}
                if deadline
                else None,
                "amount": told(one.amount),
                "at_age": one.at_age,
                "where": one.where,
            }
        case QualifyingRule():
            return {
                "months": one.months,
                "window_months": one.window_months,
                "requires": one.requires,
                "otherwise": one.otherwise,
                "amount": told(one.amount),
            }
    return {}


def provision(one: Provision) -> Data:
    """A clause of an agreement, in the shape of a rule."""
    return {
        "id": one.id,
        "kind": "provision",
        "country": one.country or None,
        "scheme": None,
        "benefits": [benefit.value for benefit in one.benefits],
        "when": condition(one.when),
        "from": day(one.from_),
        "until": day(one.until),
        "says": told(one.says),
        "note": one.note,
        "confidence": one.confidence.value,
        "checked": one.checked.isoformat(),
        "exceptions": [],
        "sources": citations(one.sources),
        "provision": {
            "agreement": one.agreement,
            "kind": one.kind.value,
            "at": one.at,
            "operative": one.operative,
            "schemes": sorted(one.schemes),
            "min_own_months": one.min_own_months,
            "max_months": one.max_months,
            "extension_months": one.extension_months,
            "to": one.to,
        },
    }


def agreement(one: Agreement) -> Data:
    return {
        "id": one.id,
        "title": one.title,
        "parties": list(one.parties),
        "binding": one.binding.value,
        "signed": one.signed,
        "in_force": day(one.in_force),
        "until": day(one.until),
        "note": one.note,
        "provisions": [clause.id for clause in one.provisions],
        "sources": citations(one.sources),
    }


def instrument(one: Instrument) -> Data:
    return {
        "id": one.id,
        "title": one.title,
        "short": told(one.short),
        "adopted": one.adopted.isoformat(),
        "binding": one.binding.value,
        "members": list(one.members),
        "asked_of": list(one.asked_of),
        "accepted": {code: given.on.isoformat() for code, given in one.accepted.items()},
        "articles": [_article(article) for article in one.articles],
        "sources": citations(one.sources),
    }


def _article(one: Article) -> Data:
    return {
        "at": one.at,
        "benefits": [benefit.value for benefit in one.benefits],
        "who": condition(one.who),
        "says": told(one.says),
        "confidence": one.confidence.value,
        "sources": citations(one.sources),
    }


def announcement(one: Announcement) -> Data:
    return {
        "id": one.id,
        "country": one.country,
        "benefits": [benefit.value for benefit in one.benefits],
        "expected": told(one.expected),
        "says": told(one.says),
        "sources": citations(one.sources),
    }


def country(code: str, law: Rulebook) -> Data:
    found = law.countries[code]
    return {
        "id": code,
        "name": words.country(code),
        "roles": sorted(found.roles),
        "schemes": [one.id for one in found.schemes],
        "rules": sum(one.country == code for one in law.rules.values()),
        "announced": [announcement(one) for one in found.announced],
        "gaps": list(found.gaps),
    }


# --- lists ------------------------------------------------------------------------------------------------------------


def _countries(law: Rulebook, wanted: Mapping[str, Any]) -> Iterable[Data]:
    for code, found in law.countries.items():
        if wanted.get("role") in (None, *found.roles):
            yield country(code, law)


def _schemes(law: Rulebook, wanted: Mapping[str, Any]) -> Iterable[Data]:
    for one in law.schemes.values():
        if (
            wanted.get("country") in (None, one.country)
            and wanted.get("benefit") in (None, *one.gives)
            and wanted.get("kind") in (None, one.kind)
        ):
            yield scheme(one)


def _rules(law: Rulebook, wanted: Mapping[str, Any]) -> Iterable[Data]:
    on = wanted.get("on")
    everything: list[Rule | Provision] = [*law.rules.values(), *law.provisions.values()]
    for one in everything:
        in_force = on is None or ((one.from_ is None or one.from_ <= on) and (one.until is None or on <= one.until))
        schemes = {one.scheme} if isinstance(one, Rule) else one.schemes
        if (
            in_force
            and wanted.get("country") in (None, one.country)
            and wanted.get("scheme") in (None, *schemes)
            and wanted.get("benefit") in (None, *one.benefits)
            and wanted.get("kind") in (None, kind_of(one))
        ):
            yield rule(one) if isinstance(one, Rule) else provision(one)


def _agreements(law: Rulebook, wanted: Mapping[str, Any]) -> Iterable[Data]:
    for one in law.agreements:
        if wanted.get("country") in (None, *one.parties) and wanted.get("binding") in (None, one.binding):
            yield agreement(one)


def _instruments(law: Rulebook, wanted: Mapping[str, Any]) -> Iterable[Data]:
    for one in law.instruments:
        if wanted.get("country") in (None, *one.members, *one.accepted) and wanted.get("binding") in (
            None,
            one.binding,
        ):
            yield instrument(one)


def _sources(law: Rulebook, wanted: Mapping[str, Any]) -> Iterable[Data]:
    return (source(one) for one in law.sources.values() if wanted.get("kind") in (None, one.kind))


def _corridors(law: Rulebook, wanted: Mapping[str, Any]) -> Iterable[Data]:
    for origin in law.with_role("origin"):
        for destination in law.with_role("destination"):
            if (
                origin != destination
                and wanted.get("origin") in (None, origin)
                and wanted.get("destination") in (None, destination)
            ):
                yield _corridor(origin, destination, law)


def _corridor(origin: str, destination: str, law: Rulebook) -> Data:
    both = {origin, destination}
    return {
        "id": f"{origin}-{destination}",
        "origin": origin,
        "destination": destination,
        "agreements": [
            {"id": one.id, "title": one.title, "binding": one.binding.value, "in_force": day(one.in_force)}
            for one in law.agreements
            if both <= set(one.parties)
        ],
        "instruments": [one.id for one in law.instruments if one.members and one.speaks_to(both)],
        "schemes": {
            role: [one.id for one in law.countries[code].schemes]
            for role, code in (("origin", origin), ("destination", destination))
        },
    }


def codes(law: Rulebook) -> tuple[str, ...]:
    return tuple(law.countries)


def parties(law: Rulebook) -> tuple[str, ...]:
    found = {code for one in law.agreements for code in one.parties}
    found |= {code for one in law.instruments for code in (*one.members, *one.accepted)}
    return tuple(sorted(found | set(law.countries)))


def benefits(law: Rulebook) -> tuple[str, ...]:
    return tuple(Benefit)


CATALOGUES = {
    one.name: one
    for one in (
        Catalogue(
            "countries",
            "country",
            "The countries whose law is here, with what is known to be missing.",
            {"role": lambda law: ("origin", "destination")},
            _countries,
        ),
        Catalogue(
            "schemes",
            "scheme",
            "What pays: insurances, funds, duties of employers.",
            {"country": codes, "benefit": benefits, "kind": lambda law: tuple(SchemeKind)},
            _schemes,
        ),
        Catalogue(
            "rules",
            "rule",
            "The rules of the schemes and the clauses of the agreements; `on` asks for those in force on a day.",
            {
                "country": codes,
                "scheme": lambda law: tuple(law.schemes),
                "benefit": benefits,
                "kind": lambda law: RULE_KINDS,
                "on": None,
            },
            _rules,
        ),
        Catalogue(
            "agreements",
            "agreement",
            "Treaties and lesser arrangements between countries.",
            {"country": parties, "binding": lambda law: tuple(Binding)},
            _agreements,
        ),
        Catalogue(
            "instruments",
            "instrument",
            "What declarations and conventions promise, and who has accepted it.",
            {"country": parties, "binding": lambda law: tuple(Binding)},
            _instruments,
        ),
        Catalogue(
            "sources",
            "source",
            "Where the law was read.",
            {"kind": lambda law: tuple(SourceKind)},
            _sources,
        ),
        Catalogue(
            "corridors",
            "corridor",
            "From where to where: the agreements, promises and schemes that meet there.",
            {
                "origin": lambda law: law.with_role("origin"),
                "destination": lambda law: law.with_role("destination"),
            },
            _corridors,
        ),
    )
}
