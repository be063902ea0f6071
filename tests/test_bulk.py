"""Many cases at once: whatever table an organisation sends is read, or refused with the line and the reason.

The law is the real one: a table must be read in the words of all twelve languages of the site.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.utils.translation import get_language, override
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from eligibility import bulk
from eligibility.bulk import faults, weighing
from eligibility.bulk.checking import Checker
from eligibility.bulk.guarding import guarded, unguarded
from eligibility.bulk.lexicon import OWN, PERSONAL, fold, languages, lexicon, table
from eligibility.bulk.sheet import Sheet
from eligibility.engine import determine, make_case
from eligibility.explain import sentences, words
from eligibility.rulebook import Rulebook, load
from eligibility.vocabulary import FOUR, Sector, Status

TODAY = date(2026, 11, 24)
HEADER = ("Reference", "Origin", "Destination", "Sector", "Status", "Months paid in")
MAID = ("A-1", "Indonesia", "Malaysia", "maid", "undocumented", "26")
LANGUAGES = languages()
AN_HOUR = datetime(2024, 3, 4, 12, 30)  # noqa: DTZ001 (a sheet has no zone)


@pytest.fixture(scope="module")
def law() -> Rulebook:
    return load()


# --- tables to send ---------------------------------------------------------------------------------------------------


def csv_file(*rows: Sequence[Any], delimiter: str = ",", encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue().encode(encoding)


def excel_file(*rows: Sequence[Any], **more: Sequence[Sequence[Any]]) -> bytes:
    """An Excel file with the rows on its first sheet, and further sheets by name."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}) as book:
        for name, found in {"First": rows, **more}.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(found):
                sheet.write_row(line, 0, row)
    return out.getvalue()


def read(content: bytes, law: Rulebook) -> tuple[list[bulk.Row], list[bulk.BadRow]]:
    """The good and the bad rows of a file whose columns are all recognised."""
    sheet = bulk.open_sheet(content, law)
    found = list(bulk.chunks(sheet, proposed(sheet, law), law, TODAY))
    return [row for one in found for row in one.good], [row for one in found for row in one.bad]


def proposed(sheet: Sheet, law: Rulebook) -> bulk.Mapping:
    return bulk.mapping_of(bulk.propose(sheet, law))


def codes(bad: bulk.BadRow) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in bad.faults]


def is_maid(row: bulk.Row, law: Rulebook) -> bool:
    told = {"origin": "ID", "destination": "MY", "sector": "domestic_work", "status": "irregular"}
    return row.case == make_case({**told, "facts": {"months_contributed": 26}}, law, TODAY)


# --- reading files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_csv_file_is_read_in_every_dialect(law, delimiter, encoding, end) -> None:
    content = csv_file(HEADER, ("Ấ, ក; 1", *MAID[1:]), delimiter=delimiter, encoding=encoding, end=end)
    (row,), bad = read(content, law)
    assert not bad
    assert (row.line, row.reference) == (2, "Ấ, ក; 1")
    assert is_maid(row, law)


def test_an_old_encoding_is_read_and_said_aloud(law) -> None:
    sheet = bulk.open_sheet(csv_file(HEADER, ("José", *MAID[1:]), encoding="cp1252"), law)
    assert [next(iter(cells)) for _line, cells in sheet.rows()] == ["José"]
    assert [fault.code for fault in bulk.warnings_of(bulk.propose(sheet, law), sheet)] == ["guessed_encoding"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('<c r="G2" t="e"><f>VLOOKUP(A1,B1,1)</f><v>#N/A</v></c>', ["valueless_cells"]),
        ('<c r="G2"><f>SUM(A1:A2)</f></c>', ["valueless_cells"]),
        ('<c r="G2"><f>SUM(A1:A2)</f><v>26</v></c>', []),
    ],
)
def test_cells_that_have_no_value_though_something_stands_there_are_said_aloud(law, cell, said) -> None:
    """They would be taken for months that nobody knows, or for work that goes on."""
    with_it = (cell + "</row>").encode()
    table = excel_file((*HEADER, "Until"), MAID)
    content = repacked(table, "xl/worksheets/sheet1.xml", lambda xml: with_it.join(xml.rsplit(b"</row>", 1)))
    sheet = bulk.open_sheet(content, law)
    found = bulk.warnings_of(bulk.propose(sheet, law), sheet)
    assert [one.code for one in found] == said
    assert all("line 2" in faults.text(one) for one in found)


def test_lines_are_counted_as_in_the_file(law) -> None:
    content = csv_file(HEADER, ("two\nlines", *MAID[1:]), (), ("", "", ""), ("B", "Atlantis", *MAID[2:]))
    (good,), (bad,) = read(content, law)
    assert (good.line, good.reference) == (2, "two\nlines")
    assert bad.line == 6


