"""The rulebook laid out for asking: for one corridor, sector, status and day, the law that can speak of each benefit.

An index fills in the four answers once and keeps what is left of each condition, so that a determination looks only at
rules that can still apply. Entries are made on first use, and law that reads the same is kept once: most sectors, and
most days of change, differ for few benefits.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, Generic, TypeVar, cast

from eligibility.engine.agreements import Bridge, applied_on, between, binding_on, bridge_of
from eligibility.engine.answer import Promise
from eligibility.engine.conditions import (
    PAID_THERE,
    SERVED,
    YES_OR_NO,
    Cells,
    Knowledge,
    holds,
    number_cells,
    residue,
)
from eligibility.rulebook.checks import flat
from eligibility.rulebook.conditions import ALWAYS, Clause, Condition, OneOf, Range, Test
from eligibility.rulebook.model import (
    Announcement,
    Country,
    CoverageRule,
    Instrument,
    LeavingRule,
    QualifyingRule,
    Rule,
    Rulebook,
    Scheme,
)
from eligibility.vocabulary import TERRITORIAL, Benefit, Direction, FactType, Sector, Side, Status, Value

RuleT = TypeVar("RuleT", bound=Rule)
ALWAYS_CLAUSES: tuple[Clause, ...] = ((),)
#: The four answers that every case has.
FOUR = ("origin", "destination", "sector", "status")
WORDS: dict[str, tuple[str, ...]] = {"sector": (*Sector,), "status": (*Status,)}


@dataclass(frozen=True, slots=True)
class Live(Generic[RuleT]):
    """A rule that can still apply: what is left of its condition, and its exceptions that can still apply."""

    rule: RuleT
    clauses: tuple[Clause, ...]
    exceptions: tuple[Live[RuleT], ...]

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


@dataclass(frozen=True, slots=True)
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
COUNTED = ("months_contributed", "months_served", "months_contributed_home", "contract_months")


def _cuts(entries: Sequence[Entry]) -> dict[str, tuple[int, ...]]:
    """Where the rules divide the numbers of each fact."""
    cuts: dict[str, set[int]] = {fact: {months for entry in entries for months in entry.months()} for fact in COUNTED}
    for entry in entries:
        for fact, test in entry.tests():
            if isinstance(test, Range):
                bounds = [bound for bound in (test.low, test.high) if bound is not None]
                cuts.setdefault(fact, set()).update(bounds)
                if fact == SERVED:
                    cuts[PAID_THERE].update(bounds)  # months insured stand for months served
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


@dataclass(frozen=True, slots=True, eq=False)
class Matter:
    """One benefit between two countries: their law on it, the agreements that join them, and what is promised beside.

    `bridge` is None where no agreement changes anything; `tree`: see `determine`.
    """

    benefit: Benefit
    there: Branch
    home: Branch
    bridge: Bridge | None
    promises: tuple[Promise, ...]
    tree: dict[object, Any] = field(default_factory=dict)

    @property
    def had(self) -> bool:
        """Some scheme of either country gives the benefit to its own workers."""
        return self.there.nationals or self.home.nationals


class Index:
    """The rulebook laid out by corridor, sector, status and day. Grows on use; safe to share between threads (what it
    keeps is immutable and equal whoever makes it)."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.presumptions: dict[str, Value] = {
            name: fact.presumption for name, fact in rulebook.facts.items() if fact.presumption is not None
        }
        self.following = tuple((name, *fact.yes_from) for name, fact in rulebook.facts.items() if fact.yes_from)
        self._shelves = {code: _shelve(country) for code, country in rulebook.countries.items()}
        self._days = {code: _days_by_benefit(country) for code, country in rulebook.countries.items()}
        domains = {"origin": (*rulebook.countries,), "destination": (*rulebook.countries,), **WORDS}
        self._alike_answers = {
            (code, benefit): _alike_answers(country, benefit, domains)
            for code, country in rulebook.countries.items()
            for benefit in Benefit
        }
        self._corridors: dict[tuple[str, str], Corridor] = {}
        self._branches: dict[Hashable, Branch] = {}
        self._alike: dict[Hashable, Branch] = {}

    def corridor(self, origin: str, destination: str) -> Corridor:
        """The law between two countries, kept for the next who asks."""
        found = self._corridors.get((origin, destination))
        if found is None:
            found = self._corridors[origin, destination] = Corridor(self, origin, destination)
        return found

    def own_days(self, code: str) -> set[date]:
        """The days on which a country's own law changes."""
        return {day for days in self._days[code].values() for day in days}

    def branch(self, side: Side, known: Mapping[str, str], benefit: Benefit, on: date) -> Branch:
        """The law of one of the two countries on a benefit (`known`: the four answers). Answers between which its rules
        make no difference give the same branch."""
        here, there = ("destination", "origin") if side is Side.DESTINATION else ("origin", "destination")
        code = known[here]
        alike = self._alike_answers[code, benefit]
        partner, sector = alike[there][known[there]], alike["sector"][known["sector"]]
        status = alike["status"][known["status"]]
        segment = bisect_right(self._days[code][benefit], on)
        key = (code, side, partner, sector, status, benefit, segment)
        found = self._branches.get(key)
        if found is None:
            known = {here: code, there: partner, "sector": sector, "status": status}
            parts = _parts(self.rulebook.countries[code], self._shelves[code], benefit, side, known, on)
            found = self._alike.get((code, side, benefit, parts))
            if found is None:
                found = self._alike[code, side, benefit, parts] = _branch(*parts)
            self._branches[key] = found
        return found

    def cells(self, fact: str, matter: Matter, extra: tuple[int, ...] = ()) -> Cells:
        """The classes of a fact's values that two countries' rules tell apart; `extra` are further cuts of a number."""
        declared = self.rulebook.facts.get(fact)
        if declared is None:  # a point that the law leaves unclear
            return YES_OR_NO
        if declared.type is FactType.NUMBER:
            here, there = matter.there.cuts.get(fact, ()), matter.home.cuts.get(fact, ())
            return number_cells(here, there, extra, declared.minimum)
        return tuple((value, value) for value, _label in declared.choices) or YES_OR_NO


