"""Model fields whose content is unreadable in the database (see `keys`)."""

from __future__ import annotations

from typing import Any

from django.db import models

from eligibility.casework import keys


class _Sealed:
    """Nothing can be looked up by the content: the database does not know it."""

    def get_lookup(self, name: str) -> Any:
        return super().get_lookup(name) if name == "isnull" else None  # type: ignore[misc]


class SealedText(_Sealed, models.TextField):  # type: ignore[type-arg]
    """A text, sealed on its way to the database and read on its way back."""

    def get_prep_value(self, value: Any) -> Any:
        return value if value is None else keys.seal(str(value))

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return value if value is None else keys.unseal(value)


class SealedBytes(_Sealed, models.BinaryField):  # type: ignore[type-arg]
    """A file's content, sealed likewise."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(
            value if value is None else keys.seal_bytes(bytes(value)), connection, prepared
        )

    def from_db_value(self, value: Any, expression: object, connection: object) -> bytes | None:
        return value if value is None else keys.unseal_bytes(bytes(value))