def test_titles_may_stand_above_the_header_and_excel_may_leave_its_hint(law) -> None:
    titled = csv_file(("Cases of 2026",), (), HEADER, MAID)
    hinted = b"sep=;\r\n" + csv_file(HEADER, MAID, delimiter=";")
    for content, line in ((titled, 4), (hinted, 3)):
        (row,), bad = read(content, law)
        assert not bad
        assert row.line == line
        assert is_maid(row, law)


def test_excel_gives_days_as_days_and_months_as_whole_numbers(law) -> None:
    header = ("Case no", "Nationality", "Host country", "Job", "Visa", "Date", "Months", "Registered")
    first = (17, "PH", "SAU", "Construction", "legal", date(2024, 3, 4), 26.0, True)
    second = ("18", "Việt Nam", "日本", "fishing", "regular", AN_HOUR.replace(day=5), "7", "no")
    (one, two), bad = read(excel_file(header, first, (), second), law)
    assert not bad
    assert (one.line, one.reference, one.case.on) == (2, "17", date(2024, 3, 4))
    assert one.case.facts == {"employer_registered": True, "months_contributed": 26}
    assert (two.line, two.case.origin, two.case.destination, two.case.on) == (4, "VN", "JP", date(2024, 3, 5))
    assert two.case.facts == {"employer_registered": False, "months_contributed": 7}


def test_the_sheet_with_the_header_is_taken(law) -> None:
    sheet = bulk.open_sheet(excel_file(("About this file",), Cases=[("As of today",), HEADER, MAID]), law)
    assert (sheet.name, sheet.header_line) == ("Cases", 2)
    assert [line for line, _cells in sheet.rows()] == [3]


def test_rows_and_columns_before_the_table_count(law) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(4, 2, HEADER)
        sheet.write_row(5, 2, MAID)
    (row,), bad = read(out.getvalue(), law)
    assert not bad
    assert row.line == 6
    assert is_maid(row, law)


# --- files that are refused -------------------------------------------------------------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"%PDF-1.7 \n%\xe2\xe3", "not_a_spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_spreadsheet"),
        (b"<html><table><tr><td>Origin</td></tr></table>", "not_a_spreadsheet"),
        (b"\xff\xfeA", "not_a_spreadsheet"),
        (OLE + bytes(600), "old_xls"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (csv_file(MAID, MAID), "no_header"),
        (csv_file(HEADER, MAID) + b'"A-2,"oh" no,ID', "broken_quotes"),
        (csv_file(HEADER) + b'"' + b"x" * 200_000 + b'"', "cell_too_long"),
        (csv_file(HEADER, [*MAID, *"x" * 300]), "too_many_columns"),
        (csv_file(HEADER, *[MAID] * (bulk.MOST_ROWS + 1)), "too_many_rows"),
        (b"x" * (bulk.MOST_BYTES + 1), "too_large"),
        (excel_file(), "empty"),
        (excel_file(["x"] * 300), "too_many_columns"),
        (excel_file(HEADER, MAID)[:-400], "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_refused_with_its_reason(law, content: bytes, code: str) -> None:
    with pytest.raises(bulk.FileError) as error:
        list(bulk.open_sheet(content, law).rows())
    assert error.value.fault.code == code
    assert "%(" not in faults.text(error.value.fault)


def test_a_broken_line_is_named(law) -> None:
    sheet = bulk.open_sheet(csv_file(HEADER, *[MAID] * 30) + b'"A-2" x,ID\r\n', law)
    with pytest.raises(bulk.FileError) as error:
        list(sheet.rows())
    assert (error.value.fault.code, error.value.fault.line) == ("broken_quotes", 32)


def repacked(content: bytes, part: str, change: Any) -> bytes:
    """An Excel file with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, change(old.read(one)) if one == part else old.read(one))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_cell_in_the_last_corner_of_a_sheet_is_refused(law) -> None:
    """The reader would ask for 549,755,813,888 bytes, and the process would end."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write(1_048_575, 16_383, "far away")
    refused(out.getvalue(), law, "too_many_cells")


def test_a_row_that_says_it_is_the_last_one_is_refused(law) -> None:
    far = lambda xml: xml.replace(b'<row r="2"', b'<row r="1048576"').replace(b' r="A2"', b' r="&#88;FD1048576"')  # noqa: E731
    refused(repacked(excel_file(HEADER, MAID), SHEET, far), law, "too_many_cells")


def test_a_format_in_the_last_corner_is_harmless(law) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, MAID)
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))
    assert is_maid(read(out.getvalue(), law)[0][0], law)


