"""Cases on paper: two languages side by side, every script whole, nothing fetched, the same bytes each time."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.utils.translation import gettext, override
from pypdf import PdfReader
from pypdf.generic import ContentStream

from eligibility.casework.paper import Due, Paper, PaperError, evidence, letter, letters, press, sheets
from eligibility.casework.paper.content import Block, Kind, Line, side_by_side
from eligibility.engine.career import determine_career, make_stays
from eligibility.explain import as_data, present
from eligibility.rulebook import Rulebook, load
from eligibility.vocabulary import Benefit, Outcome, Sector, Status
from tests.test_project import ROOT

TODAY = date(2026, 11, 26)
CORRIDORS = {
    "my": ("MM", "TH", Sector.MANUFACTURING, Status.REGULAR),
    "km": ("KH", "TH", Sector.CONSTRUCTION, Status.REGULAR),
    "lo": ("LA", "TH", Sector.AGRICULTURE, Status.BORDER_OR_SEASONAL),
    "th": ("TH", "TW", Sector.FISHING, Status.REGULAR),
    "zh-hans": ("MM", "SG", Sector.DOMESTIC_WORK, Status.REGULAR),
    "id": ("ID", "MY", Sector.DOMESTIC_WORK, Status.REGULAR),
}
UNSPACED = ("my", "km", "lo", "th")
FONTS = {
    "my": "Noto-Sans-Myanmar",
    "km": "Noto-Sans-Khmer",
    "lo": "Noto-Sans-Lao",
    "th": "Noto-Sans-Thai",
    "zh-hans": "WenQuanYi-Micro-Hei",
    "id": "Noto-Sans",
}


@cache
def law() -> Rulebook:
    return load()


@cache
def paper(language: str, office: str = "en", earlier: bool = False) -> Paper:
    """The case of somebody whose work has ended, on a common corridor of those who read this language."""
    origin, destination, sector, status = CORRIDORS[language]
    stays = [{"destination": destination, "from": "2024-03-01", "until": "2026-09-30", "months": 30}]
    if earlier:
        stays.insert(0, {"destination": "JP", "from": "2020-01-01", "until": "2023-12-31", "months": 47})
    given = [{"sector": sector, "status": status, **stay} for stay in stays]
    career = determine_career(origin, make_stays(origin, given, law(), TODAY), law(), TODAY)
    return Paper(
        determination=career.stays[-1][1],
        rulebook=law(),
        language=language,
        office_language=office,
        organisation="Harbour Desk",
        contacts=("12 Harbour Road", "+66 2 555 0100"),
        reference="HD-0012",
        written=TODAY,
        worker="Aye",
        caseworker="Lin",
        career=career,
    )


@cache
def written(language: str) -> bytes:
    return letter(paper(language))


@cache
def said(file: bytes) -> list[tuple[str, str]]:
    """Every line of a paper with its language, as it is copied and read aloud."""
    reader = PdfReader(io.BytesIO(file))
    found = []
    for page in reader.pages:
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator == b"BDC" and "/ActualText" in operands[1]:
                found.append((str(operands[1]["/Lang"]), str(operands[1]["/ActualText"])))
    return found


def text(file: bytes, language: str = "") -> str:
    """All that is said in one language, or in all; white space is left out, since lines break anywhere."""
    return packed("".join(line for code, line in said(file) if language in ("", code)))


def packed(words: str) -> str:
    """Without white space; translators of Khmer also write spaces of no width."""
    return re.sub(r"[\s\u200b]", "", words)


def fonts(file: bytes) -> set[str]:
    """The fonts of a paper, all of them embedded."""
    found = set()
    for page in PdfReader(io.BytesIO(file)).pages:
        for font in page["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in descendant["/FontDescriptor"] or "/FontFile3" in descendant["/FontDescriptor"]
            found.add(str(descendant["/BaseFont"]).split("+")[1].removesuffix("-Bold"))
    return found


def boxes(box: Any, cell: Any = None) -> Iterator[tuple[Any, Any]]:
    """Every line of text of a laid out page, with the cell of the table in which it stands."""
    cell = box if box.element_tag in ("td", "th") else cell
    if hasattr(box, "text"):
        yield box, cell
    for child in getattr(box, "children", ()):
        yield from boxes(child, cell)


def laid_out(one: Paper, make: press.Make) -> list[tuple[Any, Any]]:
    pages = press.pages(one, make).pages
    return [(line, cell) for page in pages for line, cell in boxes(page._page_box) if cell is not None]


# --- two languages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", CORRIDORS)
def test_a_letter_tells_every_benefit_in_both_languages(language: str) -> None:
    for code in (language, "en"):
        column = text(written(language), code)
        with override(code):
            for group in present(paper(language).determination, law()).groups:
                assert packed(group.heading) in column
                for benefit in group.benefits:
                    assert packed(benefit.label) in column
                    assert group.outcome is Outcome.NONE or packed(benefit.verdict) in column


def test_both_columns_of_a_row_begin_at_one_height() -> None:
    tops: dict[float, set[str]] = {}
    for page in press.pages(paper("km"), letters.blocks).pages[:1]:
        for line, cell in boxes(page._page_box):
            if cell is not None and cell.element_tag == "td" and cell.colspan == 1:
                tops.setdefault(cell.position_y, set()).add(line.style["lang"])
    assert len(tops) > 10
    assert all(languages == {"km", "en"} for languages in tops.values())


def test_where_both_speak_one_language_there_is_one_column() -> None:
    one = letter(paper("id", office="id"))
    assert text(one).count(packed("Tetap Anda punya")) == 1
    assert "English" not in text(one)


def test_columns_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        side_by_side([("en", [Block(Kind.TEXT)] * 2), ("km", [Block(Kind.TEXT)])])


def test_every_language_of_the_site_makes_a_whole_letter() -> None:
    """Blocks alone, since setting the pages takes time: side_by_side refuses columns that differ."""
    for language, _name in settings.LANGUAGES:
        one = replace(paper("my", earlier=True), language=language)
        assert press._rows(one, letters.blocks)
        assert press._rows(one, sheets.blocks)


def test_drafts_are_marked_in_both_columns_and_reviewed_languages_are_not() -> None:
    draft = "This translation is a draft. No native speaker has checked it yet."
    file = written("km")
    assert packed(f"ខ្មែរ: {draft}") in text(file, "en")
    with override("km"):
        assert packed(f"ខ្មែរ: {gettext(draft)}") in text(file, "km")
    assert packed(f"English: {draft}") not in text(file)


def test_names_of_offices_and_their_telephones_stand_once_across_both_columns() -> None:
    lines = [line for code, line in said(written("km")) if code == "und"]
    assert sum(line.startswith("Department of Labour Protection and Welfare") for line in lines) == 1
    assert any("1546" in line for line in lines)


# --- what a letter says -----------------------------------------------------------------------------------------------


def test_a_letter_says_how_to_claim_until_when_and_whom_it_is_from() -> None:
    said_in_english = text(written("km"), "en")
    for part in ("Dear Aye,", "Take these papers:", "Until when to claim", "October 30, 2026", "This day has passed."):
        assert packed(part) in said_in_english
    everything = text(written("km"))
    for part in ("Harbour Desk", "12 Harbour Road", "HD-0012", "Lin", paper("km").determination.edition[7:15]):
        assert packed(part) in everything


def test_a_low_confidence_is_said() -> None:
    assert packed("Low: from one weak or old source.") in text(written("my"), "en")


def test_the_claims_that_the_organisation_follows_take_the_place_of_the_careers_own() -> None:
    dues = (
        Due(Benefit.OLD_AGE, "th-ssf33", by=date(2027, 5, 1)),
        Due(Benefit.INVALIDITY, "th-ssf33", by=date(2027, 5, 1)),
        Due(Benefit.SICKNESS, "Own fund", filed=date(2026, 10, 2)),
    )
    told = list(letters.blocks(replace(paper("id"), dues=dues)))
    start = next(number for number, block in enumerate(told) if block.title == "Until when to claim")
    scheme = law().schemes["th-ssf33"].short
    assert told[start + 1].lines == (
        Line(f"{scheme} (Money when you are old, Money if you can no longer work)", label="May 1, 2027"),
    )
    assert told[start + 2].lines == (Line("Own fund (Pay when you are ill)"), Line("Handed in on October 2, 2026."))
    assert told[start + 3].kind is not Kind.ITEM


def test_rights_of_earlier_stays_stand_in_the_letter_with_how_to_claim_them() -> None:
    told = list(letters.blocks(paper("id", earlier=True)))
    start = next(number for number, block in enumerate(told) if block.title == "What becomes of what you earned")
    end = next(number for number, block in enumerate(told) if number > start and block.kind is Kind.SECTION)
    ledger = told[start + 1 : end]
    assert all(block.title.startswith("Japan: ") for block in ledger if block.kind is Kind.BENEFIT)
    assert any(line.label == "Take these papers:" for block in ledger for line in block.lines)
    assert any(line.text.startswith("The last day to claim was") for block in ledger for line in block.lines)


@pytest.mark.parametrize("language", ["my", "km", "id"])
def test_a_letter_for_an_ordinary_case_has_three_pages_at_most(language: str) -> None:
    assert len(PdfReader(io.BytesIO(written(language))).pages) <= 3


# --- the evidence sheet -----------------------------------------------------------------------------------------------


def in_blocks(one: Paper) -> str:
    """All that the evidence sheet says in English, before it is set."""
    parts = (
        [block.title, *block.items, *(f"{line.label} {line.text} {line.url}" for line in block.lines)]
        for block in sheets.blocks(one)
    )
    return "\n".join(part for block in parts for part in block)


def test_the_evidence_sheet_names_every_rule_that_decides_with_its_sources() -> None:
    one = paper("id", earlier=True)
    everything = in_blocks(one)
    for _stay, determination in one.career.stays if one.career else ():
        for answer in determination.answers.values():
            for reason in answer.reasons:
                if reason.decides and reason.rule is not None:
                    behind = reason.provision or reason.rule
                    assert behind.id in everything
                    for citation in behind.sources:
                        source = law().sources[citation.source]
                        assert source.title in everything
                        assert source.url in everything
                        assert citation.at in everything


def test_the_evidence_sheet_tells_the_ledger_the_promises_and_what_it_takes_to_ask_again() -> None:
    one = paper("id", earlier=True)
    everything = in_blocks(one)
    for part in ("Checked on November", "In force since", "Promised, not law", "30 months", "47 months"):
        assert part in everything
    assert one.determination.edition in everything
    for _stay, determination in one.career.stays if one.career else ():
        assert json.dumps(as_data(determination)["case"]["facts"], sort_keys=True) in everything


def test_a_rule_stands_in_full_once_and_is_named_where_it_decides_again() -> None:
    in_full = [
        block.lines[0].label
        for block in sheets.blocks(paper("id", earlier=True))
        if block.kind is Kind.OWN and block.lines[0].label and block.lines[0].text
    ]
    assert len(in_full) > 5
    assert len(in_full) == len(set(in_full))


def test_an_address_stands_where_its_source_is_first_cited_and_a_promise_where_it_is_first_given() -> None:
    """A second stay brings the same regional promises again: they are named, not told."""
    given = [
        {"sector": "construction", "status": "regular", "destination": country, "from": f"{year}-01-01", "until": until}
        for country, year, until in (("MY", 2016, "2019-12-31"), ("TH", 2021, "2026-02-28"))
    ]
    career = determine_career("MM", make_stays("MM", given, law(), TODAY), law(), TODAY)
    one = replace(paper("my"), career=career, determination=career.stays[-1][1])
    lines = [line for block in sheets.blocks(one) for line in block.lines]
    addresses = [(line.text, line.url) for line in lines if line.url]
    assert len(addresses) == len(set(addresses))
    above = next(line.text for line in lines if line.text.startswith("As told above: "))
    promised = [line.label for line in lines if line.label.endswith(":")]
    assert all(promised.count(f"{name}:") == 1 for name in above.removeprefix("As told above: ")[:-1].split("; "))


@pytest.mark.parametrize(("language", "stop"), [("my", "။"), ("km", "។"), ("zh-hans", "。"), ("th", "")])
def test_a_sentence_ends_with_the_stop_of_its_own_script(language: str, stop: str) -> None:
    with override(language):
        law_of = present(paper(language).determination, law()).law_of
        said_about_it = [line.text for block in letters.blocks(paper(language)) for line in block.lines]
    assert sum(f"{law_of}{stop}" in line and f"{law_of}." not in line for line in said_about_it) == 2


def test_the_evidence_sheet_is_set_with_its_sources_and_its_edition() -> None:
    one = paper("zh-hans", office="zh-hans")
    everything = text(evidence(one))
    assert one.determination.edition in everything
    assert "https://" in everything
    assert '"destination":"SG"' in everything


# --- set well ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", CORRIDORS)
def test_every_script_is_set_in_its_own_font(language: str) -> None:
    """Another font that happens to draw one sign of a script tears the sign from its letter. The arrow is the
    Chinese font's; names of Thai and Chinese schemes stay in their own script."""
    used = fonts(written(language))
    assert FONTS[language] in used
    assert used <= {"Noto-Sans", FONTS[language], "WenQuanYi-Micro-Hei", "Noto-Sans-Thai", FONTS["my"]}
    assert language in ("my", "zh-hans") or FONTS["my"] not in used


