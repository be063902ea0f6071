"""Reading what a program sent: JSON within limits, no field that we do not know, then the engine's own checks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from rest_framework.request import Request

from eligibility.api.problems import Problem, error_data, invalid
from eligibility.engine import Case, CaseError, Fault, make_case
from eligibility.engine.career import Stay, make_stays
from eligibility.engine.case import accepted_values
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import FOUR, Fact, FactType

MOST_BYTES = 2_000_000
MOST_DEPTH = 12
MOST_CASES = 1_000
MOST_STAYS = 50
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
A_DAY = ("a day written as YYYY-MM-DD, from 1900-01-01 to 2100-12-31",)
AN_OBJECT = ("an object",)
CASE_FIELDS = (*FOUR, "on", "facts")
STAY_FIELDS = ("destination", "sector", "status", "from", "until", "months", "facts")
Errors = list[dict[str, Any]]


# --- JSON -------------------------------------------------------------------------------------------------------------


def body_of(request: Request) -> dict[str, Any]:
    """The body as an object. Raises Problem: not JSON, too large, too deep, a name twice, or no object."""
    kind = (request.content_type or "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Problem("unsupported-media-type", "Send `Content-Type: application/json`.")
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > MOST_BYTES:  # asked before reading: Django would refuse in its own words
        raise Problem("too-large", f"A body may have {MOST_BYTES} bytes.")
    found = from_json(request.body)
    if not isinstance(found, dict):
        raise Problem("malformed", "The body must be an object: {…}.")
    return found


def from_json(content: bytes) -> Any:
    """Any JSON value. Raises Problem."""
    try:
        found = json.loads(
            content.decode("utf-8"), parse_float=_number, parse_constant=_refuse, object_pairs_hook=_each_name_once
        )
    except RecursionError:
        raise Problem("malformed", f"The body may be {MOST_DEPTH} levels deep.") from None
    except ValueError as error:
        detail = (
            str(error) if isinstance(error, json.JSONDecodeError | _Twice) else "The body is not UTF-8 or not JSON."
        )
        raise Problem("malformed", detail[:200]) from None
    if not _within(found, MOST_DEPTH):
        raise Problem("malformed", f"The body may be {MOST_DEPTH} levels deep.")
    return found


class _Twice(ValueError):
    pass


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Which of two would count? No program should have to guess."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice("A name stands twice in one object.")
    return found


def _number(text: str) -> int | float:
    """JSON knows one kind of number: 12.0 is 12."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _within(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        return levels > 0 and all(_within(one, levels - 1) for one in value.values())
    if isinstance(value, list):
        return levels > 0 and all(_within(one, levels - 1) for one in value)
    return True


# --- fields -----------------------------------------------------------------------------------------------------------


def unknown_fields(given: Iterable[str], known: Sequence[str], here: str = "") -> Errors:
    """An error for every name that is not one of `known`."""
    return [
        error_data(Fault(here + name[:80], "unknown_field", "", tuple(known)))
        for name in sorted(given)
        if name not in known
    ]


def wrong(field: str, given: object, accepted: Sequence[str]) -> dict[str, Any]:
    """An error for one value; for a value that is not there, that it is missing."""
    code = "missing" if given is None else "invalid"
    return error_data(Fault(field, code, "" if given is None else _said(given), tuple(accepted)))


def _said(given: object) -> str:
    return given if isinstance(given, str) else json.dumps(given, default=str)


def query_of(request: Request, known: Sequence[str]) -> dict[str, str]:
    """The parameters behind the question mark. Raises Problem for one that we do not know, or that stands twice."""
    given = request.query_params
    errors = unknown_fields(given, known)
    for name in given:
        if name in known and len(given.getlist(name)) > 1:
            errors.append(wrong(name, ", ".join(given.getlist(name)), ("one value",)))
    if errors:
        raise invalid(errors)
    return {name: given[name] for name in given}


