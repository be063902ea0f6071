"""The law of this installation: the rulebook that it answers by, loaded once per process, and the editions it kept."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings

from eligibility.rulebook import Rulebook, RulebookError, editions, load
from eligibility.rulebook.editions import EditionError


@cache
def rulebook() -> Rulebook:
    """The edition in `settings.RULEBOOK_PATH`. Raises RulebookError."""
    return load(settings.RULEBOOK_PATH)


def law_of(edition: str | None) -> Rulebook:
    """The rulebook of that edition (`sha256:…`, in full); without one, the loaded one. Raises EditionError."""
    loaded = rulebook()
    if edition is None or edition == loaded.edition:
        return loaded
    folder = stored().get(edition)
    if folder is None:
        raise EditionError(f"This installation answers by {loaded.edition}.")
    return _read(folder)


def stored() -> dict[str, Path]:
    """The editions kept in `settings.RULEBOOK_EDITIONS`, with their folders."""
    return editions.stored(settings.RULEBOOK_EDITIONS)


def keep() -> str:
    """Keep the loaded edition for good, and name it. Whoever stores an answer calls this first: an answer whose law is
    lost could never be given again. After the first time in a process it costs next to nothing.

    Raises EditionError if the files have changed since they were loaded and this edition was not kept before: what is
    there now is not the law that this process answers by. Raises OSError if the folder cannot be written.
    """
    loaded, home = rulebook().edition, settings.RULEBOOK_EDITIONS
    folder = home / loaded.removeprefix(editions.PREFIX)
    if not folder.is_dir():
        editions.keep(settings.RULEBOOK_PATH, home, expected=loaded)
    _verify(folder)
    return loaded


def find(word: str) -> Path:
    """The folder of an edition that a person named: kept or loaded, in full or by its first digits; or a path. Raises
    EditionError that says what would be right."""
    try:
        loaded = {rulebook().edition: Path(settings.RULEBOOK_PATH)}
    except RulebookError:
        loaded = {}
    return editions.resolve(word, loaded | stored())


_read = lru_cache(maxsize=4)(editions.read)
_verify = lru_cache(maxsize=4)(editions.verify)
