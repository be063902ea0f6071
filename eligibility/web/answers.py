"""What a worker has told, kept in a signed cookie on the worker's own phone and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from eligibility.vocabulary import FOUR

COOKIE = "answers"
SALT = "eligibility.web.answers"
LINK_SALT = "eligibility.web.link"
MAX_AGE = 30 * 60  # seconds: long enough to read and think, short on a borrowed phone


@dataclass(frozen=True, slots=True)
class Answers:
    """The four answers, further facts as a form sends them, and the facts that the worker does not know. `began` and
    `left`: the days on which this work began and ended, as YYYY-MM-DD, "" if not told; `stays`: work in other countries
    before, each with destination, sector, status, from, until and months."""

    origin: str
    destination: str
    sector: str
    status: str
    facts: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    began: str = ""
    left: str = ""
    stays: tuple[Mapping[str, str], ...] = ()

    def four(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in FOUR}

    def with_fact(self, fact: str, value: str) -> Answers:
        return replace(self.without(fact), facts={**self.without(fact).facts, fact: value})

    def not_known(self, fact: str) -> Answers:
        return replace(self.without(fact), unknown=(*self.without(fact).unknown, fact))

    def without(self, fact: str) -> Answers:
        """As if nothing had been said about this fact."""
        return replace(
            self,
            facts={name: value for name, value in self.facts.items() if name != fact},
            unknown=tuple(name for name in self.unknown if name != fact),
        )


def _data(answers: Answers) -> dict[str, Any]:
    """What was said, and no more."""
    data = asdict(answers)
    return {name: value for name, value in data.items() if value or name in (*FOUR, "facts", "unknown")}


def _answers(data: dict[str, Any]) -> Answers:
    return Answers(**{**data, "unknown": tuple(data["unknown"]), "stays": tuple(data.get("stays", ()))})


def read(request: HttpRequest) -> Answers | None:
    """The answers in the cookie, or None if there are none, they are too old, or not as we wrote them."""
    try:
        data: dict[str, Any] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=MAX_AGE)
        return _answers(data)
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None


def link_token(answers: Answers) -> str:
    """The answers for a link that somebody asked for: signed, so that nobody can make one up; it does not run out."""
    return signing.dumps(_data(answers), salt=LINK_SALT, compress=True)


def from_link(token: str) -> Answers | None:
    """The answers in a link, or None if it is not one of ours."""
    try:
        data: dict[str, Any] = signing.loads(token, salt=LINK_SALT)
        return _answers(data)
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None


def keep(response: HttpResponseBase, answers: Answers) -> None:
    """Hand the answers back to the browser, for another half hour."""
    response.set_cookie(
        COOKIE,
        signing.dumps(_data(answers), salt=SALT, compress=True),
        max_age=MAX_AGE,
        path="/",
        secure=settings.CSRF_COOKIE_SECURE,  # as every cookie of the site: over TLS alone, except on one's own machine
        httponly=True,
        samesite="Lax",
    )


def drop(response: HttpResponseBase) -> None:
    response.delete_cookie(COOKIE, path="/", samesite="Lax")
