"""The OpenAPI 3.1 description: what drf-spectacular finds in the views, completed with parameters, shapes, problems and
examples. The examples are worked out by the code that answers, so they are true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from eligibility import current
from eligibility.api import shapes, texting
from eligibility.api.access import Spent
from eligibility.api.comparing import comparison
from eligibility.api.law import CATALOGUES, codes
from eligibility.api.lawviews import HELP_FILTERS, MOST, USUAL, Filters, help_points, page, root
from eligibility.api.problems import KINDS, MEDIA_TYPE, Problem, error_data, invalid
from eligibility.api.questions import next_step
from eligibility.api.views import FORMATS
from eligibility.engine import Fault, determine, make_case
from eligibility.engine.career import determine_career, make_stays
from eligibility.explain import as_data, present
from eligibility.explain.aloud import aloud
from eligibility.explain.data import career_as_data
from eligibility.explain.sms import message
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import FOUR, Sector, Status

Data = dict[str, Any]
EXAMPLE_DAY = date(2026, 1, 1)
WITHOUT_EDITION = ("root", "listProblems", "sms")
WITH_BODY = ("malformed", "too-large", "unsupported-media-type")


def description() -> Data:
    """The whole description, for the loaded edition."""
    return _description(current.rulebook())


@lru_cache(maxsize=4)
def _description(law: Rulebook) -> Data:
    return SchemaGenerator(title=None).get_schema(request=None, public=True)  # type: ignore[no-any-return]


def complete(result: Data, generator: Any, request: Any, public: bool) -> Data:
    """drf-spectacular's hook: add what no view can say of itself."""
    law = current.rulebook()
    result["components"]["schemas"] = shapes.shapes(law)
    made = examples(law)
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            name = operation["operationId"]
            own = [one for one in operation.get("parameters", []) if one["in"] == "path"]
            operation["parameters"] = own + list(_parameters(name, law))
            operation["security"] = [{}, {"ApiKey": []}]
            _complete(operation, method, path, *made[name])
    return result


def _complete(operation: Data, method: str, path: str, asked: Any, given: Any) -> None:
    if asked is not None:
        operation["requestBody"]["content"]["application/json"]["examples"] = {"example": {"value": asked}}
        operation["requestBody"]["required"] = True
    ok = operation["responses"]["200"]
    ok["description"] = operation["summary"]
    if operation["operationId"] == "sms":
        form = {**operation["requestBody"]["content"]["application/json"]}
        operation["requestBody"]["content"]["application/x-www-form-urlencoded"] = form
        ok["content"] = {"text/plain": {"schema": shapes.ref("Reply"), "examples": {"example": {"value": given}}}}
    elif given is not None:
        ok["content"]["application/json"]["examples"] = {"example": {"value": given}}
    ok["headers"] = _headers()
    if operation["operationId"] in ("determine", "determineByGet"):
        texts = _texts(current.rulebook())
        ok["content"]["text/plain"] = {"schema": {"type": "string"}, "examples": texts}
    if method == "get" and operation["operationId"] not in WITHOUT_EDITION:
        ok["headers"]["ETag"] = {"schema": {"type": "string"}, "description": "Changes when the answer does."}
        operation["responses"]["304"] = {"description": "What you have is still right."}
    kinds = [*(WITH_BODY if asked is not None else ()), "invalid-key", "out-of-scope"]
    kinds += ["unknown-edition"] if operation["operationId"] not in WITHOUT_EDITION else []
    kinds += ["not-found"] if "{" in path else []
    kinds += ["method-not-allowed", "not-acceptable", "invalid", "too-many-requests"]
    for kind in kinds:
        status = str(KINDS[kind].status)
        response = operation["responses"].setdefault(status, _problem_response(kind))
        response["content"][MEDIA_TYPE]["examples"][kind] = {"value": example_problem(kind)}


def _problem_response(kind: str) -> Data:
    response: Data = {
        "description": KINDS[kind].title,
        "content": {MEDIA_TYPE: {"schema": shapes.ref("Problem"), "examples": {}}},
    }
    if kind == "too-many-requests":
        after = {"schema": {"type": "integer"}, "description": "Seconds to wait."}
        response["headers"] = {"Retry-After": after, **_headers()}
    return response


def _headers() -> Data:
    names = Spent("anonymous", 60, 59, 30).headers()
    return {
        name: {"schema": {"type": "string"}, "description": "draft-ietf-httpapi-ratelimit-headers", "example": value}
        for name, value in names.items()
    }


# --- parameters -------------------------------------------------------------------------------------------------------


