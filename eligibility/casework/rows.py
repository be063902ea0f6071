"""Cases and their parts in words, as the pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from eligibility.casework.answering import Claimable
from eligibility.casework.models import Case, Claim, Stay
from eligibility.explain import words
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import Benefit, Outcome, Sector, Status

SOON = timedelta(days=30)
"""A deadline nearer than this is marked."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One of the nine small squares of a case: which benefit, what becomes of it, both in words."""

    outcome: Outcome
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the list."""

    case: Case
    corridor: str
    work: str
    papers: str
    marks: tuple[Mark, ...]
    soon: bool
    passed: bool


def rows(cases: Iterable[Case], today: date) -> list[Row]:
    """The cases as the list shows them."""
    return [_row(case, today) for case in cases]


def _row(case: Case, today: date) -> Row:
    due = case.next_due
    return Row(
        case=case,
        corridor=corridor(case),
        work=words.sector(Sector(case.sector)) if case.sector else "",
        papers=words.status(Status(case.work_status)) if case.work_status else "",
        marks=marks(case),
        soon=due is not None and today <= due <= today + SOON,
        passed=due is not None and due < today,
    )


def corridor(case: Case) -> str:
    """From where to where."""
    there = words.country(case.destination) if case.destination else "…"
    return f"{words.country(case.origin)} → {there}"


def marks(case: Case) -> tuple[Mark, ...]:
    """The nine outcomes of the latest answer, () before the first."""
    found = ((benefit, case.outcome(benefit)) for benefit in Benefit)
    return tuple(
        Mark(outcome, f"{words.benefit(benefit)}: {words.outcome(outcome)}") for benefit, outcome in found if outcome
    )


@dataclass(frozen=True, slots=True)
class StayRow:
    stay: Stay
    country: str
    work: str
    papers: str
    when: str


def stay_rows(stays: Iterable[Stay]) -> list[StayRow]:
    """The stays in words."""
    return [
        StayRow(
            stay=stay,
            country=words.country(stay.destination),
            work=words.sector(Sector(stay.sector)),
            papers=words.status(Status(stay.status)),
            when=_("%(began)s to %(ended)s")
            % {
                "began": words.day(stay.began),
                "ended": words.day(stay.ended) if stay.ended else _("today"),
            },
        )
        for stay in stays
    ]


@dataclass(frozen=True, slots=True)
class ClaimRow:
    claim: Claim
    benefit: str
    scheme: str
    day: str
    soon: bool
    passed: bool


def claim_rows(claims: Iterable[Claim], law: Rulebook, today: date) -> list[ClaimRow]:
    """The claims in words; a deadline is only pressing while the claim is still to be filed."""
    return [
        ClaimRow(
            claim=one,
            benefit=words.benefit(Benefit(one.benefit)),
            scheme=scheme_name(one.scheme, law),
            day=words.day(one.due) if one.due else "",
            soon=one.status == "to_file" and one.due is not None and today <= one.due <= today + SOON,
            passed=one.status == "to_file" and one.due is not None and one.due < today,
        )
        for one in claims
    ]


def scheme_name(scheme: str, law: Rulebook) -> str:
    """What people call the scheme; its id where this edition does not know it any more."""
    found = law.schemes.get(scheme)
    return words.scheme(found) if found else scheme


@dataclass(frozen=True, slots=True)
class ToClaim:
    """Something in the ledger that is no claim yet."""

    scheme: str
    name: str
    benefits: str
    day: str
    passed: bool


def to_claim(found: Iterable[Claimable], had: Iterable[Claim], law: Rulebook) -> list[ToClaim]:
    """What could be claimed and is not among the claims."""
    there = {one.scheme for one in had}
    return [
        ToClaim(
            scheme=one.scheme,
            name=scheme_name(one.scheme, law),
            benefits=words.listed(words.benefit(Benefit(benefit)) for benefit in one.benefits),
            day=words.day(one.due) if one.due else "",
            passed=one.passed,
        )
        for one in found
        if one.scheme not in there
    ]
