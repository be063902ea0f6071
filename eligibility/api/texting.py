"""The dialogue by text message: a word comes in, a question with numbered answers goes out, until there is the answer.

What a phone has told so far lies in the database under a keyed hash of its number for a day at most; the number itself
is kept nowhere. The words that begin, end and explain are understood in every language of the site.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from rest_framework.request import Request

from eligibility.api.models import Dialogue
from eligibility.api.problems import Problem, invalid
from eligibility.api.questions import next_fact
from eligibility.api.reading import MOST_BYTES, body_of, unknown_fields, wrong
from eligibility.engine import CaseError, Determination, determine, make_case
from eligibility.explain import asking, present
from eligibility.explain.page import ToldQuestion
from eligibility.explain.sms import MOST_SEGMENTS, message, plain, segments
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import FOUR, FactType

KEPT_FOR = timedelta(hours=24)
MOST_LETTERS = 1000
MORE, DO_NOT_KNOW = "0", "?"
LANGUAGE = "language"

STOP = frozenset(
    "stop end quit cancel unsubscribe berhenti henti hinto dừng dung หยุด បញ្ឈប់ ឈប់ ຢຸດ ရပ် parar pare para 停止 停".split()
)
HELP = frozenset("help info bantuan tolong tulong giúp giup ช่วย ជំនួយ ຊ່ວຍ အကူအညီ ajuda tulun 帮助".split())
BEGIN = {
    "en": "benefits benefit start",
    "id": "manfaat mulai",
    "ms": "faedah mula",
    "fil": "benepisyo simula",
    "vi": "quyềnlợi quyenloi batdau",
    "th": "สิทธิ เริ่ม",
    "km": "អត្ថប្រយោជន៍ ចាប់ផ្តើម",
    "lo": "ສິດ ເລີ່ມ",
    "my": "အကျိုးခံစားခွင့် စတင်",
    "pt": "benefícios beneficios começar",
    "tet": "benefísiu benefisiu hahú",
    "zh-hans": "福利 开始",
}
"""The words that begin, by the language in which the questions then come."""

DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙០១២៣៤៥៦៧៨៩໐໑໒໓໔໕໖໗໘໙၀၁၂၃၄၅၆၇၈၉", "0123456789" * 4)
"""Thai, Khmer, Lao and Burmese digits."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a dialogue stands. `asked`: the question that is out; `page`: which answers to it were shown, from 0."""

    language: str = ""
    asked: str = LANGUAGE
    page: int = 0
    told: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """A question with its numbered answers, each a value and a label; a number is asked for where there are none."""

    asked: str
    text: str
    options: tuple[tuple[str, str], ...]
    may_skip: bool


# --- what came --------------------------------------------------------------------------------------------------------


def read(request: Request) -> tuple[str, str]:
    """The number that wrote and its text: JSON or a form with `from` and `text`, or Kannel's way. Raises Problem."""
    kind = (request.content_type or "").partition(";")[0].strip().lower()
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise Problem("too-large", f"A body may have {MOST_BYTES} bytes.")
    given: dict[str, Any]
    if kind == "application/x-www-form-urlencoded":
        given = _form(request.body)
    elif kind == "text/plain":
        given = {"from": request.headers.get("X-Kannel-From"), "text": _decoded(request)}
    else:
        given = body_of(request)
    errors = unknown_fields(given, ("from", "text"))
    number, text = given.get("from"), given.get("text")
    if not isinstance(number, str) or not re.fullmatch(r"\+?[0-9]{3,20}", number):
        errors.append(wrong("from", number, ("a phone number: digits, with + before them or not",)))
    if not isinstance(text, str) or len(text) > MOST_LETTERS:
        errors.append(wrong("text", text, (f"a text of up to {MOST_LETTERS} letters",)))
    if errors:
        raise invalid(errors)
    return str(number), str(text)


def _form(body: bytes) -> dict[str, Any]:
    try:
        found = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise Problem("malformed", "The body is not a form in UTF-8.") from None
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _decoded(request: Request) -> str:
    """Kannel names the alphabet in the Content-Type; UTF-8 if it does not."""
    named = re.search(r"charset=\"?([\w-]+)", request.content_type or "", re.ASCII | re.I)
    alphabet = named[1].lower() if named else "utf-8"
    if alphabet not in ("utf-8", "utf-16be", "us-ascii", "iso-8859-1", "windows-1252"):
        raise Problem("unsupported-media-type", "Send the text in UTF-8 or UTF-16BE.")
    try:
        return request.body.decode(alphabet)
    except UnicodeDecodeError:
        raise Problem("malformed", f"The text is not {alphabet}.") from None


# --- the dialogue -----------------------------------------------------------------------------------------------------


def converse(number: str, text: str, law: Rulebook, today: date, now: datetime) -> str:
    """The next text message to a phone."""
    Dialogue.objects.filter(until__lte=now).delete()
    key = salted_hmac("eligibility.api.texting", number.lstrip("+"), algorithm="sha256").hexdigest()
    row = Dialogue.objects.filter(pk=key).first()
    state = _state(row.state) if row is not None else None
    reply, after = step(state, text, law, today)
    if after is None:
        Dialogue.objects.filter(pk=key).delete()
    else:
        until = row.until if row is not None else now + KEPT_FOR  # a day from the first word, not from the last
        Dialogue.objects.update_or_create(pk=key, defaults={"state": asdict(after), "until": until})
    return reply


def _state(data: Mapping[str, Any]) -> State:
    return State(**{**data, "unknown": tuple(data["unknown"])})


