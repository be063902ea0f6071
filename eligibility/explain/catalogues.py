"""The catalogues of translations, `locale/*/LC_MESSAGES/django.po`: what there is to translate, what is missing.

Two kinds of messages stand in one catalogue. Those of the *interface* (pages, sentence templates, the vocabulary, what
libraries say on our pages) must be there in every language of the site, or half a page would be in another tongue. The
texts of the *law* come from the rulebook's files; whoever adds a rule cannot be asked for eleven languages on the same
day, so a text that is not translated yet is shown in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import templatize, to_locale

from eligibility.explain import borrowed
from eligibility.rulebook import Rulebook
from eligibility.rulebook.checks import flat
from eligibility.rulebook.model import LeavingRule, Rule

ROOT = Path(__file__).parents[2]
ROOMS = ("vocabulary.py", "explain", "web", "api", "bulk", "casework")
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "lazy", "msgid")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
}
PARAMETER = re.compile(r"%\(\w+\)[sd]|%[sd](?![a-z])|\{\w+\}")

MessageId = str | tuple[str, str]
"""A text, or its singular and plural."""


@dataclass(frozen=True, slots=True)
class State:
    """How far one language is: messages missing or fuzzy, and those whose parameters differ from the English ones."""

    language: str
    interface_missing: tuple[str, ...]
    law_missing: tuple[str, ...]
    wrong: tuple[str, ...]
    messages: int

    @property
    def share(self) -> float:
        """The share of all messages that are translated, from 0 to 1."""
        missing = len(self.interface_missing) + len(self.law_missing)
        return 1 - missing / self.messages if self.messages else 1.0


def interface() -> dict[MessageId, str]:
    """Every message of the pages and templates of sentences, with the file it stands in first."""
    found: dict[MessageId, str] = {}
    files = [f for room in ROOMS for f in _below(ROOT / "eligibility" / room, "*.py") if f != Path(__file__)]
    pages = [one for kind in ("*.html", "*.txt") for one in _below(ROOT / "templates", kind)]
    for file in [*files, *pages]:
        for message in messages_of(file):
            found.setdefault(message, _name(file))
    for message in (*borrowed.DJANGO, *borrowed.ALLAUTH):
        found.setdefault(message, _name(Path(borrowed.__file__)))
    return found


def messages_of(file: Path) -> Iterator[MessageId]:
    """Every message that a module or a template marks for translation."""
    text = file.read_text(encoding="utf-8")
    # A template's lines are indented as its author likes, which Python would not have; each message is on one line.
    code = text if file.suffix == ".py" else re.sub(r"^\s+", "", templatize(text), flags=re.MULTILINE)
    for _line, message, _comments, _context in extract("python", BytesIO(code.encode()), KEYWORDS):
        if message and (isinstance(message, str) or all(message)):
            yield message if isinstance(message, str) else (message[0], message[1])


def law(rulebook: Rulebook) -> dict[MessageId, str]:
    """Every text of the rulebook that a worker reads, with what it belongs to first."""
    found: dict[MessageId, str] = {}
    for text, where in _texts(rulebook):
        if text:
            found.setdefault(text, where)
    return found


def _texts(rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    for fact in rulebook.facts.values():
        for text in (fact.question, fact.help, fact.assumed, *(label for _value, label in fact.choices)):
            yield text, fact.name
    for scheme in rulebook.schemes.values():
        yield scheme.short, scheme.id
        yield from ((text, scheme.id) for office in scheme.offices for text in (office.form, office.note))
    for country in rulebook.countries.values():
        for part in (country.coverage, country.leaving, country.qualifying):
            for rule in flat(part):
                yield from ((text, rule.id) for text in _texts_of(rule))
        for one in country.announced:
            yield one.expected, one.id
            yield one.says, one.id
    yield from ((provision.says, provision.id) for provision in rulebook.provisions.values())
    for instrument in rulebook.instruments:
        yield instrument.short, instrument.id
        yield from ((article.says, instrument.id) for article in instrument.articles)


def _texts_of(rule: Rule) -> Iterator[str]:
    yield rule.says
    yield from (getattr(rule, name, "") for name in ("step", "requires", "otherwise", "amount"))
    if isinstance(rule, LeavingRule):
        yield rule.claim.how
        yield from rule.claim.papers
        yield rule.claim.deadline.says if rule.claim.deadline else ""


def file_of(language: str) -> Path:
    """Where a language's catalogue lies."""
    return ROOT / "locale" / to_locale(language) / "LC_MESSAGES" / "django.po"


