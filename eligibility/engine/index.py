"""The rulebook laid out for asking: for one country, one side, one sector, status and day, the rules that can speak.

An index holds no answers. It fills in the four answers once and keeps what is left of each condition, so that a
determination looks only at rules that can still apply. Entries are made on first use.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from typing import Any, Generic, TypeVar, cast

from eligibility.engine.agreements import Bridge, between, binding_on, bridges
from eligibility.engine.answer import Promise
from eligibility.engine.conditions import YES_OR_NO, Cells, Knowledge, holds, number_cells, residue
from eligibility.rulebook.checks import flat
from eligibility.rulebook.conditions import Clause, OneOf, Range, Test
from eligibility.rulebook.model import (
    Announcement,
    Country,
    CoverageRule,
    LeavingRule,
    QualifyingRule,
    Rule,
    Rulebook,
    Scheme,
)
from eligibility.vocabulary import TERRITORIAL, Benefit, Direction, FactType, Sector, Side, Status, Value

RuleT = TypeVar("RuleT", bound=Rule)
ALWAYS_CLAUSES: tuple[Clause, ...] = ((),)


class Live(Generic[RuleT]):
    """A rule that can still apply: what is left of its condition, and its exceptions that can still apply."""

    __slots__ = ("clauses", "exceptions", "rule")

    def __init__(self, rule: RuleT, clauses: tuple[Clause, ...], exceptions: tuple[Live[RuleT], ...]) -> None:
        self.rule = rule
        self.clauses = clauses
        self.exceptions = exceptions

    def facts(self) -> Iterator[tuple[str, Test]]:
        for clause in self.clauses:
            yield from clause
        for exception in self.exceptions:
            yield from exception.facts()


def resolve(live: tuple[Live[RuleT], ...], knowledge: Knowledge) -> RuleT | None:
    """The one rule that applies, the most specific exception first; None if none does. Raises Unknown."""
    for candidate in live:
        if candidate.clauses is ALWAYS_CLAUSES or holds(candidate.clauses, knowledge):
            if candidate.exceptions:
                return resolve(candidate.exceptions, knowledge) or candidate.rule
            return candidate.rule
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One scheme that gives the benefit, with the rules on it that can still apply."""

    scheme: Scheme
    coverage: tuple[Live[CoverageRule], ...]
    leaving: tuple[Live[LeavingRule], ...]
    qualifying: tuple[Live[QualifyingRule], ...]
    returning: tuple[Live[CoverageRule], ...]

    def tests(self) -> Iterator[tuple[str, Test]]:
        """What the conditions ask of the facts."""
        candidates: tuple[Live[Any], ...] = (*self.coverage, *self.leaving, *self.qualifying, *self.returning)
        return chain.from_iterable(candidate.facts() for candidate in candidates)

    def months(self) -> set[int]:
        """The lengths of the qualifying periods."""
        return {rule.months for rule in _all_rules(self.qualifying) if rule.months}


#: The facts that a qualifying period is compared with.
COUNTED = ("months_contributed", "months_contributed_home", "contract_months")


def _cuts(entries: Sequence[Entry]) -> dict[str, tuple[int, ...]]:
    """Where the rules divide the numbers of each fact."""
    cuts: dict[str, set[int]] = {fact: {months for entry in entries for months in entry.months()} for fact in COUNTED}
    for entry in entries:
        for fact, test in entry.tests():
            if isinstance(test, Range):
                cuts.setdefault(fact, set()).update(bound for bound in (test.low, test.high) if bound is not None)
    return {fact: tuple(sorted(found)) for fact, found in cuts.items() if found}


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """One country's law on one benefit for workers of one sector and status on one day.

    `schemes`: the ids of those that give it; `cuts`: where the rules divide the numbers of a fact; `nationals`: the
    country's own workers have it; `coming`: rules that start later and announcements; `tree`: see `standing`.
    """

    entries: tuple[Entry, ...]
    schemes: frozenset[str]
    cuts: Mapping[str, tuple[int, ...]]
    nationals: bool
    coming: tuple[Rule | Announcement, ...]
    tree: dict[object, Any] = field(default_factory=dict)


