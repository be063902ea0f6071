"""What the workspace's templates need beyond Django's own."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def undo(where: str) -> tuple[str, str, str]:
    """From a message's "address field=value": where an undo is posted, and the field that it carries, if any."""
    address, _space, field = where.partition(" ")
    name, _is, value = field.partition("=")
    return address, name, value