Matters = tuple[Matter, ...]
"""The nine matters of a case, in the order of `Benefit`."""


class Corridor:
    """The law between two countries: `days` are those on which it changes (their own laws, agreements, instruments)."""

    def __init__(self, index: Index, origin: str, destination: str) -> None:
        self._index = index
        self._countries = {"origin": origin, "destination": destination}
        self._treaty_days = _treaty_days(index.rulebook, {origin, destination})
        self.days = sorted({*index.own_days(origin), *index.own_days(destination), *self._treaty_days})
        self._matters: dict[tuple[Sector, Status, int], Matters] = {}
        self._joined: dict[tuple[Sector, Status, int], tuple[Mapping[Benefit, Bridge], Promises]] = {}
        self._promised: dict[int, Promised] = {}
        self._alike: dict[Hashable, Any] = {}

    def matters(self, sector: Sector, status: Status, on: date) -> Matters:
        """What a case comes down to. Law that reads the same gives the very same matters."""
        key = (sector, status, bisect_right(self.days, on))
        found = self._matters.get(key)
        if found is None:
            found = self._matters[key] = self._lay_out(sector, status, on)
        return found

    def _lay_out(self, sector: Sector, status: Status, on: date) -> Matters:
        known = {**self._countries, "sector": sector, "status": status}
        bridges, promises = self._join(sector, status, on, known)
        return tuple(
            self._once(
                Matter,
                benefit,
                self._index.branch(Side.DESTINATION, known, benefit, on),
                self._index.branch(Side.ORIGIN, known, benefit, on),
                bridges.get(benefit),
                promises[benefit],
            )
            for benefit in Benefit
        )

    def _join(
        self, sector: Sector, status: Status, on: date, known: Mapping[str, str]
    ) -> tuple[Mapping[Benefit, Bridge], Promises]:
        """For each benefit, what agreements change and what is promised."""
        key = (sector, status, bisect_right(self._treaty_days, on))
        found = self._joined.get(key)
        if found is None:
            rulebook = self._index.rulebook
            bridges = {
                benefit: self._once(bridge_of, known["destination"], applied)
                for benefit, applied in applied_on(rulebook, known, on).items()
            }
            found = self._joined[key] = (bridges, self._promises(key[2], known, on))
        return found

    def _promises(self, segment: int, known: Mapping[str, str], on: date) -> Promises:
        """What is promised to such a worker. Those to whom the same promises are made get the very same ones."""
        promised = self._promised.get(segment)
        if promised is None:
            found = _promised(self._index.rulebook, known["origin"], known["destination"], on, self._once)
            promised = self._promised[segment] = Promised(
                found, tuple({who: None for who, _benefit, _promise in found})
            )
        to = frozenset(who for who in promised.whom if who is ALWAYS or residue(who, known))
        if to not in promised.to:
            promised.to[to] = _promises_to(to, promised.all)
        return promised.to[to]

    def _once(self, make: Any, *parts: Any) -> Any:
        """What `make` makes of the parts, made once for parts that are alike."""
        found = self._alike.get((make, *parts))
        if found is None:
            found = self._alike[make, *parts] = make(*parts)
        return found


