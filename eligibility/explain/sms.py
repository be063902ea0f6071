"""An answer as a text message: what is most useful in at most three segments.

A segment holds 160 characters of the GSM alphabet (3GPP TS 23.038), 153 where several are joined; with any other
character the whole message goes as UCS-2: 70, or 67 where several are joined.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as msgid

from eligibility.explain import words
from eligibility.explain.page import Told, ToldGroup
from eligibility.vocabulary import Benefit

MOST_SEGMENTS = 3
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€\f")
"""Characters of the GSM alphabet's second table: each takes two places."""

#: For a text message, where each letter counts.
_SHORT = {
    Benefit.OLD_AGE: msgid("old age"),
    Benefit.INVALIDITY: msgid("disability"),
    Benefit.SURVIVORS: msgid("family if you die"),
    Benefit.MEDICAL_CARE: msgid("doctor"),
    Benefit.SICKNESS: msgid("sick pay"),
    Benefit.MATERNITY: msgid("birth"),
    Benefit.EMPLOYMENT_INJURY: msgid("work accident"),
    Benefit.UNEMPLOYMENT: msgid("lost job"),
    Benefit.FAMILY: msgid("children"),
}


_PLAIN = str.maketrans(
    {"→": ">", "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\u200b": None}
)


def plain(text: str) -> str:
    """The text with signs that every phone has. One curly quote would more than halve the room for a message, and each
    of the invisible places where a line of Khmer may break takes a letter."""
    return text.translate(_PLAIN)


def is_gsm(text: str) -> bool:
    """Has the text only letters of the GSM alphabet?"""
    return all(letter in GSM or letter in GSM_TWICE for letter in text)


def segments(text: str) -> int:
    """How many segments a text message takes."""
    if is_gsm(text):
        each = [2 if letter in GSM_TWICE else 1 for letter in text]
        if sum(each) <= 160:
            return 1
        count, left = 1, 153
        for taken in each:
            if taken > left:  # no letter is cut in two: its place at the end of a segment stays empty
                count, left = count + 1, 153
            left -= taken
        return count
    places = len(text.encode("utf-16-be")) // 2
    return 1 if places <= 70 else -(-places // 67)


def message(told: Told) -> str:
    """The answer in at most three segments. What does not fit is said shorter, the last groups first: how many benefits
    instead of their names."""
    named = len(told.groups)
    while True:
        lines = [told.title] + [_line(group, number < named) for number, group in enumerate(told.groups)]
        text = plain("\n".join([*lines, _("Information, not legal advice.")]))
        if segments(text) <= MOST_SEGMENTS:
            return text
        if named == 0:
            return _cut(plain("\n".join(lines)))
        named -= 1


def _line(group: ToldGroup, named: bool) -> str:
    benefits: Sequence[Benefit] = [card.benefit for card in group.benefits]
    what = _(", ").join(_(_SHORT[benefit]) for benefit in benefits) if named else str(len(benefits))
    return _("%(outcome)s: %(benefits)s") % {"outcome": words.outcome(group.outcome), "benefits": what}


def _cut(text: str) -> str:
    """As much as fits; only a very long name of a country could bring a message here."""
    while segments(text) > MOST_SEGMENTS:
        text = text[:-1]
    return text
