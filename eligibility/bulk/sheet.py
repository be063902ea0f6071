"""A file as a table: CSV in any of the dialects that people send, or the right sheet of an Excel file.

Numbers of lines are those of the file, as an editor or a spreadsheet program shows them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from eligibility.bulk.faults import Fault, FileError
from eligibility.bulk.guarding import unguarded
from eligibility.bulk.lexicon import PERSONAL, Lexicon, lexicon
from eligibility.bulk.weighing import weigh
from eligibility.rulebook import Rulebook

MOST_BYTES = 25_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 200
DELIMITERS = ",;\t"
#: Titles and remarks may stand above the header.
_HEADER_WITHIN = 20

Cell = str | int | float | bool | date | datetime | time | timedelta
"""What stands in a cell; "" where nothing does."""
Line = tuple[int, Sequence[Cell]]
"""The number of a line and its cells."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that can be gone through as often as one likes.

    `header`: the headings; `header_line`: where they stand; `kind`: "csv" or "xlsx"; `delimiter` and `encoding` of a
    CSV file, `name` of a sheet; `remarks`: what the reader should say aloud.
    """

    kind: str
    header: tuple[str, ...]
    header_line: int
    delimiter: str = ""
    encoding: str = ""
    name: str = ""
    remarks: tuple[Fault, ...] = ()
    _text: str = field(default="", repr=False)
    _cells: CalamineSheet | None = field(default=None, repr=False)

    def rows(self) -> Iterator[Line]:
        """The rows under the header that are not blank, one after the other. Raises FileError for more than MOST_ROWS,
        and where a line of a CSV file is broken."""
        count = 0
        for line, cells in _lines(self._text, self.delimiter) if self._cells is None else _sheet_lines(self._cells):
            if line <= self.header_line or not any(cell != "" and not _blank(cell) for cell in cells):
                continue
            count += 1
            if count > MOST_ROWS:
                raise FileError("too_many_rows", line, accepted=(str(MOST_ROWS),))
            yield line, cells


def open_sheet(source: Path | bytes, law: Rulebook) -> Sheet:
    """Open a file. Raises FileError, whose fault says what it is instead, or what is wrong with it."""
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > MOST_BYTES:
        raise FileError("too_large", accepted=(str(MOST_BYTES),))
    content = source if isinstance(source, bytes) else source.read_bytes()
    if content.startswith(b"PK"):
        return _open_excel(content, lexicon(law))
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):  # the container of old files, and of locked new ones
        raise FileError("encrypted" if "EncryptedPackage".encode("utf-16-le") in content else "old_xls")
    return _open_csv(content, lexicon(law))


# --- CSV --------------------------------------------------------------------------------------------------------------


def _open_csv(content: bytes, known: Lexicon) -> Sheet:
    text, encoding = _decoded(content)
    if not text.strip():
        raise FileError("empty")
    if "\0" in text or text.lstrip()[:5].lower() in ("%pdf-", "<html", "<!doc", "<?xml", "{\\rtf"):
        raise FileError("not_a_spreadsheet")
    delimiter = max(DELIMITERS, key=lambda sign: _fit(text, sign, known))
    line, header = _header(_lines(text, delimiter), known)
    guessed = (Fault(0, "", "", "guessed_encoding"),) if encoding == "cp1252" else ()
    return Sheet("csv", header, line, delimiter=delimiter, encoding=encoding, remarks=guessed, _text=text)


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding: as its first bytes say, else UTF-8, else Windows-1252, which older Excel writes."""
    half = content[:2000]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        tries = ["utf-16"]
    elif half and half[1::2].count(0) > len(half) // 4:
        tries = ["utf-16-le"]
    else:
        tries = ["utf-8-sig", "cp1252"]
    for encoding in tries:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise FileError("not_a_spreadsheet")


