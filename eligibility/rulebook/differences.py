"""What is different between two rulebooks: which parts of the law were added, removed or changed, and in which fields.

A part is something with an id: a country, a scheme, a fact, a rule, an agreement, a provision, an instrument, an
announcement. Sources are left out: what is cited is a field of what cites it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from enum import Enum, StrEnum
from typing import Any

from eligibility.rulebook.conditions import ALWAYS, Clause, Condition, OneOf, Range, Test
from eligibility.rulebook.model import (
    Agreement,
    Announcement,
    Citation,
    Country,
    Instrument,
    Provision,
    Rule,
    Rulebook,
    Scheme,
)
from eligibility.vocabulary import Benefit, Fact, Value

Part = Country | Scheme | Fact | Rule | Agreement | Provision | Instrument | Announcement


class Kind(StrEnum):
    """What kind of part of the law differs, in the order in which they are listed."""

    COUNTRY = "country"
    SCHEME = "scheme"
    FACT = "fact"
    RULE = "rule"
    AGREEMENT = "agreement"
    PROVISION = "provision"
    INSTRUMENT = "instrument"
    ANNOUNCEMENT = "announcement"


class How(StrEnum):
    """What became of a part between two editions; or, of a rule, what happened between two days."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    BEGAN = "began"
    ENDED = "ended"


Ref = tuple[Kind, str]
"""A part of the law by its kind and id, the same in every edition."""

