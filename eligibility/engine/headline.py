"""The headline of one benefit: the table of DESIGN section 2, first line that holds."""

from __future__ import annotations

from collections.abc import Sequence

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
    Side,
)

#: From best to worst for the worker; `none` and `lost` give the same: nothing.
RANK = {Outcome.PORTABLE: 0, Outcome.RETAINED: 1, Outcome.LOST: 2, Outcome.NONE: 2}


def headline(
    benefit: Benefit,
    protections: Sequence[Protection],
    departures: Sequence[Departure],
    homes: Sequence[Home],
    had: bool,
) -> tuple[Outcome, list[Item]]:
    """The outcome, and the items that decide it. `had`: some scheme of either country gives the benefit to its own
    workers on that day. It presumes that the worker takes no voluntary step."""
    crossing: list[Item] = [d for d in departures if d.crosses]
    if benefit in LONG_TERM:
        if crossing:
            return Outcome.PORTABLE, crossing
        kept: list[Item] = [d for d in departures if d.becomes is OnLeaving.FROZEN]
        kept += [
            home for home, protection in zip(homes, _of_origin(protections), strict=True) if _goes_on(home, protection)
        ]
    else:
        crossing += [p for p in protections if p.protects and p.crosses]
        if crossing:
            return Outcome.PORTABLE, crossing
        kept = [p for p in protections if p.protects]
    if kept:
        return Outcome.RETAINED, kept
    left_out: list[Item] = [*protections, *departures]
    return (Outcome.LOST if had else Outcome.NONE), left_out


def _of_origin(protections: Sequence[Protection]) -> list[Protection]:
    return [p for p in protections if p.side is Side.ORIGIN]


def _goes_on(home: Home, protection: Protection) -> bool:
    return protection.protects and home.becomes in (AtHome.CONTINUES, AtHome.UNCLEAR)


def scope_of(deciding: Sequence[Item]) -> tuple[Scope, ...]:
    """In which part only the outcome holds: the narrowest words all deciding items need; none if one gives it whole."""
    scopes = [_scope(item) for item in deciding]
    return min(scopes, key=len) if scopes else ()


def _scope(item: Item) -> tuple[Scope, ...]:
    if isinstance(item, Home):
        return item.rule.scope if item.rule else ()
    return item.scope


def confidence_of(outcome: Outcome, deciding: Sequence[Item]) -> Confidence | None:
    """How sure: the weakest link of the surest item that gives the outcome; for what is lost, of all that leave out.
    None if nothing but the absence of a rule speaks."""
    links = [link for item in deciding if (link := _weakest(item)) is not None]
    if not links:
        return None
    pick = max if outcome in (Outcome.PORTABLE, Outcome.RETAINED) else min
    return pick(links, key=CONFIDENCE_ORDER.index)


def _weakest(item: Item) -> Confidence | None:
    rules = [item.rule, item.provision, item.earned_by if isinstance(item, Departure) else None]
    found = [rule.confidence for rule in rules if rule is not None]
    return min(found, key=CONFIDENCE_ORDER.index) if found else None
