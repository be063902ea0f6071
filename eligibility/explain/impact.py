"""What another edition changes, as data and in the few words that fit on a line. For people who work with the law:
ids stand as they are, and nothing is translated in what programs read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eligibility.engine.impact import Changed, Impact, Pair, Transition
from eligibility.explain import lawwords
from eligibility.rulebook import Rulebook
from eligibility.rulebook.differences import WORDS, Difference, How

SIGNS = {How.ADDED: "+", How.REMOVED: "−", How.CHANGED: "~", How.BEGAN: "▸", How.ENDED: "◂"}
LONGEST_VALUE = 200
#: How many corridors are named one by one.
MOST_NAMED = 6


def impact_data(impact: Impact) -> dict[str, Any]:
    """The whole of it, ready for JSON."""
    return {
        "old": impact.old,
        "new": impact.new,
        "on": impact.on.isoformat(),
        "corridors": len(impact.corridors),
        "compared": {"corridors": impact.compared, "cases": impact.cases},
        "came": [_pair(one) for one in impact.came],
        "gone": [_pair(one) for one in impact.gone],
        "transitions": [_transition(one) for one in impact.transitions],
        "differences": [difference_data(one) for one in impact.differences],
    }


def changed_data(changed: Changed) -> dict[str, Any]:
    """What differs in the answer to one benefit of one case."""
    return {
        "benefit": changed.benefit.value,
        "before": changed.before.value,
        "after": changed.after.value,
        "aspects": [aspect.value for aspect in changed.aspects],
        "by": [difference_data(one) for one in changed.by],
    }


def difference_data(one: Difference) -> dict[str, Any]:
    """One part of the law that differs, with its fields as text."""
    return {
        "kind": one.kind.value,
        "id": one.id,
        "how": one.how.value,
        "fields": [{"field": field.name, "old": field.old, "new": field.new} for field in one.fields],
    }


def difference_in_short(one: Difference, law: Rulebook) -> str:
    """`~ rule my-epf-leaving: What becomes of it on leaving: paid out → lost`, in the words of `law`. Of a part that
    decides, the fields of words are left out."""
    told = [
        lawwords.told_field(one.kind, one.id, field, law)
        for field in one.fields
        if one.words_only or field.name not in WORDS
    ]
    fields = "; ".join(f"{field.name}: {_short(field.old)} → {_short(field.new)}" for field in told)
    return f"{SIGNS[one.how]} {one.kind} {one.id}" + (f": {fields}" if fields else f" {one.how}")


def corridors_in_short(pairs: Iterable[Pair], among: Iterable[Pair]) -> str:
    """`MM → TH`; `BN, ID, KH → MY`; `everywhere → MY` for all those `among` which there are; `everywhere` for all."""
    found, there = set(pairs), set(among)
    if found == there:
        return "everywhere"
    rows = []
    for end in (1, 0):
        lines = []
        for code in sorted({pair[end] for pair in found}):
            mine = sorted(pair[1 - end] for pair in found if pair[end] == code)
            whole = len(mine) > 1 and len(mine) == sum(pair[end] == code for pair in there)
            others = "everywhere" if whole else _named(mine)
            lines.append(f"{others} → {code}" if end == 1 else f"{code} → {others}")
        rows.append(lines)
    best = min(rows, key=len)
    return "; ".join(best[:MOST_NAMED]) + (f"; {len(best) - MOST_NAMED} more" if len(best) > MOST_NAMED else "")


def _named(codes: list[str]) -> str:
    more = len(codes) - MOST_NAMED
    return ", ".join(codes) if more <= 1 else f"{', '.join(codes[:MOST_NAMED])} and {more} more"


def _short(value: str) -> str:
    value = " ".join(value.split())
    return value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 1]}…"


def _pair(pair: Pair) -> dict[str, str]:
    return {"origin": pair[0], "destination": pair[1]}


def _transition(one: Transition) -> dict[str, Any]:
    return {
        "benefits": [benefit.value for benefit in one.benefits],
        "before": one.before.value,
        "after": one.after.value,
        "better": one.better,
        "aspects": [aspect.value for aspect in one.aspects],
        "cases": one.cases,
        "corridors": [_pair(pair) for pair in one.corridors],
        "by": [{"kind": part.kind.value, "id": part.id, "how": part.how.value} for part in one.by],
    }
