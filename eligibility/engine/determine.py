"""`determine`: one case, nine answers. Pure and total: for every valid case each has an outcome and a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from eligibility.engine import coverage
from eligibility.engine.agreements import Bridge
from eligibility.engine.answer import (
    Answer,
    CouldBe,
    Departure,
    Determination,
    Home,
    Item,
    Presumed,
    Promise,
    Protection,
    Question,
    Reason,
    Step,
    Why,
    key_of,
)
from eligibility.engine.case import Case
from eligibility.engine.conditions import Knowledge, Unknown
from eligibility.engine.headline import RANK, headline
from eligibility.engine.index import COUNTED, Branch, Index
from eligibility.engine.standing import Standing, stand
from eligibility.rulebook.model import Rulebook
from eligibility.vocabulary import CONFIDENCE_ORDER, Benefit, Confidence, Coverage, Outcome, Side, Value

BENEFITS = tuple(Benefit)
ItemT = TypeVar("ItemT", Protection, Departure, Home)


@lru_cache(maxsize=8)
def index_of(rulebook: Rulebook) -> Index:
    """The rulebook's index, laid out once for each edition."""
    return Index(rulebook)


def determine(case: Case, rulebook: Rulebook) -> Determination:
    """The answer for `case` by the law of `rulebook`. Pure, total, deterministic; see DESIGN section 2."""
    index = index_of(rulebook)
    known = {"origin": case.origin, "destination": case.destination, "sector": case.sector, "status": case.status}
    there = index.branches(Side.DESTINATION, case.destination, case.origin, case.sector, case.status, case.on)
    home = index.branches(Side.ORIGIN, case.origin, case.destination, case.sector, case.status, case.on)
    bridges, promises = index.bridges(known, case.on), index.promises(known, case.on)
    answers = {
        benefit: _answer(
            Ask(benefit, case.destination, index, there[benefit], home[benefit], bridges.get(benefit)),
            case,
            promises[benefit],
        )
        for benefit in BENEFITS
    }
    return Determination(rulebook.edition, case.on, case, MappingProxyType(answers))


@dataclass(frozen=True, slots=True)
class Ask:
    """One benefit between two countries: the law that can speak of it."""

    benefit: Benefit
    destination: str
    index: Index
    there: Branch
    home: Branch
    bridge: Bridge | None

    def knowledge(self, case: Case) -> Knowledge:
        return Knowledge(case.facts, self.index.presumptions)

    def cells(self, fact: str) -> tuple[tuple[str, Value], ...]:
        branches = (self.there, self.home)
        extra: set[int] = set()
        if fact in COUNTED:
            extra = {*self.there.months, *self.home.months}
        elif fact == "posted_months" and self.bridge is not None:
            limits = (a.provision.max_months for found in self.bridge.by_kind.values() for a in found)
            extra = {limit + 1 for limit in limits if limit is not None}
        return self.index.cells(fact, branches, extra)


@dataclass(slots=True)
class Leaf:
    """What follows when every fact that matters is known, given or tried: `tried` holds the labels of those tried."""

    tried: tuple[tuple[str, str], ...]
    outcome: Outcome
    there: list[Standing]
    home: list[Standing]
    assumed: set[str]

    @property
    def standings(self) -> list[Standing]:
        return self.there + self.home

    def deciding(self) -> list[Standing]:
        """The standings that reach the outcome; all of them where nothing does."""
        rank = RANK[self.outcome]
        return [standing for standing in self.standings if RANK[standing.outcome] == rank]


