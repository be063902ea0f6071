"""Rows of a file become cases, or faults: every fault of a row, each with its line and column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from eligibility.bulk.columns import Mapping, faults_of
from eligibility.bulk.faults import Fault
from eligibility.bulk.lexicon import fold, lexicon
from eligibility.bulk.sheet import Cell, Line, Sheet
from eligibility.bulk.values import Read, Wrong, as_text, reader_of
from eligibility.engine import Case
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import FOUR, Sector, Status

IN_A_CHUNK = 1_000
SHOWN = 200
SAMPLE = 10
#: How many different cells of a column are remembered: most columns have few, and references are all different.
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be answered. `reference` is "" where none stands; `from_` and `until`: the stay, where told."""

    line: int
    reference: str
    case: Case
    from_: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot, with everything that is wrong in it."""

    line: int
    reference: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of the file, one after the other. The same file gives the same chunks: `number` counts from 0."""

    number: int
    good: tuple[Row, ...]
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of a file. `bad`: the first SHOWN bad rows; `sample`: the first SAMPLE good ones; `kinds`: how
    often each fault stands in each column, ((column, code), times); `repeated`: how many rows have the reference of an
    earlier one.
    """

    good: int
    bad_count: int
    bad: tuple[BadRow, ...]
    sample: tuple[Row, ...]
    kinds: tuple[tuple[tuple[str, str], int], ...]
    repeated: int


class MappingError(ValueError):
    """The columns do not suffice; `faults` says why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(", ".join(f"{fault.code} {fault.field}" for fault in faults))


class Checker:
    """Reads the rows of one file. Remembers what it has read, so it belongs to one job and is not shared."""

    def __init__(self, sheet: Sheet, mapping: Mapping, law: Rulebook, today: date) -> None:
        """`today`: the day of the law for rows that tell none. Raises MappingError."""
        wrong = faults_of(mapping, sheet, law)
        if wrong:
            raise MappingError(wrong)
        known = lexicon(law)
        self.today, self.examples = today, known.examples
        self.columns: list[tuple[int, str, Read, dict[Any, Any]]] = [
            (number, field, reader_of(field, law, known), {})
            for number, field in enumerate(mapping.fields)
            if field is not None
        ]
        self.heading = {
            field: sheet.header[number] if number < len(sheet.header) else ""
            for number, field, _read, _seen in self.columns
        }
        #: Facts in the order of their names, as `make_case` gives them.
        self.facts = sorted(field for field in self.heading if field in law.facts)
        self.abroad = law.with_role("destination")

    def row(self, line: int, cells: Sequence[Cell]) -> Row | BadRow | None:
        """What a row says; None for the example that came with the template."""
        told: dict[str, Any] = {}
        faults: list[Fault] = []
        width = len(cells)
        for number, field, read, seen in self.columns:
            cell = cells[number] if number < width else ""
            if cell == "" or (type(cell) is str and not cell.strip() and field != "reference"):
                continue
            key = (type(cell), cell)
            value = seen.get(key)
            if value is None:
                if len(seen) >= _REMEMBERED:
                    seen.clear()
                value = seen[key] = read(cell)
            if type(value) is Wrong:
                faults.append(self._fault(line, field, value, cell))
            else:
                told[field] = value
        reference = told.get("reference", "")
        if reference and len(reference) < 100 and fold(reference) in self.examples:
            return None
        faulty = {fault.field for fault in faults}
        faults += [
            Fault(line, self.heading[field], field, "missing")
            for field in FOUR
            if field not in told and field not in faulty
        ]
        faults += self._together(line, told)
        return BadRow(line, reference, tuple(faults)) if faults else self._good(line, reference, told)

    def _fault(self, line: int, field: str, wrong: Wrong, cell: Cell) -> Fault:
        return Fault(line, self.heading[field], field, wrong.code, as_text(cell)[:80], wrong.accepted)

    def _together(self, line: int, told: dict[str, Any]) -> Iterator[Fault]:
        """What is wrong between columns."""
        if "origin" in told and told["origin"] == told.get("destination"):
            others = tuple(code for code in self.abroad if code != told["origin"])
            heading = self.heading["destination"]
            yield Fault(line, heading, "destination", "same_country", told["destination"], others)
        if "from" in told and "until" in told and told["until"] < told["from"]:
            given = told["until"].isoformat()
            yield Fault(line, self.heading["until"], "until", "ends_before_it_begins", given)

    def _good(self, line: int, reference: str, told: dict[str, Any]) -> Row:
        until: date | None = told.get("until")
        on: date = told.get("on") or (min(until, self.today) if until else self.today)
        facts = {name: told[name] for name in self.facts if name in told}
        case = Case(told["origin"], told["destination"], Sector(told["sector"]), Status(told["status"]), on, facts)
        return Row(line, reference, case, told.get("from"), until)

    def rows(self, lines: Iterator[Line]) -> Iterator[Row | BadRow]:
        """The rows of the file one after the other, without the template's example."""
        for line, cells in lines:
            found = self.row(line, cells)
            if found is not None:
                yield found


def chunks(
    sheet: Sheet, mapping: Mapping, law: Rulebook, today: date, size: int = IN_A_CHUNK, start: int = 0
) -> Iterator[Chunk]:
    """The file in pieces of `size` rows, good and bad together, from piece number `start` on. Raises MappingError, and
    FileError where a line is broken."""
    checker = Checker(sheet, mapping, law, today)
    lines = islice(sheet.rows(), start * size, None)
    number = start
    while piece := list(islice(lines, size)):
        found = list(checker.rows(iter(piece)))
        good = tuple(one for one in found if isinstance(one, Row))
        yield Chunk(number, good, tuple(one for one in found if isinstance(one, BadRow)))
        number += 1


def preview(
    sheet: Sheet, mapping: Mapping, law: Rulebook, today: date, see: Callable[[Row], object] | None = None
) -> Preview:
    """Every row is read, none is answered; `see` is shown each good one. Raises MappingError, and FileError."""
    bad: list[BadRow] = []
    sample: list[Row] = []
    kinds: Counter[tuple[str, str]] = Counter()
    references: set[str] = set()
    good = bad_count = repeated = 0
    for row in Checker(sheet, mapping, law, today).rows(sheet.rows()):
        if row.reference:
            repeated += row.reference in references
            references.add(row.reference)
        if isinstance(row, Row):
            good += 1
            if see is not None:
                see(row)
            if len(sample) < SAMPLE:
                sample.append(row)
            continue
        bad_count += 1
        kinds.update((fault.column, fault.code) for fault in row.faults)
        if len(bad) < SHOWN:
            bad.append(row)
    return Preview(good, bad_count, tuple(bad), tuple(sample), tuple(kinds.most_common()), repeated)
