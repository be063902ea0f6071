"""What the workspace's templates need beyond Django's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django import template
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from eligibility.explain import words

register = template.Library()


@register.filter
def sentence(text: str) -> str:
    """The text with the stop that ends a sentence in the language of the page."""
    return words.sentence(text)


@register.filter
def listed(items: Iterable[str]) -> str:
    """Names in one line, with the language's own comma."""
    return _(", ").join(items)


@register.filter
def day(when: date | datetime | str | None) -> str:
    """A day as a table shows it, in the language of the page; "" for none. A stored answer writes its day as text."""
    if isinstance(when, str) and when:
        when = date.fromisoformat(when)
    return words.short_day(localtime(when).date() if isinstance(when, datetime) else when) if when else ""


@register.filter
def moment(when: datetime) -> str:
    """A day with its time."""
    return words.moment(localtime(when))


@register.filter
def undo(where: str) -> tuple[str, str, str]:
    """From a message's "address field=value": where an undo is posted, and the field that it carries, if any."""
    address, _space, field = where.partition(" ")
    name, _is, value = field.partition("=")
    return address, name, value
