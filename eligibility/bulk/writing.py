"""Results as CSV, as an Excel file and as JSON, written as they come: a file is never in memory as a whole.

Columns: where the row stood, its reference, what was understood, the nine outcomes side by side, what to ask and do,
then the nine sentences and the rules. Columns of the uploaded file that were not read are not carried over. A row that
could not be read has no results; `write_faults` writes those.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from eligibility.bulk import faults
from eligibility.bulk.answering import Result, Told
from eligibility.bulk.checking import BadRow
from eligibility.bulk.columns import Mapping
from eligibility.bulk.guarding import guarded
from eligibility.bulk.lexicon import heading
from eligibility.bulk.storing import facts_data
from eligibility.explain import words
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import FOUR, Benefit, Outcome, Sector, Status, Value

Plain = str | int | date
"""What is written into a cell."""
#: Excel reads a CSV file as UTF-8 only if it begins with this.
_BYTE_ORDER_MARK = "\ufeff"
_COLOURS = {
    Outcome.PORTABLE: ("#D9F0E3", "#0B4F2C"),
    Outcome.RETAINED: ("#DCE9F8", "#123C69"),
    Outcome.LOST: ("#F9DEDC", "#7A1510"),
    Outcome.DEPENDS: ("#FFF0C7", "#5C4400"),
    Outcome.NONE: ("#ECECEC", "#3D3D3D"),
}
_NARROW, _MIDDLE, _WIDE = 12, 22, 50


def facts_of(mapping: Mapping, law: Rulebook) -> tuple[str, ...]:
    """The facts that a file tells, in the order of its columns: each becomes a column of the results."""
    return tuple(field for field in mapping.fields if field is not None and field in law.facts)


# --- columns ----------------------------------------------------------------------------------------------------------


def _headings(told: Sequence[str], language: str) -> list[str]:
    """In the active language, which is `language`."""
    names = [words.benefit(benefit) for benefit in Benefit]
    return [
        _("Line"),
        *(heading(field, language) for field in ("reference", *FOUR, "on", *told)),
        *names,
        _("What to ask next"),
        _("What the worker can do"),
        _("How sure"),
        *(_("Why: %(benefit)s") % {"benefit": name} for name in names),
        _("Rules"),
        _("Edition of the rulebook"),
    ]


class _Cells:
    """A result as the cells of one row, in the active language. Words are looked up once."""

    def __init__(self, told: Sequence[str], text: Callable[[str], str] = str) -> None:
        self.told, self.text = told, text
        self.country: dict[str, str] = {}
        self.sector = {word: text(words.sector(word)) for word in Sector}
        self.status = {word: text(words.status(word)) for word in Status}
        self.outcome = {word: text(words.outcome(word)) for word in Outcome}
        self.yes_or_no = {True: text(_("Yes")), False: text(_("No"))}
        self.answers: dict[tuple[int, ...], tuple[tuple[Told, ...], list[Plain], list[Plain]]] = {}

    def __call__(self, result: Result) -> list[Plain]:
        case, facts = result.case, result.case.facts
        outcomes, reasons = self._answers(result)
        return [
            result.line,
            self.text(result.reference),
            self._country(case.origin),
            self._country(case.destination),
            self.sector[case.sector],
            self.status[case.status],
            case.on,
            *[self._fact(facts[name]) if name in facts else "" for name in self.told],
            *outcomes,
            self.text("\n".join([question for _fact, question in result.questions])),
            *reasons,
            result.edition,
        ]

    def _answers(self, result: Result) -> tuple[list[Plain], list[Plain]]:
        key = tuple(map(id, result.answers))
        found = self.answers.get(key)
        if found is None:
            if len(self.answers) >= 20_000:
                self.answers.clear()
            outcomes: list[Plain] = [self.outcome[told.outcome] for told in result.answers]
            sure = result.confidence
            reasons: list[Plain] = [
                self.text("\n".join(result.steps)),
                self.text(words.confidence(sure)) if sure else "",
                *(self.text(told.verdict) for told in result.answers),
                self.text(" ".join(result.rules)),
            ]
            found = self.answers[key] = (
                result.answers,
                outcomes,
                reasons,
            )  # holds the answers, so that ids stay theirs
        return found[1], found[2]

    def _country(self, code: str) -> str:
        if code not in self.country:
            self.country[code] = self.text(words.country(code))
        return self.country[code]

    def _fact(self, value: Value) -> Plain:
        if isinstance(value, bool):
            return self.yes_or_no[value]
        if isinstance(value, frozenset):
            return self.text(", ".join(sorted(value)))
        return self.text(value) if isinstance(value, str) else value


# --- CSV --------------------------------------------------------------------------------------------------------------


def csv_pieces(chunks: Iterable[Sequence[Result]], told: Sequence[str], language: str = "en") -> Iterator[str]:
    """A CSV file in pieces, the header first. `told`: the facts that get a column (`facts_of`)."""
    with override(language):
        cells, first = _Cells(told, guarded), _headings(told, language)
        piece = _csv([first])
    yield _BYTE_ORDER_MARK + piece
    for chunk in chunks:
        with override(language):
            piece = _csv(map(cells, chunk))
        yield piece


def _csv(rows: Iterable[Iterable[Plain]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()


def fault_pieces(bad: Iterable[BadRow], language: str = "en") -> Iterator[str]:
    """Every fault of every bad row as a CSV file in pieces: where it is, what is wrong, what stands there."""
    with override(language):
        first = [_("Line"), heading("reference", language), _("Column"), _("What is wrong"), _("What stands there")]
        piece = _csv([first])
    yield _BYTE_ORDER_MARK + piece
    for row in bad:
        with override(language):
            piece = _csv(
                [row.line, *map(guarded, (row.reference, fault.column, faults.text(fault), fault.given))]
                for fault in row.faults
            )
        yield piece


# --- Excel ------------------------------------------------------------------------------------------------------------

BOOK_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}


def write_excel(
    chunks: Iterable[Sequence[Result]], told: Sequence[str], target: Path | IO[bytes], language: str = "en"
) -> None:
    """An Excel file: text as text, days as days, each outcome in its colour, the header in sight and with filters."""
    with xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target), BOOK_OPTIONS) as book:
        with override(language):
            cells, first = _Cells(told), _headings(told, language)
            sheet = book.add_worksheet(_("Results"))
            colours = {
                words.outcome(outcome): book.add_format({"bg_color": paper, "font_color": ink})
                for outcome, (paper, ink) in _COLOURS.items()
            }
        start = 1 + 1 + len(FOUR) + 1 + len(told)
        outcomes = range(start, start + len(Benefit))
        wrapped = book.add_format({"text_wrap": True, "valign": "top", "bold": True, "bottom": 1})
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, len(first) - 1, _WIDE)
        sheet.set_column(0, outcomes.stop - 1, _MIDDLE)
        sheet.set_column(outcomes.start, outcomes.stop - 1, _MIDDLE)
        sheet.set_column(0, 0, _NARROW)
        sheet.write_row(0, 0, first, wrapped)
        line = 0
        for chunk in chunks:
            with override(language):
                rows = [cells(result) for result in chunk]
            for row in rows:
                line += 1
                _write(sheet, line, row, outcomes, colours)
        sheet.autofilter(0, 0, line, len(first) - 1)


def _write(sheet: Worksheet, line: int, row: Sequence[Plain], outcomes: range, colours: dict[str, Format]) -> None:
    for column, value in enumerate(row):
        if isinstance(value, str):
            if value:
                sheet.write_string(line, column, value, colours[value] if column in outcomes else None)
        elif isinstance(value, date):
            sheet.write_datetime(line, column, value)
        else:
            sheet.write_number(line, column, value)


# --- JSON -------------------------------------------------------------------------------------------------------------


def json_pieces(chunks: Iterable[Sequence[Result]]) -> Iterator[str]:
    """A JSON array in pieces, one object for each row, codes as in the API and sentences in the results' language."""
    known: dict[int, tuple[Told, str]] = {}
    comma = ""
    yield "[\n"
    for chunk in chunks:
        if len(known) > 50_000:
            known.clear()
        texts = [_json(result, known) for result in chunk]
        if texts:
            yield comma + ",\n".join(texts)
            comma = ",\n"
    yield "\n]\n"


def _json(result: Result, known: dict[int, tuple[Told, str]]) -> str:
    case = result.case
    head: dict[str, Any] = {
        "line": result.line,
        "reference": result.reference,
        "edition": result.edition,
        "on": case.on.isoformat(),
        "case": {
            "origin": case.origin,
            "destination": case.destination,
            "sector": case.sector,
            "status": case.status,
            "facts": facts_data(case),
        },
        "confidence": result.confidence,
        "questions": [{"fact": fact, "question": question} for fact, question in result.questions],
    }
    answers = []
    for told in result.answers:
        found = known.get(id(told))
        if found is None:
            found = known[id(told)] = (told, f'"{told.benefit}": {_dumped(_told_data(told))}')
        answers.append(found[1])
    return f'{_dumped(head)[:-1]}, "benefits": {{{", ".join(answers)}}}}}'


def _told_data(told: Told) -> dict[str, Any]:
    could = {"outcome": told.could_be, "steps": told.steps} if told.could_be else None
    return {
        "outcome": told.outcome,
        "verdict": told.verdict,
        "asks": told.asks,
        "could_be": could,
        "rules": told.rules,
        "confidence": told.confidence,
    }


def _dumped(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)
