"""What agreements between two countries do on one day, for one benefit.

Only a treaty in force, and only its operative provisions, change an answer, each exactly by its kind. The rest is a
promise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from eligibility.engine.conditions import residue
from eligibility.rulebook.conditions import Clause, Range
from eligibility.rulebook.model import Agreement, Provision, Rulebook
from eligibility.vocabulary import Benefit, Binding, ProvisionKind


@dataclass(frozen=True, slots=True)
class Applied:
    """A provision and what is left of its condition once the four answers are filled in."""

    provision: Provision
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Bridge:
    """The provisions that change an answer between one origin and one destination, for one benefit.

    `cuts`: where they divide the numbers of a fact; `trees`: see `standing`.
    """

    destination: str
    provisions: tuple[Applied, ...]
    cuts: Mapping[str, tuple[int, ...]]
    trees: dict[object, dict[object, Any]] = field(default_factory=dict)

    def of(self, kind: ProvisionKind, place: str) -> tuple[Applied, ...]:
        """The provisions of this kind that bear on the schemes of country `place`."""
        return tuple(a for a in self.provisions if a.provision.kind is kind and a.provision.country in ("", place))


def bridge_of(destination: str, provisions: tuple[Applied, ...]) -> Bridge:
    """The bridge that these provisions make."""
    cuts: dict[str, set[int]] = {}
    for applied in provisions:
        for fact, cut in _cuts(applied):
            cuts.setdefault(fact, set()).add(cut)
    return Bridge(destination, provisions, {fact: tuple(sorted(found)) for fact, found in cuts.items()})


def _cuts(applied: Applied) -> Iterator[tuple[str, int]]:
    """Where a provision divides the numbers of a fact."""
    for clause in applied.clauses:
        for fact, test in clause:
            if isinstance(test, Range):
                yield from ((fact, bound) for bound in (test.low, test.high) if bound is not None)
    if applied.provision.max_months is not None:
        yield "posted_months", applied.provision.max_months + 1
    if applied.provision.kind is ProvisionKind.TOTALISATION:
        yield from ((fact, least_own_months(applied.provision)) for fact in ADDED_TO)


#: The months that an agreement adds up, each with those of the other country.
ADDED_TO = {
    "months_contributed": "months_contributed_home",
    "months_contributed_home": "months_contributed",
}


def least_own_months(provision: Provision) -> int:
    """How many months a country asks for of its own before it adds another's: one at least."""
    return max(provision.min_own_months, 1)


def binding_on(agreement: Agreement, provision: Provision, on: date) -> bool:
    """Does this provision change answers on that day?"""
    start = provision.from_ or agreement.in_force
    return (
        agreement.binding is Binding.TREATY
        and agreement.in_force is not None
        and start is not None
        and max(start, agreement.in_force) <= on
        and (agreement.until is None or on <= agreement.until)
        and (provision.until is None or on <= provision.until)
        and provision.operative
        and provision.kind is not ProvisionKind.ADMINISTRATIVE_ASSISTANCE
    )


def between(rulebook: Rulebook, origin: str, destination: str) -> Iterator[tuple[Agreement, Provision]]:
    """Every provision of every agreement to which both countries are parties, whatever its force."""
    for agreement in rulebook.agreements:
        if origin in agreement.parties and destination in agreement.parties:
            for provision in agreement.provisions:
                yield agreement, provision


def applied_on(rulebook: Rulebook, known: Mapping[str, str], on: date) -> dict[Benefit, tuple[Applied, ...]]:
    """For each benefit, the provisions between the case's two countries that change an answer. `known`: the four
    answers."""
    result: dict[Benefit, tuple[Applied, ...]] = {}
    for agreement, provision in between(rulebook, known["origin"], known["destination"]):
        if not binding_on(agreement, provision, on):
            continue
        clauses = residue(provision.when, known)
        if clauses:
            for benefit in provision.benefits:
                result[benefit] = (*result.get(benefit, ()), Applied(provision, clauses))
    return result
