"""An answer for reading aloud: whole sentences, one on each line, no signs that a voice would stumble over."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from eligibility.explain.page import Told


def aloud(told: Told) -> str:
    """The answer as plain text: what is carried, kept and lost, what can be done, what was taken for granted."""
    return "\n".join(_lines(told))


def _lines(told: Told) -> Iterator[str]:
    yield told.title
    yield told.law_of
    for group in told.groups:
        yield ""
        yield group.heading
        for benefit in group.benefits:
            part = f" ({benefit.in_part})" if benefit.in_part else ""
            yield _("%(outcome)s: %(benefits)s") % {"outcome": benefit.label, "benefits": benefit.verdict + part}
            yield from benefit.depends_on
            yield from (step.text for step in benefit.steps)
    if told.presumed:
        yield ""
        yield from (one.text for one in told.presumed)
    yield ""
    yield _("Information, not legal advice.")
