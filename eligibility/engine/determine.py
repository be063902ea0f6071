"""`determine`: one case, nine answers. Pure and total: for every valid case each has an outcome and a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TypeVar

from eligibility.engine.agreements import ADDED_TO
from eligibility.engine.answer import (
    Answer,
    CouldBe,
    Departure,
    Determination,
    Home,
    Item,
    Presumed,
    Protection,
    Question,
    Reason,
    Shared,
    Step,
    Why,
    key_of,
)
from eligibility.engine.case import Case
from eligibility.engine.conditions import Cells, Fork, Knowledge, Tracing, Unknown, grow, label_of, with_what_follows
from eligibility.engine.headline import RANK, headline, narrowness
from eligibility.engine.index import COUNTED, Index, Matter
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
    matters = index.corridor(case.origin, case.destination).matters(case.sector, case.status, case.on)
    told = with_what_follows(case.facts, index.following)
    answers = {matter.benefit: answer(matter, index, told) for matter in matters}
    return Determination(rulebook.edition, case.on, case, MappingProxyType(answers))


def answer(matter: Matter, index: Index, told: Mapping[str, Value]) -> Answer:
    """The answer for one benefit, given the facts that were told.

    It turns on few facts. So the first worker of a kind is answered from the rules, the facts that were looked at are
    noted in their order, and the next one who gives the same answers to them is led to the same place (see `standing`,
    which does the same for one country's schemes).
    """
    found = matter.tree.get(None)
    while type(found) is Fork:
        value = told.get(found.fact)
        found = found.ways.get(None if value is None else _class(matter, found.fact, value))
    if found is None:
        knowledge = Tracing(Knowledge(told, index.presumptions))
        found = _answer(Ask(matter, index, knowledge))
        looked_at = {(fact, True): told.get(fact) for fact, _told in knowledge.trace}
        if not any(fact in told for fact in _as_told(matter) if (fact, True) in looked_at):
            found = Shared._make(found)
            grow(matter.tree, looked_at, found, partial(_class, matter))
    assert isinstance(found, Answer)
    return found


def _class(matter: Matter, fact: str, value: Value | None) -> object:
    """The class of values of a fact within which nothing about the matter changes."""
    if value is None or isinstance(value, bool | str):
        return value
    return class_of(matter.there, fact, value, matter.bridge), class_of(matter.home, fact, value, matter.bridge)


def _as_told(matter: Matter) -> tuple[str, ...]:
    """The facts of which an answer may repeat the very number that was told. Such an answer is kept nowhere."""
    return COUNTED if matter.bridge is not None else (CONTRACT,)


@dataclass(frozen=True, slots=True)
class Ask:
    """A matter, and what is known of the worker."""

    matter: Matter
    index: Index
    knowledge: Tracing

    def presumption(self, fact: str) -> Value:
        """The value taken while nobody has told it. Months are taken to be paid for as long as the contract lasts."""
        found = self.index.presumptions.get(fact)
        return found if found is not None else self.knowledge.need(CONTRACT)

    def cells(self, fact: str) -> Cells:
        bridge = self.matter.bridge
        if bridge is None:
            return self.index.cells(fact, self.matter)
        extra = bridge.cuts.get(fact, ())
        added = self.knowledge.told(ADDED_TO[fact]) if fact in ADDED_TO else None
        if isinstance(added, int):  # what is missing to each sum
            both = (self.matter.there, self.matter.home)
            extra += tuple(cut - added for branch in both for cut in branch.cuts.get(fact, ()))
        return self.index.cells(fact, self.matter, extra)


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


def _answer(ask: Ask) -> Answer:
    matter, knowledge = ask.matter, ask.knowledge
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
        on_leaving = _with_told_months(_merged([leaf.there.on_leaving for leaf in leaves]), knowledge)
        at_home = _merged([leaf.home.at_home for leaf in leaves])
        reasons = _reasons({key_of(r.item) for w in weights for r in w.first if r.item}, at_work, on_leaving, at_home)
        scope = max((_scope(leaf.there, leaf.home, leaf.outcome) for leaf in leaves), key=narrowness)
        assumed = set().union(*(leaf.assumed for leaf in leaves))
    sure = [w.surest if outcome in GIVEN else w.least_sure for w in weights]
    pick = max if outcome in GIVEN else min
    return Answer(
        benefit=matter.benefit,
        outcome=outcome,
        confidence=pick([c for c in sure if c is not None], key=CONFIDENCE_ORDER.index, default=None),
        scope=scope if outcome in GIVEN else (),
        at_work=at_work,
        on_leaving=on_leaving,
        at_home=at_home,
        on_return=home.on_return,
        reasons=reasons or (Reason(None),),
        depends_on=_questions(ask, leaves) if outcome is Outcome.DEPENDS else (),
        presumed=_presumed(ask, leaves, outcome, assumed) if assumed else (),
        could_be=_could_be(ask, leaves, outcome, at_work),
        promises=matter.promises,
        coming=matter.there.coming + matter.home.coming,
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
    matter = ask.matter
    there = stand(matter.benefit, matter.there, HERE, matter.bridge, knowledge)
    home = stand(matter.benefit, matter.home, HOME, matter.bridge, knowledge)
    return Leaf(tried, headline(there.outcome, home.outcome, matter.had), there, home, knowledge)


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


def _with_told_months(departures: Sequence[Departure], knowledge: Knowledge) -> tuple[Departure, ...]:
    """Periods counted together as they were told: a number that was only tried is no number of the worker's."""
    if not any(one.months for one in departures):
        return tuple(departures)
    here, there = (None if n is None else int(n) for n in map(knowledge.told, ADDED_TO))  # type: ignore[arg-type]
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


def _presumed(ask: Ask, leaves: Sequence[Leaf], outcome: Outcome, assumed: set[str]) -> tuple[Presumed, ...]:
    """The presumptions without which the outcome would be another, with what it would be."""
    found = [_turned(ask, leaves, outcome, fact) for fact in sorted(assumed) if fact != "joined"]
    return tuple(one for one in found if one is not None)


def _turned(ask: Ask, leaves: Sequence[Leaf], outcome: Outcome, fact: str) -> Presumed | None:
    """One presumption turned round; None if that changes nothing."""
    presumption, cells = ask.presumption(fact), ask.cells(fact)
    others = _other_cells(cells, presumption)
    outcomes = [_instead(ask, leaves, fact, cell[1]) if cell in others else outcome for cell in cells]
    if all(then is outcome for then in outcomes):
        return None
    classes = _in_classes(ask, fact, outcomes)
    return Presumed(fact, presumption, tuple(one for one in classes if one[1] is not outcome))


def _other_cells(cells: Cells, value: Value) -> Cells:
    """The classes that do not hold `value`. A class of numbers begins at the number that stands for it."""
    if isinstance(value, bool) or not isinstance(value, int):
        return tuple(cell for cell in cells if cell[1] != value)
    holds = max(start for _label, start in cells if isinstance(start, int) and start <= value)
    return tuple(cell for cell in cells if cell[1] != holds)


def _instead(ask: Ask, leaves: Sequence[Leaf], fact: str, value: Value) -> Outcome:
    """The outcome if `fact` were `value`. The leaves divide what is unknown either way, so each is asked by itself, and
    each country by itself, unless both turn on the same unknown fact."""
    reached: set[Outcome] = set()
    one, bridge, change = ask.matter, ask.matter.bridge, (fact, value)
    for leaf in leaves:
        there = stand_if(one.benefit, one.there, HERE, bridge, leaf.there, change, leaf.knowledge, ask.cells)
        home = stand_if(one.benefit, one.home, HOME, bridge, leaf.home, change, leaf.knowledge, ask.cells)
        if there.tried & home.tried:
            return _outcome(_leaves(ask, ask.knowledge.also(fact, value), ()))
        reached |= {headline(a, b, one.had) for a in there.outcomes for b in home.outcomes}
    return _single(reached)


# --- what a voluntary step would change --------------------------------------------------------------------------


def _could_be(ask: Ask, leaves: Sequence[Leaf], outcome: Outcome, at_work: Iterable[Protection]) -> CouldBe | None:
    """The better outcome that joining a voluntary scheme reaches, with the steps that reach it, each by itself."""
    doors = [p for p in at_work if p.coverage is Coverage.VOLUNTARY and p.why is not Why.VOLUNTARY_JOINED]
    if not doors or outcome is Outcome.PORTABLE:
        return None
    now = RANK.get(outcome, 2)
    joined = frozenset(ask.knowledge.told("joined") or ())  # type: ignore[arg-type]
    reached: list[tuple[Outcome, Protection]] = []
    for door in doors:
        then = _instead(ask, leaves, "joined", joined | {door.scheme.id})
        if RANK.get(then, now) < now:
            reached.append((then, door))
    if not reached:
        return None
    best = min((then for then, _ in reached), key=RANK.__getitem__)
    steps = tuple(Step("join_voluntarily", d.scheme, d.rule, d.provision) for then, d in reached if then is best)
    return CouldBe(best, steps)
