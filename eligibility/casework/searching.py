"""A search of the whole database for words: every table, every column, whatever form a text has there.

It is the proof of an erasure, so it reads the tables themselves and knows no model: a sealed text is unsealed, a
compressed one is expanded, a file is opened, JSON is read, a session is decoded. It is slow, and means to be.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import html
import io
import json
import lzma
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from eligibility.casework import keys

DEEPEST = 8
"""Forms inside forms: a sealed, compressed file with JSON that holds Base64, and some to spare."""

LARGEST = 200_000_000  # bytes that one value may expand to in all: a few kilobytes can hold a thousandfold

ROWS = 200  # fetched at once

SEALED = re.compile(rb"gAAAA[\w-]{80,}={0,2}")
"""Fernet's tokens begin with the version 0x80 and a date of this century."""
JSON = ("{", "[", '"')
SHORTEST = 20  # bytes: no text that says anything is shorter once it is sealed, compressed or in Base64
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)
"""What the libraries raise over archives that are cut off, damaged or locked with a password."""
COMPRESSED = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda", b"\x1f\x8b", b"PK\x03\x04")
ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
CELL_ENDS = re.compile(r"</(?:\w{1,20}:)?(?:si|is|c|p)>")
TAG = re.compile(r"<[^<>]*>")
BASE64 = re.compile(rb"[\w+/-]{%d,}={0,2}" % SHORTEST)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a word stands: its place among those asked for, and the table, the column and the row's first column."""

    word: int
    table: str
    column: str
    row: str


@dataclass(frozen=True, slots=True)
class Searched:
    """What was found, and how much was looked at. `unreadable`: sealed texts that no key opens. `too_large`: values
    that were not searched to their end."""

    found: tuple[Found, ...]
    tables: int
    rows: int
    values: int
    unreadable: int
    too_large: int


class TooLarge(Exception):
    """A value expands to more than is searched, or in a way that has no bound."""


class _Budget:
    """What one value may still expand to, in bytes."""

    def __init__(self) -> None:
        self.left = LARGEST

    def spend(self, content: bytes) -> bytes:
        self.left -= len(content)
        if self.left < 0:
            raise TooLarge
        return content


def search(words: Sequence[str]) -> Searched:
    """Look for each word, without case, in every column of every table, as text and as a search mark."""
    needles = [_Needle.of(number, word) for number, word in enumerate(words) if word.strip()]
    found: list[Found] = []
    rows = values = unreadable = too_large = 0
    # PostgreSQL's cursor lives in a transaction. On SQLite one would keep everybody from writing, for minutes.
    held = nullcontext() if connection.vendor == "sqlite" else transaction.atomic()
    with held, connection.chunked_cursor() as cursor:
        tables = _tables()
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            columns = [column[0] for column in cursor.description or ()]
            while batch := cursor.fetchmany(ROWS):
                for row in batch:
                    rows += 1
                    for column, value in zip(columns, row, strict=True):
                        if value is None:
                            continue
                        values += 1
                        texts: list[str | None] = []
                        try:
                            texts.extend(texts_in(value))  # keeps what came before the end
                        except TooLarge:
                            too_large += 1
                        unreadable += texts.count(None)
                        said = [folded(text) for text in texts if text]
                        found += [
                            Found(needle.word, table, column, str(row[0]))
                            for needle in needles
                            if any(needle.stands_in(text) for text in said)
                        ]
    return Searched(tuple(found), len(tables), rows, values, unreadable, too_large)


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        listed = connection.introspection.get_table_list(cursor)
    return sorted(table.name for table in listed if table.type != "v")


@dataclass(frozen=True, slots=True)
class _Needle:
    word: int
    forms: tuple[str, ...]

    @classmethod
    def of(cls, number: int, word: str) -> _Needle:
        marks = (mark for one in keys.words_of(word) for mark in keys.possible_marks(one))
        return cls(number, (folded(word), *marks))

    def stands_in(self, text: str) -> bool:
        return any(form in text for form in self.forms)


def folded(text: str) -> str:
    """A text as the search compares it: without case and signs that nobody sees, its accents in one form, its white
    space single."""
    one_form = text if text.isascii() else unicodedata.normalize("NFKC", keys.without_unseen(text))
    return " ".join(one_form.casefold().split())


