"""Which law an answer is worked out by: the edition of this installation, or a stored one that is asked for."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from eligibility import current
from eligibility.api.problems import Problem
from eligibility.rulebook import Rulebook, RulebookError, load


def law_of(edition: str | None) -> Rulebook:
    """The rulebook of that edition; without one, the loaded one. Raises Problem that names what there is."""
    loaded = current.rulebook()
    if edition is None or edition == loaded.edition:
        return loaded
    folder = stored().get(edition)
    if folder is None:
        detail = f"This installation answers by {loaded.edition}."
        raise Problem("unknown-edition", detail, loaded=loaded.edition, stored=sorted(stored()))
    return _read(folder)


def stored() -> dict[str, Path]:
    """The stored editions: the folders in RULEBOOK_EDITIONS that are named by 64 hex digits, as an edition is."""
    home = settings.RULEBOOK_EDITIONS
    if home is None or not home.is_dir():
        return {}
    return {f"sha256:{one.name}": one for one in sorted(home.iterdir()) if _is_edition(one)}


def _is_edition(folder: Path) -> bool:
    return folder.is_dir() and len(folder.name) == 64 and set(folder.name) <= set("0123456789abcdef")


@lru_cache(maxsize=4)
def _read(folder: Path) -> Rulebook:
    """A stored edition. What is in the folder must be what its name says, or no answer could be trusted."""
    try:
        rulebook = load(folder)
    except RulebookError:
        raise Problem("unknown-edition", "The stored edition does not load.") from None
    if rulebook.edition != f"sha256:{folder.name}":
        raise Problem("unknown-edition", "The stored edition is not what its name says.")
    return rulebook