def _answer(ask: Ask, case: Case, promises: tuple[Promise, ...]) -> Answer:
    knowledge = ask.knowledge(case)
    leaves = _leaves(ask, knowledge, ())
    outcome = _outcome(leaves)
    first = leaves[0]
    at_work: Iterable[Protection]
    if len(leaves) == 1:
        standings, deciding, assumed = first.standings, first.deciding(), first.assumed
        at_work = [standing.protection for standing in standings]
        on_leaving: Iterable[Departure] = [d for standing in first.there for d in standing.departures]
        at_home: Iterable[Home] = [standing.home for standing in first.home if standing.home is not None]
        reasons = _reasons(standings, deciding)
    else:
        at_work = _merged([[s.protection for s in leaf.standings] for leaf in leaves])
        on_leaving = _merged([[d for s in leaf.there for d in s.departures] for leaf in leaves])
        at_home = _merged([[s.home for s in leaf.home if s.home is not None] for leaf in leaves])
        deciding = [standing for leaf in leaves for standing in leaf.deciding()]
        decisive = {key_of(item) for standing in deciding for item in standing.deciding}
        items: list[Item] = [*at_work, *on_leaving, *at_home]
        said = [Reason(item, key_of(item) in decisive) for item in items]
        reasons = sorted(said, key=lambda reason: not reason.decides)
        assumed = set().union(*(leaf.assumed for leaf in leaves))
    had_something = outcome in (Outcome.PORTABLE, Outcome.RETAINED)
    return Answer(
        benefit=ask.benefit,
        outcome=outcome,
        confidence=_surest(deciding) if had_something else _least_sure(deciding),
        scope=min((standing.scope for standing in deciding), key=len, default=()) if had_something else (),
        at_work=tuple(at_work),
        on_leaving=tuple(on_leaving),
        at_home=tuple(at_home),
        on_return=tuple(s.returning for s in first.home if s.returning is not None),
        reasons=tuple(reasons) or (Reason(None),),
        depends_on=_questions(ask, leaves) if outcome is Outcome.DEPENDS else (),
        presumed=_presumed(ask, knowledge, outcome, assumed) if assumed else (),
        could_be=_could_be(ask, knowledge, outcome, at_work),
        promises=promises,
        coming=ask.there.coming + ask.home.coming,
    )


def _reasons(standings: Sequence[Standing], deciding: Sequence[Standing]) -> list[Reason]:
    """A reason for every item, those of the deciding schemes first."""
    first = [reason for standing in deciding for reason in standing.reasons]
    return first + [reason for standing in standings if standing not in deciding for reason in standing.reasons_aside]


def _surest(standings: Sequence[Standing]) -> Confidence | None:
    return max(_links(standings), key=CONFIDENCE_ORDER.index, default=None)


def _least_sure(standings: Sequence[Standing]) -> Confidence | None:
    return min(_links(standings), key=CONFIDENCE_ORDER.index, default=None)


def _links(standings: Sequence[Standing]) -> list[Confidence]:
    return [standing.confidence for standing in standings if standing.confidence is not None]


# --- trying what is not known ------------------------------------------------------------------------------------


def _leaves(ask: Ask, knowledge: Knowledge, tried: tuple[tuple[str, str], ...]) -> list[Leaf]:
    """One leaf if all that matters is known; else, for each class of values of the first unknown fact, its leaves."""
    try:
        return [_leaf(ask, knowledge, tried)]
    except Unknown as unknown:
        fact = unknown.fact
    return [
        leaf
        for label, value in ask.cells(fact)
        for leaf in _leaves(ask, knowledge.also(fact, value), (*tried, (fact, label)))
    ]


def _leaf(ask: Ask, knowledge: Knowledge, tried: tuple[tuple[str, str], ...]) -> Leaf:
    benefit, bridge = ask.benefit, ask.bridge
    posted = coverage.posting(bridge, ask.destination, knowledge) if bridge is not None else None
    there = [stand(benefit, entry, Side.DESTINATION, bridge, posted, knowledge) for entry in ask.there.entries]
    home = [stand(benefit, entry, Side.ORIGIN, bridge, posted, knowledge) for entry in ask.home.entries]
    had = ask.there.nationals or ask.home.nationals
    outcome = headline([standing.outcome for standing in (*there, *home)], had)
    return Leaf(tried, outcome, there, home, knowledge.assumed)


def _outcome(leaves: Sequence[Leaf]) -> Outcome:
    first = leaves[0].outcome
    return first if all(leaf.outcome is first for leaf in leaves) else Outcome.DEPENDS


