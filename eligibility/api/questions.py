"""A dialogue without a memory: what is known comes in, the most useful next question goes out, or the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from eligibility.api.problems import error_data, invalid
from eligibility.api.reading import CASE_FIELDS, read_case, unknown_fields, wrong
from eligibility.engine import Determination, Fault, determine
from eligibility.explain import as_data, asking, telling
from eligibility.explain.page import ToldQuestion
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import FOUR, FactType, Sector, Status

MOST = 1000


def next_step(given: Mapping[str, Any], law: Rulebook, today: date) -> dict[str, Any]:
    """The next question to a worker of whom that much is known, or the answer once no question can change it.

    `unknown` in `given` names the facts that the worker does not know: they are not asked again. Raises Problem.
    """
    errors = unknown_fields(given, (*CASE_FIELDS, "unknown"))
    unknown = given.get("unknown", [])
    if not isinstance(unknown, list) or not all(isinstance(one, str) and one in law.facts for one in unknown):
        errors.append(wrong("unknown", unknown, ("a list of names of facts", *law.facts)))
    if errors:
        raise invalid(errors)
    first = next((name for name in FOUR if given.get(name) is None), None)
    if first is not None:
        _check_so_far(given, law, today)
        return _step(law, one_of_four(first, law, str(given.get("origin") or "").upper()), None)
    case = {name: value for name, value in given.items() if name != "unknown"}
    determination = determine(read_case(case, law, today), law)
    asked = next_fact(determination, law, unknown)
    if asked is None:
        return _step(law, None, as_data(determination))
    return _step(law, _fact(asked, law, determination), None)


def next_fact(determination: Determination, law: Rulebook, unknown: list[str]) -> ToldQuestion | None:
    """The fact that could change most, of those that the worker was not asked in vain."""
    found = telling.questions(determination, law, most=MOST)
    return next((question for question in found if question.fact not in unknown), None)


def one_of_four(name: str, law: Rulebook, origin: str) -> dict[str, Any]:
    text, help_ = asking.question(name)
    options = asking.options(name, law, but=origin if name == "destination" else "")
    return {
        "field": name,
        "type": "choice",
        "text": text,
        "help": help_,
        "options": [{"value": value, "label": label, "help": said} for value, label, said in options],
    }


def _step(law: Rulebook, question: dict[str, Any] | None, answer: dict[str, Any] | None) -> dict[str, Any]:
    return {"edition": law.edition, "done": answer is not None, "question": question, "answer": answer}


def _fact(asked: ToldQuestion, law: Rulebook, determination: Determination) -> dict[str, Any]:
    touched = [b.value for b, a in determination.answers.items() if any(q.fact == asked.fact for q in a.depends_on)]
    question: dict[str, Any] = {
        "field": f"facts.{asked.fact}",
        "type": asked.kind.type.value,
        "text": asked.text,
        "help": asked.help,
        "decides": touched,
        "options": [{"value": _typed(asked, o.value), "label": o.label, "help": ""} for o in asked.options],
    }
    if asked.kind.type is FactType.NUMBER:
        question |= {"unit": asked.unit, "minimum": asked.minimum, "maximum": asked.maximum}
    return question


def _typed(asked: ToldQuestion, value: str) -> bool | str:
    return value == "true" if asked.kind.type is FactType.BOOLEAN else value


def _check_so_far(given: Mapping[str, Any], law: Rulebook, today: date) -> None:
    """Are the answers given so far right, though some are still missing? Raises Problem."""
    accepted: dict[str, tuple[str, ...]] = {
        "origin": law.with_role("origin"),
        "destination": law.with_role("destination"),
        "sector": tuple(Sector),
        "status": tuple(Status),
    }
    origin = str(given.get("origin") or accepted["origin"][0]).upper()
    there = next(code for code in accepted["destination"] if code != origin)
    filled = {"origin": origin, "destination": there, "sector": Sector.SERVICES, "status": Status.REGULAR}
    told = {name: value for name, value in given.items() if name != "unknown" and value is not None}
    for name in ("origin", "destination"):
        if name in told and not isinstance(told[name], str):
            raise invalid([error_data(Fault(name, "invalid", str(told[name]), accepted[name]))])
    read_case({**filled, **told}, law, today)