def test_a_letter_that_no_font_has_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "blocks", lambda _paper: iter([Block(Kind.TEXT, lines=(Line("\ue123"),))]))
    with pytest.raises(PaperError, match=r"No font .* \ue123.* fonts-noto-core"):
        letter(paper("id"))


def test_a_name_in_signs_that_no_font_has_stops_no_letter_and_reaches_no_log() -> None:
    logged = io.StringIO()
    handler = logging.StreamHandler(logged)
    logging.getLogger().addHandler(handler)
    try:
        assert "\ue123" in text(letter(replace(paper("id", office="id"), worker="\ue123")))
    finally:
        logging.getLogger().removeHandler(handler)
    assert "\ue123" not in logged.getvalue()


@pytest.mark.parametrize("language", UNSPACED)
def test_lines_without_spaces_are_full_and_none_runs_over(language: str) -> None:
    lines = laid_out(paper(language), letters.blocks)
    for line, cell in lines:
        assert line.position_x + line.width <= cell.content_box_x() + cell.width + 0.5, line.text
    filled = [
        line.width / cell.width
        for (line, cell), (after, _cell) in pairwise(lines)
        if line.style["lang"] == language and after.element is line.element and line.position_x == cell.content_box_x()
    ]
    assert len(filled) > 5
    assert sum(filled) / len(filled) > 0.8


