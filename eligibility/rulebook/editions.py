"""Editions kept for good: each in a folder named by the 64 hex digits of its hash, so that an old answer can be asked
again by the very law that gave it."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from eligibility.rulebook.load import edition_of, load, texts_in
from eligibility.rulebook.model import Rulebook
from eligibility.rulebook.problems import RulebookError

PREFIX = "sha256:"
#: How many digits of an edition are enough to name it, if no other begins with them.
LEAST_DIGITS = 8
_NAME = re.compile(r"[0-9a-f]{64}")
_DIGITS = re.compile(r"[0-9a-f]+")


class EditionError(ValueError):
    """An edition that is not there, cannot be told from another, or is not what its name says."""


def keep(source: Path, editions: Path, expected: str | None = None) -> Path:
    """Copy the rulebook in `source` into `editions` and give its folder there; one that is there already is left alone.

    The copy appears whole or not at all, whoever else keeps it at the same time. What is kept hashes to its name when
    this returns. Raises RulebookError if `source` holds no rulebook's files, OSError if the copy cannot be written, and
    EditionError if `source` is not the `expected` edition or if something else stands under the name.
    """
    texts = texts_in(source)
    edition = edition_of(texts)
    if expected not in (None, edition):
        raise EditionError(f"The files in {source} are no longer those of {expected}.")
    kept = editions / edition.removeprefix(PREFIX)
    if not kept.exists():
        draft = editions / f".{kept.name}.{uuid4().hex}"
        try:
            _write(texts, draft)
            _put(draft, kept)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    verify(kept)
    return kept


def verify(kept: Path) -> None:
    """Raises EditionError unless the folder holds the edition that it is named by."""
    try:
        found = edition_of(texts_in(kept))
    except RulebookError:
        found = ""
    if found != f"{PREFIX}{kept.name}":
        raise EditionError(f"{kept} is not the edition that its name says. Move it away, and it will be kept anew.")


def stored(editions: Path | None) -> dict[str, Path]:
    """The kept editions (`sha256:…`) with their folders, in the order of their names."""
    if editions is None or not editions.is_dir():
        return {}
    named = (one for one in sorted(editions.iterdir()) if _NAME.fullmatch(one.name) and one.is_dir())
    return {f"{PREFIX}{one.name}": one for one in named}


def read(folder: Path) -> Rulebook:
    """The rulebook in a folder. Where the folder is named by an edition it must hold that very edition, or no answer
    could be trusted. Raises EditionError; if the rulebook does not load, its cause is the RulebookError."""
    try:
        rulebook = load(folder)
    except RulebookError as error:
        raise EditionError("The stored edition does not load.") from error
    if _NAME.fullmatch(folder.name) and rulebook.edition != f"{PREFIX}{folder.name}":
        raise EditionError("The stored edition is not what its name says.")
    return rulebook


def resolve(word: str, known: Mapping[str, Path]) -> Path:
    """The folder that is meant: an edition among `known` (`sha256:…`, its digits, or their beginning), or a path.

    Raises EditionError that says what would be right.
    """
    digits = word.strip().lower().removeprefix(PREFIX)
    found = {}
    if _DIGITS.fullmatch(digits):
        found = {edition: folder for edition, folder in known.items() if edition.startswith(PREFIX + digits)}
        if len(found) == 1 and len(digits) >= LEAST_DIGITS:
            return next(iter(found.values()))
    folder = Path(word)
    if folder.is_dir():
        return folder
    if folder.exists():
        raise EditionError(f"{word} is a file; name the folder of a rulebook.")
    if len(digits) < LEAST_DIGITS and found:
        raise EditionError(f"{word} is too short to name an edition: give at least {LEAST_DIGITS} digits.")
    if found:
        raise EditionError(f"{word} begins more than one edition: {', '.join(sorted(found))}")
    there = ", ".join(sorted(known)) or "none"
    raise EditionError(f"{word} is neither a stored edition nor a folder. Stored editions: {there}")


def _write(texts: Mapping[str, str], folder: Path) -> None:
    """Write the files, and have them on the disk before anybody relies on them."""
    for name, text in texts.items():
        file = folder / name
        if not file.resolve().is_relative_to(folder.resolve()):
            raise EditionError(f"{name} leads out of the rulebook's folder, so the edition cannot be kept.")
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())


def _put(draft: Path, kept: Path) -> None:
    """Give the draft its name, unless somebody else was faster."""
    try:
        draft.rename(kept)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
