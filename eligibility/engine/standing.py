"""How one country's schemes stand to the worker for one benefit, at all three moments, kept as a decision tree.

Most of what a scheme says turns on few facts, or on none. So the first worker of a kind is judged by the rules, the
facts that were looked at are noted in their order, and the next one who gives the same answers to them is led to the
same place. A tree belongs to one branch of the index (and to the agreements over it) and grows with use. It holds what
one country's rules say, not answers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eligibility.engine import coverage, leaving
from eligibility.engine.agreements import Bridge
from eligibility.engine.answer import Departure, Home, Item, Protection, Reason, Returning
from eligibility.engine.conditions import Cells, Fork, Knowledge, Tracing, Unknown, grow
from eligibility.engine.headline import RANK, best_of, confidence_of, given_by_one, narrowness, scope_of
from eligibility.engine.index import COUNTED, Branch, Entry
from eligibility.rulebook.model import Provision
from eligibility.vocabulary import CONFIDENCE_ORDER, Benefit, Confidence, Outcome, Scope, Side, Value


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What one scheme gives: the three moments, the outcome it alone would reach, and the items that say so."""

    protection: Protection
    departures: tuple[Departure, ...]
    home: Home | None
    returning: Returning | None
    outcome: Outcome
    deciding: tuple[Item, ...]

    def items(self) -> tuple[Item, ...]:
        return (self.protection, *self.departures, *((self.home,) if self.home else ()))


@dataclass(frozen=True, slots=True)
class Weight:
    """What one country's schemes add to a headline of a given rank: the reasons that decide and those beside them, how
    sure the deciding ones are, and in which part only they give it (None if none decides)."""

    first: tuple[Reason, ...]
    beside: tuple[Reason, ...]
    surest: Confidence | None
    least_sure: Confidence | None
    scope: tuple[Scope, ...] | None


@dataclass(frozen=True, slots=True)
class Possible:
    """The outcomes that one country's schemes can reach, and the unknown facts that were `tried` to find them."""

    outcomes: frozenset[Outcome]
    tried: frozenset[str]
    looked_at: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Stand:
    """What all schemes of one country give for one benefit. `outcome` is the best of them; `looked_at` are the facts on
    which it turned, `in_time` the months taken to be paid by the end of the contract. `weights` and `otherwise` are
    notes: they follow from the rest alone."""

    standings: tuple[Standing, ...]
    outcome: Outcome
    at_work: tuple[Protection, ...]
    on_leaving: tuple[Departure, ...]
    at_home: tuple[Home, ...]
    on_return: tuple[Returning, ...]
    looked_at: frozenset[str]
    in_time: frozenset[str]
    weights: dict[int, Weight] = field(default_factory=dict)
    otherwise: dict[tuple[str, object], Possible] = field(default_factory=dict)

    def weight(self, rank: int) -> Weight:
        """What it adds to a headline of this rank (see headline.RANK)."""
        found = self.weights.get(rank)
        if found is None:
            found = self.weights[rank] = _weight(self.standings, rank)
        return found


def stand(benefit: Benefit, branch: Branch, side: Side, bridge: Bridge | None, knowledge: Knowledge) -> Stand:
    """How the schemes of one country stand to the worker. Raises Unknown if that turns on a fact nobody has told."""
    tree = branch.tree if bridge is None else bridge.trees.setdefault(branch, {})
    found = tree.get(None)
    while type(found) is Fork:
        value = knowledge.told(found.fact) if found.told else knowledge.get(found.fact)
        plain = value is None or value is True or value is False
        found = found.ways.get(value if plain else class_of(branch, found.fact, value, bridge))
    if type(found) is Stand:
        return found
    if found is None:
        found = _grow(benefit, branch, side, bridge, knowledge, tree)
    if isinstance(found, Unknown):
        raise Unknown(found.fact)
    assert isinstance(found, Stand)
    return found


CellsOf = Callable[[str], Cells]


def stand_if(
    benefit: Benefit,
    branch: Branch,
    side: Side,
    bridge: Bridge | None,
    now: Stand,
    change: tuple[str, Value],
    knowledge: Knowledge,
    cells_of: CellsOf,
) -> Possible:
    """What the country's schemes could give if one fact were changed to another value; `now` is how they stand as it
    is, `cells_of` tells the classes of an unknown fact's values."""
    fact, value = change
    if fact not in now.looked_at:
        return AS_IT_IS[now.outcome]
    key = (fact, class_of(branch, fact, value, bridge))
    found = now.otherwise.get(key)
    if found is None:
        found = _possible(benefit, branch, side, bridge, knowledge.also(fact, value), cells_of)
        if found.looked_at <= now.looked_at:  # it follows from `now` and the change alone
            now.otherwise[key] = found
    return found