def _merged(leaves: Sequence[Sequence[ItemT]]) -> list[ItemT]:
    """The items of all leaves, each once; those that do not stand in every leaf are marked as uncertain."""
    seen: dict[tuple[object, ...], tuple[ItemT, int]] = {}
    for items in leaves:
        for item in items:
            first, count = seen.get(key_of(item), (item, 0))
            seen[key_of(item)] = (first, count + 1)
    return [item if count == len(leaves) else replace(item, certain=False) for item, count in seen.values()]


def _questions(ask: Ask, leaves: Sequence[Leaf]) -> tuple[Question, ...]:
    """The facts that were tried and can change the outcome, with what each class of values leads to."""
    facts = list(dict.fromkeys(fact for leaf in leaves for fact, _ in leaf.tried))
    questions = []
    for fact in facts:
        reached: dict[str, set[Outcome]] = {label: set() for label, _ in ask.cells(fact)}
        for leaf in leaves:
            label = dict(leaf.tried).get(fact)
            for cell in [label] if label is not None else reached:
                reached[cell].add(leaf.outcome)
        if len({frozenset(found) for found in reached.values()}) > 1:
            questions.append((fact, reached))
    questions = questions or [
        (fact, {label: {leaf.outcome for leaf in leaves} for label, _ in ask.cells(fact)}) for fact in facts
    ]
    rules = ask.index.rulebook.rules
    return tuple(
        Question(
            fact,
            tuple(
                (label, found.copy().pop() if len(found) == 1 else Outcome.DEPENDS) for label, found in reached.items()
            ),
            rules[fact.removeprefix("unclear:")] if fact.startswith("unclear:") else None,
        )
        for fact, reached in questions
    )


def _single(found: set[Outcome]) -> Outcome:
    return next(iter(found)) if len(found) == 1 else Outcome.DEPENDS


def _presumed(ask: Ask, knowledge: Knowledge, outcome: Outcome, assumed: set[str]) -> tuple[Presumed, ...]:
    """The presumptions without which the outcome would be another, with what it would be."""
    found = []
    for fact in sorted(assumed - {"joined"}):
        presumption = ask.index.presumptions[fact]
        otherwise = []
        for label, value in ask.cells(fact):
            if value == presumption or _same_cell(ask, fact, value, presumption):
                continue
            other = _outcome(_leaves(ask, knowledge.also(fact, value), ()))
            if other is not outcome:
                otherwise.append((label, other))
        if otherwise:
            found.append(Presumed(fact, presumption, tuple(otherwise)))
    return tuple(found)


def _same_cell(ask: Ask, fact: str, value: Value, presumption: Value) -> bool:
    """For numbers: does the class that begins at `value` hold the presumed number?"""
    if isinstance(value, bool) or not isinstance(value, int) or not isinstance(presumption, int):
        return False
    starts = [start for _, start in ask.cells(fact) if isinstance(start, int) and start <= presumption]
    return bool(starts) and value == max(starts)


# --- what a voluntary step would change --------------------------------------------------------------------------


def _could_be(ask: Ask, knowledge: Knowledge, outcome: Outcome, at_work: Iterable[Protection]) -> CouldBe | None:
    """The better outcome that joining a voluntary scheme reaches, with the steps that reach it, each by itself."""
    doors = [p for p in at_work if p.coverage is Coverage.VOLUNTARY and p.why is not Why.VOLUNTARY_JOINED]
    if not doors or outcome is Outcome.PORTABLE:
        return None
    now = RANK.get(outcome, 2)
    joined = frozenset(knowledge.told("joined") or ())  # type: ignore[arg-type]
    reached: list[tuple[Outcome, Protection]] = []
    for door in doors:
        then = _outcome(_leaves(ask, knowledge.also("joined", joined | {door.scheme.id}), ()))
        if RANK.get(then, now) < now:
            reached.append((then, door))
    if not reached:
        return None
    best = min((then for then, _ in reached), key=RANK.__getitem__)
    steps = tuple(Step("join_voluntarily", d.scheme, d.rule, d.provision) for then, d in reached if then is best)
    return CouldBe(best, steps)