def _parameters(name: str, law: Rulebook) -> Iterable[Data]:
    yield {
        "name": "Accept-Language",
        "in": "header",
        "schema": {"type": "string"},
        "description": "The language of the texts, of those of the site; English where there is none.",
        "example": "id, en;q=0.5",
    }
    if name in WITHOUT_EDITION:
        return
    yield _query("edition", shapes.EDITION, "Answer by this edition, if it is stored here.")
    if name in ("determine", "determineByGet"):
        yield _query("format", shapes.one_of(FORMATS), "JSON, text to read aloud, or at most three text messages.")
    if name == "determineByGet":
        for field, shape in shapes.four(law).items():
            yield _query(field, shape, "", required=True)
        yield _query("on", shapes.ASKED_DAY, "The day whose law is asked for; today if not given.")
        for fact in law.facts.values():  # lists are written with commas
            yield {**_query(fact.name, shapes.word_of(fact, law), fact.question), "style": "form", "explode": False}
    filters: Filters = next((one.filters for one in CATALOGUES.values() if name == f"list{one.name.capitalize()}"), {})
    if name == "listHelpPoints":
        filters = HELP_FILTERS
    if name == "listChanges":
        filters = {"country": codes}
        since = {"anyOf": [shapes.ASKED_DAY, shapes.EDITION]}
        yield _query("since", since, "A day, or a stored edition.", required=True)
        yield _query("until", shapes.ASKED_DAY, "A day on or after `since`; today if not given.")
    for field, accepted in filters.items():
        yield _query(field, shapes.one_of(accepted(law)) if accepted else shapes.ASKED_DAY, "")
    if name.startswith("list"):
        yield _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}, "How many at most.")
        yield _query("offset", {"type": "integer", "minimum": 0, "maximum": 1_000_000, "default": 0}, "From which on.")


def _query(name: str, shape: Data, says: str, required: bool = False) -> Data:
    return {
        "name": name,
        "in": "query",
        "schema": shape,
        **({"description": says} if says else {}),
        **({"required": True} if required else {}),
    }


# --- examples ---------------------------------------------------------------------------------------------------------


def example_case(law: Rulebook) -> Data:
    """A case on the corridor that most agreements bind."""
    corridors = [(len(one["agreements"]), one) for one in CATALOGUES["corridors"].every(law, {})]
    busiest = max(corridors, key=lambda one: one[0])[1]
    return {
        "origin": busiest["origin"],
        "destination": busiest["destination"],
        "sector": Sector.DOMESTIC_WORK.value,
        "status": Status.REGULAR.value,
        "on": EXAMPLE_DAY.isoformat(),
        "facts": {"months_contributed": 26},
    }


def _short(determination: Data) -> Data:
    """One benefit of nine is enough for an example."""
    name, answer = next(iter(determination["benefits"].items()))
    return {**determination, "benefits": {name: answer}}


def _texts(law: Rulebook) -> Data:
    told = present(determine(make_case(example_case(law), law, EXAMPLE_DAY), law), law)
    return {"text": {"value": aloud(told)}, "sms": {"value": message(told)}}


def examples(law: Rulebook) -> dict[str, tuple[Any, Any]]:
    """For each operation what is sent (None if nothing) and what comes back."""
    case = example_case(law)
    other = {**case, "status": Status.IRREGULAR.value}
    one, two = (determine(make_case(given, law, EXAMPLE_DAY), law) for given in (case, other))
    answer = _short(as_data(one))
    stay = {name: case[name] for name in ("destination", "sector", "status")}
    stay |= {"from": "2021-03-01", "until": "2023-02-28", "months": 24}
    career = {"origin": case["origin"], "stays": [stay], "months_at_home": 40, "on": case["on"]}
    answered = career_as_data(
        determine_career(case["origin"], make_stays(case["origin"], [stay], law, EXAMPLE_DAY), law, EXAMPLE_DAY, 40)
    )
    answered["stays"] = [{**done, "determination": _short(done["determination"])} for done in answered["stays"]]
    answered["ledger"] = answered["ledger"][:2]
    known = {name: case[name] for name in FOUR[:3]}
    refused = {"problem": example_problem("invalid")}
    compared = comparison(one, two)
    made: dict[str, tuple[Any, Any]] = {
        "determine": (case, answer),
        "determineByGet": (None, answer),
        "determineBatch": (
            {"cases": [case, {**case, "sector": "gardening"}]},
            {"edition": law.edition, "answers": [{"answer": answer}, refused]},
        ),
        "answerCareer": (career, {"edition": law.edition, **answered}),
        "askNext": (known, next_step(known, law, EXAMPLE_DAY)),
        "sms": ({"from": "+60123456789", "text": "benefits"}, texting.first_message()),
        "compare": ({"a": case, "b": other}, {**compared, "differs": compared["differs"][:1]}),
        "listChanges": (
            None,
            {**page(law, [], {"offset": 0, "limit": USUAL}), "since": "2025-01-01", "until": "2025-12-31"},
        ),
        "listHelpPoints": (None, help_points(law, {"offset": 0, "limit": 1})),
        "listProblems": (None, {"problems": [{"id": "invalid", "status": 422, "title": KINDS["invalid"].title}]}),
        "root": (None, root(law)),
    }
    for catalogue in CATALOGUES.values():
        found = list(catalogue.every(law, {}))
        first = page(law, found, {"offset": 0, "limit": 1})
        made[f"list{catalogue.name.capitalize()}"] = (None, first)
        made[f"get{catalogue.one.capitalize()}"] = (
            None,
            {"edition": law.edition, catalogue.one: found[0]} if found else None,
        )
    return made


def example_problem(kind: str) -> Data:
    """A problem of this kind as it could come."""
    if kind == "invalid":
        return invalid([error_data(Fault("sector", "invalid", "gardening", tuple(Sector)))]).data()
    if kind == "unknown-edition":
        edition = current.rulebook().edition
        return Problem(kind, f"This installation answers by {edition}.", loaded=edition, stored=[]).data()
    if kind == "too-many-requests":
        return Problem(kind, "Try again in 30 seconds. With an API key there is more room.").data()
    return Problem(kind).data()
