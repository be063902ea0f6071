"""`determine`: one case, nine answers. Pure and total: for every valid case each has an outcome and a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from eligibility.engine.agreements import ADDED_TO, Bridge
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
from eligibility.engine.conditions import Cells, Knowledge, Unknown, label_of
from eligibility.engine.headline import RANK, headline, narrowness
from eligibility.engine.index import Branch, Index
from eligibility.engine.standing import Stand, Weight, class_of, stand, stand_if
from eligibility.rulebook.model import Rulebook
from eligibility.vocabulary import CONFIDENCE_ORDER, Benefit, Coverage, Outcome, Scope, Side, Value

BENEFITS = tuple(Benefit)
HERE, HOME = Side.DESTINATION, Side.ORIGIN
CONTRACT = "contract_months"
GIVEN = (Outcome.PORTABLE, Outcome.RETAINED)
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
            Ask(benefit, index, there[benefit], home[benefit], bridges.get(benefit), case.facts),
            promises[benefit],
        )
        for benefit in BENEFITS
    }
    return Determination(rulebook.edition, case.on, case, MappingProxyType(answers))


@dataclass(frozen=True, slots=True)
class Ask:
    """One benefit between two countries: the law that can speak of it, and the facts told."""

    benefit: Benefit
    index: Index
    there: Branch
    home: Branch
    bridge: Bridge | None
    told: Mapping[str, Value]

    @property
    def had(self) -> bool:
        """Some scheme of either country gives the benefit to its own workers."""
        return self.there.nationals or self.home.nationals

    def knowledge(self) -> Knowledge:
        return Knowledge(self.told, self.index.presumptions)

    def presumption(self, fact: str) -> Value:
        """The value taken while nobody has told it. Months are taken to be paid for as long as the contract lasts."""
        found = self.index.presumptions.get(fact)
        return found if found is not None else self.told.get(CONTRACT, self.index.presumptions[CONTRACT])

    def cells(self, fact: str) -> Cells:
        bridge = self.bridge
        if bridge is None:
            return self.index.cells(fact, self.there, self.home)
        extra = bridge.cuts.get(fact, ())
        added = self.told.get(ADDED_TO[fact]) if fact in ADDED_TO else None
        if isinstance(added, int):  # what is missing to each sum
            extra += tuple(cut - added for b in (self.there, self.home) for cut in b.cuts.get(fact, ()))
        return self.index.cells(fact, self.there, self.home, extra)


@dataclass(slots=True)
class Leaf:
    """What follows when every fact that matters is known, given or tried: `tried` holds the labels of those tried."""

    tried: tuple[tuple[str, str], ...]
    outcome: Outcome
    there: Stand
    home: Stand
    knowledge: Knowledge

    @property
    def assumed(self) -> set[str]:
        return self.knowledge.assumed | self.there.in_time | self.home.in_time


def _answer(ask: Ask, promises: tuple[Promise, ...]) -> Answer:
    knowledge = ask.knowledge()
    leaves = _leaves(ask, knowledge, ())
    outcome = _outcome(leaves)
    there, home = leaves[0].there, leaves[0].home
    at_work, on_leaving, at_home = there.at_work + home.at_work, there.on_leaving, home.at_home
    weights = [stand.weight(RANK[leaf.outcome]) for leaf in leaves for stand in (leaf.there, leaf.home)]
    if len(leaves) == 1:
        widest, other = weights if _widest_first(weights) else weights[::-1]
        reasons = widest.first + other.first + weights[0].beside + weights[1].beside
        scope, assumed = widest.scope or (), leaves[0].assumed
    else:
        at_work = _merged([leaf.there.at_work + leaf.home.at_work for leaf in leaves])
        on_leaving = _with_told_months(_merged([leaf.there.on_leaving for leaf in leaves]), ask.told)
        at_home = _merged([leaf.home.at_home for leaf in leaves])
        reasons = _reasons({key_of(r.item) for w in weights for r in w.first if r.item}, at_work, on_leaving, at_home)
        scope = max((_scope(leaf.there, leaf.home, leaf.outcome) for leaf in leaves), key=narrowness)
        assumed = set().union(*(leaf.assumed for leaf in leaves))
    sure = [w.surest if outcome in GIVEN else w.least_sure for w in weights]
    pick = max if outcome in GIVEN else min
    return Answer(
        benefit=ask.benefit,
        outcome=outcome,
        confidence=pick([c for c in sure if c is not None], key=CONFIDENCE_ORDER.index, default=None),
        scope=scope if outcome in GIVEN else (),
        at_work=at_work,
        on_leaving=on_leaving,
        at_home=at_home,
        on_return=home.on_return,
        reasons=reasons or (Reason(None),),
        depends_on=_questions(ask, leaves) if outcome is Outcome.DEPENDS else (),
        presumed=_presumed(ask, knowledge, leaves, outcome, assumed) if assumed else (),
        could_be=_could_be(ask, knowledge, leaves, outcome, at_work),
        promises=promises,
        coming=ask.there.coming + ask.home.coming,
    )


def _widest_first(weights: Sequence[Weight]) -> bool:
    """Does the destination give no less than the origin? The reason that gives most stands first."""
    there, home = weights[0].scope, weights[1].scope
    return home is None or (there is not None and narrowness(there) <= narrowness(home))


def _scope(there: Stand, home: Stand, outcome: Outcome) -> tuple[Scope, ...]:
    """In which part only the deciding schemes of both countries give it; nothing if one of them gives it whole."""
    rank = RANK[outcome]
    found = [scope for scope in (there.weight(rank).scope, home.weight(rank).scope) if scope is not None]
    return min(found, key=narrowness, default=())


def _reasons(
    decisive: set[tuple[object, ...]],
    at_work: Sequence[Protection],
    on_leaving: Sequence[Departure],
    at_home: Sequence[Home],
) -> tuple[Reason, ...]:
    """A reason for every item of several leaves, those that decide any of them first."""
    items: list[Item] = [*at_work, *on_leaving, *at_home]
    reasons = [Reason(item, key_of(item) in decisive) for item in items]
    return tuple(sorted(reasons, key=lambda reason: not reason.decides))


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
    there = stand(benefit, ask.there, HERE, bridge, knowledge)
    home = stand(benefit, ask.home, HOME, bridge, knowledge)
    return Leaf(tried, headline(there.outcome, home.outcome, ask.had), there, home, knowledge)


def _outcome(leaves: Sequence[Leaf]) -> Outcome:
    first = leaves[0].outcome
    return first if all(leaf.outcome is first for leaf in leaves) else Outcome.DEPENDS


def _merged(leaves: Sequence[Sequence[ItemT]]) -> tuple[ItemT, ...]:
    """The items of all leaves, each once; those that do not stand in every leaf are marked as uncertain."""
    seen: dict[tuple[object, ...], tuple[ItemT, int]] = {}
    for items in leaves:
        for item in items:
            first, count = seen.get(key_of(item), (item, 0))
            seen[key_of(item)] = (first, count + 1)
    return tuple(i if count == len(leaves) else replace(i, certain=False) for i, count in seen.values())


def _with_told_months(departures: Sequence[Departure], told: Mapping[str, Value]) -> tuple[Departure, ...]:
    """Periods counted together as they were told: a number that was only tried is no number of the worker's."""
    here, there = (None if n is None else int(n) for n in (told.get(fact) for fact in ADDED_TO))  # type: ignore[arg-type]
    return tuple(replace(one, months=(here, there, one.months[2])) if one.months else one for one in departures)


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
            questions.append((fact, [_single(found) for found in reached.values()]))
    if not questions:  # no fact decides alone, only several together: ask for all of them
        questions = [(fact, [Outcome.DEPENDS for _ in ask.cells(fact)]) for fact in facts]
    rules = ask.index.rulebook.rules
    return tuple(
        Question(
            fact,
            _in_classes(ask, fact, outcomes),
            rules[fact.removeprefix("unclear:")] if fact.startswith("unclear:") else None,
        )
        for fact, outcomes in questions
    )


