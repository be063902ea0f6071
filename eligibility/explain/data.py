"""An answer as plain data: one shape for `--json`, the API, the stored answer and the tests (DESIGN section 2)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from eligibility.engine.answer import Answer, Departure, Determination, Promise, Protection, Reason
from eligibility.engine.career import Career, Stay
from eligibility.engine.case import Case
from eligibility.explain import sentences
from eligibility.rulebook.model import Announcement, Citation, Rule
from eligibility.vocabulary import Value


def as_data(determination: Determination) -> dict[str, Any]:
    """The determination as dicts, lists and scalars, ready for JSON. Sentences are in the active language."""
    case = determination.case
    return {
        **head_data(determination),
        "benefits": {benefit.value: answer_data(answer, case) for benefit, answer in determination.answers.items()},
    }


def head_data(determination: Determination) -> dict[str, Any]:
    """`as_data` without the benefits."""
    return {
        "edition": determination.edition,
        "on": determination.on.isoformat(),
        "case": case_data(determination.case),
    }


def canonical(data: Any) -> bytes:
    """The one way in which data of this module is written down: JSON in UTF-8, keys sorted, no space between.

    The same case, edition and language give the same bytes, in any process. Sorted, because a database that stores
    JSON keeps no order of keys: what was read back from one is written as it was before. Raises ValueError for what
    JSON cannot hold.
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def case_data(case: Case) -> dict[str, Any]:
    return {
        "origin": case.origin,
        "destination": case.destination,
        "sector": case.sector.value,
        "status": case.status.value,
        "facts": {name: _value(value) for name, value in case.facts.items()},
    }


def _value(value: Value) -> bool | int | str | list[str]:
    return sorted(value) if isinstance(value, frozenset) else value


def answer_data(answer: Answer, case: Case) -> dict[str, Any]:
    """One benefit's part of `as_data`. Of the case it says nothing but the corridor."""
    return {
        "outcome": answer.outcome.value,
        "verdict": sentences.verdict(answer, case),
        "scope": [word.value for word in answer.scope],
        "confidence": answer.confidence.value if answer.confidence else None,
        "could_be": _could_be(answer),
        "depends_on": [
            {
                "fact": question.fact,
                "outcomes": {label: outcome.value for label, outcome in question.outcomes},
                **({"unclear": question.unclear.id} if question.unclear else {}),
            }
            for question in answer.depends_on
        ],
        "presumed": [
            {
                "fact": one.fact,
                "value": _value(one.value),
                "otherwise": {label: outcome.value for label, outcome in one.otherwise},
            }
            for one in answer.presumed
        ],
        "at_work": _at_work(answer.at_work),
        "on_leaving": [_departure(one) for one in answer.on_leaving],
        "at_home": [
            {
                "scheme": one.scheme.id,
                "becomes": one.becomes.value,
                "rule": _id(one.rule),
                "provision": one.provision.id if one.provision else None,
                "certain": one.certain,
            }
            for one in answer.at_home
        ],
        "on_return": [
            {"scheme": one.scheme.id, "coverage": one.coverage.value, "rule": one.rule.id} for one in answer.on_return
        ],
        "reasons": [_reason(given, case) for given in answer.reasons],
        "promises": [_promise(promise) for promise in answer.promises],
        "coming_changes": [_coming(change) for change in answer.coming],
    }


def _at_work(protections: Sequence[Protection]) -> list[dict[str, Any]]:
    """One line for each scheme. Where a fact that is asked decides, the line says what protects, and `or` what else
    could hold."""
    by_scheme: dict[str, list[Protection]] = {}
    for one in protections:
        by_scheme.setdefault(one.scheme.id, []).append(one)
    lines = []
    for found in by_scheme.values():
        first, *others = sorted(found, key=lambda one: not one.protects)
        lines.append(_protection(first) | ({"or": [_protection(one) for one in others]} if others else {}))
    return lines


def _protection(one: Protection) -> dict[str, Any]:
    return {
        "scheme": one.scheme.id,
        "side": one.side.value,
        "coverage": one.coverage.value if one.coverage else None,
        "protects": one.protects,
        "scope": [word.value for word in one.scope],
        "rule": _id(one.rule),
        "provision": one.provision.id if one.provision else None,
        "qualifying": one.qualifying.months if one.qualifying else None,
        "certain": one.certain,
    }


