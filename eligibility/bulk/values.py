"""One cell, one value: words in any language, numbers and days. What can be read in two ways is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from eligibility.bulk.lexicon import Lexicon, fold
from eligibility.bulk.sheet import Cell
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import Fact, FactType

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
MOST_IN_REFERENCE = 200
_A_DAY = ("YYYY-MM-DD",)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
#: The Buddhist calendar of Thailand and Laos counts 543 years more.
_BUDDHIST = 543
#: What no XML file, and so no Excel file, can hold.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
#: What turns the direction of the text around it. Nobody sees it, and telephones copy it along with names and numbers.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NEAR_ENOUGH = 0.6
_LISTED = re.compile(r"[,;\n]")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a cell cannot be used: a fault without its place."""

    code: str
    accepted: tuple[str, ...] = ()


Read = Callable[[Cell], Any]
"""Reads a cell that is not blank: its value, or Wrong."""


def reader_of(field: str, law: Rulebook, known: Lexicon) -> Read:
    """How the cells of a column that says `field` are read."""
    match field:
        case "reference":
            return reference
        case "origin" | "destination":
            return _Word(field, known, law.with_role(field), "not_covered")
        case "sector" | "status":
            return _Word(field, known, tuple(dict.fromkeys((known.values(field) or {}).values())))
        case "on" | "from" | "until":
            return day
    fact = law.facts[field]
    match fact.type:
        case FactType.BOOLEAN:
            return _Truth(known)
        case FactType.NUMBER:
            return _Number(fact)
        case FactType.CHOICE:
            return _Word(field, known, tuple(value for value, _label in fact.choices))
    return _Schemes(_Word(field, known, tuple(law.schemes)))


def as_text(cell: Cell) -> str:
    """A cell as people see it: 26, not 26.0; and without what would turn other text."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and cell == datetime(cell.year, cell.month, cell.day):  # noqa: DTZ001 (a sheet has no zone)
        return cell.date().isoformat()
    return without_turns(str(cell))


def reference(cell: Cell) -> Any:
    """The organisation's own label: any text. Ends of lines become one kind."""
    text = as_text(cell).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MOST_IN_REFERENCE:
        return Wrong("too_long", (str(MOST_IN_REFERENCE),))
    return Wrong("unprintable") if _UNPRINTABLE.search(text) else text


def without_turns(text: str) -> str:
    """The text without the signs that turn its direction and that of what stands beside it."""
    return text if text.isascii() else _TURNS.sub("", text)


def day(cell: Cell) -> Any:
    """A day. `03/04/2020` may be two of them, `25/04/2020` is one."""
    if isinstance(cell, datetime):
        return _within(cell.date())
    if isinstance(cell, date):
        return _within(cell)
    text = as_text(cell).strip() if isinstance(cell, str) else ""
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(int(found[1]), int(found[3]), int(found[4]))
    if found := _YEAR_LAST.fullmatch(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        readings = [_day(year, second, first), _day(year, first, second)]
        days = sorted({one for one in readings if isinstance(one, date)}, reverse=True)
        if len(days) > 1:
            return Wrong("ambiguous_date", tuple(one.isoformat() for one in days))
        return days[0] if days else readings[0]
    return Wrong("invalid", _A_DAY)


def _day(year: int, month: int, day_: int) -> date | Wrong:
    try:
        return _within(date(year, month, day_))
    except ValueError:
        return Wrong("invalid", _A_DAY)


def _within(found: date) -> date | Wrong:
    if FIRST_DAY <= found <= LAST_DAY:
        return found
    try:
        earlier = found.replace(year=found.year - _BUDDHIST) if found.year > LAST_DAY.year else found
    except ValueError:
        return Wrong("invalid", _A_DAY)
    return Wrong("invalid", (earlier.isoformat(),) if FIRST_DAY <= earlier <= LAST_DAY else _A_DAY)


class _Word:
    """One of a field's codes, by any of its words."""

    #: To look for the nearest words takes a while. Who sends a column full of mistakes is told them for the first ones.
    most_looked_for = 100

    def __init__(self, field: str, known: Lexicon, accepted: tuple[str, ...], code: str = "invalid") -> None:
        self.field, self.known, self.accepted, self.code = field, known, accepted, code
        self.looked_for = 0

    def __call__(self, cell: Cell) -> Any:
        text = as_text(cell)[:200]
        found = self.known.value(self.field, text)
        if found in self.accepted:
            return found
        if found is not None:
            return Wrong(self.code, self.accepted)
        return Wrong("invalid", self._nearest(text) or self.accepted)

    def _nearest(self, text: str) -> tuple[str, ...]:
        self.looked_for += 1
        if self.looked_for > self.most_looked_for or len(text) > 60:
            return ()
        words = {word: code for word, code in (self.known.values(self.field) or {}).items() if code in self.accepted}
        near = get_close_matches(fold(text), words, n=5, cutoff=_NEAR_ENOUGH)
        return tuple(dict.fromkeys(words[word] for word in near))[:3]


class _Truth:
    """Yes or no."""

    def __init__(self, known: Lexicon) -> None:
        self.booleans = known.booleans

    def __call__(self, cell: Cell) -> Any:
        if isinstance(cell, bool):
            return cell
        found = self.booleans.get(fold(as_text(cell)[:50]))
        return Wrong("invalid", ("yes", "no")) if found is None else found == "true"


class _Number:
    """A whole number within the bounds of a fact, in the digits of any script."""

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        unit = f" ({fact.unit})" if fact.unit else ""
        self.wrong = Wrong("invalid", (f"{fact.minimum}–{fact.maximum}{unit}",))

    def __call__(self, cell: Cell) -> Any:
        text = as_text(cell).strip()
        if isinstance(cell, bool) or not isinstance(cell, str | int | float):
            return self.wrong
        # Another program's float; three zeros may as well be thousands, as most of these countries write them.
        if re.fullmatch(r"\d+\.(?!000$)0+", text):
            text = text.partition(".")[0]
        if not text.isdecimal() or len(text) > 12 or not self.fact.minimum <= int(text) <= self.fact.maximum:
            return self.wrong
        return int(text)


class _Schemes:
    """Ids or short names of schemes, with commas between them."""

    def __init__(self, one: _Word) -> None:
        self.one = one

    def __call__(self, cell: Cell) -> Any:
        parts = [part for part in _LISTED.split(as_text(cell)) if part.strip()]
        found = [self.one(part) for part in parts]
        return next((one for one in found if isinstance(one, Wrong)), None) or frozenset(found)