#: Fields that an answer only repeats or that it does not show: however they read, nothing about a worker changes.
WORDS = frozenset(
    """says note checked sources step amount contributions requires otherwise claim.how name short local_name
    institution law offices gaps title signed question help assumed unit""".split()
)
#: Fields that change what stands beside an outcome, never the outcome itself. Exceptions are parts themselves.
BESIDE = frozenset({"confidence", "claim.papers", "claim.deadline", "exceptions", "at_age", "where"})
#: Parts that never bear on an outcome.
PROMISES = frozenset({Kind.INSTRUMENT, Kind.ANNOUNCEMENT})
#: What a country, an agreement or an instrument holds differs as a part of its own, or not at all.
_HELD = {
    Country: {"schemes", "coverage", "leaving", "qualifying", "announced"},
    Agreement: {"provisions"},
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field that differs, with what it was and is, as text; "" where there was or is nothing."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a part of the law can concern: `benefits` between two countries of which one is in `countries`, or both if
    it takes `both`. Without countries, all of them."""

    benefits: frozenset[Benefit]
    countries: frozenset[str] = frozenset()
    both: bool = False

    def concerns(self, origin: str, destination: str, benefit: Benefit) -> bool:
        if benefit not in self.benefits:
            return False
        found = (origin in self.countries) + (destination in self.countries)
        return not self.countries or found == 2 or (found == 1 and not self.both)


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of the law that differs. `fields` only where it changed; `reaches`: whom it can concern, in either
    edition."""

    kind: Kind
    id: str
    how: How
    fields: tuple[Field, ...] = ()
    reaches: tuple[Reach, ...] = ()

    @property
    def ref(self) -> Ref:
        return self.kind, self.id

    @property
    def words_only(self) -> bool:
        """It only reads differently, or cites something else."""
        return self.how is How.CHANGED and all(one.name in WORDS for one in self.fields)

    @property
    def decides(self) -> bool:
        """It can change an outcome."""
        if self.kind in PROMISES:
            return False
        return self.how is not How.CHANGED or any(one.name not in WORDS | BESIDE for one in self.fields)

    def concerns(self, origin: str, destination: str, benefit: Benefit) -> bool:
        """Can it change anything about this benefit for workers from `origin` in `destination`?"""
        return any(reach.concerns(origin, destination, benefit) for reach in self.reaches)


def between(old: Rulebook, new: Rulebook) -> tuple[Difference, ...]:
    """Everything that differs between two editions, by kind and id."""
    found = []
    before, after = parts(old), parts(new)
    for ref in sorted(before.keys() | after.keys(), key=lambda ref: (list(Kind).index(ref[0]), ref[1])):
        was, now = before.get(ref), after.get(ref)
        changed: tuple[Field, ...] = ()
        if was is None or now is None:
            how = How.REMOVED if now is None else How.ADDED
        else:
            how, changed = How.CHANGED, tuple(_fields(was, now))
            if not changed:
                continue
        reaches = dict.fromkeys(
            reach for law, part in ((old, was), (new, now)) if part is not None for reach in _reaches(part, law)
        )
        found.append(Difference(*ref, how, changed, tuple(reaches)))
    return tuple(found)


def meanwhile(law: Rulebook, since: date, until: date) -> tuple[Difference, ...]:
    """The rules, provisions and agreements of one edition that began after `since`, up to `until`, or whose last day
    was in between: what changes an answer though the edition is the same."""
    found = []
    for ref, part in parts(law).items():
        start, end = span(part)
        reaches = tuple(_reaches(part, law))
        if start is not None and since < start <= until:
            found.append(Difference(*ref, How.BEGAN, (), reaches))
        if end is not None and since <= end < until:
            found.append(Difference(*ref, How.ENDED, (), reaches))
    return tuple(found)


def days_after(on: date, found: Iterable[Difference], *laws: Rulebook) -> list[date]:
    """The days after `on` on which what differs begins or has just ended in any of the laws: days to look at too."""
    refs = {one.ref for one in found if not one.words_only}
    days: set[date] = set()
    for law in laws:
        for ref, part in parts(law).items():
            start, end = span(part) if ref in refs else (None, None)
            days |= {start} if start is not None else set()
            days |= {end + timedelta(days=1)} if end is not None and end < date.max else set()
    return sorted(day for day in days if day > on)


def span(part: Part) -> tuple[date | None, date | None]:
    """The first and the last day on which a part is law; both None of what is not dated."""
    match part:
        case Rule() | Provision():
            return part.from_, part.until
        case Agreement():
            return part.in_force, part.until
    return None, None


def parts(law: Rulebook) -> dict[Ref, Part]:
    """Every part of a rulebook that has an id."""
    announced = {one.id: one for country in law.countries.values() for one in country.announced}
    groups: tuple[tuple[Kind, Mapping[str, Part]], ...] = (
        (Kind.COUNTRY, law.countries),
        (Kind.SCHEME, law.schemes),
        (Kind.FACT, law.facts),
        (Kind.RULE, law.rules),
        (Kind.AGREEMENT, {one.id: one for one in law.agreements}),
        (Kind.PROVISION, law.provisions),
        (Kind.INSTRUMENT, {one.id: one for one in law.instruments}),
        (Kind.ANNOUNCEMENT, announced),
    )
    return {(kind, name): part for kind, found in groups for name, part in found.items()}


# --- fields ----------------------------------------------------------------------------------------------------------


def _fields(was: Part, now: Part) -> Iterator[Field]:
    before, after = texts(was), texts(now)
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            yield Field(name, old, new)


def texts(part: Part) -> dict[str, str]:
    """The fields of a part as text, by what they are called in its file; "" for what is not there."""
    return {name: _text(value) for name, value in _values(part)}


def _values(part: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a part as they are called in its file; those of a claim each by itself."""
    held = _HELD.get(type(part), set())
    for field in fields(part):
        value = getattr(part, field.name)
        if field.name == "claim":
            yield from _values(value, "claim.")
        elif field.name not in held and field.name != "id":
            yield f"{prefix}{field.name.rstrip('_')}", value


def _text(value: Any) -> str:
    """A value as a lawyer would write it, the same on every machine."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Enum():
            return str(value.value)
        case date():
            return value.isoformat()
        case Rule():
            return value.id
        case Citation():
            return f"{value.source} {value.at}".strip()
        case Condition():
            return " or ".join(", ".join(f"{fact} {_test(test)}" for fact, test in one) for one in value.clauses)
        case frozenset() | set():
            return ", ".join(sorted(map(_text, value)))
        case Mapping():
            return "; ".join(f"{key}: {_text(one)}" for key, one in value.items())
        case tuple() | list():
            between = "; " if any(is_dataclass(one) for one in value) else ", "
            return between.join(_text(one) for one in value)
    if is_dataclass(value):
        told = ((name, _text(one)) for name, one in _values(value))
        return ", ".join(f"{name} {text}" for name, text in told if text)
    return str(value)


def _test(test: Test) -> str:
    if isinstance(test, OneOf):
        return f"{'not ' if test.negated else ''}[{_text(test.values)}]"
    bounds = (("at_least", test.low), ("below", test.high))
    return "{" + ", ".join(f"{word}: {bound}" for word, bound in bounds if bound is not None) + "}"


_FACT = re.compile(r"(\w+) (?:(not )?\[([^]]*)\]|\{(?:at_least: (\d+))?(?:, )?(?:below: (\d+))?\})(?:, |$)")


def condition_of(text: str) -> Condition:
    """The condition that a field's text stands for: what is kept of a difference is text alone, and the edition that it
    was in may be lost. Raises ValueError for any other text."""
    return Condition(tuple(_clause(one) for one in text.split(" or "))) if text else ALWAYS


def _clause(text: str) -> Clause:
    found: list[tuple[str, Test]] = []
    at = 0
    while at < len(text):
        test = _FACT.match(text, at)
        if test is None:
            raise ValueError(f"no condition: {text}")
        fact, negated, values, low, high = test.groups()
        if values is None:
            found.append((fact, Range(int(low) if low else None, int(high) if high else None)))
        else:
            found.append((fact, OneOf(frozenset(map(_value, values.split(", "))), negated=bool(negated))))
        at = test.end()
    return tuple(found)


def _value(text: str) -> Value:
    return text == "true" if text in ("true", "false") else text


# --- whom it concerns ------------------------------------------------------------------------------------------------


def _reaches(part: Part, law: Rulebook) -> Iterator[Reach]:
    match part:
        case Rule() | Announcement():
            yield Reach(frozenset(part.benefits), frozenset({part.country}))
        case Scheme():
            yield Reach(frozenset(part.gives), frozenset({part.country}))
        case Agreement():
            found = frozenset(benefit for one in part.provisions for benefit in one.benefits)
            yield Reach(found, frozenset(part.parties), both=True)
        case Provision():
            parties = next(one.parties for one in law.agreements if one.id == part.agreement)
            yield Reach(frozenset(part.benefits), frozenset(parties), both=True)
        case Instrument():
            promised = frozenset(benefit for article in part.articles for benefit in article.benefits)
            yield Reach(promised, frozenset(part.members), both=True)
        case Fact():
            yield from _reaches_of_fact(part.name, law)


def _reaches_of_fact(name: str, law: Rulebook) -> Iterator[Reach]:
    """A fact concerns whomever the rules and provisions that look at it concern."""
    users: Iterable[Part] = (*law.rules.values(), *law.provisions.values())
    for user in users:
        if isinstance(user, Rule | Provision) and name in user.when.facts():
            yield from _reaches(user, law)