class Index:
    """The rulebook laid out by country, side, sector, status and day. Grows on use; safe to share between threads
    (entries are immutable and equal whoever makes them)."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.presumptions: dict[str, Value] = {
            name: fact.presumption for name, fact in rulebook.facts.items() if fact.presumption is not None
        }
        self._shelves = {code: _shelve(country) for code, country in rulebook.countries.items()}
        self._days = {code: _change_days(country) for code, country in rulebook.countries.items()}
        self._partners = {
            (code, side): _partners(country, side) for code, country in rulebook.countries.items() for side in Side
        }
        self._branches: dict[tuple[str, Side, str, Sector, Status, int], Mapping[Benefit, Branch]] = {}
        self._treaties: dict[tuple[str, str], list[date]] = {}
        self._bridges: dict[tuple[str, str, Sector, Status, int], Mapping[Benefit, Bridge]] = {}
        self._promises: dict[tuple[str, str, Sector, Status, int], Mapping[Benefit, tuple[Promise, ...]]] = {}

    def branches(
        self, side: Side, code: str, partner: str, sector: Sector, status: Status, on: date
    ) -> Mapping[Benefit, Branch]:
        """The law of country `code` on each benefit; `partner` is the other country of the case."""
        partner = partner if partner in self._partners[code, side] else "*"
        key = (code, side, partner, sector, status, bisect_right(self._days[code], on))
        found = self._branches.get(key)
        if found is None:
            found = self._branches[key] = self._lay_out(side, code, partner, sector, status, on)
        return found

    def bridges(self, known: Mapping[str, str], on: date) -> Mapping[Benefit, Bridge]:
        """What agreements change for each benefit between the case's two countries."""
        key = self._corridor(known, on)
        found = self._bridges.get(key)
        if found is None:
            found = self._bridges[key] = bridges(self.rulebook, known, on)
        return found

    def promises(self, known: Mapping[str, str], on: date) -> Mapping[Benefit, tuple[Promise, ...]]:
        """What is promised for each benefit beside the law, to such a worker between these countries."""
        key = self._corridor(known, on)
        found = self._promises.get(key)
        if found is None:
            found = self._promises[key] = _promises(self.rulebook, known, on)
        return found

    def change_days(self, *codes: str) -> list[date]:
        """The days on which the law of these countries changes; of two, their agreements and instruments too."""
        shared = self._treaty_days(*codes) if len(codes) == 2 else []
        return sorted({*shared, *(day for code in codes for day in self._days[code])})

    def _treaty_days(self, origin: str, destination: str) -> list[date]:
        found = self._treaties.get((origin, destination))
        if found is None:
            found = self._treaties[origin, destination] = _treaty_days(self.rulebook, {origin, destination})
        return found

    def cells(self, fact: str, there: Branch, home: Branch, extra: tuple[int, ...] = ()) -> Cells:
        """The classes of a fact's values that two countries' rules tell apart; `extra` are further cuts of a number."""
        declared = self.rulebook.facts.get(fact)
        if declared is None:  # a point that the law leaves unclear
            return YES_OR_NO
        if declared.type is FactType.NUMBER:
            return number_cells(there.cuts.get(fact, ()), home.cuts.get(fact, ()), extra, declared.minimum)
        return tuple((value, value) for value, _label in declared.choices) or YES_OR_NO

    def _corridor(self, known: Mapping[str, str], on: date) -> tuple[str, str, Sector, Status, int]:
        segment = bisect_right(self._treaty_days(known["origin"], known["destination"]), on)
        return known["origin"], known["destination"], Sector(known["sector"]), Status(known["status"]), segment

    def _lay_out(
        self, side: Side, code: str, partner: str, sector: Sector, status: Status, on: date
    ) -> Mapping[Benefit, Branch]:
        country = self.rulebook.countries[code]
        here, there = ("destination", "origin") if side is Side.DESTINATION else ("origin", "destination")
        known = {here: code, there: partner, "sector": sector, "status": status}
        shelf = self._shelves[code]
        return {benefit: _branch(country, shelf, benefit, side, known, on) for benefit in Benefit}


Shelf = Mapping[tuple[str, str, Benefit], tuple[Rule, ...]]
"""A country's rules by part (a direction, "leaving" or "qualifying"), scheme and benefit."""


def _shelve(country: Country) -> Shelf:
    shelf: dict[tuple[str, str, Benefit], tuple[Rule, ...]] = {}
    parts = ((None, country.coverage), ("leaving", country.leaving), ("qualifying", country.qualifying))
    for name, rules in parts:
        for rule in rules:
            part = rule.direction if isinstance(rule, CoverageRule) else str(name)
            for benefit in rule.benefits:
                key = (part, rule.scheme, benefit)
                shelf[key] = (*shelf.get(key, ()), rule)
    return shelf


def _branch(country: Country, shelf: Shelf, benefit: Benefit, side: Side, known: Mapping[str, str], on: date) -> Branch:
    here = side is Side.DESTINATION
    covering = Direction.INBOUND if here else Direction.OUTBOUND

    def live(part: str, scheme: Scheme) -> tuple[Live[Any], ...]:
        return _live(shelf.get((part, scheme.id, benefit), ()), benefit, known, on)

    schemes = [scheme for scheme in country.schemes if benefit in scheme.gives]
    entries = []
    for scheme in schemes:
        coverage = live(covering, scheme)
        back = () if here else live(Direction.RETURNING, scheme)
        silent = not here and (scheme.serves == "foreigners" or scheme.kind in TERRITORIAL)
        if coverage or back or (scheme.gives_on(benefit, on) and not silent):
            leaving = live("leaving", scheme) if here else ()
            entries.append(Entry(scheme, coverage, leaving, live("qualifying", scheme), back))
    parts = (covering, "leaving", "qualifying") if here else (covering, "qualifying")
    coming: list[Rule | Announcement] = [
        rule
        for scheme in schemes
        for part in parts
        for rule in _coming(shelf.get((part, scheme.id, benefit), ()), benefit, known, on)
    ]
    coming += [one for one in country.announced if benefit in one.benefits]
    return Branch(
        entries=tuple(entries),
        schemes=frozenset(entry.scheme.id for entry in entries),
        cuts=_cuts(entries),
        nationals=any(scheme.serves_nationals(benefit, on) for scheme in schemes),
        coming=tuple(coming),
    )


