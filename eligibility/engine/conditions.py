"""Conditions in three values: true, false, and unknown because nobody has told the fact.

An unknown is never guessed: evaluation stops with `Unknown`, and `determine` then tries each value that the fact could
have. A fact with a presumption has that value until somebody says otherwise, and it is noted that it was used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from eligibility.rulebook.conditions import Clause, Condition
from eligibility.vocabulary import QUALIFIED, Value


class Unknown(Exception):
    """The answer turns on `fact`, and nobody has told it."""

    def __init__(self, fact: str) -> None:
        self.fact = fact


class Knowledge:
    """What is known of a worker: facts given, else presumed. `assumed` collects the presumptions that were used,
    `in_time` the months that were taken to be paid by the end of the contract.

    `qualified` answers the derived fact of the same name while a leaving rule is being read.
    """

    __slots__ = ("_given", "_presumptions", "assumed", "in_time", "qualified")

    def __init__(self, given: Mapping[str, Value], presumptions: Mapping[str, Value]) -> None:
        self._given = given
        self._presumptions = presumptions
        self.assumed: set[str] = set()
        self.in_time: set[str] = set()
        self.qualified: Callable[[], bool] | None = None

    def get(self, fact: str) -> Value | None:
        """The fact's value, or None if it is unknown. May raise Unknown for `qualified`."""
        value = self._given.get(fact)
        if value is not None:
            return value
        if fact == QUALIFIED and self.qualified is not None:
            return self.qualified()
        value = self._presumptions.get(fact)
        if value is not None:
            self.assumed.add(fact)
        return value

    def told(self, fact: str) -> Value | None:
        """The fact's value if somebody has told it; presumptions do not count."""
        return self._given.get(fact)

    def holds(self, fact: str) -> bool:
        """Has somebody told the fact? Not a look at it, for those who note what was looked at."""
        return fact in self._given

    def need(self, fact: str) -> Value:
        """The fact's value; raises Unknown."""
        value = self.get(fact)
        if value is None:
            raise Unknown(fact)
        return value

    def also(self, fact: str, value: Value) -> Knowledge:
        """The same knowledge with one more fact told."""
        return Knowledge({**self._given, fact: value}, self._presumptions)


class Tracing(Knowledge):
    """The same knowledge, noting in `trace` each fact that is looked at (its name, and whether only telling counts)
    with the value found, in the order of first looks. Facts that are only `tried` are not noted."""

    __slots__ = ("_behind", "_tried", "trace")

    def __init__(
        self,
        behind: Knowledge,
        trace: dict[tuple[str, bool], Value | None] | None = None,
        tried: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(behind._given, behind._presumptions)
        self.assumed = behind.assumed
        self.trace: dict[tuple[str, bool], Value | None] = {} if trace is None else trace
        self._behind, self._tried = behind, tried

    def get(self, fact: str) -> Value | None:
        if fact == QUALIFIED:
            return super().get(fact)
        value = self._behind.get(fact)
        if fact not in self._tried:
            self.trace[fact, False] = value
        return value

    def told(self, fact: str) -> Value | None:
        value = self._behind.told(fact)
        if fact not in self._tried:
            self.trace[fact, True] = value
        return value

    def also(self, fact: str, value: Value) -> Tracing:
        return Tracing(self._behind.also(fact, value), self.trace, self._tried | {fact})


@dataclass(slots=True)
class Fork:
    """A place in a decision tree: the next fact to look at (`told` if a presumption does not count), and the way on for
    each class of its values: to another fork, or to what was found."""

    fact: str
    told: bool
    ways: dict[object, Any]


Trace = Mapping[tuple[str, bool], Value | None]
"""What was looked at, in the order of first looks: a fact, and whether only telling counts, with the value found."""


def grow(tree: dict[object, Any], trace: Trace, found: object, class_of: Callable[[str, Value | None], object]) -> None:
    """Add to a decision tree the way that `trace` took, and at its end what was `found`."""
    ways, way = tree, None
    for (fact, told), value in trace.items():
        fork = ways.setdefault(way, Fork(fact, told, {}))
        ways, way = fork.ways, class_of(fact, value)
    ways[way] = found


SERVED, PAID_THERE = "months_served", "months_contributed"


def told_or_presumed(fact: str, knowledge: Knowledge) -> Value | None:
    """The fact's value, or None if it is unknown; who told only how long they were insured has served as long."""
    value = knowledge.get(fact)
    return knowledge.told(PAID_THERE) if value is None and fact == SERVED else value


def with_what_follows(told: Mapping[str, Value], following: Sequence[tuple[str, str, int]]) -> Mapping[str, Value]:
    """The facts told and, for each fact that `following` settles by a number, the answer to it where the number was
    told and the fact was not."""
    found: dict[str, Value] = {}
    for fact, number, least in following:
        months = told.get(number, told.get(PAID_THERE) if number == SERVED else None)
        if isinstance(months, int) and fact not in told:
            found[fact] = months >= least
    return {**told, **found} if found else told


def holds(clauses: tuple[Clause, ...], knowledge: Knowledge) -> bool:
    """Does one of the clauses hold? A false test decides its clause, a true clause decides all; else raises Unknown."""
    missing = None
    for clause in clauses:
        unknown = None
        for fact, test in clause:
            value = told_or_presumed(fact, knowledge)
            if value is None:
                unknown = unknown or fact
            elif not test.allows(value):
                break
        else:
            if unknown is None:
                return True
            missing = missing or unknown
    if missing is not None:
        raise Unknown(missing)
    return False


def residue(condition: Condition, known: Mapping[str, str]) -> tuple[Clause, ...]:
    """What is left of a condition when `known` facts (the four answers) are filled in: no clause at all if it cannot
    hold any more, one empty clause if it always does."""
    left = []
    for clause in condition.clauses:
        rest = []
        for fact, test in clause:
            if fact not in known:
                rest.append((fact, test))
            elif not test.allows(known[fact]):
                break
        else:
            if not rest:
                return ((),)
            left.append(tuple(rest))
    return tuple(left)


Cells = tuple[tuple[str, Value], ...]
"""The classes of values that a fact's conditions tell apart: each with its label and one value that stands for it."""


YES_OR_NO: Cells = (("true", True), ("false", False))


@lru_cache(maxsize=4096)
def number_cells(here: tuple[int, ...], there: tuple[int, ...], extra: tuple[int, ...], minimum: int) -> Cells:
    """The classes between all these cuts: "<12", "12-35", ">=36"; the lowest number stands for each."""
    cuts = sorted(cut for cut in {*here, *there, *extra} if cut > minimum)
    starts, ends = (minimum, *cuts), (*cuts, None)
    return tuple((label_of(start, end, minimum), start) for start, end in zip(starts, ends, strict=True))


def label_of(start: int, end: int | None, minimum: int) -> str:
    """The class of the numbers from `start` up to, not including, `end` (None: without end)."""
    if end is None:
        return f">={start}"
    return f"<{end}" if start == minimum else f"{start}-{end - 1}"