def _single(found: set[Outcome]) -> Outcome:
    return next(iter(found)) if len(found) == 1 else Outcome.DEPENDS


def _in_classes(ask: Ask, fact: str, outcomes: Sequence[Outcome]) -> tuple[tuple[str, Outcome], ...]:
    """The outcome of each class of a fact's values; neighbouring classes of numbers with one outcome become one."""
    cells = ask.cells(fact)
    if isinstance(cells[0][1], bool | str):
        return tuple((label, outcome) for (label, _value), outcome in zip(cells, outcomes, strict=True))
    starts = [int(start) for _label, start in cells if isinstance(start, int)]
    kept = [n for n in range(len(starts)) if n == 0 or outcomes[n] is not outcomes[n - 1]]
    ends = [starts[n] for n in kept[1:]]
    found = zip(kept, [*ends, None], strict=True)
    return tuple((label_of(starts[n], end, starts[0]), outcomes[n]) for n, end in found)


def _presumed(
    ask: Ask, knowledge: Knowledge, leaves: Sequence[Leaf], outcome: Outcome, assumed: set[str]
) -> tuple[Presumed, ...]:
    """The presumptions without which the outcome would be another, with what it would be."""
    found = [_turned(ask, knowledge, leaves, outcome, fact) for fact in sorted(assumed) if fact != "joined"]
    return tuple(one for one in found if one is not None)


