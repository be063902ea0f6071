"""Rows and results of one chunk as bytes, for a job to keep until all are there: each answer once, however many rows
have it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from eligibility.bulk.answering import Result, Told
from eligibility.bulk.checking import Row
from eligibility.engine import Case
from eligibility.vocabulary import Benefit, Confidence, Outcome, Sector, Status, Value

_FAST = 1
_BENEFITS = {one.value: one for one in Benefit}
_OUTCOMES = {one.value: one for one in Outcome}
_CONFIDENCES = {one.value: one for one in Confidence}


def pack_rows(rows: Sequence[Row]) -> bytes:
    """Rows that wait for their answer, as compressed JSON. `unpack_rows` gives the same rows again."""
    return _packed([[one.line, one.reference, _case_data(one.case), _iso(one.from_), _iso(one.until)] for one in rows])


def unpack_rows(content: bytes) -> list[Row]:
    """The rows that were packed."""
    return [
        Row(line, reference, _case(case), _day(from_), _day(until))
        for line, reference, case, from_, until in json.loads(zlib.decompress(content))
    ]


def _packed(data: Any) -> bytes:
    return zlib.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), _FAST)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def pack(results: Sequence[Result]) -> bytes:
    """Compressed JSON. `unpack` gives the same results again."""
    answers: dict[int, tuple[int, Told]] = {}  # by identity: who answers a chunk shares them
    questions: dict[tuple[tuple[str, str], ...], int] = {}
    rows = [
        [
            one.line,
            one.reference,
            one.edition,
            one.language,
            _case_data(one.case),
            [answers.setdefault(id(told), (len(answers), told))[0] for told in one.answers],
            questions.setdefault(one.questions, len(questions)),
        ]
        for one in results
    ]
    data = {
        "answers": [told for _number, told in answers.values()],
        "questions": list(questions),
        "rows": rows,
    }
    return _packed(data)


def unpack(content: bytes) -> list[Result]:
    """The results that were packed. Rows share their answers again."""
    data = json.loads(zlib.decompress(content))
    answers = [_told(one) for one in data["answers"]]
    questions = [tuple((fact, text) for fact, text in one) for one in data["questions"]]
    return [
        Result(line, reference, _case(case), edition, language, tuple([answers[n] for n in told]), questions[asked])
        for line, reference, edition, language, case, told, asked in data["rows"]
    ]


def _told(data: list[Any]) -> Told:
    benefit, outcome, verdict, asks, could_be, steps, rules, confidence = data
    return Told(
        _BENEFITS[benefit],
        _OUTCOMES[outcome],
        verdict,
        tuple(asks),
        _OUTCOMES[could_be] if could_be else None,
        tuple(steps),
        tuple(rules),
        _CONFIDENCES[confidence] if confidence else None,
    )


def _case_data(case: Case) -> list[Any]:
    return [case.origin, case.destination, case.sector, case.status, case.on.isoformat(), facts_data(case)]


def _case(data: list[Any]) -> Case:
    origin, destination, sector, status, on, facts = data
    told: dict[str, Value] = {name: frozenset(v) if isinstance(v, list) else v for name, v in facts.items()}
    return Case(origin, destination, Sector(sector), Status(status), date.fromisoformat(on), told)


def facts_data(case: Case) -> dict[str, Any]:
    """The facts for JSON: numbers as numbers, schemes as a list."""
    return {name: sorted(v) if isinstance(v, frozenset) else v for name, v in case.facts.items()}