def test_a_long_text_shown_in_very_many_cells_is_refused(law) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": False}) as book:
        sheet = book.add_worksheet()
        for line in range(weighing.MOST_CHARACTERS // 30_000 + 1):
            sheet.write_string(line, 0, "x" * 30_000)
    assert len(out.getvalue()) < 200_000
    refused(out.getvalue(), law, "too_many_characters")


def test_a_zip_that_unpacks_to_more_than_there_is_room_for_is_refused_unopened(law) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(weighing.MOST_UNPACKED // 10_000_000 + 1):
                part.write(b" " * 10_000_000)
    assert len(out.getvalue()) < 1_000_000
    refused(out.getvalue(), law, "too_large_unpacked")


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + xml.partition(b"?>")[2],
        lambda xml: xml.replace(b"</sheetData>", b"</sheetDatum>"),
        lambda xml: b"&" + xml,
        lambda xml: xml.replace(b' r="A2"', b' r="Atlantis"'),
    ],
)
def test_a_sheet_that_is_not_sound_is_refused(law, change) -> None:
    refused(repacked(excel_file(HEADER, MAID), SHEET, change), law, "damaged")


def test_a_zip_of_something_else_is_no_table(law) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "hello")
    refused(out.getvalue(), law, "not_a_spreadsheet")


def refused(content: bytes, law: Rulebook, code: str) -> None:
    with pytest.raises(bulk.FileError) as error:
        bulk.open_sheet(content, law)
    assert error.value.fault.code == code


# --- columns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_and_every_label_is_understood_in(law, language) -> None:
    known = lexicon(law)
    for field in table()["fields"]:
        assert known.field(bulk.heading(field, language)) == field
    with override(language):
        for role in ("origin", "destination"):
            assert all(known.value(role, words.country(code)) == code for code in law.with_role(role))
        assert all(known.value("sector", words.sector(one)) == one for one in Sector)
        assert all(known.value("status", words.status(one)) == one for one in Status)


def test_the_words_of_the_table_stand_for_one_thing_each(law) -> None:
    known, found = lexicon(law), table()
    assert {*found["fields"]} <= {*OWN, *law.facts}
    assert all(set(names) - {"also"} == set(LANGUAGES) for names in found["fields"].values())
    assert set(found["example"]) == set(LANGUAGES)
    wrong = [w for field, names in found["fields"].items() for w in names["also"] if known.field(w) != field]
    wrong += [w for kind in found["personal"] for w in kind if known.field(w) != PERSONAL]
    for field in ("sector", "status"):
        wrong += [w for code, all_ in found["values"][field].items() for w in all_ if known.value(field, w) != code]
    wrong += [w for code, all_ in found["countries"].items() for w in all_ if known.value("origin", w) != code]
    wrong += [
        w for code, all_ in found["values"]["boolean"].items() for w in all_ if known.booleans.get(fold(w)) != code
    ]
    assert not wrong


def test_facts_are_recognised_by_name_and_by_question(law) -> None:
    known = lexicon(law)
    assert all(known.field(name) == name for name in law.facts)
    assert known.field("How old are you?") == "age"
    assert known.field("MONTHS_SERVED") == "months_served"


def test_capitals_accents_and_signs_do_not_matter() -> None:
    assert fold(" Pays d’Origine_: ") == fold("pays dorigine")
    assert fold("MÃ HỒ SƠ") == fold("ma ho so")
    assert fold("ใช่") != fold("ใช")  # but the tones of Thai do


def test_personal_columns_are_not_read_and_not_even_shown(law) -> None:
    sheet = bulk.open_sheet(csv_file(("Nama", *HEADER, "Phone no."), ("Siti", *MAID, "+60")), law)
    columns = bulk.propose(sheet, law)
    assert [(c.field, c.why, c.samples) for c in (columns[0], columns[-1])] == [(None, "personal", ())] * 2
    said = bulk.warnings_of(columns, sheet)
    assert [(fault.column, fault.code) for fault in said] == [("Nama", "personal"), ("Phone no.", "personal")]
    (row,), _bad = read(csv_file(("Nama", *HEADER, "Phone no."), ("Siti", *MAID, "+60")), law)
    assert "Siti" not in repr(row)


def test_a_personal_column_is_read_when_it_is_mapped_on_purpose(law) -> None:
    sheet = bulk.open_sheet(csv_file(("Name", *HEADER[1:]), ("Siti", *MAID[1:])), law)
    mapping = bulk.Mapping(("reference", *proposed(sheet, law).fields[1:]))
    (chunk,) = bulk.chunks(sheet, mapping, law, TODAY)
    assert [row.reference for row in chunk.good] == ["Siti"]


