"""The headline of one benefit: the table of DESIGN section 2. The outcome is the best that any scheme gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eligibility.engine.answer import Departure, Home, Item, Protection
from eligibility.vocabulary import (
    CONFIDENCE_ORDER,
    LONG_TERM,
    AtHome,
    Benefit,
    Confidence,
    OnLeaving,
    Outcome,
    Scope,
)

#: From best to worst for the worker. `lost` and `none` give the same: nothing.
RANK = {Outcome.PORTABLE: 0, Outcome.RETAINED: 1, Outcome.LOST: 2, Outcome.NONE: 2}


def given_by_one(
    benefit: Benefit, protection: Protection, departures: Sequence[Departure], home: Home | None
) -> tuple[Outcome, list[Item]]:
    """What one scheme gives, by the first line of the table that holds, and the items that say so.

    Nothing counts as `lost` here; whether it is lost or does not exist only both countries together can tell.
    """
    crossing: list[Item] = [departure for departure in departures if departure.crosses]
    kept: list[Item] = [departure for departure in departures if departure.becomes is OnLeaving.FROZEN]
    if benefit in LONG_TERM:
        if home is not None and protection.protects and home.becomes in (AtHome.CONTINUES, AtHome.UNCLEAR):
            kept.append(home)
    else:
        crossing += [protection] if protection.protects and protection.crosses else []
        kept = [protection] if protection.protects else []
    if crossing:
        return Outcome.PORTABLE, crossing
    if kept:
        return Outcome.RETAINED, kept
    return Outcome.LOST, [protection, *departures]


def best_of(given: Iterable[Outcome]) -> Outcome:
    """The best of what schemes give; `lost` if there is no scheme."""
    return min(given, key=RANK.__getitem__, default=Outcome.LOST)


def headline(there: Outcome, home: Outcome, had: bool) -> Outcome:
    """The better of what the two countries give. `had`: some scheme of either gives the benefit to its own workers on
    that day, so a worker who has nothing has lost it. It presumes that the worker takes no voluntary step."""
    best = there if RANK[there] <= RANK[home] else home
    return Outcome.NONE if best is Outcome.LOST and not had else best


def scope_of(deciding: Sequence[Item]) -> tuple[Scope, ...]:
    """In which part only the outcome holds: that of the deciding item which gives most; none if one gives it whole."""
    return min((_scope(item) for item in deciding), key=narrowness, default=())


#: Parts that leave out most of what can happen to a worker.
_NARROW = frozenset({Scope.WORK_RELATED_ONLY, Scope.ACCIDENTS_ONLY, Scope.EMERGENCY_ONLY, Scope.AT_OWN_COST})


def narrowness(scope: Sequence[Scope]) -> tuple[int, int]:
    """How little a part is, for comparing: first by the causes that it leaves out, then by the number of limits."""
    return sum(word in _NARROW for word in scope), len(scope)


def _scope(item: Item) -> tuple[Scope, ...]:
    if isinstance(item, Home):
        return item.rule.scope if item.rule else ()
    return item.scope


def confidence_of(outcome: Outcome, deciding: Sequence[Item]) -> Confidence | None:
    """How sure: the weakest link of the surest item that gives the outcome; for what is lost, of all that leave out.
    None if nothing but the absence of a rule speaks."""
    links = [link for item in deciding if (link := _weakest(item)) is not None]
    pick = max if outcome in (Outcome.PORTABLE, Outcome.RETAINED) else min
    return pick(links, key=CONFIDENCE_ORDER.index, default=None)


def _weakest(item: Item) -> Confidence | None:
    rules = [item.rule, item.provision, item.earned_by if isinstance(item, Departure) else None]
    found = [rule.confidence for rule in rules if rule is not None]
    return min(found, key=CONFIDENCE_ORDER.index, default=None)
