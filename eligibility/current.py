"""The rulebook that this installation answers by, loaded once per process."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from eligibility.rulebook import Rulebook, load


@cache
def rulebook() -> Rulebook:
    """The edition in `settings.RULEBOOK_PATH`. Raises RulebookError."""
    return load(settings.RULEBOOK_PATH)


def law_of(edition: str) -> Rulebook | None:
    """That edition; None if this installation has not kept it."""
    return rulebook() if edition == rulebook().edition else None