def test_columns_that_nobody_knows_are_guessed_from_their_values_or_left_out(law) -> None:
    header = ("Ref", "Aus", "Nach", "Was", "Wie", "Note")
    sheet = bulk.open_sheet(csv_file(header, ("1", "Laos", "Thailand", "farm", "border pass", "knee")), law)
    columns = bulk.propose(sheet, law)
    assert [(c.field, c.why) for c in columns] == [
        ("reference", "recognised"),
        ("origin", "guessed"),
        ("destination", "guessed"),
        ("sector", "guessed"),
        ("status", "guessed"),
        (None, "unknown"),
    ]
    assert columns[-1].samples == ("knee",)


def test_two_columns_that_say_the_same_are_noticed(law) -> None:
    sheet = bulk.open_sheet(csv_file((*HEADER, "Nationality"), (*MAID, "ID")), law)
    columns = bulk.propose(sheet, law)
    assert (columns[-1].field, columns[-1].why) == (None, "twice")
    both = bulk.Mapping((*bulk.mapping_of(columns).fields[:-1], "origin"))
    with pytest.raises(bulk.MappingError) as error:
        bulk.preview(sheet, both, law, TODAY)
    assert {(f.field, f.code) for f in error.value.faults} == {("origin", "column_twice")}


def test_a_mapping_without_the_four_answers_is_refused(law) -> None:
    sheet = bulk.open_sheet(csv_file(HEADER[:3], MAID[:3]), law)
    mapping = bulk.Mapping(("reference", "origin", "shoe_size"))
    found = [(fault.field, fault.code) for fault in bulk.faults_of(mapping, sheet, law)]
    assert found == [(f, "no_column") for f in FOUR[1:]] + [("shoe_size", "unknown_field")]


# --- values -----------------------------------------------------------------------------------------------------------


def value_of(law: Rulebook, field: str, cell: Any) -> Any:
    """What a cell of a good row was read as, or (code, accepted) of its fault."""
    told: dict[str, Any] = {"origin": "PH", "destination": "KR", "sector": "fishing", "status": "regular", field: cell}
    sheet = bulk.open_sheet(csv_file(tuple(told), tuple("x" for _ in told)), law)
    found = Checker(sheet, bulk.Mapping(tuple(told)), law, TODAY).row(2, tuple(told.values()))
    if isinstance(found, bulk.BadRow):
        (fault,) = found.faults
        return fault.code, fault.accepted
    assert found is not None
    return getattr(found.case, field) if field in (*FOUR, "on") else found.case.facts[field]


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("origin", "idn", "ID"),
        ("origin", "Myanmar (Burma)", "MM"),
        ("origin", "Filipina", "PH"),
        ("destination", " TAILÂNDIA ", "TH"),
        ("destination", "U.A.E.", "AE"),
        ("destination", "马来西亚", "MY"),
        ("sector", "Domestic Helper", "domestic_work"),
        ("sector", "giúp việc", "domestic_work"),
        ("status", "UNDOCUMENTED", "irregular"),
        ("status", "No papers", "irregular"),
        ("year_round", "Oo", True),
        ("year_round", "ບໍ່", False),
        ("year_round", 1.0, True),
        ("months_contributed", 26.0, 26),
        ("months_contributed", "26.0", 26),
        ("months_contributed", "๒๖", 26),
        ("months_contributed", 0, 0),
        ("on", date(2020, 4, 3), date(2020, 4, 3)),
        ("on", AN_HOUR, date(2024, 3, 4)),
        ("on", "2020-04-03", date(2020, 4, 3)),
        ("on", "2020/4/3", date(2020, 4, 3)),
        ("on", "2020-04-03 00:00:00", date(2020, 4, 3)),
        ("on", "25.04.2020", date(2020, 4, 25)),
        ("on", "04/25/2020", date(2020, 4, 25)),
        ("on", "4/4/2020", date(2020, 4, 4)),
        ("kr_visa", "E9", "e9"),
        ("ship_flag", "Origin", "origin"),
        ("joined", "kr-np; my-epf", frozenset({"kr-np", "my-epf"})),
    ],
)
def test_a_value_is_read_in_words_and_codes(law, field, cell, value) -> None:
    assert value_of(law, field, cell) == value


