"""From blocks to a PDF file: WeasyPrint sets the pages, ICU finds where lines without spaces may break.

WeasyPrint is loaded with the first paper, because it needs libraries that pip cannot install: a site without them
starts all the same.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pydyf
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override
from icu4py.breakers import LineBreaker

from eligibility.casework.paper import letters, sheets
from eligibility.casework.paper.content import Block, Paper, Row, side_by_side

PACKAGES = (
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",
    "fonts-noto-core",
    "fonts-wqy-microhei",
)
"""Debian's packages that papers need: the setting of text, and fonts for the scripts of the site and of its sources."""
CURE = f"Install what it takes: apt-get install --no-install-recommends {' '.join(PACKAGES)}"

STYLE = Path(__file__).with_name("paper.css")
ZERO_WIDTH_SPACE = "\u200b"
# Thai and Lao, Burmese, Khmer: written without spaces between words.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\uaa60-\uaa7f]+")
# Where ICU does not know a word it may part a Burmese or Khmer letter from the one below it, or from the letter that
# ends its syllable. Not seen as one, they are set as strangers.
TORN = re.compile("(?<=[\u1039\u17d2])\u200b|\u200b(?=[\u1000-\u1021]\u1037?[\u1039\u103a]|\u17d2)")


Make = Callable[[Paper], Iterator[Block]]
"""The blocks of a paper, in the active language."""


class PaperError(Exception):
    """This machine cannot set the paper; the message says what to install."""


def letter(paper: Paper) -> bytes:
    """The letter to the worker, as PDF. The same paper gives the same bytes on the same machine. Raises PaperError."""
    return _press(paper, letters.blocks)


def evidence(paper: Paper) -> bytes:
    """The evidence sheet, as PDF. The same paper gives the same bytes on the same machine. Raises PaperError."""
    return _press(paper, sheets.blocks)


def broken(text: str) -> str:
    """The text with a zero-width space wherever a line of an unspaced script may break (ICU's dictionaries)."""
    parted = UNSPACED.sub(lambda run: ZERO_WIDTH_SPACE.join(LineBreaker(run[0], "und")), text)
    return TORN.sub("", parted)


def _press(paper: Paper, make: Make) -> bytes:
    document = pages(paper, make)
    with _unprintable() as missing:
        file: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    # What somebody typed may hold any sign; the words of the site must be there in full.
    typed = {*paper.worker, *paper.caseworker, *paper.organisation, *paper.reference, *"".join(paper.contacts)}
    typed.update(*(due.scheme for due in paper.dues))
    if signs := "".join(sorted(missing - typed)):
        raise PaperError(f"No font on this machine has {signs}. {CURE}")
    return file


def pages(paper: Paper, make: Make) -> Any:
    """The pages laid out, as WeasyPrint's document."""
    press = _press_room()
    return press.HTML(string=_html(paper, make), url_fetcher=press.refusing).render(stylesheets=[press.style])


def _rows(paper: Paper, make: Make) -> tuple[Row, ...]:
    columns = []
    for language in paper.languages:
        with override(language):
            columns.append((language, tuple(make(paper))))
    return side_by_side(columns)


def _html(paper: Paper, make: Make) -> str:
    rows = _rows(paper, make)
    names = dict(settings.LANGUAGES)
    columns = [(language, names.get(language, language)) for language in paper.languages]
    page = render_to_string("casework/paper/page.html", {"paper": paper, "rows": rows, "columns": columns})
    # The head is not set, but copied into the file's own title.
    head, body, rest = page.partition("<body")
    return head + body + broken(rest)


@dataclass(frozen=True, slots=True)
class _Room:
    """WeasyPrint as papers use it: `refusing` fetches nothing at all."""

    HTML: Any
    style: Any
    refusing: Any


@cache
def _press_room() -> _Room:
    """Load WeasyPrint. Raises PaperError where its libraries are missing."""
    try:
        import weasyprint
        from weasyprint import pdf
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise PaperError(f"A library that sets text is missing on this machine. {CURE}") from error

    class Refusing(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        """Nothing in a paper comes from elsewhere, so nothing is fetched, whatever a text may hold."""

        def fetch(self, url: str, headers: object = None) -> NoReturn:
            raise ValueError("papers fetch nothing")

    class Speaking(pdf.Stream):  # type: ignore[misc]
        """A page whose every line also says its text and language.

        WeasyPrint maps each glyph to the letters for which it first stood. Where one glyph serves several, as in all
        scripts with combining signs, what is copied or read aloud would be other words than those printed.
        """

        @contextmanager
        def marked(self, box: Any, tag: str) -> Iterator[None]:
            with super().marked(box, tag):
                properties = self.stream[-2]  # before the operator that opens the line
                if text := getattr(box, "text", ""):
                    properties["ActualText"] = pydyf.String(text.replace(ZERO_WIDTH_SPACE, ""))
                    properties["Lang"] = pydyf.String(box.style["lang"] or "und")
                yield

    pdf.Stream = Speaking
    # What it warns of names letters of the text; no text of a case belongs in a log.
    logger = logging.getLogger("weasyprint")
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    return _Room(weasyprint.HTML, weasyprint.CSS(string=STYLE.read_text(encoding="utf-8")), Refusing())


@contextmanager
def _unprintable() -> Iterator[set[str]]:
    """The letters for which no font was found, in this thread, while the context lasts."""
    missing: set[str] = set()
    thread = threading.get_ident()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread and str(record.msg).startswith(".notdef") and record.args:
                missing.add(str(next(iter(record.args))))

    logger, listener = logging.getLogger("weasyprint"), Listener()
    logger.addHandler(listener)
    try:
        yield missing
    finally:
        logger.removeHandler(listener)
