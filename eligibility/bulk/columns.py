"""Which column says what: proposed from the headings and a look at the values, changed by whoever knows better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from eligibility.bulk.faults import Fault
from eligibility.bulk.lexicon import OWN, PERSONAL, Lexicon, lexicon
from eligibility.bulk.sheet import Cell, Sheet
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import FOUR

_LOOKED_AT = 50
_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Mapping:
    """For each column of the file, in order, the field it holds, or None where it is not read."""

    fields: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file, and what is proposed for it.

    `why`: "recognised" by its heading; "guessed" from its values, so to be confirmed; "twice": another column says the
    same; "personal": not to be read, and better not sent; "unknown". `samples`: the first values, of a personal
    column none.
    """

    heading: str
    field: str | None
    why: str
    samples: tuple[str, ...]


def fields(law: Rulebook) -> tuple[str, ...]:
    """Everything that a column may say."""
    return (*OWN, *law.facts)


def propose(sheet: Sheet, law: Rulebook) -> tuple[Column, ...]:
    """What each column of the file seems to say."""
    known = lexicon(law)
    rows = [cells for _line, cells in islice(sheet.rows(), _LOOKED_AT)]
    values = [_column(rows, number) for number in range(len(sheet.header))]
    taken: set[str] = set()
    found: list[Column] = []
    for heading, stands in zip(sheet.header, values, strict=True):
        field = known.field(heading) if heading else None
        samples = tuple(dict.fromkeys(str(cell)[:60] for cell in stands))[:_SAMPLES]
        if field == PERSONAL:
            found.append(Column(heading, None, "personal", ()))
        elif field is None:
            found.append(Column(heading, None, "unknown", samples))
        else:
            found.append(
                Column(heading, None if field in taken else field, "twice" if field in taken else "recognised", samples)
            )
            taken.add(field)
    return tuple(_guessed(found, values, known, taken))


def _column(rows: Sequence[Sequence[Cell]], number: int) -> list[Cell]:
    return [cells[number] for cells in rows if number < len(cells) and cells[number] != ""]


def _guessed(
    found: Sequence[Column], values: Sequence[Sequence[Cell]], known: Lexicon, taken: set[str]
) -> Iterator[Column]:
    """Fills in which of the four answers a column holds that was not recognised, if all its values are words for it. Of
    two columns of countries the first is taken for the origin."""
    for column, stands in zip(found, values, strict=True):
        field = None
        if column.why == "unknown" and stands:
            field = next((f for f in FOUR if f not in taken and all(_is(known, f, cell) for cell in stands)), None)
        if field is not None:
            taken.add(field)
            yield Column(column.heading, field, "guessed", column.samples)
        else:
            yield column


def _is(known: Lexicon, field: str, cell: Cell) -> bool:
    return isinstance(cell, str) and known.value(field, cell[:200]) is not None


def mapping_of(columns: Sequence[Column]) -> Mapping:
    """The mapping that is proposed."""
    return Mapping(tuple(column.field for column in columns))


def faults_of(mapping: Mapping, sheet: Sheet, law: Rulebook) -> tuple[Fault, ...]:
    """Why rows cannot be read with this mapping: one of the four answers has no column, a field has two, or is none."""
    line = sheet.header_line
    found = [Fault(line, "", field, "no_column") for field in FOUR if field not in mapping.fields]
    said = [field for field in mapping.fields if field is not None]
    known = fields(law)
    for number, field in enumerate(mapping.fields):
        if field is None:
            continue
        heading = sheet.header[number] if number < len(sheet.header) else ""
        if field not in known:
            found.append(Fault(line, heading, field, "unknown_field", field))
        elif said.count(field) > 1:
            found.append(Fault(line, heading, field, "column_twice"))
    return tuple(found)


def warnings_of(columns: Sequence[Column], sheet: Sheet) -> tuple[Fault, ...]:
    """What to say aloud about columns that are not read, and about the file."""
    codes = {"personal": "personal", "unknown": "unknown_column", "twice": "column_twice"}
    said = [
        Fault(sheet.header_line, column.heading, "", codes[column.why])
        for column in columns
        if column.why in codes and (column.heading or column.samples)
    ]
    return (*sheet.remarks, *said)
