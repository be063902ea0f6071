"""What keeps names, contacts and notes unreadable in the database and in its copies.

CASEWORK_KEYS lists secrets, the newest first. From each come two keys (HKDF, RFC 5869): one that seals texts (Fernet:
AES-128-CBC with HMAC-SHA256) and one that makes search marks of words. New texts are sealed with the newest, old ones
are read with any; `manage.py rotatekeys` seals everything anew, after which the older secrets can go.
"""

from __future__ import annotations

import base64
import hmac
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

BETWEEN_WORDS = re.compile(r"[\s,;:()/|\"“”]+")
PHONE = re.compile(r"\+?\d[\d\s().-]{4,}\d")
OTHER_DIGITS = re.compile(r"[^\D0-9]")
UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Signs that nobody sees, so that nobody can search for them: where a line may break or its direction turns."""
PHONE_DIGITS = 8
"""Numbers are found by their last digits: people write the country's code, a zero, or neither."""


class Unreadable(Exception):
    """A text was sealed with a secret that CASEWORK_KEYS does not name."""


def seal(text: str) -> str:
    """The text, unreadable without a key. Nothing stays nothing, so that an empty field can be told from a full one."""
    return _ring(_secrets()).encrypt(text.encode()).decode("ascii") if text else ""


def unseal(sealed: str) -> str:
    """What `seal` was given. Raises Unreadable."""
    return unseal_bytes(sealed.encode("ascii")).decode() if sealed else ""


def seal_bytes(content: bytes) -> bytes:
    """The same for files."""
    return _ring(_secrets()).encrypt(content) if content else b""


def unseal_bytes(sealed: bytes) -> bytes:
    """What `seal_bytes` was given. Raises Unreadable."""
    if not sealed:
        return b""
    try:
        return _ring(_secrets()).decrypt(sealed)
    except InvalidToken:
        cure = "CASEWORK_KEYS does not name the secret that this was sealed with; add the older secret at its end."
        raise Unreadable(cure) from None


def is_newest(token: bytes) -> bool:
    """Whether a sealed text was sealed with the newest secret."""
    try:
        _ring(_secrets()[:1]).decrypt(token)
    except InvalidToken:
        return False
    return True


def seal_anew(token: bytes) -> bytes:
    """The same text, sealed with the newest secret. Raises Unreadable."""
    return seal_bytes(unseal_bytes(token))


def marks(words: Iterable[str]) -> list[str]:
    """What is kept of each word to find it again: 16 hex digits that tell nothing without the key."""
    return [_mark(_secrets()[0], word) for word in dict.fromkeys(words)]


def possible_marks(word: str) -> list[str]:
    """The marks of a word under every key, while texts wait to be sealed anew."""
    return [_mark(secret, word) for secret in _secrets()]


def words_of(text: str) -> list[str]:
    """The words of a text as search compares them: without case and accents; telephone numbers by their last digits."""
    text = in_plain_digits(without_unseen(text))
    found = [
        digits[-PHONE_DIGITS:]
        for match in PHONE.findall(text)
        if len(digits := "".join(c for c in match if c.isdigit())) >= PHONE_DIGITS
    ]
    found += [plain for word in BETWEEN_WORDS.split(text) if (plain := _plain(word))]
    return list(dict.fromkeys(found))


def terms_of(text: str) -> list[str]:
    """What is searched for, each on its own: words, and telephone numbers whole, however they are written."""
    text = without_unseen(text)
    numbers = [match for match in PHONE.findall(text) if sum(c.isdigit() for c in match) >= PHONE_DIGITS]
    for number in numbers:
        text = text.replace(number, " ")
    return [*numbers, *text.split()]


def without_unseen(text: str) -> str:
    """The text without the signs that nobody sees."""
    return text if text.isascii() else UNSEEN.sub("", text)


def in_plain_digits(text: str) -> str:
    """The text with the digits of every script (Burmese, Khmer, Lao, Thai, Arabic) as 0 to 9."""
    return text if text.isascii() else OTHER_DIGITS.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)


def _plain(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word.casefold()).replace("đ", "d")
    return "".join(part for part in parts if unicodedata.category(part) != "Mn").strip(".-'’")


def _mark(secret: str, word: str) -> str:
    return hmac.digest(_derived(secret, b"casework search"), word.encode(), "sha256").hex()[:16]


def _secrets() -> tuple[str, ...]:
    if not settings.CASEWORK_KEYS:
        raise ImproperlyConfigured(
            "CASEWORK_KEYS is not set, so no case can be kept or read. Make a secret with\n"
            "    python -c 'import secrets; print(secrets.token_urlsafe(64))'\n"
            "and put it, always the same one, in the environment as CASEWORK_KEYS. Keep a copy apart from the database."
        )
    return tuple(settings.CASEWORK_KEYS)


@lru_cache(maxsize=8)
def _ring(secrets: tuple[str, ...]) -> MultiFernet:
    keys = (_derived(secret, b"casework text") for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


@lru_cache(maxsize=32)
def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
