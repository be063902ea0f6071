"""The description itself, and pages to try it out, served from here: no other site is asked for anything."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import condition, require_safe

from eligibility import current
from eligibility.api.problems import to_json
from eligibility.api.schema import description


def _etag(request: HttpRequest) -> str:
    return f'"{current.rulebook().edition}"'


@require_safe
@condition(etag_func=_etag)
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 description. Its examples are in English, whoever asks first."""
    with translation.override("en"):
        return HttpResponse(to_json(description()), content_type="application/json")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI from our own host. In English, as the description is: its readers write programs."""
    return render(request, "api/docs.html")