def day_of(given: object, field: str, errors: Errors) -> date | None:
    """A day, or None with an error added."""
    if isinstance(given, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", given, re.ASCII):
        try:
            day = date.fromisoformat(given)
        except ValueError:
            day = date.min
        if FIRST_DAY <= day <= LAST_DAY:
            return day
    errors.append(wrong(field, given, A_DAY))
    return None


# --- cases ------------------------------------------------------------------------------------------------------------


def read_case(given: object, law: Rulebook, today: date, here: str = "") -> Case:
    """A case from JSON. Raises Problem with every field that is wrong, each named from `here` on."""
    if not isinstance(given, dict):
        raise invalid([wrong(here.rstrip(".") or "case", given, AN_OBJECT)])
    errors = unknown_fields(given, CASE_FIELDS, here)
    clean = {name: given[name] for name in FOUR if name in given}
    clean |= {"on": _day(given, "on", here, errors), "facts": _facts(given, law, here, errors)}
    case: Case | None = None
    try:
        case = make_case(clean, law, today)
    except CaseError as error:
        errors += [error_data(fault, here + fault.field) for fault in error.faults]
    if errors or case is None:
        raise invalid(errors)
    return case


def read_words(given: Mapping[str, str], law: Rulebook, today: date) -> Case:
    """A case from an address: each fact under its own name, all values as words. Raises Problem."""
    errors: Errors = []
    facts = {name: value for name, value in given.items() if name in law.facts}
    clean: dict[str, Any] = {name: given[name] for name in FOUR if name in given}
    clean |= {"on": _day(given, "on", "", errors), "facts": facts}
    try:
        case = make_case(clean, law, today)
    except CaseError as error:
        raise invalid(errors + [error_data(fault) for fault in error.faults]) from None
    if errors:
        raise invalid(errors)
    return case


def read_stays(given: Mapping[str, Any], law: Rulebook, today: date) -> tuple[str, tuple[Stay, ...], int | None, date]:
    """A career from JSON: the origin, the stays, the months paid in at home, the day asked for. Raises Problem."""
    errors = unknown_fields(given, ("origin", "stays", "months_at_home", "on"))
    day = _day(given, "on", "", errors) or today
    months_at_home = given.get("months_at_home")
    if months_at_home is not None and not _fits(law.facts["months_contributed_home"], months_at_home):
        accepted = accepted_values(law.facts["months_contributed_home"], law)
        errors.append(wrong("months_at_home", months_at_home, accepted))
    raw = given.get("stays")
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_STAYS:
        said = f"{len(raw)} stays" if isinstance(raw, list) else raw
        raise invalid([*errors, wrong("stays", said, (f"a list of 1 to {MOST_STAYS} stays",))])
    clean = [_stay(stay, f"stays[{number}].", law, errors) for number, stay in enumerate(raw)]
    if errors:
        raise invalid(errors)
    try:
        stays = make_stays(given.get("origin"), clean, law, day)
    except CaseError as error:
        found = {fault.field: error_data(fault, _place(fault.field)) for fault in error.faults}
        once = {error["field"]: error for error in found.values()}  # of the origin each stay complains
        raise invalid(once.values()) from None
    return str(given["origin"]).upper(), stays, months_at_home, day


def _place(field: str) -> str:
    return "origin" if field.endswith("].origin") else field


def _stay(given: object, here: str, law: Rulebook, errors: Errors) -> dict[str, Any]:
    if not isinstance(given, dict):
        errors.append(wrong(here.rstrip("."), given, AN_OBJECT))
        return {}
    errors += unknown_fields(given, STAY_FIELDS, here)
    clean = {name: given[name] for name in ("destination", "sector", "status") if name in given}
    for name in ("from", "until"):
        if given.get(name) is not None:
            clean[name] = day_of(given[name], here + name, errors)
    months = given.get("months")
    if months is not None and not _fits(law.facts["months_contributed"], months):
        errors.append(wrong(here + "months", months, accepted_values(law.facts["months_contributed"], law)))
    elif months is not None:
        clean["months"] = months
    clean["facts"] = _facts(given, law, here, errors)
    return clean


def _day(given: Mapping[str, Any], name: str, here: str, errors: Errors) -> date | None:
    return day_of(given[name], here + name, errors) if given.get(name) is not None else None


def _facts(given: Mapping[str, Any], law: Rulebook, here: str, errors: Errors) -> dict[str, Any]:
    """The facts that have the right type; an error for each other one. A program says `26`, not `"26"`."""
    facts = given.get("facts", {})
    if not isinstance(facts, dict):
        errors.append(wrong(f"{here}facts", facts if facts is not None else "null", AN_OBJECT))
        return {}
    clean = {}
    for name in sorted(facts):
        fact = law.facts.get(name)
        if fact is None:
            fault = Fault(f"{here}facts.{name[:80]}", "unknown_fact", _said(facts[name]), tuple(law.facts))
            errors.append(error_data(fault))
        elif not _fits(fact, facts[name]) or not _known(fact, facts[name], law):
            said = _said(facts[name])
            fault = Fault(f"{here}facts.{name}", "invalid", said, accepted_values(fact, law))
            errors.append(error_data(fault))
        else:
            clean[name] = facts[name]
    return clean


def _fits(fact: Fact, value: object) -> bool:
    """Has the value the JSON type of the fact, and is it within its bounds?"""
    match fact.type:
        case FactType.BOOLEAN:
            return isinstance(value, bool)
        case FactType.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool) and fact.minimum <= value <= fact.maximum
        case FactType.CHOICE:
            return isinstance(value, str) and any(value == choice for choice, _label in fact.choices)
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _known(fact: Fact, value: Any, law: Rulebook) -> bool:
    return fact.type is not FactType.SCHEMES or all(scheme in law.schemes for scheme in value)
