"""Answers on their way out: the very bytes that `to_json(as_data(…))` gives, put together from parts that are kept.

An answer has some 65 kB, and making them is most of the work. Yet what is said of one benefit is the same for all
workers of a kind: `Shared` answers hold nothing that a worker told but what class they are of. So their JSON is kept,
for each corridor and language; all else is written anew.
"""

from __future__ import annotations

from django.utils.translation import get_language

from eligibility.api.problems import to_json
from eligibility.engine.answer import Answer, Determination, Shared
from eligibility.engine.case import Case
from eligibility.explain.data import answer_data, case_data

MOST_KEPT = 4096
"""So many parts are kept in each process: some 7 kB each, more in scripts other than Latin. Then it begins anew."""

_kept: dict[tuple[int, str, str, str], tuple[Shared, bytes]] = {}
"""By which object the answer is, since to compare answers would take longer than to write one. Each entry holds its
answer, so that no other object can come to lie in its place."""


def as_json(determination: Determination) -> bytes:
    """The determination as JSON. Sentences are in the active language."""
    case = determination.case
    head = {"edition": determination.edition, "on": determination.on.isoformat(), "case": case_data(case)}
    language = get_language() or ""
    parts = [b'"%s":%s' % (name.encode(), _part(one, case, language)) for name, one in determination.answers.items()]
    return b'%s,"benefits":{%s}}' % (to_json(head)[:-1], b",".join(parts))


def _part(answer: Answer, case: Case, language: str) -> bytes:
    if not isinstance(answer, Shared):
        return to_json(answer_data(answer, case))
    key = id(answer), case.origin, case.destination, language
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = _kept[key] = answer, to_json(answer_data(answer, case))
    return found[1]