def step(state: State | None, text: str, law: Rulebook, today: date) -> tuple[str, State | None]:
    """The reply to a text, and where the dialogue then stands; None once it is over."""
    word = " ".join(text.translate(DIGITS).split()).casefold()
    spoken = next((code for code, words in BEGIN.items() if word.replace(" ", "") in words.split()), "")
    language = spoken or (state.language if state is not None else "")
    with translation.override(language or settings.LANGUAGE_CODE):
        if word in STOP:
            return _fitting(_("This is over, and what you told is deleted. Write any word to begin again.")), None
        if word in HELP:
            said = _("Answer each question with its number. What you tell is kept for one day at most. STOP ends it.")
            return _fitting(said), state
    if spoken:
        return _ask(State(language=spoken), law, today)
    if state is None:
        return first_message(), State()
    if state.asked == LANGUAGE:
        chosen = _chosen(word, [code for code, _name in settings.LANGUAGES])
        return (first_message(), state) if chosen is None else _ask(State(language=chosen), law, today)
    return _answered(state, word, law, today)


def first_message() -> str:
    """In which language? Each under its own name."""
    return "\n".join(f"{number} {name}" for number, (_code, name) in enumerate(settings.LANGUAGES, 1))


def _answered(state: State, word: str, law: Rulebook, today: date) -> tuple[str, State | None]:
    """The dialogue after an answer to the question that is out."""
    with translation.override(state.language):
        menu = _menu(state, law, today)
        if menu is None or menu.asked != state.asked:  # the law was replaced meanwhile, and asks otherwise
            return _ask(replace(state, page=0), law, today)
        if word == MORE and menu.options:
            return _shown(menu, replace(state, page=state.page + 1))
        fact = menu.asked.removeprefix("facts.")
        if word == DO_NOT_KNOW and menu.may_skip:
            return _ask(replace(state, unknown=(*state.unknown, fact), page=0), law, today)
        value = _chosen(word, [value for value, _label in menu.options]) if menu.options else word
        after = replace(state, page=0)
        if value is not None and fact == menu.asked:
            after = replace(after, told={**state.told, fact: value})
        elif value is not None:
            after = replace(after, facts={**state.facts, fact: value})
        if value is None or not _holds(after, law, today):
            said, same = _shown(menu, state)
            lead = plain(_("We did not understand that.")) + "\n"
            return (lead + said if segments(lead + said) <= MOST_SEGMENTS else said), same
        return _ask(after, law, today)


def _chosen(word: str, values: list[str]) -> str | None:
    """The value behind a number, "3" or "3."; None for anything else."""
    found = re.fullmatch(r"([0-9]{1,2})[.)]?", word)
    number = int(found[1]) if found else 0
    return values[number - 1] if 1 <= number <= len(values) else None


def _holds(state: State, law: Rulebook, today: date) -> bool:
    """May the fact just told have that value? Of the four, only what was offered can be chosen."""
    if not state.facts:
        return True
    try:
        make_case({**state.told, "facts": state.facts}, law, today)
    except CaseError:
        return False
    return True


def _ask(state: State, law: Rulebook, today: date) -> tuple[str, State | None]:
    """The next question, or the answer once there is none."""
    with translation.override(state.language):
        menu = _menu(state, law, today)
        if menu is None:
            return message(present(_determination(state, law, today), law)), None
        return _shown(menu, replace(state, asked=menu.asked))


def _determination(state: State, law: Rulebook, today: date) -> Determination:
    return determine(make_case({**state.told, "facts": state.facts}, law, today), law)


def _menu(state: State, law: Rulebook, today: date) -> Menu | None:
    """The question that comes next; None if there is none."""
    first = next((name for name in FOUR if name not in state.told), None)
    if first is not None:
        but = state.told.get("origin", "") if first == "destination" else ""
        options = tuple((value, label) for value, label, _help in asking.options(first, law, but))
        return Menu(first, asking.question(first)[0], options, may_skip=False)
    asked = next_fact(_determination(state, law, today), law, [*state.unknown, *_lists(law)])
    return None if asked is None else _of_fact(asked)


def _lists(law: Rulebook) -> list[str]:
    """Facts whose value is a list of schemes: too long a question for a text message."""
    return [fact.name for fact in law.facts.values() if fact.type is FactType.SCHEMES]


def _of_fact(asked: ToldQuestion) -> Menu:
    unit = f" ({asked.unit})" if asked.unit and not asked.options else ""
    options = tuple((option.value, option.label) for option in asked.options)
    return Menu(f"facts.{asked.fact}", asked.text + unit, options, may_skip=True)


def _shown(menu: Menu, state: State) -> tuple[str, State]:
    """A question as a text message of at most three segments. Answers that do not fit come on the next page; after the
    last page comes the first."""
    last = [f"{DO_NOT_KNOW} {_('I don’t know')}"] if menu.may_skip else []
    if not menu.options:
        return _fitting("\n".join([menu.text, _("Reply with a number."), *last])), state
    lines = [f"{number} {label}" for number, (_value, label) in enumerate(menu.options, 1)]
    pages = _pages(menu.text, lines, last)
    page = state.page % len(pages)
    return pages[page], replace(state, page=page)


def _pages(text: str, lines: list[str], last: list[str]) -> list[str]:
    whole = plain("\n".join([text, *lines, *last]))
    if segments(whole) <= MOST_SEGMENTS:
        return [whole]
    pages, left = [], list(lines)
    end = [f"{MORE} {_('More answers')}", *last]
    while left:
        fits = 1
        while fits < len(left) and segments(plain("\n".join([text, *left[: fits + 1], *end]))) <= MOST_SEGMENTS:
            fits += 1
        pages.append(_fitting("\n".join([text, *left[:fits], *end])))
        left = left[fits:]
    return pages


def _fitting(text: str) -> str:
    """As much as goes into three segments."""
    text = plain(text)
    while segments(text) > MOST_SEGMENTS:
        text = text[:-1]
    return text
