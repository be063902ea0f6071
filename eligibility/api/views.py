"""The addresses that answer: one case, many, a career, a dialogue, a comparison."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from eligibility.api import describe, texting
from eligibility.api.access import ByKey, InScope, Rate, charge
from eligibility.api.comparing import comparison
from eligibility.api.editions import law_of
from eligibility.api.problems import Problem, handle, invalid, to_json
from eligibility.api.questions import next_step
from eligibility.api.reading import (
    MOST_CASES,
    body_of,
    query_of,
    read_case,
    read_stays,
    read_words,
    unknown_fields,
    wrong,
)
from eligibility.api.writing import as_json
from eligibility.engine import Case, determine
from eligibility.engine.career import determine_career
from eligibility.explain import present
from eligibility.explain.aloud import aloud
from eligibility.explain.data import career_as_data
from eligibility.explain.sms import is_gsm, message, segments
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import FOUR

FORMATS = ("json", "text", "sms")
CASES_FOR_ONE = 20
"""So many cases in one batch count as one request more."""
KEPT_FOR = 600
"""For how many seconds a cache may keep what was got by GET."""


class _Text(BaseRenderer):
    media_type = "text/plain"
    format = "text"


class _Negotiation(DefaultContentNegotiation):
    """By the Accept header alone: `?format=` is a parameter like any other, with its own error."""

    settings = type("_NoFormat", (), {"URL_FORMAT_OVERRIDE": None})


class Endpoint(APIView):
    """What all addresses share: keys and rates, one shape of error, and the headers of every answer."""

    authentication_classes = (ByKey,)
    permission_classes = (InScope,)
    throttle_classes = (Rate,)
    renderer_classes: tuple[type[BaseRenderer], ...] = (JSONRenderer,)
    content_negotiation_class = _Negotiation
    scope: str | None = "answers"

    def get_exception_handler(self) -> Any:
        return handle

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        spent = getattr(getattr(request, "_request", request), "rate", None)
        if spent is not None:
            for name, value in spent.headers().items():
                response.headers[name] = value
        patch_vary_headers(response, ("Accept", "Accept-Language", "Authorization"))
        return response

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """What may be done here."""
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})


def answered(data: Any, status: int = 200, **headers: str) -> HttpResponse:
    """JSON on its way out; bytes are JSON already. What was posted is kept by no cache."""
    kept = {"Cache-Control": "no-store", **{name.replace("_", "-"): value for name, value in headers.items()}}
    content = data if isinstance(data, bytes) else to_json(data)
    return HttpResponse(content, status=status, content_type="application/json", headers=kept)


def cacheable(request: Request, edition: str, asked: Any, make: Any) -> HttpResponse:
    """The answer that `make` gives, with an ETag made from the edition and what was asked; 304 if the caller has it."""
    key = to_json([edition, asked, get_language(), request.accepted_media_type])
    etag = f'"{hashlib.sha256(key).hexdigest()[:32]}"'
    unchanged = get_conditional_response(request._request, etag=etag)
    response = unchanged if unchanged is not None and unchanged.status_code == 304 else make()
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age={KEPT_FOR}"
    return response


def today() -> date:
    """The day whose law is asked for when no other is named."""
    return timezone.localdate()


def _format(request: Request, query: Mapping[str, str]) -> str:
    """In what form the answer is wanted: `?format=` first, then the Accept header."""
    wanted = query.get("format")
    if wanted is None:
        return "text" if (request.accepted_media_type or "").startswith("text/plain") else "json"
    if wanted not in FORMATS:
        raise invalid([wrong("format", wanted, FORMATS)])
    return wanted


def _tell(case: Case, law: Rulebook, form: str) -> HttpResponse:
    """One answer in the form that was asked for."""
    determination = determine(case, law)
    if form == "json":
        return answered(as_json(determination))
    told = present(determination, law)
    text = aloud(told) if form == "text" else message(told)
    headers = {"Cache-Control": "no-store", "Edition": law.edition}
    if form == "sms":
        headers["SMS-Segments"] = str(segments(text))
    return HttpResponse(text + "\n" * (form == "text"), content_type="text/plain; charset=utf-8", headers=headers)


class Determinations(Endpoint):
    renderer_classes = (JSONRenderer, _Text)

    @describe.determination_by_get
    def get(self, request: Request) -> HttpResponse:
        query = query_of(request, (*FOUR, "on", "format", "edition", *law_of(None).facts))
        law = law_of(query.get("edition"))
        form = _format(request, query)
        case = read_words(query, law, today())
        asked = [form, case.on.isoformat(), as_case(case)]
        return cacheable(request, law.edition, asked, lambda: _tell(case, law, form))

    @describe.determination
    def post(self, request: Request) -> HttpResponse:
        query = query_of(request, ("format", "edition"))
        law, form = law_of(query.get("edition")), _format(request, query)
        return _tell(read_case(body_of(request), law, today()), law, form)


def as_case(case: Case) -> list[Any]:
    """What tells two cases apart."""
    facts = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in case.facts.items()}
    return [case.origin, case.destination, case.sector, case.status, facts]


class Batch(Endpoint):
    scope = "batch"

    @describe.batch
    def post(self, request: Request) -> HttpResponse:
        law = law_of(query_of(request, ("edition",)).get("edition"))
        body = body_of(request)
        errors = unknown_fields(body, ("cases",))
        cases = body.get("cases")
        if not isinstance(cases, list) or not cases:
            errors.append(wrong("cases", cases, (f"a list of 1 to {MOST_CASES} cases",)))
        if errors:
            raise invalid(errors)
        assert isinstance(cases, list)
        if len(cases) > MOST_CASES:
            raise Problem("too-large", f"A batch may hold {MOST_CASES} cases; this one holds {len(cases)}.")
        charge(request, (len(cases) - 1) // CASES_FOR_ONE)
        day = today()
        answers = b",".join(_one(case, law, day) for case in cases)
        return answered(b'{"edition":%s,"answers":[%s]}' % (to_json(law.edition), answers))


def _one(given: object, law: Rulebook, day: date) -> bytes:
    """One case of a batch: answered, or refused by itself."""
    try:
        return b'{"answer":%s}' % as_json(determine(read_case(given, law, day), law))
    except Problem as problem:
        return to_json({"problem": problem.data()})


class Careers(Endpoint):
    @describe.career
    def post(self, request: Request) -> HttpResponse:
        law = law_of(query_of(request, ("edition",)).get("edition"))
        body = body_of(request)
        origin, stays, months, day = read_stays(body, law, today())
        charge(request, (len(stays) - 1) // CASES_FOR_ONE)
        return answered({"edition": law.edition, **career_as_data(determine_career(origin, stays, law, day, months))})


class Questions(Endpoint):
    @describe.questions
    def post(self, request: Request) -> HttpResponse:
        law = law_of(query_of(request, ("edition",)).get("edition"))
        return answered(next_step(body_of(request), law, today()))


class Compare(Endpoint):
    @describe.compare
    def post(self, request: Request) -> HttpResponse:
        law = law_of(query_of(request, ("edition",)).get("edition"))
        body = body_of(request)
        errors = unknown_fields(body, ("a", "b"))
        cases = []
        for name in ("a", "b"):
            try:
                cases.append(read_case(body.get(name), law, today(), f"{name}."))
            except Problem as problem:
                errors += problem.errors
        if errors:
            raise invalid(errors)
        return answered(comparison(determine(cases[0], law), determine(cases[1], law)))


class Sms(Endpoint):
    scope = "sms"
    renderer_classes = (_Text, JSONRenderer)

    @describe.sms
    def post(self, request: Request) -> HttpResponse:
        query_of(request, ())
        number, text = texting.read(request)
        reply = texting.converse(number, text, law_of(None), today(), timezone.now())
        told = {"SMS-Segments": str(segments(reply)), "X-Kannel-Coding": "0" if is_gsm(reply) else "2"}
        headers = {"Cache-Control": "no-store", **told}
        return HttpResponse(reply, content_type="text/plain; charset=utf-8", headers=headers)
