"""How one scheme stands to the worker at all three moments, kept as a decision tree.

Most of what a scheme says turns on few facts, or on none. So the first worker of a kind is judged by the rules, the
facts that were looked at are noted in their order, and the next one who gives the same answers to them is led to the
same standing. A tree belongs to one entry of the index and grows with use. It holds what one scheme's rules say, not
answers; where an agreement adds the months of two countries there is no tree, and the rules are read each time.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from eligibility.engine import coverage, leaving
from eligibility.engine.agreements import Bridge
from eligibility.engine.answer import Departure, Home, Item, Protection, Reason, Returning
from eligibility.engine.conditions import Knowledge, Tracing, Unknown
from eligibility.engine.headline import confidence_of, given_by_one, scope_of
from eligibility.engine.index import Entry
from eligibility.rulebook.model import Provision
from eligibility.vocabulary import Benefit, Confidence, Outcome, Scope, Side, Value


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What one scheme gives: the three moments, the outcome it alone would reach, and why.

    `deciding` are the items that reach it, `confidence` and `scope` theirs; `reasons` puts them first, and
    `reasons_aside` is for when another scheme decides the headline.
    """

    protection: Protection
    departures: tuple[Departure, ...]
    home: Home | None
    returning: Returning | None
    outcome: Outcome
    deciding: tuple[Item, ...]
    confidence: Confidence | None
    scope: tuple[Scope, ...]
    reasons: tuple[Reason, ...]
    reasons_aside: tuple[Reason, ...]


@dataclass(slots=True)
class Fork:
    """The next fact to look at: `told` if a presumption does not count; `ways` leads on by class of its values."""

    fact: str
    told: bool
    ways: dict[object, Fork | Standing | Unknown]


def stand(
    benefit: Benefit, entry: Entry, side: Side, bridge: Bridge | None, posted: Provision | None, knowledge: Knowledge
) -> Standing:
    """How the entry's scheme stands to the worker. Raises Unknown if that turns on a fact that nobody has told."""
    if bridge is not None:
        return judge(benefit, entry, side, bridge, posted, knowledge)
    found = entry.tree.get(None)
    while type(found) is Fork:
        value = knowledge.told(found.fact) if found.told else knowledge.get(found.fact)
        found = found.ways.get(_class(entry, found.fact, value))
    if found is None:
        found = _grow(benefit, entry, side, knowledge)
    if isinstance(found, Unknown):
        raise Unknown(found.fact)
    assert isinstance(found, Standing)
    return found


def judge(
    benefit: Benefit, entry: Entry, side: Side, bridge: Bridge | None, posted: Provision | None, knowledge: Knowledge
) -> Standing:
    """The same by reading the rules."""
    protection = coverage.protection(benefit, entry, side, bridge, posted, knowledge)
    here = side is Side.DESTINATION
    departures = tuple(leaving.departures(entry, protection, bridge, knowledge)) if here else ()
    home = None if here else coverage.home(protection)
    returning = coverage.returning(entry, knowledge) if entry.returning else None
    outcome, deciding = given_by_one(benefit, protection, departures, home)
    items: list[Item] = [protection, *departures, *([home] if home else [])]
    return Standing(
        protection=protection,
        departures=departures,
        home=home,
        returning=returning,
        outcome=outcome,
        deciding=tuple(deciding),
        confidence=confidence_of(outcome, deciding),
        scope=scope_of(deciding),
        reasons=tuple(Reason(item) for item in deciding) + tuple(Reason(i, False) for i in items if i not in deciding),
        reasons_aside=tuple(Reason(item, False) for item in items),
    )


def _class(entry: Entry, fact: str, value: Value | None) -> object:
    """The class of values of a fact within which the entry's rules do not change."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, frozenset):
        return entry.scheme.id in value
    return bisect_right(entry.cuts.get(fact, ()), value)


def _grow(benefit: Benefit, entry: Entry, side: Side, knowledge: Knowledge) -> Standing | Unknown:
    tracing = Tracing(knowledge)
    found: Standing | Unknown
    try:
        found = judge(benefit, entry, side, None, None, tracing)
    except Unknown as unknown:
        found = unknown
    ways, way = entry.tree, None
    for fact, told, value in tracing.trace:
        fork = ways.setdefault(way, Fork(fact, told, {}))
        ways, way = fork.ways, _class(entry, fact, value)
    ways[way] = found
    return found
