"""What reform changed: between two days by the law of one edition, or between two editions of the rulebook."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from eligibility.api import law as show
from eligibility.rulebook import Rulebook
from eligibility.rulebook.model import Provision, Rule


def between_days(law: Rulebook, since: date, until: date, country: str | None) -> list[dict[str, Any]]:
    """Each rule that began after `since` or ended on or after it, up to `until`: the day, what happened, the rule."""
    found = []
    for one in _all(law, country):
        if one.from_ is not None and since < one.from_ <= until:
            found.append({"day": one.from_.isoformat(), "change": "begins", "rule": _data(one)})
        if one.until is not None and since <= one.until < until:
            found.append({"day": one.until.isoformat(), "change": "last_day", "rule": _data(one)})
    return sorted(found, key=lambda one: (one["day"], one["rule"]["id"], one["change"]))


def between_editions(old: Rulebook, new: Rulebook, country: str | None) -> list[dict[str, Any]]:
    """Each rule that was added, removed or reworded, the last with the names of the fields that differ."""
    before = {one.id: _data(one) for one in _all(old, country)}
    after = {one.id: _data(one) for one in _all(new, country)}
    found: list[dict[str, Any]] = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            found.append({"change": "removed" if now is None else "added", "rule": now or was})
        elif was != now:
            fields = sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key))
            found.append({"change": "changed", "fields": fields, "rule": now, "was": was})
    return found


def _all(law: Rulebook, country: str | None) -> Iterable[Rule | Provision]:
    everything: list[Rule | Provision] = [*law.rules.values(), *law.provisions.values()]
    return (one for one in everything if country in (None, one.country))


def _data(one: Rule | Provision) -> dict[str, Any]:
    return show.rule(one) if isinstance(one, Rule) else show.provision(one)
