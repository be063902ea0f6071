"""Walking every case that the four answers and the days of change can make, to prove what a rulebook does.

A corridor is walked by sector, status and every day on which the law of either country changes; between two such days
no answer can change. Facts are not walked: what only a fact reaches is found from the rules that can still apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from eligibility.engine.answer import Answer, Why
from eligibility.engine.determine import answer, index_of
from eligibility.engine.index import Branch, Corridor, Live, Matter
from eligibility.rulebook.model import Rulebook
from eligibility.vocabulary import Benefit, Outcome, Sector, Status

#: Reasons that say that no rule was found: they need no source.
NOTHING_FOUND = frozenset({Why.NO_RULE, Why.NO_LEAVING_RULE, Why.NO_HOME_RULE, Why.NO_SCHEME})
#: Whom "an ordinary worker" means where the share of `depends` is counted.
ORDINARY_STATUSES = (Status.REGULAR, Status.REGULAR_PROFESSIONAL)
UNUSUAL_SECTORS = (Sector.SELF_EMPLOYED, Sector.PUBLIC, Sector.INFORMAL)


@dataclass(slots=True)
class Walk:
    """What was seen on one corridor. `asked` counts cases; `wrong` lists cases without an answer or a source; `depends`
    counts the benefits that depend, by benefit, over the `ordinary` cases of today; `reached` are the ids of rules that
    decided or stood beside an answer, `waiting` those that only a fact reaches, with the facts."""

    origin: str
    destination: str
    asked: int = 0
    ordinary: int = 0
    wrong: list[str] = field(default_factory=list)
    depends: dict[Benefit, int] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    waiting: dict[str, set[str]] = field(default_factory=dict)

    @property
    def depends_of_nine(self) -> float:
        """How many of the nine benefits depend on something, on average over the ordinary cases of today."""
        return sum(self.depends.values()) / self.ordinary if self.ordinary else 0.0


def corridors(rulebook: Rulebook) -> list[tuple[str, str]]:
    """Every pair of an origin and a destination."""
    return [
        (origin, destination)
        for origin in rulebook.with_role("origin")
        for destination in rulebook.with_role("destination")
        if origin != destination
    ]


def walk(rulebook: Rulebook, origin: str, destination: str, today: date, since: date) -> Walk:
    """Ask every case of the corridor from `since` on, and today's first.

    A case is nine matters; where the law reads the same, the matter is the same, and its answer is looked at once.
    """
    found = Walk(origin, destination)
    index = index_of(rulebook)
    corridor = Corridor(index, origin, destination)  # not the index's own: it is dropped after the walk
    days = [day for day in corridor.days if day >= since and day != today]
    seen: dict[Matter, Outcome] = {}
    for on in [today, since, *days]:
        for sector in Sector:
            for status in Status:
                found.asked += 1
                ordinary = on == today and status in ORDINARY_STATUSES and sector not in UNUSUAL_SECTORS
                found.ordinary += ordinary
                for matter in corridor.matters(sector, status, on):
                    if matter not in seen:
                        told = answer(matter, index, {})
                        _look(told, f"{origin} to {destination}, {sector}, {status}, {on}: {matter.benefit}", found)
                        for branch in (matter.there, matter.home):
                            _note_waiting(branch, found)
                        seen[matter] = told.outcome
                    if ordinary and seen[matter] is Outcome.DEPENDS:
                        found.depends[matter.benefit] = found.depends.get(matter.benefit, 0) + 1
    for rule in found.reached:
        found.waiting.pop(rule, None)
    return found


def _look(told: Answer, case: str, found: Walk) -> None:
    if not told.reasons:
        found.wrong.append(f"{case} has no answer")
    elif not all(_sourced(told)):
        found.wrong.append(f"{case} has a reason without a source")
    found.reached |= _rules_in(told)


def _sourced(answer: Answer) -> Iterator[bool]:
    for reason in answer.reasons:
        behind = reason.provision or reason.rule
        yield reason.code in NOTHING_FOUND or (behind is not None and bool(behind.sources))


def _rules_in(answer: Answer) -> set[str]:
    rules = {reason.rule.id for reason in answer.reasons if reason.rule is not None}
    rules |= {one.qualifying.id for one in answer.at_work if one.qualifying is not None}
    return rules | {one.rule.id for one in answer.on_return}


def _note_waiting(branch: Branch, found: Walk) -> None:
    for entry in branch.entries:
        parts: Sequence[Sequence[Live[Any]]] = (entry.coverage, entry.leaving, entry.qualifying, entry.returning)
        for part in parts:
            _note(part, set(), found)


def _note(live: Iterable[Live[Any]], above: set[str], found: Walk) -> None:
    for candidate in live:
        facts = above | {fact for clause in candidate.clauses for fact, _ in clause}
        if candidate.rule.id not in found.reached:
            found.waiting.setdefault(candidate.rule.id, set()).update(facts)
        _note(candidate.exceptions, facts, found)
