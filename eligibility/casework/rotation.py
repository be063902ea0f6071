"""Sealing everything anew with the newest secret, some rows at a time: whoever stops it loses nothing, and whoever
starts it again goes on where it stopped, since what is sealed with the newest secret already is passed over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models
from django.db.models.functions import Cast

from eligibility.casework import keys, turns
from eligibility.casework.changing import mark_words
from eligibility.casework.fields import SealedBytes, SealedText
from eligibility.casework.models import Case
from eligibility.casework.searching import SEALED

AT_ONCE = 200
"""Rows in one transaction."""

FILES_AT_ONCE = 20
"""The same where each may be as large as an upload: they are in memory together."""


def seal_anew() -> Iterator[tuple[str, str, int]]:
    """Seal every column in turn: the table, the column, and how many rows had to be."""
    for model, field in _columns():
        yield model._meta.db_table, field.name, _walk(model, field, _seal_column)


def left() -> tuple[int, int]:
    """How many values are still sealed with an older secret, and how many no secret opens."""
    older = unreadable = 0

    def count(rows: list[Any], name: str) -> int:
        nonlocal older, unreadable
        for row in rows:
            for token in SEALED.findall(_raw(row.raw)):
                if not keys.is_newest(token):
                    older += 1
                    unreadable += not _opens(token)
        return 0

    for model, field in _columns():
        _walk(model, field, count, writes=False)
    return older - unreadable, unreadable


def mark_anew() -> int:
    """Make the search marks of every case with the newest secret, where they are not; how many cases were looked at."""
    seen, after = 0, None
    while True:
        with turns.turn():
            cases = Case.objects.order_by("pk").select_for_update()
            some = cases.filter(pk__gt=after) if after is not None else cases
            batch = list(some.only("organisation", "name", "contacts")[:AT_ONCE])
            for case in batch:
                mark_words(case)
        if not batch:
            return seen
        seen, after = seen + len(batch), batch[-1].pk


def _columns() -> Iterator[tuple[type[models.Model], models.Field[Any, Any]]]:
    """Every column that holds sealed texts: those of our own fields, and the secrets of second factors, which allauth
    keeps as JSON."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, (SealedText, SealedBytes)):
                yield model, field
    yield Authenticator, Authenticator._meta.get_field("data")


def _walk(model: type[models.Model], field: Any, do: Callable[[list[Any], str], int], writes: bool = True) -> int:
    """Show `do` every row of a column as the database holds it (`row.raw`), locked if it writes; the sum of what it
    says."""
    as_stored = models.BinaryField() if isinstance(field, SealedBytes) else models.TextField()
    rows = model._base_manager.order_by("pk").only("pk").annotate(raw=Cast(field.name, as_stored)).exclude(raw=None)
    at_once = FILES_AT_ONCE if isinstance(field, SealedBytes) else AT_ONCE
    done, after = 0, None
    while True:
        some = rows.filter(pk__gt=after) if after is not None else rows
        # Whoever only counts waits for nobody: on SQLite a transaction would wait for its turn to write.
        with turns.turn() if writes else nullcontext():
            batch = list((some.select_for_update(of=("self",)) if writes else some)[:at_once])
            done += do(batch, field.name)
        if not batch:
            return done
        after = batch[-1].pk


def _seal_column(rows: list[Any], name: str) -> int:
    sealed = 0
    for row in rows:
        old = _raw(row.raw)
        new = SEALED.sub(lambda token: _newest(token[0]), old)
        if new != old:
            type(row)._base_manager.filter(pk=row.pk).update(**{name: _as_stored(row, name, new)})
            sealed += 1
    return sealed


def _as_stored(row: models.Model, name: str, content: bytes) -> Any:
    """What puts sealed content into its column without sealing it once more."""
    match row._meta.get_field(name):
        case SealedBytes():
            return models.Value(content, output_field=models.BinaryField())
        case SealedText():
            return models.Value(content.decode(), output_field=models.TextField())
    return json.loads(content)


def _newest(token: bytes) -> bytes:
    """A token that no secret opens stays as it is: `left` counts it."""
    return token if keys.is_newest(token) or not _opens(token) else keys.seal_anew(token)


def _opens(token: bytes) -> bool:
    try:
        keys.unseal_bytes(token)
    except keys.Unreadable:
        return False
    return True


def _raw(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)
