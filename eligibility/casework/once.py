"""A form that is sent twice, by a double press or from the browser's history, makes one row: it carries the key of the
row that it will make."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import IntegrityError, models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

Row = TypeVar("Row", bound=models.Model)


def key(request: HttpRequest) -> UUID:
    """The key that the form brought along; a new one for a form that was not sent yet, or brought none."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


def once(request: HttpRequest, rows: QuerySet[Row], make: Callable[[UUID], Row]) -> tuple[Row, bool]:
    """Of an organisation's rows the one with the form's key, and whether it was made now: `make` does, all or nothing.

    Who sent the form before is told so. A key that stands elsewhere, which only a forged form can have, leads to no
    row there: another one is taken.
    """
    wanted = key(request)
    found = rows.filter(pk=wanted).first()
    if found is None:
        try:
            return make(wanted), True
        except IntegrityError:  # the other press was faster, or the key is forged
            found = rows.filter(pk=wanted).first()
            if found is None:
                return make(uuid4()), True
    messages.info(request, _("This form was sent before. Here is what came of it."))
    return found, False
