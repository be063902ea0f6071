"""What is wrong with a file or a row, as values, and in words in the active language."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as msgid

from eligibility.explain import words
from eligibility.vocabulary import Sector, Status


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that cannot be used.

    `line`: of the file, or the row of the sheet, 0 for the file as a whole; `column`: the heading as it stands in the
    file, "" for a whole row; `field`: what the column was read as; `code`: for programs, a key of `TEXTS`; `given`:
    what stands there, cut to 80 characters; `accepted`: codes or descriptions of what would be right, nearest first;
    of a file that is too large, the most that it may have, in digits.
    """

    line: int
    column: str
    field: str
    code: str
    given: str = ""
    accepted: tuple[str, ...] = ()


class FileError(ValueError):
    """A file that cannot be read as a table at all; `fault` says why."""

    def __init__(self, code: str, line: int = 0, given: str = "", accepted: tuple[str, ...] = ()) -> None:
        self.fault = Fault(line, "", "", code, given[:80], accepted)
        super().__init__(f"{code} {given[:80]}".strip())


TEXTS = {
    # the file
    "not_a_spreadsheet": msgid("This is neither a CSV file nor an Excel file (.xlsx)."),
    "old_xls": msgid("This is an old Excel file (.xls). Open it and save it as .xlsx or CSV."),
    "encrypted": msgid("This file is locked with a password. Save it without one."),
    "empty": msgid("There is nothing in this file."),
    "no_header": msgid("The first row must name the columns. It seems to hold data."),
    "no_rows": msgid("There are names of columns, but no rows under them."),
    "damaged": msgid("This file is damaged. Open it in a spreadsheet program and save it again."),
    "too_large": msgid("This file is too large. It may have %(accepted)s."),
    "too_large_unpacked": msgid("Unpacked, this file is too large. It may have %(accepted)s."),
    "too_many_cells": msgid("This file is too large. It may have %(accepted)s cells."),
    "too_many_characters": msgid("This file is too large. It may have %(accepted)s characters."),
    "too_many_rows": msgid("There are too many rows. One file may have %(accepted)s."),
    "too_many_columns": msgid("There are too many columns. One file may have %(accepted)s."),
    "cell_too_long": msgid("A cell is too long. It may have %(accepted)s characters."),
    "broken_quotes": msgid("A quotation mark is open or out of place in this line."),
    "guessed_encoding": msgid(
        "The file is not in UTF-8. It was read as Windows-1252: see that letters with accents are right."
    ),
    "valueless_cells": msgid(
        "Cells hold an error such as #N/A, or a formula without its result, the first in line %(given)s."
        " They are read as empty."
    ),
    # the columns
    "no_column": msgid("No column says this: %(field)s."),
    "column_twice": msgid("Two columns say this: %(field)s."),
    "personal": msgid("This column seems to hold personal data. It is not read."),
    "unknown_field": msgid("Nothing is called “%(given)s” here."),
    "unknown_column": msgid("This column was not recognised. It is not read."),
    # the rows
    "missing": msgid("Nothing stands here."),
    "invalid": msgid("“%(given)s” is not known here. It could be: %(accepted)s."),
    "not_covered": msgid("“%(given)s” is not covered yet. These are: %(accepted)s."),
    "same_country": msgid("The country of work is the same as the country of origin."),
    "ambiguous_date": msgid("“%(given)s” can be read as two days. Write %(accepted)s."),
    "ends_before_it_begins": msgid("This day is before the day on which the work began."),
    "too_long": msgid("This is too long. It may have %(accepted)s characters."),
    "unprintable": msgid("There are signs here that no spreadsheet can hold."),
}

#: Codes of limits that are told in bytes.
_IN_BYTES = {"too_large", "too_large_unpacked"}

#: How many accepted values one sentence names.
NAMED = 20


def text(fault: Fault, heading: str = "") -> str:
    """The fault as a sentence. `heading`: what the field is called in the active language."""
    accepted = [_in_words(fault, one) for one in fault.accepted[:NAMED]]
    if len(fault.accepted) > NAMED:
        accepted.append("…")
    params = {"given": fault.given, "accepted": _(", ").join(accepted), "field": heading or fault.field}
    return _(TEXTS[fault.code]) % params


def _in_words(fault: Fault, accepted: str) -> str:
    match fault.field:
        case "" if accepted.isdecimal():
            return words.size(int(accepted)) if fault.code in _IN_BYTES else words.number(int(accepted))
        case "origin" | "destination":
            return words.country(accepted)
        case "sector":
            return words.sector(Sector(accepted))
        case "status":
            return words.status(Status(accepted))
    return accepted