def _fit(text: str, delimiter: str, known: Lexicon) -> tuple[int, int]:
    """How well a delimiter fits: how many headings are recognised with it, then how many columns there are."""
    found: list[Sequence[Cell]] = []
    with suppress(FileError):  # which is raised again where the file is read
        for _line, cells in islice(_lines(text, delimiter), _HEADER_WITHIN):
            found.append(cells)
    return max((_recognised(cells, known) for cells in found), default=0), max(map(len, found), default=0)


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "limit" in str(error):
                raise FileError("cell_too_long", line, accepted=(str(csv.field_size_limit()),)) from None
            raise FileError("broken_quotes", line) from None
        if cells is None:
            return
        if len(cells) > MOST_COLUMNS:
            cells = _without_blank_end(cells, line)
        if line == 1 and len(cells) == 2 and cells[0].lower() == "sep=":  # a hint that only Excel understands
            continue
        if line == 1 and len(cells) == 1 and cells[0].lower().startswith("sep="):
            continue
        yield line, [unguarded(cell) for cell in cells]


def _without_blank_end(cells: list[str], line: int) -> list[str]:
    if any(cell.strip() for cell in cells[MOST_COLUMNS:]):
        raise FileError("too_many_columns", line, accepted=(str(MOST_COLUMNS),))
    return cells[:MOST_COLUMNS]


# --- Excel ------------------------------------------------------------------------------------------------------------


def _open_excel(content: bytes, known: Lexicon) -> Sheet:
    valueless = weigh(io.BytesIO(content))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [
            one.name
            for one in book.sheets_metadata
            if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
        ]
        sheets = [sheet for sheet in map(book.get_sheet_by_name, names) if sheet.end is not None]
    except CalamineError as error:
        raise FileError("damaged") from error
    if not sheets:
        raise FileError("empty")
    best = max(sheets, key=lambda sheet: _most_recognised(_sheet_lines(sheet), known))  # the first among equals
    line, header = _header(_sheet_lines(best), known)
    remarks = (Fault(0, "", "", "valueless_cells", str(valueless)),) if valueless else ()
    return Sheet("xlsx", header, line, name=best.name, remarks=remarks, _cells=best)


def _sheet_lines(sheet: CalamineSheet) -> Iterator[Line]:
    """The rows of a sheet from the first one on: what is above or left of the data counts."""
    if sheet.total_width > MOST_COLUMNS:
        raise FileError("too_many_columns", accepted=(str(MOST_COLUMNS),))
    yield from enumerate(sheet.iter_rows(), 1)


# --- the header -------------------------------------------------------------------------------------------------------


def _header(lines: Iterator[Line], known: Lexicon) -> tuple[int, tuple[str, ...]]:
    """The row among the first ones that names the columns: where at least two names are recognised, the one with the
    most of them; else the first row that is not blank."""
    first = [(line, cells) for line, cells in islice(lines, _HEADER_WITHIN) if not all(map(_blank, cells))]
    if not first:
        raise FileError("empty")
    best = max(first, key=lambda one: _recognised(one[1], known))
    line, cells = best if _recognised(best[1], known) > 1 else first[0]
    header = tuple(" ".join(str(cell).split())[:100] for cell in cells)
    if not _recognised(cells, known) and any(_is_a_value(cell, known) for cell in cells):
        raise FileError("no_header", line)
    while header and not header[-1]:
        header = header[:-1]
    return line, header


def _most_recognised(lines: Iterator[Line], known: Lexicon) -> int:
    return max((_recognised(cells, known) for _line, cells in islice(lines, _HEADER_WITHIN)), default=0)


def _recognised(cells: Sequence[Cell], known: Lexicon) -> int:
    found = {known.field(cell) for cell in cells if isinstance(cell, str) and len(cell) <= 200}
    return len(found - {None, PERSONAL})


def _is_a_value(cell: Cell, known: Lexicon) -> bool:
    """Would this rather stand under a heading than be one?"""
    if not isinstance(cell, str):
        return True
    return any(known.value(field, cell[:200]) is not None for field in ("origin", "sector", "status"))


def _blank(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()