Promises = Mapping[Benefit, tuple[Promise, ...]]
"""What is promised for each benefit beside the law."""


@dataclass(frozen=True, slots=True)
class Promised:
    """All that is promised between two countries while no agreement or instrument changes: `whom` are the conditions
    that it is made under, `to` what is promised where some of them hold."""

    all: Sequence[tuple[Condition, Benefit, Promise]]
    whom: tuple[Condition, ...]
    to: dict[frozenset[Condition], Promises] = field(default_factory=dict)


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


def _parts(
    country: Country, shelf: Shelf, benefit: Benefit, side: Side, known: Mapping[str, str], on: date
) -> tuple[tuple[Entry, ...], bool, tuple[Rule | Announcement, ...]]:
    """What a branch is made of: the schemes with the rules that can still apply, whether the country's own workers have
    the benefit, and what is coming."""
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
    coming += [one for one in country.announced if benefit in one.benefits and residue(one.who, known)]
    return tuple(entries), any(scheme.serves_nationals(benefit, on) for scheme in schemes), tuple(coming)


def _branch(entries: tuple[Entry, ...], nationals: bool, coming: tuple[Rule | Announcement, ...]) -> Branch:
    return Branch(entries, frozenset(entry.scheme.id for entry in entries), _cuts(entries), nationals, coming)


def _live(rules: Sequence[RuleT], benefit: Benefit, known: Mapping[str, str], on: date) -> tuple[Live[RuleT], ...]:
    """The rules that speak of the benefit on that day and can still apply. An exception that always applies takes its
    parent's place."""
    result = []
    for rule in rules:
        if benefit not in rule.benefits or not rule.in_force(on):
            continue
        clauses = _residue(rule, tuple(known[answer] for answer in _named_by(rule)))
        if not clauses:
            continue
        clauses = ALWAYS_CLAUSES if clauses == ALWAYS_CLAUSES else clauses
        exceptions = _live(cast(Sequence[RuleT], rule.exceptions), benefit, known, on)
        certain = next((exception for exception in exceptions if exception.clauses is ALWAYS_CLAUSES), None)
        result.append(Live(certain.rule, clauses, certain.exceptions) if certain else Live(rule, clauses, exceptions))
    return tuple(result)


@lru_cache(maxsize=1 << 14)
def _named_by(rule: Rule) -> tuple[str, ...]:
    """Those of the four answers that the rule's condition looks at."""
    facts = rule.when.facts()
    return tuple(answer for answer in FOUR if answer in facts)


@lru_cache(maxsize=1 << 17)
def _residue(rule: Rule, answers: tuple[str, ...]) -> tuple[Clause, ...]:
    return residue(rule.when, dict(zip(_named_by(rule), answers, strict=True)))


def _coming(rules: tuple[Rule, ...], benefit: Benefit, known: Mapping[str, str], on: date) -> Iterator[Rule]:
    """The rules that begin after that day and can apply on their first one."""
    answers = tuple(known[answer] for answer in FOUR)
    for rule in flat(rules):
        if rule.from_ is not None and rule.from_ > on and rule in _begun(rules, benefit, answers, rule.from_):
            yield rule


@lru_cache(maxsize=1 << 16)
def _begun(rules: tuple[Rule, ...], benefit: Benefit, answers: tuple[str, ...], on: date) -> frozenset[Rule]:
    """The rules that can apply on that day."""
    return frozenset(_all_rules(_live(rules, benefit, dict(zip(FOUR, answers, strict=True)), on)))


def _all_rules(live: tuple[Live[RuleT], ...]) -> Iterator[RuleT]:
    for candidate in live:
        yield candidate.rule
        yield from _all_rules(candidate.exceptions)


