"""Which law an answer is worked out by: the edition of this installation, or a stored one that is asked for."""

from __future__ import annotations

from eligibility import current
from eligibility.api.problems import Problem
from eligibility.rulebook import Rulebook
from eligibility.rulebook.editions import EditionError


def law_of(edition: str | None) -> Rulebook:
    """The rulebook of that edition; without one, the loaded one. Raises Problem that names what there is."""
    try:
        return current.law_of(edition)
    except EditionError as error:
        there = {"loaded": current.rulebook().edition, "stored": sorted(current.stored())}
        raise Problem("unknown-edition", str(error), **there) from None
