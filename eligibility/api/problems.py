"""When a request cannot be answered: problem details (RFC 9457), each wrong field with what is accepted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions

from eligibility.engine import Fault

MEDIA_TYPE = "application/problem+json"
LONGEST_ECHO = 80
"""How much of a wrong value is said back, in characters."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. `name`, the last part of its type, never changes; nor does `title`."""

    name: str
    status: int
    title: str


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("malformed", 400, "The body is not JSON that can be read."),
        Kind("invalid-key", 401, "The API key is unknown, revoked or expired."),
        Kind("out-of-scope", 403, "The API key may not be used for this."),
        Kind("not-found", 404, "There is nothing here."),
        Kind("unknown-edition", 404, "This edition of the rulebook is not here."),
        Kind("method-not-allowed", 405, "This address cannot be asked in this way."),
        Kind("not-acceptable", 406, "The answer has no such form."),
        Kind("too-large", 413, "The request is too large."),
        Kind("unsupported-media-type", 415, "The body must be sent as JSON."),
        Kind("invalid", 422, "Some fields cannot be used."),
        Kind("too-many-requests", 429, "Too many requests in a short time."),
    )
}


class Problem(Exception):
    """A request that cannot be answered. `errors` as made by `error_data`; `more`: further members."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        errors: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(kind)
        self.kind, self.detail, self.errors = KINDS[kind], detail, list(errors)
        self.headers, self.more = dict(headers or {}), more

    def data(self) -> dict[str, Any]:
        """The problem as RFC 9457 writes it."""
        return {
            "type": f"/api/v1/problems#{self.kind.name}",
            "title": self.kind.title,
            "status": self.kind.status,
            **({"detail": self.detail} if self.detail else {}),
            **({"errors": self.errors} if self.errors else {}),
            **self.more,
        }


def invalid(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """Fields that cannot be used."""
    found = list(errors)
    detail = found[0]["detail"] if len(found) == 1 else f"{len(found)} fields are wrong; `errors` has each of them."
    return Problem("invalid", detail, found)


def error_data(fault: Fault, field: str = "") -> dict[str, Any]:
    """One wrong field: its place, a code for programs, what came, what would be right, and all that in a sentence."""
    short = Fault(field or fault.field, fault.code, fault.given[:LONGEST_ECHO], fault.accepted)
    if fault.code == "unknown_field":
        detail = f"there is no field '{short.field}'; known fields: {', '.join(fault.accepted)}"
    elif fault.code == "missing" and len(fault.accepted) == 1:
        detail = f"{short.field} is missing; give {fault.accepted[0]}"
    else:
        detail = str(short)
    return {
        "field": short.field,
        "code": short.code,
        "given": short.given,
        "accepted": list(short.accepted),
        "detail": detail,
    }


def response(problem: Problem) -> HttpResponse:
    """The problem on its way out. It is never kept by a cache: the next try may be right."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    return HttpResponse(to_json(problem.data()), status=problem.kind.status, content_type=MEDIA_TYPE, headers=headers)


def to_json(data: Any) -> bytes:
    """JSON in UTF-8. Half of a surrogate pair, which UTF-8 cannot hold, goes out as the escape in which it came."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """REST framework's own refusals in the same shape; None for a fault of ours, which is Django's to report."""
    match error:
        case Problem():
            return response(error)
        case exceptions.AuthenticationFailed() | exceptions.NotAuthenticated():
            headers = {"WWW-Authenticate": str(getattr(error, "auth_header", "Api-Key"))}
            return response(Problem("invalid-key", str(error.detail), headers=headers))
        case exceptions.PermissionDenied():
            return response(Problem("out-of-scope", str(error.detail)))
        case exceptions.MethodNotAllowed():
            allowed = context["view"].allowed_methods
            detail = f"Accepted here: {', '.join(allowed)}."
            return response(Problem("method-not-allowed", detail, headers={"Allow": ", ".join(allowed)}))
        case exceptions.NotAcceptable():
            return response(Problem("not-acceptable", "Ask for application/json or text/plain."))
        case exceptions.Throttled():
            wait = max(1, int(error.wait or 1))
            detail = f"Try again in {wait} seconds. With an API key there is more room."
            return response(Problem("too-many-requests", detail, headers={"Retry-After": str(wait)}))
        case exceptions.NotFound() | Http404():
            return response(Problem("not-found"))
    return None


@csrf_exempt  # or whoever posts to a mistyped address is told of a missing token, on a page
def nothing_here(request: HttpRequest) -> HttpResponse:
    """For every address below /api/ that leads nowhere."""
    return response(Problem("not-found", "The addresses are listed at /api/v1/."))
