"""An Excel file is weighed before it is unpacked: a few kilobytes can hold a table that no machine has room for.

The reader of Excel files lays a sheet out as a full rectangle and copies each text into each cell that shows it. So a
cell in the last corner of an empty sheet, or one long text shown a million times, would end the process. The sizes
stand in the zip's directory; the rectangle and the texts are counted by reading the XML once, a piece at a time.
"""

from __future__ import annotations

import re
from typing import IO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

from eligibility.bulk.faults import FileError

MOST_UNPACKED = 200_000_000
MOST_CELLS = 6_000_000
MOST_CHARACTERS = 400_000_000
_PIECE = 1 << 18
_PLACE = re.compile(r"([A-Z]{0,3})([0-9]{1,7})", re.ASCII)
#: Says of a part that it holds cells, in UTF-8 and, without its zeros, in UTF-16.
_A_SHEET = b"sheetData"


def weigh(source: IO[bytes]) -> int:
    """Raises FileError if the file is not a sound .xlsx, or would need too much room. Returns the first row of a sheet
    in which a cell holds an error (#N/A), or a formula that was never worked out, 0 if there is none: the reader of
    Excel files takes both for empty cells."""
    valueless = 0
    try:
        with ZipFile(source) as archive:
            parts = archive.infolist()
            if "[Content_Types].xml" not in archive.namelist():
                raise FileError("not_a_spreadsheet")
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise FileError("too_large_unpacked", accepted=(str(MOST_UNPACKED),))
            if any(part.flag_bits & 1 for part in parts):
                raise FileError("encrypted")
            texts: list[int] = []
            shown: dict[int, int] = {}
            for part in parts:
                valueless = _weigh(archive, part, texts, shown) or valueless
    except (BadZipFile, ZlibError, NotImplementedError, EOFError, OSError) as error:
        raise FileError("damaged") from error
    characters = sum(texts[number] * times for number, times in shown.items() if number < len(texts))
    if characters > MOST_CHARACTERS:
        raise FileError("too_many_characters", accepted=(str(MOST_CHARACTERS),))
    return valueless


def _weigh(archive: ZipFile, part: ZipInfo, texts: list[int], shown: dict[int, int]) -> int:
    """One part; which row of it has a cell without a value, 0 for none."""
    scale = _Scale(texts, shown)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = scale.start
    parser.EndElementHandler = scale.end
    parser.CharacterDataHandler = scale.characters
    parser.StartDoctypeDeclHandler = _refuse
    before, is_xml, seen = b"", True, 0
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            seen += len(piece)
            if seen > MOST_UNPACKED:  # the directory may lie
                raise FileError("too_large_unpacked", accepted=(str(MOST_UNPACKED),))
            if is_xml:
                try:
                    parser.Parse(piece)
                    continue
                except expat.ExpatError:
                    is_xml = False
            # A picture is no XML, but what calls itself a sheet must be sound.
            if scale.sheet or _A_SHEET in (before + piece).replace(b"\0", b""):
                raise FileError("damaged")
            before = piece[-2 * len(_A_SHEET) :]
    return scale.valueless


def _refuse(*_declaration: object) -> None:
    raise FileError("damaged")


class _Scale:
    """Follows one part: where its cells with something in them lie, and which shared texts they show."""

    def __init__(self, texts: list[int], shown: dict[int, int]) -> None:
        self.texts, self.shown = texts, shown
        self.sheet = self.shared = self.reading = self.by_number = False
        self.row = self.column = 0
        self.left = self.top = 1 << 30
        self.right = self.bottom = 0
        self.number = ""
        self.has_error = self.has_formula = self.has_value = False
        self.valueless = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            column, _row = self._place(attributes)
            self.column = column or self.column + 1
            kind = attributes.get("t")
            self.by_number, self.has_error = kind == "s", kind == "e"
            self.has_formula = self.has_value = False
        elif name == "v" or name == "is" or name == "f":
            self._filled()
            self.reading, self.number = name == "v" and self.by_number, ""
            self.has_formula |= name == "f"
            self.has_value |= name != "f"
        elif name == "row":
            _column, row = self._place(attributes)
            self.row, self.column = row or self.row + 1, 0
        elif name == "sheetData":
            self.sheet = True
        elif name == "si":
            self.texts.append(0)
            self.shared = True

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "v" and self.reading:
            self.reading = False
            if self.number.strip().isdecimal():
                number = int(self.number)
                self.shown[number] = self.shown.get(number, 0) + 1
        elif name == "c":
            if not self.valueless and (self.has_error or (self.has_formula and not self.has_value)):
                self.valueless = self.row
        elif name == "si":
            self.shared = False

    def characters(self, text: str) -> None:
        if self.reading:
            self.number += text
        elif self.shared:
            self.texts[-1] += len(text)

    def _place(self, attributes: dict[str, str]) -> tuple[int, int]:
        """Column and row of a cell as numbers from 1, 0 where they are not said."""
        said = attributes.get("r")
        if said is None:
            return 0, 0
        found = _PLACE.fullmatch(said.strip().upper())
        if found is None:
            raise FileError("damaged")
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - 64
        if column:
            self.row = int(found[2])
        return column, int(found[2])

    def _filled(self) -> None:
        self.left, self.right = min(self.left, self.column), max(self.right, self.column)
        self.top, self.bottom = min(self.top, self.row), max(self.bottom, self.row)
        if (self.right - self.left + 1) * (self.bottom - self.top + 1) > MOST_CELLS:
            raise FileError("too_many_cells", accepted=(str(MOST_CELLS),))