@pytest.mark.parametrize(
    ("field", "cell", "code", "accepted"),
    [
        ("origin", "Atlantis", "invalid", None),
        ("origin", "Indonisia", "invalid", ("ID",)),
        ("origin", "Germany", "not_covered", None),
        ("origin", "KR", "not_covered", None),  # there is law of Korea for those who come, not for those who leave
        ("destination", "Philippines", "same_country", None),
        ("sector", "construcion", "invalid", ("construction",)),
        ("sector", 7, "invalid", None),
        ("status", "docmented", "invalid", None),
        ("on", "03/04/2020", "ambiguous_date", ("2020-04-03", "2020-03-04")),
        ("on", "2020-02-30", "invalid", ("YYYY-MM-DD",)),
        ("on", "13/13/2020", "invalid", ("YYYY-MM-DD",)),
        ("on", "April", "invalid", ("YYYY-MM-DD",)),
        ("on", 43924.0, "invalid", ("YYYY-MM-DD",)),
        ("on", "2563-04-03", "invalid", ("2020-04-03",)),
        ("on", date(1700, 1, 1), "invalid", ("YYYY-MM-DD",)),
        ("year_round", "maybe", "invalid", ("yes", "no")),
        ("months_contributed", "26.5", "invalid", ("0–720 (months)",)),
        ("months_contributed", 26.5, "invalid", ("0–720 (months)",)),
        ("months_contributed", "12.000", "invalid", ("0–720 (months)",)),  # twelve, or twelve thousand
        ("monthly_wage", "3.000", "invalid", None),
        ("months_contributed", "-1", "invalid", ("0–720 (months)",)),
        ("months_contributed", "721", "invalid", ("0–720 (months)",)),
        ("months_contributed", True, "invalid", ("0–720 (months)",)),
        ("months_contributed", "²", "invalid", ("0–720 (months)",)),
        ("kr_visa", "e8", "invalid", None),
        ("joined", "kr-np, atlantis", "invalid", None),
    ],
)
def test_a_value_that_is_not_known_says_what_would_be_right(law, field, cell, code, accepted) -> None:
    found = value_of(law, field, cell)
    assert found[0] == code
    assert found[1]
    assert accepted is None or found[1][: len(accepted)] == accepted


def test_a_row_names_all_its_faults_with_line_and_column(law) -> None:
    header = ("Reference", "Nationality", "Host country", "Sector", "Status", "Date", "From", "Until")
    row = ("A", "Germany", "", "magic", "regular", "03/04/2020", "2020-05-01", "2020-04-01")
    _good, (bad,) = read(csv_file(header, row), law)
    assert (bad.line, bad.reference) == (2, "A")
    assert [(f.column, f.code, f.given) for f in bad.faults] == [
        ("Nationality", "not_covered", "Germany"),
        ("Sector", "invalid", "magic"),
        ("Date", "ambiguous_date", "03/04/2020"),
        ("Host country", "missing", ""),
        ("Until", "ends_before_it_begins", "2020-04-01"),
    ]
    assert "%(" not in " ".join(map(faults.text, bad.faults))


def test_a_reference_has_a_length_and_can_be_printed(law) -> None:
    _good, bad = read(csv_file(HEADER, ("x" * 201, *MAID[1:]), ("bell\a", *MAID[1:])), law)
    assert [codes(row) for row in bad] == [[("reference", "too_long")], [("reference", "unprintable")]]


