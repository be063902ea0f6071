"""What must hold between the rules of a rulebook: no two may decide the same thing for the same worker and day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations

from eligibility.rulebook.conditions import ALWAYS, Condition, all_of, example_of
from eligibility.rulebook.model import Country, CoverageRule, Rule
from eligibility.rulebook.problems import Problem

Lines = dict[str, tuple[str, int]]


def conflicts(country: Country, lines: Lines) -> Iterator[Problem]:
    """Pairs of rules that both apply, neither being an exception to the other, each with a worker to whom they do."""
    for part in (country.coverage, country.leaving, country.qualifying):
        yield from _conflicts(part, ALWAYS, lines)


def _conflicts(rules: Sequence[Rule], parent: Condition, lines: Lines) -> Iterator[Problem]:
    groups: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in rules:
        groups[rule.scheme, rule.direction if isinstance(rule, CoverageRule) else ""].append(rule)
    for group in groups.values():
        for first, second in combinations(group, 2):
            shared = [b for b in first.benefits if b in second.benefits]
            start = max(first.from_ or date.min, second.from_ or date.min)
            end = min(first.until or date.max, second.until or date.max)
            if not shared or start > end:
                continue
            both = all_of([parent, first.when, second.when])
            if both.clauses:
                file, line = lines[second.id]
                other_file, other_line = lines[first.id]
                day = "every day" if start == date.min else f"on {start}"
                yield Problem(
                    file,
                    line,
                    second.id,
                    f"it and '{first.id}' ({other_file}:{other_line}) both decide {shared[0]} of {first.scheme} {day} "
                    f"for: {example_of(both)}.",
                    "Write one as an exception (`except:`) to the other, or make their `when` or dates disjoint.",
                )
    for rule in rules:
        yield from _conflicts(rule.exceptions, all_of([parent, rule.when]), lines)


def flat(rules: Sequence[Rule]) -> Iterator[Rule]:
    """The rules and all their exceptions, parents first."""
    for rule in rules:
        yield rule
        yield from flat(rule.exceptions)