def _turned(ask: Ask, knowledge: Knowledge, leaves: Sequence[Leaf], outcome: Outcome, fact: str) -> Presumed | None:
    """One presumption turned round; None if that changes nothing. What follows depends only on how the countries stand
    that look at the fact, and on what the other one gives, and is noted there."""
    presumption = ask.presumption(fact)
    note: tuple[object, ...] = ()
    there, home = leaves[0].there, leaves[0].home
    if len(leaves) == 1:
        one, other = (there, home) if fact in there.looked_at else (home, there)
        note = (fact, presumption, other if fact in other.looked_at else other.outcome, ask.had)
        if note in one.turned:
            return one.turned[note]
    cells = ask.cells(fact)
    others = _other_cells(cells, presumption)
    outcomes = [_instead(ask, knowledge, leaves, fact, cell[1]) if cell in others else outcome for cell in cells]
    found = None
    if any(then is not outcome for then in outcomes):
        classes = _in_classes(ask, fact, outcomes)
        found = Presumed(fact, presumption, tuple(one for one in classes if one[1] is not outcome))
    if note and _follows(ask, there, ask.there, fact, others) and _follows(ask, home, ask.home, fact, others):
        one.turned[note] = found
    return found


def _follows(ask: Ask, stands: Stand, branch: Branch, fact: str, others: Cells) -> bool:
    """Does what the other classes of a fact lead to follow from how the country stands, and from nothing else?"""
    if fact not in stands.looked_at:
        return True
    return all((fact, class_of(branch, fact, value, ask.bridge)) in stands.otherwise for _label, value in others)


def _other_cells(cells: Cells, value: Value) -> Cells:
    """The classes that do not hold `value`. A class of numbers begins at the number that stands for it."""
    if isinstance(value, bool) or not isinstance(value, int):
        return tuple(cell for cell in cells if cell[1] != value)
    holds = max(start for _label, start in cells if isinstance(start, int) and start <= value)
    return tuple(cell for cell in cells if cell[1] != holds)


def _instead(ask: Ask, knowledge: Knowledge, leaves: Sequence[Leaf], fact: str, value: Value) -> Outcome:
    """The outcome if `fact` were `value`. The leaves divide what is unknown either way, so each is asked by itself, and
    each country by itself, unless both turn on the same unknown fact."""
    reached: set[Outcome] = set()
    for leaf in leaves:
        there = stand_if(ask.benefit, ask.there, HERE, ask.bridge, leaf.there, (fact, value), leaf.knowledge, ask.cells)
        home = stand_if(ask.benefit, ask.home, HOME, ask.bridge, leaf.home, (fact, value), leaf.knowledge, ask.cells)
        if there.tried & home.tried:
            return _outcome(_leaves(ask, knowledge.also(fact, value), ()))
        reached |= {headline(a, b, ask.had) for a in there.outcomes for b in home.outcomes}
    return _single(reached)


# --- what a voluntary step would change --------------------------------------------------------------------------


def _could_be(
    ask: Ask, knowledge: Knowledge, leaves: Sequence[Leaf], outcome: Outcome, at_work: Iterable[Protection]
) -> CouldBe | None:
    """The better outcome that joining a voluntary scheme reaches, with the steps that reach it, each by itself."""
    doors = [p for p in at_work if p.coverage is Coverage.VOLUNTARY and p.why is not Why.VOLUNTARY_JOINED]
    if not doors or outcome is Outcome.PORTABLE:
        return None
    now = RANK.get(outcome, 2)
    joined = frozenset(knowledge.told("joined") or ())  # type: ignore[arg-type]
    reached: list[tuple[Outcome, Protection]] = []
    for door in doors:
        then = _instead(ask, knowledge, leaves, "joined", joined | {door.scheme.id})
        if RANK.get(then, now) < now:
            reached.append((then, door))
    if not reached:
        return None
    best = min((then for then, _ in reached), key=RANK.__getitem__)
    steps = tuple(Step("join_voluntarily", d.scheme, d.rule, d.provision) for then, d in reached if then is best)
    return CouldBe(best, steps)
