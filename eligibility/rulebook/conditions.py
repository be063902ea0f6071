"""Conditions of rules as values: which workers a rule speaks of.

A condition is a disjunction of clauses, a clause a conjunction of tests on facts. In that form two questions that a
rulebook must answer about itself have exact answers: can two rules apply to one worker, and to whom?
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from eligibility.vocabulary import Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """The fact's value is one of `values`; with `negated`, none of them."""

    values: frozenset[Value]
    negated: bool = False

    def allows(self, value: object) -> bool:
        return (value in self.values) is not self.negated

    def and_(self, other: Test) -> Test | None:
        if not isinstance(other, OneOf):
            raise TypeError("a fact is compared with a number in one rule and with words in another")
        if self.negated and other.negated:
            return OneOf(self.values | other.values, negated=True)
        if self.negated or other.negated:
            positive, negative = (other, self) if self.negated else (self, other)
            left = positive.values - negative.values
        else:
            left = self.values & other.values
        return OneOf(left) if left else None

    def example(self) -> str:
        return ("anything but " if self.negated else "") + sorted(map(str, self.values))[0]


@dataclass(frozen=True, slots=True)
class Range:
    """The number is at least `low` and below `high` (None: no bound)."""

    low: int | None = None
    high: int | None = None

    def allows(self, value: object) -> bool:
        assert isinstance(value, int)
        return (self.low is None or value >= self.low) and (self.high is None or value < self.high)

    def and_(self, other: Test) -> Test | None:
        if not isinstance(other, Range):
            raise TypeError("a fact is compared with a number in one rule and with words in another")
        low = max((b for b in (self.low, other.low) if b is not None), default=None)
        high = min((b for b in (self.high, other.high) if b is not None), default=None)
        return None if low is not None and high is not None and low >= high else Range(low, high)

    def example(self) -> str:
        return str(self.low if self.low is not None else (self.high or 1) - 1)


Test = OneOf | Range
Clause = tuple[tuple[str, Test], ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """At least one clause holds; a clause holds when all its tests do. `ALWAYS` has one empty clause."""

    clauses: tuple[Clause, ...]

    def facts(self) -> frozenset[str]:
        """The names of all facts that the condition looks at."""
        return frozenset(name for clause in self.clauses for name, _ in clause)


ALWAYS = Condition(((),))
NEVER = Condition(())


def clause_and(first: Clause, second: Clause) -> Clause | None:
    """Both clauses at once, or None if no value of some fact satisfies both."""
    tests = dict(first)
    for name, test in second:
        if name in tests:
            both = tests[name].and_(test)
            if both is None:
                return None
            tests[name] = both
        else:
            tests[name] = test
    return tuple(tests.items())


def all_of(conditions: Iterable[Condition]) -> Condition:
    """The condition under which all the given ones hold; `NEVER` if they exclude each other."""
    result = ALWAYS
    for condition in conditions:
        pairs = product(result.clauses, condition.clauses)
        result = Condition(tuple(both for a, b in pairs if (both := clause_and(a, b)) is not None))
    return result


def example_of(condition: Condition) -> str:
    """A worker to whom the condition applies, for error messages: "sector fishing, age 60"."""
    if not condition.clauses or not condition.clauses[0]:
        return "everybody"
    return ", ".join(f"{name} {test.example()}" for name, test in condition.clauses[0])