def test_no_line_of_the_evidence_sheet_runs_over_not_even_an_address() -> None:
    for line, cell in laid_out(paper("zh-hans"), sheets.blocks):
        assert line.position_x + line.width <= cell.content_box_x() + cell.width + 0.5, line.text


def test_words_are_parted_only_between_words() -> None:
    parted = press.broken("ខ្ញុំធ្វើការនៅរោងចក្រ, ฉันทำงาน <b>ကျွန်ုပ်သည်</b> ຂ້ອຍເຮັດວຽກ, kerja")
    assert parted.split(press.ZERO_WIDTH_SPACE) == [
        "ខ្ញុំ", "ធ្វើការ", "នៅ", "រោងចក្រ, ฉัน", "ทำงาน <b>ကျွန်ုပ်", "သည်</b> ຂ້ອຍ", "ເຮັດວຽກ, kerja",
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["ဘင်္ဂလား", "စင်္ကာ", "ကမ္ဘာ့", "យន្\u200bតហោះ"])
def test_letters_that_are_written_one_above_the_other_stay_together(word: str) -> None:
    """ICU does not know every word, and parts some between a letter and the one that stands below it."""
    parts = press.broken(word).split(press.ZERO_WIDTH_SPACE)
    assert not any(part.endswith(("\u1039", "\u17d2")) for part in parts)
    assert not any(re.match("[\u1000-\u1021]\u1037?[\u1039\u103a]|\u17d2", part) for part in parts)


