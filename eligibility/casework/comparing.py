"""Side by side: what would follow from another status, another country, joining by oneself, a later day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eligibility.engine import CaseError, Determination, determine, make_case
from eligibility.explain import present
from eligibility.explain.page import ToldBenefit
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import Benefit

MOST = 4
"""As many columns as a page holds."""


@dataclass(frozen=True, slots=True)
class Variant:
    """The case as it is with some things put otherwise; "" and () leave them. `joins`: schemes joined by oneself."""

    destination: str = ""
    sector: str = ""
    status: str = ""
    on: str = ""
    joins: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return self == Variant()


@dataclass(frozen=True, slots=True)
class Column:
    """One variant's answer; `wrong` says why there is none, "" if there is."""

    variant: Variant
    determination: Determination | None
    benefits: Mapping[Benefit, ToldBenefit]
    wrong: str


@dataclass(frozen=True, slots=True)
class Line:
    """One benefit in every column, and whether it says otherwise there than in the first; None where is no answer."""

    label: str
    cells: tuple[tuple[ToldBenefit | None, bool], ...]

    @property
    def differs(self) -> bool:
        return any(other for _cell, other in self.cells)


def columns(base: Determination, variants: list[Variant], law: Rulebook) -> list[Column]:
    """The case as it is, then each variant."""
    return [_column(Variant(), base, law), *(_vary(base, variant, law) for variant in variants)]


def lines(found: list[Column]) -> list[Line]:
    """The nine benefits, each across the columns."""
    first = found[0].benefits
    return [
        Line(
            label=told.label,
            cells=tuple(
                (cell := column.benefits.get(benefit), cell is not None and _said(cell) != _said(told))
                for column in found
            ),
        )
        for benefit, told in first.items()
    ]


def _said(told: ToldBenefit) -> tuple[object, ...]:
    return told.outcome, told.verdict, told.in_part


def _vary(base: Determination, variant: Variant, law: Rulebook) -> Column:
    case = base.case
    facts: dict[str, Any] = dict(case.facts)
    if variant.joins:
        facts["joined"] = frozenset({*facts.get("joined", ()), *variant.joins})
    given = {
        "origin": case.origin,
        "destination": variant.destination or case.destination,
        "sector": variant.sector or case.sector,
        "status": variant.status or case.status,
        "on": variant.on or case.on,
        "facts": facts,
    }
    try:
        return _column(variant, determine(make_case(given, law, case.on), law), law)
    except CaseError as error:
        return Column(variant, None, {}, str(error))


def _column(variant: Variant, determination: Determination, law: Rulebook) -> Column:
    told = {card.benefit: card for group in present(determination, law).groups for card in group.benefits}
    return Column(variant, determination, {benefit: told[benefit] for benefit in determination.answers}, "")


def joinable(found: list[Column]) -> tuple[Any, ...]:
    """The schemes that some answer says can be joined by oneself."""
    steps = (
        step
        for column in found
        if column.determination is not None
        for answer in column.determination.answers.values()
        if answer.could_be
        for step in answer.could_be.steps
    )
    return tuple({step.scheme.id: step.scheme for step in steps}.values())