AS_IT_IS = {outcome: Possible(frozenset({outcome}), frozenset(), frozenset()) for outcome in Outcome}


def _possible(
    benefit: Benefit, branch: Branch, side: Side, bridge: Bridge | None, knowledge: Knowledge, cells_of: CellsOf
) -> Possible:
    try:
        found = stand(benefit, branch, side, bridge, knowledge)
    except Unknown as unknown:
        fact = unknown.fact
    else:
        return Possible(frozenset({found.outcome}), frozenset(), found.looked_at)
    parts = [
        _possible(benefit, branch, side, bridge, knowledge.also(fact, value), cells_of)
        for _label, value in cells_of(fact)
    ]
    return Possible(
        frozenset().union(*(part.outcomes for part in parts)),
        frozenset({fact}).union(*(part.tried for part in parts)),
        frozenset().union(*(part.looked_at for part in parts)),
    )


def class_of(branch: Branch, fact: str, value: Value | None, bridge: Bridge | None = None) -> object:
    """The class of values of a fact within which the branch's rules do not change. Where an agreement adds up months,
    each number is a class of its own; such are looked at afresh each time, so no tree holds a number that was told."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, frozenset):
        return value & branch.schemes
    if bridge is None:
        return bisect_right(branch.cuts.get(fact, ()), value)
    if fact in COUNTED:
        return value
    return bisect_right(branch.cuts.get(fact, ()), value), bisect_right(bridge.cuts.get(fact, ()), value)


def _grow(
    benefit: Benefit, branch: Branch, side: Side, bridge: Bridge | None, knowledge: Knowledge, tree: dict[object, Any]
) -> Stand | Unknown:
    tracing = Tracing(knowledge)
    found: Stand | Unknown
    try:
        found = _judge(benefit, branch, side, bridge, tracing)
    except Unknown as unknown:
        found = Unknown(unknown.fact)
    if bridge is None or not any(knowledge.holds(fact) for fact, _told in tracing.trace if fact in COUNTED):
        grow(tree, tracing.trace, found, lambda fact, value: class_of(branch, fact, value, bridge))
    return found


def _judge(benefit: Benefit, branch: Branch, side: Side, bridge: Bridge | None, knowledge: Tracing) -> Stand:
    """The same by reading the rules."""
    posted = coverage.posting(bridge, knowledge) if bridge is not None else None
    standings = tuple(_standing(benefit, entry, side, bridge, posted, knowledge) for entry in branch.entries)
    return Stand(
        standings=standings,
        outcome=best_of(standing.outcome for standing in standings),
        at_work=tuple(standing.protection for standing in standings),
        on_leaving=tuple(departure for standing in standings for departure in standing.departures),
        at_home=tuple(standing.home for standing in standings if standing.home is not None),
        on_return=tuple(standing.returning for standing in standings if standing.returning is not None),
        looked_at=frozenset(fact for fact, _told in knowledge.trace),
        in_time=frozenset(knowledge.in_time),
    )


def _standing(
    benefit: Benefit, entry: Entry, side: Side, bridge: Bridge | None, posted: Provision | None, knowledge: Knowledge
) -> Standing:
    protection = coverage.protection(benefit, entry, side, bridge, posted, knowledge)
    here = side is Side.DESTINATION
    departures = tuple(leaving.departures(benefit, entry, protection, bridge, knowledge)) if here else ()
    home = None if here else coverage.home(protection)
    returning = coverage.returning(entry, knowledge) if entry.returning else None
    outcome, deciding = given_by_one(benefit, protection, departures, home)
    return Standing(protection, departures, home, returning, outcome, tuple(deciding))


def _weight(standings: tuple[Standing, ...], rank: int) -> Weight:
    deciding = [standing for standing in standings if RANK[standing.outcome] == rank]
    deciding.sort(key=lambda standing: narrowness(scope_of(standing.deciding)))
    others = [standing for standing in standings if RANK[standing.outcome] != rank]
    first = [Reason(item) for standing in deciding for item in standing.deciding]
    beside = [Reason(i, False) for standing in deciding for i in standing.items() if i not in standing.deciding]
    beside += [Reason(item, False) for standing in others for item in standing.items()]
    sure = [c for s in deciding if (c := confidence_of(s.outcome, s.deciding)) is not None]
    return Weight(
        first=tuple(first),
        beside=tuple(beside),
        surest=max(sure, key=CONFIDENCE_ORDER.index, default=None),
        least_sure=min(sure, key=CONFIDENCE_ORDER.index, default=None),
        scope=scope_of(deciding[0].deciding) if deciding else None,
    )