def test_what_is_copied_holds_no_mark_of_where_lines_may_break() -> None:
    assert not any(press.ZERO_WIDTH_SPACE in line for _code, line in said(written("km")))
    assert press.ZERO_WIDTH_SPACE not in str(PdfReader(io.BytesIO(written("km"))).metadata)


def test_every_page_says_the_reference_and_its_number() -> None:
    pages = PdfReader(io.BytesIO(written("km"))).pages
    for number, page in enumerate(pages, start=1):
        assert f"HD-0012 · {number} / {len(pages)}" in re.sub(r"\s+", " ", page.extract_text())


def test_a_paper_is_tagged_and_names_its_language_but_no_author_and_no_time() -> None:
    reader = PdfReader(io.BytesIO(written("km")))
    catalog = reader.trailer["/Root"]
    assert (catalog["/Lang"], catalog["/MarkInfo"]["/Marked"]) == ("km", True)
    assert set(reader.metadata or {}) == {"/Title", "/Producer"}
    assert str(reader.metadata and reader.metadata.title).startswith("HD-0012 – ")


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert letter(paper("km")) == written("km")


# --- safe -------------------------------------------------------------------------------------------------------------

NASTY = "<img src='http://example.org/x.png'><style>@import url(file:///etc/passwd)</style>{{ paper }}&amp;"