def languages() -> list[str]:
    """The languages of the site, but for English, in which the messages are written."""
    return [code for code, _name in settings.LANGUAGES if code != "en"]


def read(language: str) -> Catalog:
    """A language's catalogue; an empty one if there is none yet."""
    file = file_of(language)
    try:
        locale: Locale | None = Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):  # CLDR does not know every language
        locale = None
    if not file.exists():
        return Catalog(locale=locale, project="portability")
    with file.open("rb") as stream:
        return read_po(stream, locale=locale)


def update(
    language: str, wanted: Mapping[MessageId, str], translations: Mapping[MessageId, str | tuple[str, ...]]
) -> None:
    """Write a catalogue that holds just the wanted messages: with what it has, or with what is handed in."""
    before = read(language)
    after = Catalog(
        locale=before.locale,
        project="portability",
        creation_date=datetime(2026, 1, 1, tzinfo=UTC),  # a date that does not change makes no difference in a diff
        revision_date=datetime(2026, 1, 1, tzinfo=UTC),
        last_translator="",
        language_team="",
        fuzzy=False,
        charset="utf-8",
    )
    after.header_comment = f"# {language}: see docs/translating.md"
    for message, where in sorted(wanted.items(), key=lambda one: (one[1], str(one[0]))):
        had = before.get(message if isinstance(message, str) else message[0])
        string = translations.get(message) or (had.string if had and not had.fuzzy else "")
        flags = ("python-format",) if "%(" in str(message) else ()
        after.add(message, string or None, locations=[(where, None)], flags=flags)  # type: ignore[list-item]
    file = file_of(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        write_po(stream, after, width=120, include_lineno=False, sort_output=False)


def compile_all() -> None:
    """Write the compiled catalogues, which gettext reads: each whole or not at all, only where one is out of date."""
    for language in languages():
        file = file_of(language)
        compiled = file.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= file.stat().st_mtime:
            continue
        with NamedTemporaryFile(dir=file.parent, delete=False) as stream:
            write_mo(stream, read(language))
        Path(stream.name).chmod(0o644)
        Path(stream.name).replace(compiled)


def state(language: str, rulebook: Rulebook) -> State:
    """What a language lacks."""
    catalogue, of_interface, of_law = read(language), interface(), law(rulebook)
    of_law = {message: where for message, where in of_law.items() if message not in of_interface}
    wrong = []
    missing: dict[bool, list[str]] = {True: [], False: []}
    for messages, ours in ((of_interface, True), (of_law, False)):
        for message in messages:
            had = catalogue.get(message if isinstance(message, str) else message[0])
            if had is None or had.fuzzy or not _strings(had) or not all(_strings(had)):
                missing[ours].append(message if isinstance(message, str) else message[0])
            elif not _same_parameters(message, had):
                wrong.append(message if isinstance(message, str) else message[0])
    return State(language, tuple(missing[True]), tuple(missing[False]), tuple(wrong), len(of_interface) + len(of_law))


def _strings(message: Message) -> tuple[str, ...]:
    string = message.string
    return (string,) if isinstance(string, str) else tuple(string or ())


def _same_parameters(message: MessageId, had: Message) -> bool:
    """Does each translation have the parameters of the English text? A singular may leave the number out."""
    english = (message,) if isinstance(message, str) else message
    allowed = [sorted(PARAMETER.findall(text)) for text in english]
    return all(sorted(PARAMETER.findall(text)) in allowed for text in _strings(had))


def _below(path: Path, pattern: str) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob(pattern))


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()