def _live(rules: Sequence[RuleT], benefit: Benefit, known: Mapping[str, str], on: date) -> tuple[Live[RuleT], ...]:
    """The rules that speak of the benefit on that day and can still apply. An exception that always applies takes its
    parent's place."""
    result = []
    for rule in rules:
        if benefit not in rule.benefits or not rule.in_force(on):
            continue
        clauses = residue(rule.when, known)
        if not clauses:
            continue
        clauses = ALWAYS_CLAUSES if clauses == ALWAYS_CLAUSES else clauses
        exceptions = _live(cast(Sequence[RuleT], rule.exceptions), benefit, known, on)
        certain = next((exception for exception in exceptions if exception.clauses is ALWAYS_CLAUSES), None)
        result.append(Live(certain.rule, clauses, certain.exceptions) if certain else Live(rule, clauses, exceptions))
    return tuple(result)


def _coming(rules: Sequence[Rule], benefit: Benefit, known: Mapping[str, str], on: date) -> Iterator[Rule]:
    """The rules that begin after that day and can apply on their first one."""
    for rule in flat(rules):
        if rule.from_ is not None and rule.from_ > on and rule in _all_rules(_live(rules, benefit, known, rule.from_)):
            yield rule


def _all_rules(live: tuple[Live[RuleT], ...]) -> Iterator[RuleT]:
    for candidate in live:
        yield candidate.rule
        yield from _all_rules(candidate.exceptions)


def _change_days(country: Country) -> list[date]:
    """The days on which anything in the country's law begins or has just ended."""
    days: set[date] = set()
    for part in (country.coverage, country.leaving, country.qualifying):
        for rule in flat(part):
            days |= _edges(rule.from_, rule.until)
    for scheme in country.schemes:
        days |= _edges(scheme.since, scheme.until) | {day for _, day in scheme.gives_since}
    return sorted(days)


def _treaty_days(rulebook: Rulebook, both: set[str]) -> list[date]:
    """The days on which an agreement between two countries, or an instrument of both, begins or has just ended."""
    days: set[date] = {instrument.adopted for instrument in rulebook.instruments if both <= set(instrument.members)}
    for agreement in (agreement for agreement in rulebook.agreements if both <= set(agreement.parties)):
        days |= _edges(agreement.in_force, agreement.until)
        for provision in agreement.provisions:
            days |= _edges(provision.from_, provision.until)
    return sorted(days)


def _edges(start: date | None, end: date | None) -> set[date]:
    after = {end + timedelta(days=1)} if end is not None and end < date.max else set()
    return after | ({start} if start is not None else set())


def _partners(country: Country, side: Side) -> frozenset[str]:
    """The other countries that the country's rules of that side name."""
    fact = "origin" if side is Side.DESTINATION else "destination"
    rules = [rule for part in (country.coverage, country.leaving, country.qualifying) for rule in flat(part)]
    return frozenset(
        str(value)
        for rule in rules
        for clause in rule.when.clauses
        for name, test in clause
        if name == fact and isinstance(test, OneOf)
        for value in test.values
    )


def _promises(rulebook: Rulebook, known: Mapping[str, str], on: date) -> dict[Benefit, tuple[Promise, ...]]:
    """Instruments of which both countries are members, and provisions that give no right."""
    both = {known["origin"], known["destination"]}
    result: dict[Benefit, tuple[Promise, ...]] = dict.fromkeys(Benefit, ())
    for instrument in rulebook.instruments:
        if instrument.adopted > on or not both <= set(instrument.members):
            continue
        for article in instrument.articles:
            if residue(article.who, known):
                for benefit in article.benefits:
                    result[benefit] = (*result[benefit], Promise(instrument=instrument, article=article))
    for agreement, provision in between(rulebook, known["origin"], known["destination"]):
        start = provision.from_ or agreement.in_force
        begun = start is None or start <= on
        ended = any(last is not None and last < on for last in (agreement.until, provision.until))
        if begun and not ended and not binding_on(agreement, provision, on) and residue(provision.when, known):
            for benefit in provision.benefits:
                result[benefit] = (*result[benefit], Promise(provision=provision))
    return result
