"""`determine`: one case, nine answers. Pure and total: for every valid case each has an outcome and a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from eligibility.engine import coverage, leaving
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
    Returning,
    Step,
    Why,
    key_of,
)
from eligibility.engine.case import Case
from eligibility.engine.conditions import Knowledge, Unknown
from eligibility.engine.headline import RANK, confidence_of, headline, scope_of
from eligibility.engine.index import Branch, Index
from eligibility.rulebook.model import Rulebook
from eligibility.vocabulary import Benefit, Coverage, Outcome, Side, Value

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
        if fact in ("months_contributed", "months_contributed_home", "contract_months"):
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
    protections: list[Protection]
    departures: list[Departure]
    homes: list[Home]
    returning: list[Returning]
    deciding: list[Item]
    assumed: set[str]


def _answer(ask: Ask, case: Case, promises: tuple[Promise, ...]) -> Answer:
    knowledge = ask.knowledge(case)
    leaves = _leaves(ask, knowledge, ())
    outcome = _outcome(leaves)
    if len(leaves) == 1:
        leaf = leaves[0]
        at_work, on_leaving, at_home, on_return = leaf.protections, leaf.departures, leaf.homes, leaf.returning
        deciding, assumed = leaf.deciding, leaf.assumed
    else:
        at_work = _merged(leaves, lambda leaf: leaf.protections)
        on_leaving = _merged(leaves, lambda leaf: leaf.departures)
        at_home = _merged(leaves, lambda leaf: leaf.homes)
        on_return = leaves[0].returning
        deciding = [item for leaf in leaves for item in leaf.deciding]
        assumed = set().union(*(leaf.assumed for leaf in leaves))
    return Answer(
        benefit=ask.benefit,
        outcome=outcome,
        confidence=confidence_of(outcome, deciding),
        scope=scope_of(deciding) if outcome in (Outcome.PORTABLE, Outcome.RETAINED) else (),
        at_work=tuple(at_work),
        on_leaving=tuple(on_leaving),
        at_home=tuple(at_home),
        on_return=tuple(on_return),
        reasons=_reasons(deciding, at_work, on_leaving, at_home),
        depends_on=_questions(ask, leaves) if outcome is Outcome.DEPENDS else (),
        presumed=_presumed(ask, knowledge, outcome, assumed) if assumed else (),
        could_be=_could_be(ask, knowledge, outcome, at_work),
        promises=promises,
        coming=ask.there.coming + ask.home.coming,
    )


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
    there = coverage.at_work(benefit, ask.there, Side.DESTINATION, bridge, posted, knowledge)
    home = coverage.at_work(benefit, ask.home, Side.ORIGIN, bridge, posted, knowledge)
    departures = leaving.on_leaving(benefit, ask.there, there, bridge, knowledge)
    homes = coverage.at_home(benefit, home)
    returning = coverage.on_return(ask.home, knowledge)
    protections = there + home
    outcome, deciding = headline(benefit, protections, departures, homes, ask.there.nationals or ask.home.nationals)
    return Leaf(tried, outcome, protections, departures, homes, returning, deciding, knowledge.assumed)


def _outcome(leaves: Sequence[Leaf]) -> Outcome:
    first = leaves[0].outcome
    return first if all(leaf.outcome is first for leaf in leaves) else Outcome.DEPENDS


def _merged(leaves: Sequence[Leaf], part: Callable[[Leaf], Iterable[ItemT]]) -> list[ItemT]:
    """The items of all leaves, each once; those that do not stand in every leaf are marked as uncertain."""
    seen: dict[tuple[object, ...], tuple[ItemT, int]] = {}
    for leaf in leaves:
        for item in part(leaf):
            key = key_of(item)
            first, count = seen.get(key, (item, 0))
            seen[key] = (first, count + 1)
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


def _could_be(ask: Ask, knowledge: Knowledge, outcome: Outcome, at_work: Sequence[Protection]) -> CouldBe | None:
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


# --- why ---------------------------------------------------------------------------------------------------------


def _reasons(
    deciding: Sequence[Item], at_work: Sequence[Protection], on_leaving: Sequence[Departure], at_home: Sequence[Home]
) -> tuple[Reason, ...]:
    """A reason for every item, the deciding ones first; if there is no item at all, that no scheme was found."""
    decisive = {key_of(item) for item in deciding}
    items: list[Item] = [*at_work, *on_leaving, *at_home]
    reasons = [Reason(item.why, item, item.rule, item.provision, key_of(item) in decisive) for item in items]
    reasons.sort(key=lambda reason: not reason.decides)
    return tuple(reasons) or (Reason(Why.NO_SCHEME, None),)
