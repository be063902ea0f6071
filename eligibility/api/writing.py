"""Answers on their way out: the very bytes that `to_json(as_data(…))` gives, put together from parts that are kept."""

from __future__ import annotations

from eligibility.api.problems import to_json
from eligibility.engine.answer import Determination
from eligibility.explain.data import head_data
from eligibility.explain.parts import Parts

part = Parts(to_json, most=4096)


def as_json(determination: Determination) -> bytes:
    """The determination as JSON. Sentences are in the active language."""
    case, head = determination.case, to_json(head_data(determination))
    parts = [b'"%s":%s' % (name.encode(), part(one, case)) for name, one in determination.answers.items()]
    return b'%s,"benefits":{%s}}' % (head[:-1], b",".join(parts))