@pytest.mark.parametrize("sign", "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_a_reference_loses_what_would_turn_the_text_around_it(law, sign: str) -> None:
    (row,), bad = read(csv_file(HEADER, (f"{sign}W-{sign}1{sign}", *MAID[1:])), law)
    assert (row.reference, bad) == ("W-1", [])


def test_no_cell_turns_the_sentence_that_says_what_is_wrong_with_it_nor_hides_what_it_says(law) -> None:
    _good, (bad,) = read(csv_file(HEADER, (MAID[0], "\u202eAtlantis\u202c", *MAID[2:])), law)
    assert [fault.given for fault in bad.faults] == ["Atlantis"]
    assert value_of(law, "origin", "\u202aID\u202c") == "ID"
    assert value_of(law, "months_contributed", "\u202a26\u202c") == 26
    assert value_of(law, "on", "\u200e2024-01-02") == date(2024, 1, 2)


def test_a_reference_keeps_the_signs_that_its_script_needs(law) -> None:
    (row,), _bad = read(csv_file(HEADER, ("ក\u200bខ क्\u200dष", *MAID[1:])), law)
    assert row.reference == "ក\u200bខ क्\u200dष"


def test_the_law_of_the_last_day_of_a_stay_is_asked(law) -> None:
    header = (*HEADER, "From", "Until", "Date")
    past, ahead, told = (
        (*MAID, "2019-01-01", "2020-06-30", ""),
        (*MAID, "2026-01-01", "2027-06-30", ""),
        (*MAID, "2019-01-01", "2020-06-30", "2021-01-01"),
    )
    rows, _bad = read(csv_file(header, past, ahead, told), law)
    assert [row.case.on for row in rows] == [date(2020, 6, 30), TODAY, date(2021, 1, 1)]
    assert (rows[0].from_, rows[0].until) == (date(2019, 1, 1), date(2020, 6, 30))


def test_every_code_of_a_fault_has_a_sentence_in_every_language(law) -> None:
    for language in LANGUAGES:
        with override(language):
            for code in faults.TEXTS:
                for field, accepted in (("origin", law.with_role("origin")), ("sector", tuple(Sector)), ("on", ("x",))):
                    said = faults.text(bulk.Fault(2, "Column", field, code, "<given>", tuple(accepted)), "heading")
                    assert said
                    assert "%(" not in said


def test_how_large_a_file_may_be_is_said_as_the_language_writes_it(law) -> None:
    with pytest.raises(bulk.FileError) as large:
        bulk.open_sheet(b"x" * (bulk.MOST_BYTES + 1), law)
    with pytest.raises(bulk.FileError) as long:
        list(bulk.open_sheet(csv_file(HEADER, *[MAID] * (bulk.MOST_ROWS + 1)), law).rows())
    for language, size, rows in (
        ("en", "25 MB", "100,000"),
        ("fil", "25 MByte", "100,000"),
        ("vi", "25 MB", "100.000"),
    ):
        with override(language):
            assert size in faults.text(large.value.fault)
            assert rows in faults.text(long.value.fault)


def test_who_sends_a_column_of_mistakes_is_still_answered_soon(law) -> None:
    rows = [(str(n), f"Atlantis {n}", *MAID[2:]) for n in range(3_000)]
    _good, bad = read(csv_file(HEADER, *rows), law)
    assert len(bad) == 3_000
    assert all(row.faults[0].accepted for row in bad)


# --- preview and chunks -----------------------------------------------------------------------------------------------


def test_the_preview_counts_rows_faults_and_repeated_references(law) -> None:
    wrong = ("A-9", "Atlantis", *MAID[2:])
    sheet = bulk.open_sheet(csv_file(HEADER, MAID, MAID, wrong, ("A-8", *MAID[1:4], "", "x")), law)
    found = bulk.preview(sheet, proposed(sheet, law), law, TODAY)
    assert (found.good, found.bad_count, found.repeated) == (2, 2, 1)
    assert [row.line for row in found.bad] == [4, 5]
    assert set(found.kinds) == {
        (("Origin", "invalid"), 1),
        (("Status", "missing"), 1),
        (("Months paid in", "invalid"), 1),
    }
    assert is_maid(found.sample[0], law)


@given(rows=st.lists(st.booleans(), max_size=25), size=st.integers(1, 7), start=st.integers(0, 5))
@settings(max_examples=40)
def test_a_job_that_was_stopped_goes_on_where_it_was(law, rows, size, start) -> None:
    table_ = [(f"R{n}", "ID" if good else "??", *MAID[2:]) for n, good in enumerate(rows)]
    sheet = bulk.open_sheet(csv_file(HEADER, *table_), law)
    mapping = bulk.Mapping(("reference", *FOUR, "months_contributed"))
    whole = list(bulk.chunks(sheet, mapping, law, TODAY, size))
    assert list(bulk.chunks(sheet, mapping, law, TODAY, size, start)) == whole[start:]
    lines = sorted(row.line for chunk in whole for row in (*chunk.good, *chunk.bad))
    assert lines == list(range(2, len(rows) + 2))
    assert [chunk.number for chunk in whole] == list(range(len(whole)))


# --- answers ----------------------------------------------------------------------------------------------------------


def some_rows(law: Rulebook, every: int = 211) -> list[bulk.Row]:
    """Rows of all kinds."""
    told = [
        (o, d, sector, status)
        for o in law.with_role("origin")
        for d in law.with_role("destination")
        if o != d
        for sector in Sector
        for status in Status
    ][::every]
    days = ("", "2019-05-05", "2024-05-05")
    rows = [
        (f"R{n}", *four, ("", n % 240)[n % 4 != 0], ("", 12)[n % 3 == 0], days[n % 3]) for n, four in enumerate(told)
    ]
    good, bad = read(csv_file((*HEADER, "months_contributed_home", "Date"), *rows), law)
    assert not bad
    assert len(good) == len(told) > 5
    return good


def test_results_are_what_determine_says(law) -> None:
    rows = some_rows(law)
    results = list(bulk.answered([*rows, *rows], law, size=7))
    assert [one.line for one in results] == [row.line for row in rows] * 2
    for row, result in zip([*rows, *rows], results, strict=True):
        found = determine(row.case, law)
        assert (result.reference, result.case, result.edition) == (row.reference, row.case, found.edition)
        asked: set[str] = set()
        for told, answer in zip(result.answers, found.answers.values(), strict=True):
            assert (told.benefit, told.outcome, told.confidence) == (answer.benefit, answer.outcome, answer.confidence)
            assert told.verdict.startswith(sentences.verdict(answer, row.case))
            assert bool(answer.scope) == told.verdict.endswith(")")
            decides = {(r.provision or r.rule).id for r in answer.reasons if r.decides and (r.provision or r.rule)}
            assert set(told.rules) == decides
            assert told.asks == tuple(q.fact for q in answer.depends_on if not q.unclear)
            assert told.could_be == (answer.could_be.outcome if answer.could_be else None)
            assert len(told.steps) == (len(answer.could_be.steps) if answer.could_be else 0)
            asked |= set(told.asks)
        assert {fact for fact, _question in result.questions} == asked
        assert not any("{" in question for _fact, question in result.questions)


def test_results_speak_the_language_that_was_asked_for(law) -> None:
    rows = some_rows(law, 1999)
    with override("vi"):
        english, thai = list(bulk.answered(rows, law, "en")), list(bulk.answered(rows, law, "th"))
        assert get_language() == "vi"
    for one, other in zip(english, thai, strict=True):
        assert [told.outcome for told in one.answers] == [told.outcome for told in other.answers]
        assert all(a.verdict != b.verdict for a, b in zip(one.answers, other.answers, strict=True))


def test_results_are_kept_and_come_back_the_same(law) -> None:
    results = list(bulk.answered(some_rows(law), law, "my"))
    assert bulk.unpack(bulk.pack(results)) == results
    assert bulk.unpack(bulk.pack([])) == []


# --- writing ----------------------------------------------------------------------------------------------------------

DANGEROUS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =1",
    "\n=1",
    "'=1",
    '"=1',
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "\ufeff=1",
)


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_of_a_csv_file_runs_as_a_formula(text) -> None:
    assert guarded(text).startswith("'")
    assert guarded(text).replace("'", "") == text.replace("'", "")


