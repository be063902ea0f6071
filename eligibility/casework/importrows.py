"""An upload in words, as its pages show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from eligibility import bulk
from eligibility.bulk import faults
from eligibility.bulk.lexicon import OWN
from eligibility.casework.importing import Checked, WithoutCase
from eligibility.explain import words
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import FOUR, Value

NAMED_LINES = 40


def field_name(field: str) -> str:
    """What a field is called in the active language."""
    return bulk.heading(field, get_language() or "en") if field else ""


def in_words(fault: bulk.Fault) -> str:
    """What is wrong, in a sentence."""
    return faults.text(fault, field_name(fault.field))


@dataclass(frozen=True, slots=True)
class Said:
    """Something that is wrong, where, and in words."""

    line: int
    column: str
    text: str


def said(fault: bulk.Fault) -> Said:
    return Said(fault.line, fault.column or field_name(fault.field), in_words(fault))


@dataclass(frozen=True, slots=True)
class BadRow:
    line: int
    reference: str
    faults: tuple[Said, ...]


def bad_rows(rows: Iterable[bulk.BadRow]) -> list[BadRow]:
    return [BadRow(row.line, row.reference, tuple(said(fault) for fault in row.faults)) for row in rows]


KINDS = {
    "missing": lazy("nothing stands there"),
    "invalid": lazy("a word that is not known"),
    "not_covered": lazy("a country that is not covered yet"),
    "same_country": lazy("the same country twice"),
    "ambiguous_date": lazy("a day that can be read in two ways"),
    "ends_before_it_begins": lazy("ends before it begins"),
    "too_long": lazy("too long"),
    "unprintable": lazy("signs that no spreadsheet can hold"),
}


def kinds(preview: bulk.Preview) -> list[tuple[str, str, int]]:
    """What is wrong most often: the column, what it is, and in how many rows."""
    return [(column, str(KINDS.get(code, code)), times) for (column, code), times in preview.kinds[:10]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: what it is called, what it is taken for, and what that rests on."""

    number: int
    heading: str
    field: str
    why: str
    samples: tuple[str, ...]
    marked: bool


WHY = {
    "recognised": lazy("recognised"),
    "guessed": lazy("guessed from what stands in it: please check"),
    "twice": lazy("another column says the same, so this one is not read"),
    "personal": lazy("seems to hold personal data, so it is not read and not shown"),
    "unknown": lazy("not recognised, so it is not read"),
}


def columns(found: Checked) -> list[Column]:
    """Every column, as it is read now."""
    shown = []
    for number, (column, field) in enumerate(zip(found.columns, found.mapping.fields, strict=True)):
        chosen = field != column.field
        why = _("chosen by you") if chosen else str(WHY[column.why])
        marked = not chosen and column.why != "recognised" and bool(column.heading or column.samples)
        shown.append(Column(number, column.heading, field or "", why, column.samples, marked))
    return shown


def groups(law: Rulebook) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column may hold, for a select: the four answers, the rest of the row, the facts by name."""
    rest = [field for field in OWN if field not in FOUR]
    facts = sorted(((fact, field_name(fact)) for fact in law.facts), key=lambda one: one[1].casefold())
    return [
        (_("Needed"), [(field, field_name(field)) for field in FOUR]),
        (_("The row"), [(field, field_name(field)) for field in rest]),
        (_("More about the worker"), facts),
    ]


@dataclass(frozen=True, slots=True)
class Sample:
    """Some good rows as they were understood."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def sample(rows: Iterable[bulk.Row], mapping: bulk.Mapping) -> Sample:
    read = [field for field in (*OWN, *mapping.fields) if field is not None]
    fields = [field for field in dict.fromkeys(read) if field in mapping.fields or field == "on"]
    return Sample(
        tuple(field_name(field) for field in fields),
        tuple((row.line, tuple(_cell(row, field) for field in fields)) for row in rows),
    )


def _cell(row: bulk.Row, field: str) -> str:
    case = row.case
    match field:
        case "reference":
            return row.reference
        case "origin":
            return words.country(case.origin)
        case "destination":
            return words.country(case.destination)
        case "sector":
            return words.sector(case.sector)
        case "status":
            return words.status(case.status)
        case "on":
            return words.day(case.on)
        case "from" | "until":
            day = row.from_ if field == "from" else row.until
            return words.day(day) if day else ""
    return _value(case.facts.get(field))


def _value(value: Value | None) -> str:
    match value:
        case None:
            return ""
        case bool():
            return _("Yes") if value else _("No")
        case frozenset():
            return ", ".join(sorted(value))
    return str(value)


LACKS = {
    "no_reference": lazy("no reference, which becomes the pseudonym"),
    "long_reference": lazy("the reference is too long for a pseudonym"),
    "no_first_day": lazy("no first day of work"),
    "not_begun": lazy("the first day of work has not come yet"),
    "known": lazy("a case with this reference is there already, or opened by a row above"),
}


def without_case(found: WithoutCase) -> list[tuple[str, int, str]]:
    """Which rows open no case: why, how many, and their lines."""
    return [(str(LACKS[code]), len(lines), ranges(lines)) for code, lines in found.lines.items()]


def ranges(lines: list[int]) -> str:
    """Lines in short: "3, 5–9", cut after NAMED_LINES parts."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and runs[-1][1] == line - 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    named = [str(first) if first == last else f"{first}–{last}" for first, last in runs[:NAMED_LINES]]
    return ", ".join([*named, *(["…"] if len(runs) > NAMED_LINES else [])])
