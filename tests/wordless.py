"""A language without words: every message that can be translated is in it a number, and what is put into the message.

Whatever words a page still has in this language, no translator ever saw: they would be English in every language. So a
test walks the pages with a browser that reads them (`Reader`), and is told which names may stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.conf import settings
from django.core.mail import EmailMessage
from django.test import Client, override_settings

from eligibility import current
from eligibility.explain import catalogues

LANGUAGE = "qaa"
"""ISO 639-2 keeps this code for whoever needs one of their own: no library has words for it."""
NUMBER = re.compile(r"⟦(\d+)")
WORD = re.compile(r"[^\W\d_]{2,}")
READ = frozenset("alt aria-description aria-label label placeholder title".split())
"""Attributes that somebody reads or hears."""
UNREAD = frozenset("script style svg".split())
NAMES = (r"\S+@\S+", r"\w+://\S+", r"/[\w/-]+/", "Read it in English")
"""Addresses, and what is said in English for who reads no other language."""


def messages() -> list[catalogues.MessageId]:
    """All that can be translated, in the order of the numbers that stand for it."""
    return list({**catalogues.law(current.rulebook()), **catalogues.interface()})


def write(folder: Path) -> None:
    """Write the language's catalogue."""
    catalogue = Catalog(project="portability", charset="utf-8")
    for number, message in enumerate(messages()):
        texts = (message,) if isinstance(message, str) else message
        said = tuple(f"⟦{' '.join([str(number), *catalogues.PARAMETER.findall(text)])}⟧" for text in texts)
        catalogue.add(message, said if len(said) > 1 else said[0])
    file = folder / LANGUAGE / "LC_MESSAGES" / "django.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as stream:
        write_mo(stream, catalogue)


def spoken(folder: Path) -> override_settings:
    """While this holds, the site speaks the language whose catalogue lies in the folder."""
    return override_settings(LANGUAGES=[*settings.LANGUAGES, (LANGUAGE, "⟦⟧")], LOCALE_PATHS=[folder])


class _Texts(HTMLParser):
    """The texts of a page in their order, and each attribute that is read."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNREAD:
            self.inside.append(tag)
        told = dict(attrs)
        read = READ | ({"content"} if told.get("name") == "description" else set())
        if tag == "input" and told.get("type") in ("submit", "button", "reset"):
            read |= {"value"}
        self.texts += [value for name, value in attrs if value and name in read]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside and data.strip():
            self.texts.append(" ".join(data.split()))


def texts_of(html: str) -> list[str]:
    """What somebody reads or hears of a page."""
    page = _Texts()
    page.feed(html)
    return page.texts


def words(texts: Iterable[str], names: Iterable[str] = ()) -> list[str]:
    """The texts that have words besides names: those handed in as regular expressions, those of languages, and those of
    countries and months, sizes, and the "and" of lists: CLDR does not know the language either, and gives English."""
    return [text for text in texts if WORD.search(re.sub("|".join([*NAMES, *names, *_of_languages()]), "", text))]


def _of_languages() -> Iterable[str]:
    english = Locale("en")
    months = [name for kind in ("wide", "abbreviated") for name in english.months["format"][kind].values()]
    countries = {name.partition(" (")[0] for name in english.territories.values()} | set(english.territories.values())
    names = {*countries, *months, *english.day_periods["format"]["wide"].values(), *dict(settings.LANGUAGES).values()}
    return [*map(re.escape, sorted(names, key=len, reverse=True)), ",? and ", "byte|kB|MB"]


class Reader(Client):
    """A browser set to the language, which reads each page that it gets.

    `titles`: texts that may stand on a page as they are, the longest first. `found`: the words that nobody can
    translate, by page. `met`: the messages that stood there.
    """

    def __init__(self, *names: str) -> None:
        super().__init__(headers={"accept-language": LANGUAGE, "user-agent": "Firefox"})
        self.names = ("Firefox", *names)
        self.titles: tuple[str, ...] = ()
        self.messages = messages()
        self.found: dict[str, list[str]] = {}
        self.met: set[catalogues.MessageId] = set()

    def request(self, **asked: Any) -> Any:
        answer = super().request(**asked)
        if answer.get("Content-Type", "").startswith("text/html") and not answer.streaming:
            self._read(f"{asked['REQUEST_METHOD']} {asked['PATH_INFO']}", texts_of(answer.content.decode()))
        return answer

    def read(self, mail: EmailMessage) -> None:
        """Read a mail too."""
        self._read(f"the mail {mail.subject}", [mail.subject, *mail.body.splitlines()])

    def _read(self, where: str, texts: list[str]) -> None:
        self.met |= {self.messages[int(number)] for text in texts for number in NUMBER.findall(text)}
        if said := [text for text in words(texts, self.names) if words([self._without_titles(text)], self.names)]:
            self.found[where] = said

    def _without_titles(self, text: str) -> str:
        for title in self.titles:
            text = text.replace(title, "")
        return text
