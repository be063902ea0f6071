"""Invented law for tests of pages, so that a change of real law breaks no test of a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eligibility import current
from eligibility.rulebook import Rulebook

LAW = Path(__file__).parent / "rulebooks" / "web"


@contextmanager
def invented_law(settings: Any) -> Iterator[Rulebook]:
    """The site answers by the invented law until the end of the block; `settings` is pytest-django's fixture."""
    settings.RULEBOOK_PATH = LAW
    rulebook = current.rulebook
    rulebook.cache_clear()
    try:
        yield rulebook()
    finally:
        rulebook.cache_clear()