def test_what_people_typed_is_text_and_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_given: object, **_named: object) -> None:
        raise AssertionError("a paper asked the network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    one = replace(
        paper("id", office="id"),
        worker=NASTY,
        caseworker=NASTY,
        organisation=NASTY,
        reference=NASTY,
        contacts=(NASTY,),
        dues=(Due(Benefit.OLD_AGE, NASTY),),
    )
    file = letter(one)
    assert text(file).count(packed(NASTY)) >= 6
    assert not any(page.images for page in PdfReader(io.BytesIO(file)).pages)


@pytest.mark.parametrize("address", ["http://example.org/x.png", "file:///etc/hostname", "data:text/plain,x"])
def test_even_a_page_that_asked_for_something_would_not_get_it(address: str) -> None:
    room = press._press_room()
    with pytest.raises(ValueError, match="fetch nothing"):
        room.refusing(address)
    document = room.HTML(string=f"<img alt=seen src='{address}'>", url_fetcher=room.refusing).render()
    assert any("seen" in line.text for line, _cell in boxes(document.pages[0]._page_box))


def test_without_pango_the_site_runs_and_a_paper_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_given: object) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'")

    press._press_room.cache_clear()
    for module in [name for name in sys.modules if name.startswith("weasyprint")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr("cffi.api.FFI.dlopen", missing)
    try:
        with pytest.raises(PaperError, match=r"apt-get install .*libpango-1.0-0 libpangoft2-1.0-0"):
            letter(paper("id"))
    finally:
        press._press_room.cache_clear()


def test_the_makefile_installs_what_the_message_names() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = re.search(r"^PAPER_PACKAGES := (.*)$", makefile, re.M)
    assert listed is not None
    assert listed[1].split() == list(press.PACKAGES)
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert " ".join(press.PACKAGES) in operations