def _days_by_benefit(country: Country) -> dict[Benefit, list[date]]:
    """The days on which anything in the country's law on a benefit begins or has just ended."""
    days: dict[Benefit, set[date]] = {benefit: set() for benefit in Benefit}
    for part in (country.coverage, country.leaving, country.qualifying):
        for rule in flat(part):
            for benefit in rule.benefits:
                days[benefit] |= _edges(rule.from_, rule.until)
    for scheme in country.schemes:
        later = dict(scheme.gives_since)
        for benefit in scheme.gives:
            days[benefit] |= _edges(later.get(benefit, scheme.since), scheme.until)
    return {benefit: sorted(found) for benefit, found in days.items()}


def _treaty_days(rulebook: Rulebook, both: set[str]) -> list[date]:
    """The days on which an agreement between two countries, or an instrument of both, begins or has just ended."""
    days: set[date] = set()
    for instrument in (instrument for instrument in rulebook.instruments if instrument.speaks_to(both)):
        days |= {instrument.adopted, *(one.on for code, one in instrument.accepted.items() if code in both)}
    for agreement in (agreement for agreement in rulebook.agreements if both <= set(agreement.parties)):
        days |= _edges(agreement.in_force, agreement.until)
        for provision in agreement.provisions:
            days |= _edges(provision.from_, provision.until)
    return sorted(days)


def _edges(start: date | None, end: date | None) -> set[date]:
    after = {end + timedelta(days=1)} if end is not None and end < date.max else set()
    return after | ({start} if start is not None else set())


def _alike_answers(
    country: Country, benefit: Benefit, domains: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, str]]:
    """For each of the four answers, one answer that stands for all between which nothing on the benefit tells."""
    told_apart: dict[str, set[frozenset[Value]]] = {answer: set() for answer in FOUR}
    conditions = [
        rule.when
        for part in (country.coverage, country.leaving, country.qualifying)
        for rule in flat(part)
        if benefit in rule.benefits
    ]
    conditions += [one.who for one in country.announced if benefit in one.benefits]
    for condition in conditions:
        for name, test in chain.from_iterable(condition.clauses):
            if name in told_apart and isinstance(test, OneOf):
                told_apart[name].add(test.values)
    result: dict[str, dict[str, str]] = {}
    for answer, domain in domains.items():
        first: dict[tuple[bool, ...], str] = {}
        groups = list(told_apart[answer])
        result[answer] = {value: first.setdefault(tuple(value in group for group in groups), value) for value in domain}
    return result


def _accepted(instrument: Instrument, code: str, benefit: Benefit, on: date) -> bool:
    return code in instrument.accepted and instrument.accepted[code].holds(benefit, on)


def _promised(
    rulebook: Rulebook, origin: str, destination: str, on: date, once: Callable[..., Any]
) -> list[tuple[Condition, Benefit, Promise]]:
    """Instruments of both countries, norms of the world, and provisions that give no right: to whom, and of what. A
    promise is made by `once`, so that it is the same one on every day on which it reads the same."""
    pair = origin, destination
    result: list[tuple[Condition, Benefit, Promise]] = []
    for instrument in rulebook.instruments:
        if instrument.adopted > on or not instrument.speaks_to(pair):
            continue
        for article in instrument.articles:
            for benefit in article.benefits:
                given = tuple(code for code in pair if _accepted(instrument, code, benefit, on))
                refused = tuple(code for code in pair if code in instrument.asked_of and code not in given)
                if instrument.agreement is None or len(given) < len(pair):
                    promise = once(Promise, instrument, article, None, given, refused)
                    result.append((article.who, benefit, promise))
    for agreement, provision in between(rulebook, origin, destination):
        start = provision.from_ or agreement.in_force
        begun = start is None or start <= on
        ended = any(last is not None and last < on for last in (agreement.until, provision.until))
        if begun and not ended and not binding_on(agreement, provision, on):
            promise = once(Promise, None, None, provision)
            result += [(provision.when, benefit, promise) for benefit in provision.benefits]
    return result


def _promises_to(whom: frozenset[Condition], promised: Iterable[tuple[Condition, Benefit, Promise]]) -> Promises:
    """What is promised to those for whom these conditions hold, by benefit."""
    result: dict[Benefit, list[Promise]] = {benefit: [] for benefit in Benefit}
    for who, benefit, promise in promised:
        if who in whom:
            result[benefit].append(promise)
    return {benefit: tuple(found) for benefit, found in result.items()}
