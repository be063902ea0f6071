"""The database's own refusal to alter the audit trail: triggers on its table.

They stop mistakes, forged SQL and every way through the site. Whoever owns the table can take them down; that is what
the chain of hashes is for (`audit.first_break`). Two commands of the operator's take them down for a moment, inside
one transaction: `flush`, which empties the whole database, and `audit forget`, which deletes one organisation.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "casework_event"
REFUSAL = "The audit trail cannot be altered."

_SQLITE = {
    "casework_event_no_update": f"BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    "casework_event_no_delete": f"BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    # INSERT OR REPLACE deletes the old row without asking the trigger above.
    "casework_event_no_replace": (
        f"BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id) "  # noqa: S608
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    ),
}
_POSTGRESQL = {
    "casework_event_no_change": f"BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW",
    "casework_event_no_truncate": f"BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT",
}
# 23001, restrict_violation: Django makes it the same IntegrityError that SQLite's ABORT becomes.
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION casework_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = '23001'; END $$
"""


def put_up(connection: BaseDatabaseWrapper) -> None:
    """From now on the database refuses to change, delete or replace a row of the trail."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
            for name, when in _POSTGRESQL.items():
                cursor.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION casework_event_stays()")
        else:
            for name, rule in _SQLITE.items():
                cursor.execute(f"CREATE TRIGGER {name} {rule}")


def take_down(connection: BaseDatabaseWrapper) -> None:
    """From now on it does not."""
    with connection.cursor() as cursor:
        for name in _triggers(connection):
            on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def stands(connection: BaseDatabaseWrapper) -> bool:
    """Whether every trigger is in place. A migration that makes the table anew on SQLite loses them."""
    if connection.vendor == "postgresql":
        names = f"SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass('{TABLE}') AND tgenabled <> 'D'"  # noqa: S608
    else:
        names = f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{TABLE}'"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(names)
        return _triggers(connection).keys() <= {name for (name,) in cursor.fetchall()}


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without the triggers, for what an operator asked for by name. Nobody else sees the trail without them: it is one
    transaction, and if anything fails nothing has happened."""
    with transaction.atomic(using=connection.alias):
        stood = stands(connection)
        take_down(connection)
        yield
        if stood:
            put_up(connection)


def _triggers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    return _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
