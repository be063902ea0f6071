"""How one country's schemes stand to the worker for one benefit, at all three moments, kept as a decision tree.

Most of what a scheme says turns on few facts, or on none. So the first worker of a kind is judged by the rules, the
facts that were looked at are noted in their order, and the next one who gives the same answers to them is led to the
same place. A tree belongs to one branch of the index and grows with use. It holds what one country's rules say, not
answers; where an agreement joins the law of two countries there is no tree, and the rules are read each time.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from eligibility.engine import coverage, leaving
from eligibility.engine.agreements import Bridge
from eligibility.engine.answer import Departure, Home, Item, Protection, Reason, Returning
from eligibility.engine.conditions import Knowledge, Tracing, Unknown
from eligibility.engine.headline import RANK, best_of, confidence_of, given_by_one, scope_of
from eligibility.engine.index import Branch, Entry
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


@dataclass(frozen=True, slots=True, eq=False)
class Stand:
    """What all schemes of one country give for one benefit. `outcome` is the best of them; `looked_at` are the facts on
    which it turned. `weights` and `otherwise` fill on use: they follow from the rest alone."""

    standings: tuple[Standing, ...]
    outcome: Outcome
    at_work: tuple[Protection, ...]
    on_leaving: tuple[Departure, ...]
    at_home: tuple[Home, ...]
    on_return: tuple[Returning, ...]
    looked_at: frozenset[str]
    weights: dict[int, Weight] = field(default_factory=dict)
    otherwise: dict[tuple[str, object], Outcome] = field(default_factory=dict)

    def weight(self, rank: int) -> Weight:
        """What it adds to a headline of this rank (see headline.RANK)."""
        found = self.weights.get(rank)
        if found is None:
            found = self.weights[rank] = _weight(self.standings, rank)
        return found


@dataclass(slots=True)
class Fork:
    """The next fact to look at: `told` if a presumption does not count; `ways` leads on by class of its values."""

    fact: str
    told: bool
    ways: dict[object, Fork | Stand | Unknown]


def stand(
    benefit: Benefit, branch: Branch, side: Side, bridge: Bridge | None, posted: Provision | None, knowledge: Knowledge
) -> Stand:
    """How the schemes of one country stand to the worker. Raises Unknown if that turns on a fact nobody has told."""
    if bridge is not None:
        return _judge(benefit, branch, side, bridge, posted, knowledge)
    found = branch.tree.get(None)
    while type(found) is Fork:
        value = knowledge.told(found.fact) if found.told else knowledge.get(found.fact)
        found = found.ways.get(class_of(branch, found.fact, value))
    if type(found) is Stand:
        return found
    if found is None:
        found = _grow(benefit, branch, side, knowledge)
    if isinstance(found, Unknown):
        raise Unknown(found.fact)
    assert isinstance(found, Stand)
    return found


def stand_if(
    benefit: Benefit, branch: Branch, side: Side, now: Stand, fact: str, value: Value, knowledge: Knowledge
) -> Outcome:
    """The best that the country's schemes would give if `fact` were `value`; `now` is how they stand as it is. Raises
    Unknown. Without agreements only."""
    if fact not in now.looked_at:
        return now.outcome
    key = (fact, class_of(branch, fact, value))
    found = now.otherwise.get(key)
    if found is None:
        then = stand(benefit, branch, side, None, None, knowledge.also(fact, value))
        found = then.outcome
        if then.looked_at <= now.looked_at:  # it follows from `now` and the fact alone
            now.otherwise[key] = found
    return found


def class_of(branch: Branch, fact: str, value: Value | None) -> object:
    """The class of values of a fact within which the branch's rules do not change."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, frozenset):
        return value & branch.schemes
    return bisect_right(branch.cuts.get(fact, ()), value)


def _grow(benefit: Benefit, branch: Branch, side: Side, knowledge: Knowledge) -> Stand | Unknown:
    tracing = Tracing(knowledge)
    found: Stand | Unknown
    try:
        found = _judge(benefit, branch, side, None, None, tracing)
    except Unknown as unknown:
        found = Unknown(unknown.fact)
    ways, way = branch.tree, None
    for (fact, told), value in tracing.trace.items():
        fork = ways.setdefault(way, Fork(fact, told, {}))
        ways, way = fork.ways, class_of(branch, fact, value)
    ways[way] = found
    return found


def _judge(
    benefit: Benefit, branch: Branch, side: Side, bridge: Bridge | None, posted: Provision | None, knowledge: Knowledge
) -> Stand:
    """The same by reading the rules."""
    standings = tuple(_standing(benefit, entry, side, bridge, posted, knowledge) for entry in branch.entries)
    looked_at = {fact for fact, _told in knowledge.trace} if isinstance(knowledge, Tracing) else ()
    return Stand(
        standings=standings,
        outcome=best_of(standing.outcome for standing in standings),
        at_work=tuple(standing.protection for standing in standings),
        on_leaving=tuple(departure for standing in standings for departure in standing.departures),
        at_home=tuple(standing.home for standing in standings if standing.home is not None),
        on_return=tuple(standing.returning for standing in standings if standing.returning is not None),
        looked_at=frozenset(looked_at),
    )


def _standing(
    benefit: Benefit, entry: Entry, side: Side, bridge: Bridge | None, posted: Provision | None, knowledge: Knowledge
) -> Standing:
    protection = coverage.protection(benefit, entry, side, bridge, posted, knowledge)
    here = side is Side.DESTINATION
    departures = tuple(leaving.departures(entry, protection, bridge, knowledge)) if here else ()
    home = None if here else coverage.home(protection)
    returning = coverage.returning(entry, knowledge) if entry.returning else None
    outcome, deciding = given_by_one(benefit, protection, departures, home)
    return Standing(protection, departures, home, returning, outcome, tuple(deciding))


def _weight(standings: tuple[Standing, ...], rank: int) -> Weight:
    deciding = [standing for standing in standings if RANK[standing.outcome] == rank]
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
        scope=min((scope_of(standing.deciding) for standing in deciding), key=len, default=None),
    )