def test_nothing_begins_a_formula_where_another_separator_would_begin_a_cell() -> None:
    assert guarded("a;=1") == "a;'=1"
    assert guarded("\u202e=1") == "'\u202e=1"
    assert guarded("a;\u2066=1") == "a;'\u2066=1"
    assert guarded("a\n =1") == "a\n' =1"
    assert guarded("Siti, 12-7 (+60)") == "Siti, 12-7 (+60)"


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t'\"=+-@;,＝ \u202eกါ🙂"), max_size=40
)


@given(TEXTS)
def test_what_is_guarded_comes_back_unchanged(text) -> None:
    assert unguarded(guarded(text)) == text
    assert unguarded(guarded(guarded(text))) == guarded(text)
    assert not guarded(text)[:1].strip().startswith(tuple("=+-@＝＋－＠"))


def written(results: list[bulk.Result], kind: str, told: Sequence[str] = (), language: str = "en") -> bytes:
    pieces: Iterable[Sequence[bulk.Result]] = [results[:1], results[1:]]
    if kind == "csv":
        return "".join(bulk.csv_pieces(pieces, told, language)).encode()
    out = io.BytesIO()
    bulk.write_excel(pieces, told, out, language)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@given(
    references=st.lists(
        TEXTS.filter(lambda text: "\ufffe" not in text and "\uffff" not in text), min_size=1, max_size=20
    )
)
@settings(max_examples=40)
def test_any_reference_comes_back_from_the_results(law, kind, references) -> None:
    case = make_case(dict(zip(FOUR, ("ID", "MY", "fishing", "regular"), strict=True)), law, TODAY)
    rows = [bulk.Row(n, reference, case) for n, reference in enumerate(references)]
    good, bad = read(written(list(bulk.answered(rows, law)), kind), law)
    assert not bad
    assert [row.reference for row in good] == references


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_results_can_be_sent_in_again_in(law, language) -> None:
    rows = some_rows(law, 1501)
    told = ("months_contributed", "months_contributed_home")
    for kind in ("csv", "xlsx"):
        good, bad = read(written(list(bulk.answered(rows, law, language)), kind, told, language), law)
        assert not bad
        assert [(row.reference, row.case) for row in good] == [(row.reference, row.case) for row in rows]


def test_results_hold_what_was_understood_and_nothing_else_of_the_file(law) -> None:
    header = (*HEADER, "Remarks", "Name")
    (row,), _bad = read(csv_file(header, (*MAID, "knee hurts", "Siti")), law)
    (result,) = bulk.answered([row], law)
    for content in (written([result], "csv"), written([result], "xlsx")):
        cells = next(iter(bulk.open_sheet(content, law).rows()))[1]
        assert not {"knee hurts", "Siti"} & set(map(str, cells))
        assert len(cells) == 7 + 9 + 3 + 9 + 2


