"""One rule of the rulebook, or one clause of an agreement, as a page that anybody can check against its sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as msgid

from eligibility.explain import whom, words
from eligibility.explain.page import ToldSource
from eligibility.explain.telling import sources
from eligibility.rulebook import Rulebook
from eligibility.rulebook.model import Agreement, CoverageRule, LeavingRule, Provision, QualifyingRule, Rule, Scheme
from eligibility.vocabulary import (
    Confidence,
    Direction,
)

_LEAVING = msgid("For people who leave %(country)s for good")
_QUALIFYING = msgid("How long you must have paid first in %(country)s")


@dataclass(frozen=True, slots=True)
class Link:
    """Another rule, by its id and what it says in short."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class RulePage:
    """A rule in words. `who` holds lists of conditions: those of one list must all be so, and one list is enough."""

    id: str
    heading: str
    country: str
    code: str
    scheme: str
    kind: str
    agreement: str
    for_whom: str
    benefits: tuple[str, ...]
    who: tuple[tuple[str, ...], ...]
    effect: str
    details: tuple[tuple[str, str], ...]
    says: str
    since: str
    until: str
    over: bool
    note: str
    sources: tuple[ToldSource, ...]
    sureness: str
    checked: str
    departs_from: Link | None
    exceptions: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class SchemePage:
    """A scheme with its rules."""

    name: str
    kind: str
    law: str
    rules: tuple[Link, ...]


def rule_page(name: str, rulebook: Rulebook, on: date) -> RulePage | None:
    """The page of a rule or a provision, or None if there is none of that name."""
    if rule := rulebook.rules.get(name):
        return _rule(rule, rulebook, on)
    if provision := rulebook.provisions.get(name):
        return _provision(provision, rulebook, on)
    return None


def schemes_of(code: str, rulebook: Rulebook) -> tuple[SchemePage, ...]:
    """A country's schemes, each with its rules in the order of the file, exceptions after what they depart from."""
    country = rulebook.countries[code]
    found = []
    for scheme in country.schemes:
        rules: list[Rule] = [
            rule
            for part in (country.coverage, country.qualifying, country.leaving)
            for top in part
            for rule in _flat(top)
            if rule.scheme == scheme.id
        ]
        links = tuple(_link(rule) for rule in rules)
        found.append(SchemePage(_scheme_name(scheme), words.scheme_kind(scheme.kind), scheme.law, links))
    return tuple(found)


def agreement_links(agreement: Agreement) -> tuple[Link, ...]:
    return tuple(Link(provision.id, words.provision_kind(provision.kind)) for provision in agreement.provisions)


def _flat(rule: Rule) -> Iterable[Rule]:
    yield rule
    for exception in rule.exceptions:
        yield from _flat(exception)


def _link(rule: Rule) -> Link:
    dates = words.day(rule.from_) if rule.from_ else ""
    params = {
        "effect": _effect(rule),
        "benefits": _(", ").join(words.benefit(benefit) for benefit in rule.benefits),
        "since": dates,
    }
    if dates:
        return Link(rule.id, _("%(benefits)s: %(effect)s, since %(since)s") % params)
    return Link(rule.id, _("%(benefits)s: %(effect)s") % params)


def _rule(rule: Rule, rulebook: Rulebook, on: date) -> RulePage:
    scheme = rulebook.schemes[rule.scheme]
    country = words.country(rule.country)
    parent = next((one for one in rulebook.rules.values() if rule in one.exceptions), None)
    return RulePage(
        id=rule.id,
        heading=_("%(scheme)s: %(effect)s") % {"scheme": words.scheme(scheme), "effect": _effect(rule)},
        country=country,
        code=rule.country,
        scheme=_scheme_name(scheme),
        kind=words.scheme_kind(scheme.kind),
        agreement="",
        for_whom=_for_whom(rule),
        benefits=tuple(words.benefit(benefit) for benefit in rule.benefits),
        who=whom.told(rule.when, rulebook, whom.names(rule)),
        effect=_effect(rule),
        details=tuple(_details(rule)),
        says=_(rule.says) if rule.says else "",
        since=words.day(rule.from_) if rule.from_ else "",
        until=words.day(rule.until) if rule.until else "",
        over=rule.until is not None and rule.until < on,
        note=rule.note,
        sources=sources(rule.sources, rulebook),
        sureness=words.confidence(Confidence(rule.confidence)),
        checked=words.day(rule.checked),
        departs_from=_link(parent) if parent else None,
        exceptions=tuple(_link(one) for one in rule.exceptions),
    )


