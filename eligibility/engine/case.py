"""A case: the worker of whom the question is asked, and what has been told about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from eligibility.rulebook.model import Rulebook
from eligibility.vocabulary import Fact, FactType, Sector, Status, Value


@dataclass(frozen=True, slots=True)
class Case:
    """A valid case: the four answers, the day of the law (`on`), and further facts by name.

    Made by `make_case`; a Case made otherwise must hold only countries, facts and values of the rulebook.
    """

    origin: str
    destination: str
    sector: Sector
    status: Status
    on: date
    facts: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Fault:
    """One field that cannot be used: `code` for programs, `given` as it came, `accepted` values or a description."""

    field: str
    code: str
    given: str
    accepted: tuple[str, ...]

    def __str__(self) -> str:
        match self.code:
            case "missing":
                return f"{self.field} is missing; it is one of: {', '.join(self.accepted)}"
            case "not_covered":
                return (
                    f"{self.given} is not covered yet as {self.field}; these countries are: {', '.join(self.accepted)}"
                )
            case "same_country":
                return f"{self.field} is the same country as the origin; choose another of: {', '.join(self.accepted)}"
            case "unknown_fact":
                return f"no fact is called '{self.field}'; known facts: {', '.join(self.accepted)}"
        return f"'{self.given}' is no value of {self.field}; accepted: {', '.join(self.accepted)}"


class CaseError(ValueError):
    """A case that cannot be answered; `faults` says of each field what is wrong and what would be right."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, faults)))


def make_case(given: Mapping[str, Any], rulebook: Rulebook, today: date) -> Case:
    """Read a case from words or typed values: `origin`, `destination`, `sector`, `status`, `on` (today if absent) and
    `facts`. Raises CaseError with a fault for every field that is wrong."""
    faults: list[Fault] = []
    countries = {
        role: _one_of(role, given.get(role), rulebook.with_role(role), "not_covered", faults)
        for role in ("origin", "destination")
    }
    if countries["origin"] and countries["origin"] == countries["destination"]:
        others = tuple(code for code in rulebook.with_role("destination") if code != countries["origin"])
        faults.append(Fault("destination", "same_country", countries["destination"], others))
    sector = _one_of("sector", given.get("sector"), tuple(Sector), "invalid", faults)
    status = _one_of("status", given.get("status"), tuple(Status), "invalid", faults)
    day = _day(given.get("on"), today, faults)
    facts = read_facts(given.get("facts") or {}, rulebook, faults)
    if faults:
        raise CaseError(faults)
    return Case(countries["origin"], countries["destination"], Sector(sector), Status(status), day, facts)


def read_facts(given: Mapping[str, Any], rulebook: Rulebook, faults: list[Fault]) -> dict[str, Value]:
    """The facts as typed values, in the order of their names; what is wrong is added to `faults`."""
    facts: dict[str, Value] = {}
    for name in sorted(given):
        fact = rulebook.facts.get(name)
        if fact is None:
            faults.append(Fault(name, "unknown_fact", str(given[name]), tuple(rulebook.facts)))
            continue
        value = _value(fact, given[name], rulebook)
        if value is None:
            faults.append(Fault(name, "invalid", str(given[name]), accepted_values(fact, rulebook)))
        else:
            facts[name] = value
    return facts


def accepted_values(fact: Fact, rulebook: Rulebook) -> tuple[str, ...]:
    """What may be given for a fact, in words."""
    match fact.type:
        case FactType.BOOLEAN:
            return ("true", "false")
        case FactType.NUMBER:
            return (f"a whole number from {fact.minimum} to {fact.maximum}" + (f" ({fact.unit})" if fact.unit else ""),)
        case FactType.CHOICE:
            return tuple(value for value, _ in fact.choices)
    return tuple(rulebook.schemes)


def _one_of(field: str, given: object, allowed: tuple[str, ...], code: str, faults: list[Fault]) -> str:
    word = str(given) if given is not None else ""
    word = word.upper() if code == "not_covered" else word
    if not word:
        faults.append(Fault(field, "missing", "", allowed))
    elif word not in allowed:
        faults.append(Fault(field, code, word, allowed))
    return word


def _day(given: object, today: date, faults: list[Fault]) -> date:
    if given is None or given == "":
        return today
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        day = date.fromisoformat(str(given))
    except ValueError:
        faults.append(Fault("on", "invalid", str(given), ("a day written as YYYY-MM-DD",)))
        return today
    return day


def _value(fact: Fact, given: object, rulebook: Rulebook) -> Value | None:
    match fact.type:
        case FactType.BOOLEAN:
            word = str(given).lower()
            return word in ("true", "yes") if word in ("true", "false", "yes", "no") else None
        case FactType.NUMBER:
            if isinstance(given, bool) or not isinstance(given, int | str):
                return None
            text = str(given).strip()
            number = int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
            return number if number is not None and fact.minimum <= number <= fact.maximum else None
        case FactType.CHOICE:
            return str(given) if any(given == value for value, _ in fact.choices) else None
    names = given.split(",") if isinstance(given, str) else given
    if not isinstance(names, list | tuple | set | frozenset):
        return None
    chosen = frozenset(str(name).strip() for name in names if str(name).strip())
    return chosen if all(name in rulebook.schemes for name in chosen) else None
