"""A career: several stays in several countries, answered as one ledger of rights.

Each stay is determined by the law of its last day, with the months paid in that country in all stays so far. Rights
are then folded: for each scheme the last word counts. Where an agreement adds periods, the months of every country
that is party to it are added up.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Any

from eligibility.engine.answer import Departure, Determination, Home
from eligibility.engine.case import Case, CaseError, Fault, make_case
from eligibility.engine.determine import determine
from eligibility.rulebook.model import Rulebook
from eligibility.vocabulary import Benefit, OnLeaving, Sector, Status, Value


@dataclass(frozen=True, slots=True)
class Stay:
    """A time of work in one country. `until` is None while it lasts; `months` paid in, None if not told."""

    destination: str
    sector: Sector
    status: Status
    from_: date
    until: date | None
    months: int | None
    facts: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Right:
    """One line of the ledger: what becomes of one benefit under one scheme.

    `months` paid in that country in all stays (None if not told). `claim_by` is the last day to claim, None if the law
    names none or the stay has not ended; `expired` if that day has passed. `together`: the months of each country that
    an agreement adds, and `needed` how many it takes.
    """

    benefit: Benefit
    departure: Departure
    stay: Stay
    months: int | None
    claim_by: date | None
    expired: bool
    together: tuple[tuple[str, int | None], ...]
    needed: int | None

    @property
    def total(self) -> int | None:
        """All months that count together; None if some were not told."""
        found = [months for _country, months in self.together]
        return None if not found or None in found else sum(m for m in found if m is not None)


@dataclass(frozen=True, slots=True)
class Career:
    """The stays with their answers, and the ledger over all countries; `at_home` as things stand in the last stay."""

    origin: str
    on: date
    stays: tuple[tuple[Stay, Determination], ...]
    ledger: tuple[Right, ...]
    at_home: tuple[tuple[Benefit, Home], ...]


def make_stays(origin: object, given: Sequence[Mapping[str, Any]], rulebook: Rulebook, today: date) -> tuple[Stay, ...]:
    """Read stays from words or typed values: destination, sector, status, from, until, months, facts. Ordered by their
    start. Raises CaseError with a fault for every field that is wrong, named `stays[0].from` and so on."""
    faults: list[Fault] = []
    stays: list[Stay] = []
    if not given:
        raise CaseError([Fault("stays", "missing", "", ("at least one stay",))])
    for number, raw in enumerate(given):
        here = f"stays[{number}]"
        days: dict[str, date | None] = {}
        for key in ("from", "until"):
            days[key] = _day(raw.get(key), f"{here}.{key}", faults)
        if days["from"] is None and not raw.get("from"):
            faults.append(Fault(f"{here}.from", "missing", "", ("a day written as YYYY-MM-DD",)))
        if days["from"] and days["until"] and days["until"] < days["from"]:
            after = (f"a day on or after {days['from']}",)
            faults.append(Fault(f"{here}.until", "invalid", str(days["until"]), after))
        facts = dict(raw.get("facts") or {})
        if raw.get("months") not in (None, ""):
            facts["months_contributed"] = raw["months"]
        try:
            case = make_case({**raw, "origin": origin, "on": days["until"] or today, "facts": facts}, rulebook, today)
        except CaseError as error:
            faults += [
                Fault(f"{here}.{fault.field}", fault.code, fault.given, fault.accepted) for fault in error.faults
            ]
            continue
        if days["from"] is None:
            continue
        told = dict(case.facts)
        months = told.pop("months_contributed", None)
        stays.append(
            Stay(
                destination=case.destination,
                sector=case.sector,
                status=case.status,
                from_=days["from"],
                until=days["until"],
                months=int(months) if isinstance(months, int) else None,
                facts=told,
            )
        )
    if faults:
        raise CaseError(faults)
    return tuple(sorted(stays, key=lambda stay: stay.from_))


def _day(given: object, field: str, faults: list[Fault]) -> date | None:
    if given is None or given == "" or isinstance(given, date):
        return given if isinstance(given, date) else None
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        faults.append(Fault(field, "invalid", str(given), ("a day written as YYYY-MM-DD",)))
        return None


def determine_career(
    origin: str, stays: Sequence[Stay], rulebook: Rulebook, today: date, months_at_home: int | None = None
) -> Career:
    """One ledger of rights over all stays. Pure and total for stays made by `make_stays`. `months_at_home`: paid into
    the origin's own schemes, None if not told."""
    paid: dict[str, int | None] = {}
    answered: list[tuple[Stay, Determination]] = []
    ledger: dict[tuple[Benefit, str, OnLeaving | None], Right] = {}
    for stay in stays:
        before = paid.get(stay.destination, 0)
        paid[stay.destination] = None if stay.months is None or before is None else before + stay.months
        counted = {"months_contributed": paid[stay.destination], "months_contributed_home": months_at_home}
        facts = {**stay.facts, **{name: months for name, months in counted.items() if months is not None}}
        on = min(stay.until, today) if stay.until else today
        case = Case(origin, stay.destination, stay.sector, stay.status, on, dict(sorted(facts.items())))
        determination = determine(case, rulebook)
        answered.append((stay, determination))
        for benefit, answer in determination.answers.items():
            for key in [k for k in ledger if k[0] is benefit and ledger[k].stay.destination == stay.destination]:
                if any(departure.scheme.id == key[1] for departure in answer.on_leaving):
                    del ledger[key]
            for departure in answer.on_leaving:
                key = (benefit, departure.scheme.id, departure.becomes)
                ledger[key] = _right(benefit, departure, stay, paid[stay.destination], today)
    at_home_months = {origin: months_at_home}
    rights = [_added_up(right, {**at_home_months, **paid}, rulebook) for right in ledger.values()]
    rights.sort(key=lambda right: (list(Benefit).index(right.benefit), right.stay.from_))
    last = answered[-1][1].answers if answered else {}
    homes = tuple((benefit, home) for benefit, answer in last.items() for home in answer.at_home)
    return Career(origin, today, tuple(answered), tuple(rights), homes)


def _right(benefit: Benefit, departure: Departure, stay: Stay, months: int | None, today: date) -> Right:
    deadline = departure.rule.claim.deadline if departure.rule else None
    claim_by = None
    if deadline is not None and deadline.months is not None and stay.until and deadline.from_ in ("leaving", "job_end"):
        claim_by = after_months(stay.until, deadline.months)
    expired = claim_by is not None and claim_by < today
    return Right(benefit, departure, stay, months, claim_by, expired, (), None)


def _added_up(right: Right, paid: Mapping[str, int | None], rulebook: Rulebook) -> Right:
    """A right counted together, with the months of every country that is party to the agreement behind it."""
    provision, months = right.departure.provision, right.departure.months
    if provision is None or months is None:
        return right
    agreement = next(one for one in rulebook.agreements if one.id == provision.agreement)
    together = tuple((country, paid[country]) for country in paid if country in agreement.parties)
    return Right(
        right.benefit, right.departure, right.stay, right.months, right.claim_by, right.expired, together, months[2]
    )


def after_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day if it is shorter; no later than `date.max`."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    if year > MAXYEAR:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))