def _provision(provision: Provision, rulebook: Rulebook, on: date) -> RulePage:
    agreement = next(one for one in rulebook.agreements if one.id == provision.agreement)
    schemes = [_scheme_name(rulebook.schemes[one]) for one in sorted(provision.schemes)]
    effect = words.provision_kind(provision.kind)
    return RulePage(
        id=provision.id,
        heading=effect,
        country=words.country(provision.country) if provision.country else "",
        code="",
        scheme=words.listed(schemes) if schemes else "",
        kind="",
        agreement=agreement.title,
        for_whom=_("Between %(countries)s") % {"countries": _(", ").join(map(words.country, agreement.parties))},
        benefits=tuple(words.benefit(benefit) for benefit in provision.benefits),
        who=whom.told(provision.when, rulebook, whom.names(provision)),
        effect="" if provision.operative else _("This gives a worker no right yet."),
        details=((_("Standing"), words.binding(agreement.binding)),),
        says=_(provision.says) if provision.says else "",
        since=words.day(provision.from_) if provision.from_ else "",
        until=words.day(provision.until) if provision.until else "",
        over=provision.until is not None and provision.until < on,
        note=provision.note,
        sources=sources(provision.sources, rulebook),
        sureness=words.confidence(Confidence(provision.confidence)),
        checked=words.day(provision.checked),
        departs_from=None,
        exceptions=(),
    )


def _scheme_name(scheme: Scheme) -> str:
    return f"{scheme.name} ({scheme.local_name})" if scheme.local_name else scheme.name


def _for_whom(rule: Rule) -> str:
    if isinstance(rule, CoverageRule):
        return words.direction(rule.direction, rule.country)
    text = _(_LEAVING) if isinstance(rule, LeavingRule) else _(_QUALIFYING)
    return text % {"country": words.country(rule.country)}


def _effect(rule: Rule) -> str:
    if isinstance(rule, CoverageRule):
        return words.coverage(rule.coverage)
    if isinstance(rule, LeavingRule):
        return words.on_leaving(rule.becomes)
    assert isinstance(rule, QualifyingRule)
    return _("%(number)s %(unit)s or more") % {"number": rule.months, "unit": _("months")}


def _details(rule: Rule) -> Iterable[tuple[str, str]]:
    """What the rule adds, each with its heading."""
    found: list[tuple[str, str]] = []
    if isinstance(rule, CoverageRule):
        in_part = _(", ").join(words.scope(word) for word in rule.scope)
        paid = _("; ").join(f"{words.payer(who)} {what}" for who, what in rule.contributions)
        found = [(_("Only in part"), in_part), (_("How to join"), _(rule.step) if rule.step else "")]
        found += [(_("Why left out"), words.ground(rule.because)), (_("Who pays"), paid)]
        if rule.direction is Direction.OUTBOUND:
            found.append((_("Membership at home"), words.at_home(rule.at_home)))
    elif isinstance(rule, LeavingRule):
        found = [
            (_("Only in part"), _(", ").join(words.scope(word) for word in rule.scope)),
            (_("How to claim"), _(rule.claim.how) if rule.claim.how else ""),
            (_("Papers"), _(", ").join(_(paper) for paper in rule.claim.papers)),
            (_("Until when"), _(rule.claim.deadline.says) if rule.claim.deadline else ""),
            (_("How much"), _(rule.amount) if rule.amount else ""),
        ]
    elif isinstance(rule, QualifyingRule):
        found = [
            (_("What it takes"), _(rule.requires) if rule.requires else ""),
            (_("Otherwise"), _(rule.otherwise) if rule.otherwise else ""),
            (_("How much"), _(rule.amount) if rule.amount else ""),
        ]
    return [(heading, text) for heading, text in found if text]
