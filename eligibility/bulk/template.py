"""The table to fill in, in a language of the site: its columns are recognised without being asked about."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override
from xlsxwriter.utility import xl_range_formula
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from eligibility.bulk.lexicon import OWN, heading, table
from eligibility.bulk.sheet import MOST_ROWS
from eligibility.bulk.values import MOST_IN_REFERENCE
from eligibility.bulk.writing import BOOK_OPTIONS
from eligibility.explain import words
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import FactType, Sector, Status

_DAYS = ("on", "from", "until")
_WIDTH = 24


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the template: `help` says what belongs there, `accepted` lists the words if there are only some."""

    field: str
    heading: str
    help: str
    accepted: tuple[str, ...]
    example: str | int | date


def csv_template(law: Rulebook, language: str, today: date) -> str:
    """The header and one row that shows how it is meant; the reader passes over it."""
    out = io.StringIO(newline="")
    with override(language):
        columns = list(_columns(law, language, today))
    csv.writer(out).writerows([[c.heading for c in columns], [c.example for c in columns]])
    return "\ufeff" + out.getvalue()


def excel_template(law: Rulebook, language: str, today: date) -> bytes:
    """The same as an Excel file, with lists to choose from, and a second sheet that names every word of them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {**BOOK_OPTIONS, "constant_memory": False}) as book, override(language):
        columns = list(_columns(law, language, today))
        sheet, guide = book.add_worksheet(_("Cases")), book.add_worksheet(_("How to fill in"))
        _fill_in_guide(book, guide, columns)
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        faint = book.add_format({"italic": True, "font_color": "#595959"})
        text, days = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
        faint_day = book.add_format({"italic": True, "font_color": "#595959", "num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 1)
        for number, column in enumerate(columns):
            is_day = column.field in _DAYS
            whole = text if column.field == "reference" else days if is_day else None
            sheet.set_column(number, number, _WIDTH, whole)
            sheet.write_string(0, number, column.heading, bold)
            if isinstance(column.example, date):
                sheet.write_datetime(1, number, column.example, faint_day)
            elif isinstance(column.example, int):
                sheet.write_number(1, number, column.example, faint)
            else:
                sheet.write_string(1, number, column.example, faint)
            _validate(sheet, guide, number, column, law)
    return out.getvalue()


def _columns(law: Rulebook, language: str, today: date) -> Iterator[_Column]:
    """In the active language, which is `language`."""
    origin = law.with_role("origin")[0]
    destination = next(code for code in law.with_role("destination") if code != origin)
    shown: dict[str, str | int | date] = {
        "reference": table()["example"].get(language) or table()["example"]["en"],
        "origin": words.country(origin),
        "destination": words.country(destination),
        "sector": words.sector(Sector.DOMESTIC_WORK),
        "status": words.status(Status.REGULAR),
        "on": today,
        "months_contributed": 26,
    }
    for field in table()["fields"]:
        if field in OWN or field in law.facts:
            help_, accepted = _meaning(field, law)
            yield _Column(field, heading(field, language), help_, accepted, shown.get(field, ""))


def _meaning(field: str, law: Rulebook) -> tuple[str, tuple[str, ...]]:
    """What belongs into a column, and the words it may hold (none where it is a number, a day or free text)."""
    match field:
        case "reference":
            return _("Your own label for the row, to find it again. Please no names."), ()
        case "origin" | "destination":
            return _("Always needed."), tuple(sorted(words.country(code) for code in law.with_role(field)))
        case "sector":
            return _("Always needed."), tuple(words.sector(word) for word in Sector)
        case "status":
            return _("Always needed."), tuple(words.status(word) for word in Status)
        case "on":
            return _("The day whose law is asked for, as YYYY-MM-DD. Empty: the last day of work, or today."), ()
        case "from":
            return _("The first day of work there, as YYYY-MM-DD."), ()
        case "until":
            return _("The last day of work there, as YYYY-MM-DD. Empty: still working."), ()
    fact = law.facts[field]
    question = _(fact.question).format(
        origin=_("the country of origin"), destination=_("the country of work"), sector=""
    )
    return question, (_("Yes"), _("No")) if fact.type == FactType.BOOLEAN else ()


def _fill_in_guide(book: Workbook, guide: Worksheet, columns: list[_Column]) -> None:
    """One row for each column, so that this sheet is never taken for a table of cases."""
    bold, wrap = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True, "valign": "top"})
    guide.set_column(0, 0, _WIDTH)
    guide.set_column(1, 1, 2 * _WIDTH)
    guide.set_column(2, 2 + max(len(column.accepted) for column in columns), _WIDTH)
    guide.freeze_panes(0, 1)
    for line, column in enumerate(columns):
        guide.write_string(line, 0, column.heading, bold)
        guide.write_string(line, 1, column.help, wrap)
        guide.write_row(line, 2, column.accepted, wrap)


def _validate(sheet: Worksheet, guide: Worksheet, number: int, column: _Column, law: Rulebook) -> None:
    """Excel offers the words of a column, and asks back where something else is typed; the reader knows more words."""
    rule: dict[str, object] = {"error_type": "warning", "ignore_blank": True}
    fact = law.facts.get(column.field)
    if column.accepted:
        words_of_it = xl_range_formula(guide.get_name(), number, 2, number, len(column.accepted) + 1)
        rule |= {"validate": "list", "source": f"={words_of_it}"}
    elif column.field in _DAYS:
        rule |= {"validate": "date", "criteria": "between", "minimum": date(1900, 1, 1), "maximum": date(2100, 12, 31)}
    elif fact is not None and fact.type == FactType.NUMBER:
        rule |= {"validate": "integer", "criteria": "between", "minimum": fact.minimum, "maximum": fact.maximum}
    else:
        rule |= {"validate": "length", "criteria": "<=", "value": MOST_IN_REFERENCE}
    sheet.data_validation(1, number, MOST_ROWS, number, rule)