def _id(rule: Rule | None) -> str | None:
    return rule.id if rule else None


def _could_be(answer: Answer) -> dict[str, Any] | None:
    if answer.could_be is None:
        return None
    steps = [
        {
            "do": step.do,
            "scheme": step.scheme.id,
            "rule": _id(step.rule),
            **({"provision": step.provision.id} if step.provision else {}),
        }
        for step in answer.could_be.steps
    ]
    return {"outcome": answer.could_be.outcome.value, "steps": steps}


def _departure(one: Departure) -> dict[str, Any]:
    deadline = one.rule.claim.deadline if one.rule else None
    data: dict[str, Any] = {
        "scheme": one.scheme.id,
        "becomes": one.becomes.value if one.becomes else None,
        "rule": _id(one.rule),
        "deadline": {"says": deadline.says, "months": deadline.months, "from": deadline.from_ or None}
        if deadline
        else None,
        "scope": [word.value for word in one.scope],
        "provision": one.provision.id if one.provision else None,
        "certain": one.certain,
    }
    if one.months is not None:
        data["months"] = dict(zip(("there", "at_home", "needed"), one.months, strict=True))
    if one.rule and (one.rule.at_age is not None or one.rule.where):
        data["payable"] = {"at_age": one.rule.at_age, "where": one.rule.where or None}
    return data


def _reason(given: Reason, case: Case) -> dict[str, Any]:
    behind = given.provision or given.rule
    citations: tuple[Citation, ...] = behind.sources if behind else (given.item.scheme.sources if given.item else ())
    return {
        "code": given.code.value,
        "scheme": given.item.scheme.id if given.item else None,
        "rule": behind.id if behind else None,
        "decides": given.decides,
        "text": sentences.reason(given, case),
        "sources": [{"id": citation.source, "at": citation.at or None} for citation in citations],
    }


def _promise(promise: Promise) -> dict[str, Any]:
    if promise.instrument is not None and promise.article is not None:
        said: dict[str, Any] = {
            "instrument": promise.instrument.id,
            "at": promise.article.at or None,
            "says": promise.article.says,
        }
        if promise.instrument.asked_of:
            said |= {"accepted_by": list(promise.accepted_by), "not_accepted_by": list(promise.not_accepted_by)}
        return said
    assert promise.provision is not None
    provision = promise.provision
    return {
        "instrument": provision.agreement,
        "at": provision.at or None,
        "provision": provision.id,
        "says": provision.says,
    }


def _coming(change: Rule | Announcement) -> dict[str, Any]:
    if isinstance(change, Announcement):
        return {"announced": change.id, "from": change.expected, "says": change.says}
    return {"rule": change.id, "from": change.from_.isoformat() if change.from_ else None, "says": change.says}


def career_as_data(career: Career) -> dict[str, Any]:
    """A career as data: each stay with its determination, and the ledger of rights over all countries."""
    stays = [stay_data(stay) | {"determination": as_data(determination)} for stay, determination in career.stays]
    return beside_stays(career) | {"stays": stays}


def stay_data(stay: Stay) -> dict[str, Any]:
    """A stay without its determination."""
    return {
        "destination": stay.destination,
        "sector": stay.sector.value,
        "status": stay.status.value,
        "from": stay.from_.isoformat(),
        "until": stay.until.isoformat() if stay.until else None,
        "months": stay.months,
    }


def beside_stays(career: Career) -> dict[str, Any]:
    """`career_as_data` without the stays."""
    stays = [stay for stay, _determination in career.stays]
    return {
        "origin": career.origin,
        "on": career.on.isoformat(),
        "ledger": [
            {
                "benefit": right.benefit.value,
                "stay": stays.index(right.stay),
                **_departure(right.departure),
                "text": sentences.reason(Reason(right.departure), _case_of(career, right.stay)),
                "months_paid": right.months,
                "claim_by": right.claim_by.isoformat() if right.claim_by else None,
                "expired": right.expired,
                "together": dict(right.together),
                "needed": right.needed,
                "total": right.total,
            }
            for right in career.ledger
        ],
        "at_home": [
            {"benefit": benefit.value, "scheme": home.scheme.id, "becomes": home.becomes.value, "rule": _id(home.rule)}
            for benefit, home in career.at_home
        ],
    }


def _case_of(career: Career, stay: Stay) -> Case:
    return next(determination.case for other, determination in career.stays if other is stay)