def test_a_csv_file_of_results_begins_so_that_excel_reads_it(law) -> None:
    content = written([], "csv", language="lo")
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == 1


def test_an_excel_file_of_results_holds_text_as_text_and_colours_outcomes(law) -> None:
    case = make_case(
        {**dict(zip(FOUR, ("ID", "MY", "fishing", "regular"), strict=True)), "facts": {"age": 30}}, law, TODAY
    )
    results = list(bulk.answered([bulk.Row(2, "=HYPERLINK(1)", case), bulk.Row(3, "http://example.org", case)], law))
    content = written(results, "xlsx", ("age",))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read(SHEET).decode()
    assert "<f>" not in xml
    assert "<hyperlink" not in xml
    assert "<pane " in xml
    assert '<autoFilter ref="A1:' in xml
    rows = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[1][:8] == [
        2.0,
        "=HYPERLINK(1)",
        "Indonesia",
        "Malaysia",
        "Fishing boat or fish farm",
        "Work permit",
        TODAY,
        30.0,
    ]


def test_json_results_are_one_array_with_codes_and_numbers(law) -> None:
    rows = some_rows(law, 2999)
    results = list(bulk.answered(rows, law))
    found = json.loads("".join(bulk.json_pieces([results[:2], [], results[2:]])))
    assert [one["line"] for one in found] == [row.line for row in rows]
    for one, row in zip(found, rows, strict=True):
        assert one["case"]["facts"] == row.case.facts
        answers = determine(row.case, law).answers
        assert {name: told["outcome"] for name, told in one["benefits"].items()} == {
            b: a.outcome for b, a in answers.items()
        }
    assert json.loads("".join(bulk.json_pieces([]))) == []


def test_all_faults_can_be_written_for_the_sender(law) -> None:
    _good, bad = read(csv_file(HEADER, ("=1", "=2", *MAID[2:5], "x")), law)
    lines = list(csv.reader(io.StringIO("".join(bulk.fault_pieces(bad)).removeprefix("\ufeff"), newline="")))
    assert [(one[0], one[1], one[2], one[4]) for one in lines[1:]] == [
        ("2", "'=1", "Origin", "'=2"),
        ("2", "'=1", "Months paid in", "x"),
    ]


# --- the template -----------------------------------------------------------------------------------------------------


def template(law: Rulebook, kind: str, language: str) -> bytes:
    if kind == "csv":
        return bulk.csv_template(law, language, TODAY).encode()
    return bulk.excel_template(law, language, TODAY)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_recognised_and_its_example_passed_over_in(law, kind, language) -> None:
    sheet = bulk.open_sheet(template(law, kind, language), law)
    columns = bulk.propose(sheet, law)
    assert [column.field for column in columns] == list(table()["fields"])
    assert {column.why for column in columns} == {"recognised"}
    (_line, example) = next(sheet.rows())
    found = bulk.preview(sheet, bulk.mapping_of(columns), law, TODAY)
    assert (found.good, found.bad_count) == (0, 0)
    as_a_case = Checker(sheet, bulk.mapping_of(columns), law, TODAY).row(2, ["A-1", *example[1:]])
    assert isinstance(as_a_case, bulk.Row)
    assert as_a_case.case.facts == {"months_contributed": 26}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_the_template_offers_is_read_in(law, language) -> None:
    book = load_workbook(io.BytesIO(bulk.excel_template(law, language, TODAY)))
    cases, guide = (book.get_sheet_by_name(name) for name in book.sheet_names)
    offered = {row[0]: [word for word in row[2:] if word] for row in guide.to_python()}
    assert list(offered) == cases.to_python()[0]
    known, count = lexicon(law), 0
    for heading, all_ in offered.items():
        field = str(known.field(str(heading)))
        assert all(known.value(field, str(word)) is not None for word in all_)
        count += len(all_)
    assert count >= len(law.with_role("origin")) + len(law.with_role("destination")) + len(Sector) + len(Status)


def test_the_excel_template_offers_its_words_as_lists(law) -> None:
    with zipfile.ZipFile(io.BytesIO(bulk.excel_template(law, "en", TODAY))) as archive:
        xml = archive.read(SHEET).decode()
    assert xml.count('type="list"') == len(FOUR) + 3
    assert "'How to fill in'!$C$2:" in xml


def test_a_file_on_disk_is_read_like_its_bytes(law, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_bytes(csv_file(HEADER, MAID))
    assert list(bulk.open_sheet(tmp_path / "cases.csv", law).rows()) == [(2, list(MAID))]
