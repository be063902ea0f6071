"""From a case to its stored answer, and from a stored answer back to the same bytes.

What is stored is the English `career_as_data` of all stays as canonical JSON. It names the edition of the law; beside
it stands everything that was asked, so that `replay` can work the answer out again by that very edition.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import override

from eligibility import current
from eligibility.casework.models import OUTCOME_LETTERS, AnswerReason, Case, Stay, StoredAnswer
from eligibility.engine import CaseError, Determination
from eligibility.engine.career import Career, determine_career, make_stays
from eligibility.explain.parts import canonical_career
from eligibility.rulebook import Rulebook
from eligibility.rulebook.editions import EditionError
from eligibility.vocabulary import CROSSES_THE_BORDER, OnLeaving

STORED_IN = "en"
"""Stored answers are in one language, so that two of them can be compared."""


def asked_of(case: Case, on: date, stays: Iterable[Stay] | None = None) -> dict[str, Any]:
    """Everything that the answer turns on, as plain data: what `replay` needs, and nothing that tells who it is.
    `stays`: those of a case that has no row yet."""
    return {
        "origin": case.origin,
        "months_at_home": case.months_at_home,
        "on": on.isoformat(),
        "stays": [
            {
                "destination": stay.destination,
                "sector": stay.sector,
                "status": stay.status,
                "from": stay.began.isoformat(),
                "until": stay.ended.isoformat() if stay.ended else None,
                "months": stay.months,
                "facts": stay.facts,
            }
            for stay in (case.stays.all() if stays is None else stays)
        ],
    }


def work_out(asked: Mapping[str, Any], law: Rulebook) -> Career:
    """The career's answer by that law. Raises CaseError where the law cannot speak of it: a country left out since.
    What was told once and is asked no more decides nothing."""
    on = date.fromisoformat(asked["on"])
    told = [
        stay | {"facts": {name: value for name, value in stay["facts"].items() if name in law.facts}}
        for stay in asked["stays"]
    ]
    stays = make_stays(asked["origin"], told, law, on)
    return determine_career(asked["origin"], stays, law, on, asked["months_at_home"])


def body_of(career: Career) -> bytes:
    """The answer as it is stored and downloaded: canonical JSON in UTF-8."""
    with override(STORED_IN):
        return canonical_career(career)


def latest(career: Career) -> Determination:
    """The answer for the last stay: the one that a list of cases shows."""
    return career.stays[-1][1]


def store(
    case: Case, law: Rulebook, by: Any = None, reason: AnswerReason = AnswerReason.ASKED, on: date | None = None
) -> StoredAnswer | None:
    """Answer the case, keep the answer unless it is the very same as the last one, and note its headlines on the case.

    Returns the answer that now holds; None for a case without stays. Inside a transaction; does not save the case.
    Raises CaseError where the law cannot speak of the case; but where it no longer can, and nothing was told anew, the
    last answer goes on holding: a note must not be refused because a country was left out.
    """
    asked = asked_of(case, on or timezone.localdate())
    if not asked["stays"]:
        case.outcomes, case.asks, case.edition, case.law, case.law_on = "", False, "", "", None
        return None
    last = case.answers.first()
    try:
        career = work_out(asked, law)
    except CaseError:
        if last is not None and asked | {"on": None} == last.asked | {"on": None}:
            return last
        raise
    headlines(case, career, law)
    new = fresh(case, asked, career, law, last, by, reason)
    if new is None:
        return last
    new.save(force_insert=True)
    return new


def first(case: Case, stays: Iterable[Stay], law: Rulebook, by: Any) -> StoredAnswer:
    """The answer to a case that has no row yet, as a row that is not saved either; its headlines are noted on the case.
    Raises CaseError where the law cannot speak of it."""
    asked = asked_of(case, timezone.localdate(), stays)
    career = work_out(asked, law)
    headlines(case, career, law)
    answer = fresh(case, asked, career, law, None, by)
    assert answer is not None  # there is none before it that could say the same
    return answer


def fresh(
    case: Case,
    asked: dict[str, Any],
    career: Career,
    law: Rulebook,
    last: StoredAnswer | None,
    by: Any = None,
    reason: AnswerReason = AnswerReason.ASKED,
) -> StoredAnswer | None:
    """The answer that was worked out by `law`, as a row that is not saved yet; None where the `last` one is the same.

    What somebody asked is the same byte for byte. Where nobody asked (another `reason`), it is enough that it says the
    same: an edition that changes nothing for a worker must not fill the database.
    """
    current.keep()
    body = body_of(career)
    digest = hashlib.sha256(body).hexdigest()
    if last is not None:
        same = last.digest == digest
        if same or (reason is not AnswerReason.ASKED and _says(stored_body(last)) == _says(body)):
            return None
    return StoredAnswer(
        case=case, edition=law.edition, asked=asked, body=zlib.compress(body), digest=digest, reason=reason, by=by
    )


_GIVEN_BY = re.compile(rb'"(?:edition|on)":"[^"]*",?')


def _says(body: bytes) -> bytes:
    """A body without the edition that gave it and the day on which it was asked. (Within a text a quotation mark is
    escaped, so that nothing but these two keys is found.)"""
    return _GIVEN_BY.sub(b"", body)


def headlines(case: Case, career: Career, law: Rulebook) -> None:
    """Put on the case what lists of cases show of an answer; with the first one, begin to follow the law. Does not
    save it."""
    determination = latest(career)
    case.outcomes = "".join(OUTCOME_LETTERS[answer.outcome] for answer in determination.answers.values())
    case.asks = any(
        question.unclear is None for answer in determination.answers.values() for question in answer.depends_on
    )
    case.edition = law.edition
    if not case.law:
        case.law, case.law_on = law.edition, career.on


def holding(case: Case, stored: StoredAnswer) -> tuple[Career, Rulebook] | None:
    """The answer that holds, worked out again to be shown, and its law; None where its edition is lost.

    By the loaded edition where the case was followed up to it: then that says the same, in today's words.
    """
    law, asked = current.rulebook(), stored.asked
    if stored.edition != law.edition and case.law == law.edition and case.law_on is not None:
        try:
            return work_out(asked | {"on": max(asked["on"], case.law_on.isoformat())}, law), law
        except CaseError:
            pass  # this edition does not speak of the case any more: the last answer is what there is
    try:
        by = current.law_of(stored.edition)
    except EditionError:
        return None
    return work_out(asked, by), by


def stored_body(answer: StoredAnswer) -> bytes:
    """The bytes that were stored. Raises ValueError if they are not those whose digest was noted."""
    try:
        body = zlib.decompress(bytes(answer.body))
    except zlib.error as error:
        raise ValueError("The stored answer is damaged: it cannot be read.") from error
    if hashlib.sha256(body).hexdigest() != answer.digest:
        raise ValueError("The stored answer is damaged: its digest differs.")
    return body


@dataclass(frozen=True, slots=True)
class Replay:
    """A stored answer worked out again. `wording_only`: other bytes, but only because a sentence is put differently."""

    same: bool
    wording_only: bool
    body: bytes


def replay(answer: StoredAnswer, law: Rulebook) -> Replay:
    """Work the answer out again by `law`, which must be its edition. Raises ValueError for another one."""
    if law.edition != answer.edition:
        raise ValueError(f"The answer was given by {answer.edition}, not by {law.edition}.")
    before, now = stored_body(answer), body_of(work_out(answer.asked, law))
    wordless = _without_words(json.loads(before)) == _without_words(json.loads(now))
    return Replay(before == now, before != now and wordless, now)


def _without_words(data: Any) -> Any:
    """The answer without its sentences: what the law says, however it is put."""
    if isinstance(data, dict):
        return {name: _without_words(part) for name, part in data.items() if name not in ("text", "verdict", "says")}
    return [_without_words(part) for part in data] if isinstance(data, list) else data


@dataclass(frozen=True, slots=True)
class Claimable:
    """A right in the ledger that somebody has to claim: all benefits of one scheme together. `due`: the last day."""

    scheme: str
    benefits: tuple[str, ...]
    due: date | None
    passed: bool


WORTH_CLAIMING = CROSSES_THE_BORDER | {OnLeaving.FROZEN}


def claimable(career: Career) -> tuple[Claimable, ...]:
    """What the ledger holds to claim, the nearest deadline first."""
    by_scheme: dict[str, list[Any]] = {}
    for right in career.ledger:
        if right.departure.becomes in WORTH_CLAIMING and right.departure.rule is not None:
            by_scheme.setdefault(right.departure.scheme.id, []).append(right)
    found = [
        Claimable(
            scheme,
            tuple(dict.fromkeys(right.benefit.value for right in rights)),
            min((right.claim_by for right in rights if right.claim_by), default=None),
            any(right.expired for right in rights),
        )
        for scheme, rights in by_scheme.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.due is None, one.due or date.max, one.scheme)))
