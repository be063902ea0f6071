"""Two cases side by side: which benefits differ, and in what."""

from __future__ import annotations

from typing import Any

from eligibility.engine import Determination
from eligibility.explain import as_data

SHOWN = ("outcome", "verdict", "scope", "confidence", "could_be")


def comparison(a: Determination, b: Determination) -> dict[str, Any]:
    """Both answers in short, benefit by benefit; `in` names every part of the answer that differs."""
    one, other = as_data(a), as_data(b)
    differs, same = [], []
    for benefit, left in one["benefits"].items():
        right = other["benefits"][benefit]
        parts = [part for part in left if left[part] != right[part]]
        if parts:
            short = {name: {key: side[key] for key in SHOWN} for name, side in (("a", left), ("b", right))}
            differs.append({"benefit": benefit, "outcome_differs": "outcome" in parts, "in": parts, **short})
        else:
            same.append(benefit)
    return {
        "edition": a.edition,
        "a": {"on": one["on"], "case": one["case"]},
        "b": {"on": other["on"], "case": other["case"]},
        "differs": differs,
        "same": same,
    }
