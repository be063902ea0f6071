"""The addresses of the law itself: lists and single things, what changed, where to get help."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from eligibility.api import describe, helppoints
from eligibility.api.changes import between_days, between_editions
from eligibility.api.editions import law_of
from eligibility.api.law import CATALOGUES, Catalogue, benefits, codes
from eligibility.api.problems import KINDS, Problem, invalid
from eligibility.api.reading import Errors, day_of, query_of, wrong
from eligibility.api.views import Endpoint, answered, cacheable, today
from eligibility.rulebook import Rulebook

MOST, USUAL = 500, 100
EDITION = re.compile(r"sha256:[0-9a-f]{64}")

Filters = Mapping[str, Callable[[Rulebook], tuple[str, ...]] | None]
HELP_FILTERS: Filters = {
    "country": codes,
    "benefit": benefits,
    "scheme": lambda law: tuple(law.schemes),
    "format": lambda law: ("json", "hsds"),
}


class LawEndpoint(Endpoint):
    scope = "law"


def wanted_of(query: Mapping[str, str], filters: Filters, law: Rulebook) -> dict[str, Any]:
    """The filters and the page (`limit`, `offset`) that were asked for. Raises Problem."""
    errors: Errors = []
    wanted: dict[str, Any] = {}
    for name, accepted in filters.items():
        if name not in query:
            continue
        if accepted is None:
            wanted[name] = day_of(query[name], name, errors)
        elif query[name] in accepted(law):
            wanted[name] = query[name]
        else:
            errors.append(wrong(name, query[name], accepted(law)))
    for name, usual, least, most in (("limit", USUAL, 1, MOST), ("offset", 0, 0, 1_000_000)):
        text = query.get(name, str(usual))
        number = int(text) if re.fullmatch(r"\d{1,7}", text, re.ASCII) else -1
        if not least <= number <= most:
            errors.append(wrong(name, text, (f"a whole number from {least} to {most}",)))
        wanted[name] = number
    if errors:
        raise invalid(errors)
    return wanted


def page(law: Rulebook, found: list[Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """One page of a list. `next` is the offset of the next page, None on the last."""
    start, size = wanted["offset"], wanted["limit"]
    following = start + size if start + size < len(found) else None
    return {"edition": law.edition, "count": len(found), "next": following, "items": found[start : start + size]}


def many(catalogue: Catalogue) -> Any:
    """The view that lists one kind of thing."""

    class Many(LawEndpoint):
        @describe.many(catalogue)
        def get(self, request: Request) -> HttpResponse:
            query = query_of(request, ("edition", "limit", "offset", *catalogue.filters))
            law = law_of(query.get("edition"))
            wanted = wanted_of(query, catalogue.filters, law)
            found = lambda: answered(page(law, list(catalogue.every(law, wanted)), wanted))  # noqa: E731
            return cacheable(request, law.edition, [catalogue.name, sorted(query.items())], found)

    return Many.as_view()


def one(catalogue: Catalogue) -> Any:
    """The view that shows one thing by its id."""

    class One(LawEndpoint):
        @describe.one(catalogue)
        def get(self, request: Request, name: str) -> HttpResponse:
            law = law_of(query_of(request, ("edition",)).get("edition"))
            found = next((thing for thing in catalogue.every(law, {}) if thing["id"] == name), None)
            if found is None:
                raise Problem("not-found", f"No {catalogue.one} is called so in this edition.")
            data = {"edition": law.edition, catalogue.one: found}
            return cacheable(request, law.edition, [catalogue.name, name], lambda: answered(data))

    return One.as_view()


class Changes(LawEndpoint):
    @describe.changes
    def get(self, request: Request) -> HttpResponse:
        query = query_of(request, ("since", "until", "country", "edition", "limit", "offset"))
        law = law_of(query.get("edition"))
        wanted = wanted_of(query, {"country": codes}, law)
        since = query.get("since")
        if since is not None and EDITION.fullmatch(since):
            if "until" in query:
                raise invalid([wrong("until", query["until"], ("nothing: two editions are compared",))])
            found = between_editions(law_of(since), law, wanted.get("country"))
            span = {"since": since, "until": law.edition}
        else:
            errors: Errors = []
            first = day_of(since, "since", errors)
            last = day_of(query["until"], "until", errors) if "until" in query else today()
            if first is None or last is None or last < first:
                accepted = ("a day on or after `since`",)
                raise invalid(errors or [wrong("until", str(last), accepted)])
            found = between_days(law, first, last, wanted.get("country"))
            span = {"since": first.isoformat(), "until": last.isoformat()}
        answer = {**page(law, found, wanted), **span}
        return cacheable(request, law.edition, ["changes", sorted(query.items()), span], lambda: answered(answer))


class HelpPoints(LawEndpoint):
    @describe.help_points
    def get(self, request: Request) -> HttpResponse:
        query = query_of(request, ("edition", "limit", "offset", *HELP_FILTERS))
        law = law_of(query.get("edition"))
        wanted = wanted_of(query, HELP_FILTERS, law)
        return cacheable(
            request, law.edition, ["help-points", sorted(query.items())], lambda: answered(help_points(law, wanted))
        )


def help_points(law: Rulebook, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """A page of counters, in our own words or as HSDS has it."""
    found = list(helppoints.every(law, wanted))
    if wanted.get("format") != "hsds":
        return page(law, [helppoints.plain(*point) for point in found], wanted)
    start, size = wanted["offset"], wanted["limit"]
    shown = [helppoints.hsds(*point, law) for point in found[start : start + size]]
    return {**helppoints.hsds_page(shown, len(found), start // size + 1, size), "edition": law.edition}


class Problems(Endpoint):
    scope = None

    @describe.problems
    def get(self, request: Request) -> HttpResponse:
        query_of(request, ())
        kinds = [{"id": kind.name, "status": kind.status, "title": kind.title} for kind in KINDS.values()]
        return answered({"problems": kinds})


class Root(Endpoint):
    scope = None

    @describe.root
    def get(self, request: Request) -> HttpResponse:
        query_of(request, ())
        return answered(root(law_of(None)))


def root(law: Rulebook) -> dict[str, Any]:
    """Where everything is, and by what edition it answers."""
    names = ("determinations", "determinations/batch", "careers", "questions", "compare", "sms", *CATALOGUES)
    others = ("changes", "help-points", "problems", "openapi.json", "docs")
    return {"edition": law.edition, "addresses": {name: f"/api/v1/{name}" for name in (*names, *others)}}