def texts_in(value: Any) -> Iterator[str | None]:
    """Every text that a value of a column holds, in whatever wrapping. None for a sealed one that no key opens. Raises
    TooLarge after the texts that it could still give."""
    return _texts(value, DEEPEST, _Budget())


def _texts(value: Any, deeper: int, budget: _Budget) -> Iterator[str | None]:
    match value:
        case str():
            yield value
            yield from _inside(value.encode("utf-8", "surrogatepass"), deeper, budget)
        case bytes() | bytearray() | memoryview():
            content = bytes(value)
            yield from _decoded(content)
            yield from _inside(content, deeper, budget)
        case dict():
            yield from _texts([*value, *value.values()], deeper, budget)
        case list():
            for part in value:
                if isinstance(part, str) and len(part) < SHORTEST and not part.startswith(JSON):
                    yield part  # most of all values, and nothing can be inside
                else:
                    yield from _texts(part, deeper, budget)
        case _:
            yield str(value)


def _decoded(content: bytes) -> Iterator[str]:
    """Bytes as text in whichever way a table may be written. What was written in another way comes out as noise."""
    yield content.decode("utf-8", "ignore")
    if content.startswith(COMPRESSED):
        return  # noise in any way
    if b"\0" in content[:1000]:
        yield content.decode("utf-16" if content.startswith(ORDER_MARKS) else "utf-16-le", "ignore")
        return
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        yield content.decode("cp1252", "ignore")
    if content.lstrip()[:1] == b"<":
        # A cell in two fonts is two texts in its XML, and signs such as an apostrophe may be written otherwise.
        plain = TAG.sub("", CELL_ENDS.sub("\n", content.decode("utf-8", "ignore")))
        yield html.unescape(plain)


def _inside(content: bytes, deeper: int, budget: _Budget) -> Iterator[str | None]:
    if not deeper or len(content) < 2:
        return
    if content[:1].decode("latin-1") in JSON:
        # JSON may write a letter as \u1234.
        try:
            yield from _texts(json.loads(content), deeper - 1, budget)
        except (ValueError, RecursionError):
            pass
        else:
            return
    if len(content) < SHORTEST:
        return
    if (expanded := _expanded(content, budget)) is not None:
        yield from _texts(expanded, deeper - 1, budget)
        return
    if content.startswith(b"PK\x03\x04"):
        yield from _files(content, deeper, budget)
        return
    for token in SEALED.findall(content):
        try:
            yield from _texts(keys.unseal_bytes(token), deeper - 1, budget)
        except keys.Unreadable:
            yield None
    # A session, a message, the cache: Base64 with a signature around it, compressed or not.
    for run in BASE64.findall(content):
        if not run.startswith(b"gAAAA") and (plain := _from_base64(run)) is not None:
            yield from _texts(plain, deeper - 1, budget)


def _expanded(content: bytes, budget: _Budget) -> bytes | None:
    """What zlib, gzip, xz or bzip2 made of it; None if none of them did."""
    most = budget.left + 1
    try:
        if content[:1] in (b"\x78", b"\x1f"):
            machine = zlib.decompressobj(wbits=47)  # zlib or gzip
            expanded = budget.spend(machine.decompress(content, most))
            return expanded if machine.eof else None
        if content.startswith(b"\xfd7zXZ\x00"):
            return budget.spend(lzma.open(io.BytesIO(content)).read(most))
        if content.startswith(b"BZh"):
            return budget.spend(bz2.open(io.BytesIO(content)).read(most))
    except DAMAGED:
        pass
    return None


def _files(content: bytes, deeper: int, budget: _Budget) -> Iterator[str | None]:
    """A ZIP archive, so also a spreadsheet. A damaged file in it hides none of the others."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except DAMAGED:
        return
    for info in archive.infolist():
        yield info.filename
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise TooLarge  # zipfile expands the other kinds without a bound
        try:
            with archive.open(info) as file:
                plain = budget.spend(file.read(budget.left + 1))
        except DAMAGED:
            continue
        yield from _texts(plain, deeper - 1, budget)


def _from_base64(run: bytes) -> bytes | None:
    bare = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
    except binascii.Error:
        return None
