"""Answers as JSON, put together from parts that are kept: the very bytes that are got by writing the data of `data`.

An answer has some 65 kB, and making them is most of the work. Yet what is said of one benefit is the same for all
workers of a kind: `Shared` answers hold nothing that a worker told but what class they are of. So their JSON is kept,
for each corridor and language; all else is written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import get_language

from eligibility.engine.answer import Answer, Determination, Shared
from eligibility.engine.career import Career
from eligibility.engine.case import Case
from eligibility.explain.data import answer_data, beside_stays, canonical, head_data, stay_data


class Parts:
    """`answer_data` as JSON, written by `write`. At most `most` parts are kept in each process, some 7 kB each, more in
    scripts other than Latin; then it begins anew."""

    def __init__(self, write: Callable[[Any], bytes], most: int) -> None:
        self.write, self.most = write, most
        # By which object the answer is, since to compare answers would take longer than to write one. Each entry holds
        # its answer, so that no other object can come to lie in its place.
        self.kept: dict[tuple[int, str, str, str], tuple[Shared, bytes]] = {}

    def __call__(self, answer: Answer, case: Case) -> bytes:
        """What is said of one benefit. Sentences are in the active language."""
        if not isinstance(answer, Shared):
            return self.write(answer_data(answer, case))
        key = id(answer), case.origin, case.destination, get_language() or ""
        found = self.kept.get(key)
        if found is None:
            if len(self.kept) >= self.most:
                self.kept.clear()
            found = self.kept[key] = answer, self.write(answer_data(answer, case))
        return found[1]


_part = Parts(canonical, most=4096)


def canonical_career(career: Career) -> bytes:
    """The same bytes as `canonical(career_as_data(career))`."""
    stays = [
        _object(_members(stay_data(stay)) | {"determination": _determination(determination)})
        for stay, determination in career.stays
    ]
    return _object(_members(beside_stays(career)) | {"stays": b"[%s]" % b",".join(stays)})


def _determination(determination: Determination) -> bytes:
    case = determination.case
    benefits = {benefit.value: _part(answer, case) for benefit, answer in determination.answers.items()}
    return _object(_members(head_data(determination)) | {"benefits": _object(benefits)})


def _members(data: Mapping[str, Any]) -> dict[str, bytes]:
    return {name: canonical(value) for name, value in data.items()}


def _object(members: Mapping[str, bytes]) -> bytes:
    """A JSON object as `canonical` writes it, of members that are written already."""
    return b"{%s}" % b",".join(b'"%s":%s' % (name.encode(), members[name]) for name in sorted(members))
