"""How settings are read from the environment. docs/operations.md lists every variable."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"", "0", "false", "no", "off"})


def flag(name: str, default: bool = False, environ: Mapping[str, str] = os.environ) -> bool:
    """Read a yes or a no. A word that is neither is an error: a misspelt DEBUG must not pass for one of them."""
    if name not in environ:
        return default
    word = environ[name].strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={environ[name]!r} is neither yes nor no: write 1 or 0.")


def number(name: str, default: int, environ: Mapping[str, str] = os.environ) -> int:
    """Read a whole number, zero or more."""
    word = environ.get(name, "").strip()
    if not word:
        return default
    if not (word.isascii() and word.isdigit()):
        raise ImproperlyConfigured(f"{name}={word!r} is not a whole number.")
    return int(word)


def words(name: str, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Read a list whose parts are separated by commas."""
    return [word.strip() for word in environ.get(name, "").split(",") if word.strip()]


def path(name: str, default: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """Read the path of a file or folder."""
    return Path(environ[name]) if environ.get(name) else default


def database(url: str, file: str, default: Path, environ: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Read which database to use: PostgreSQL where `url` says `postgresql://…`, else the SQLite database at `file`.

    Raises ImproperlyConfigured for both at once, and for an address that cannot be read. No message repeats an address:
    it may hold a password. Whatever the address asks besides (`?sslmode=require`) is passed on to libpq.
    """
    address = environ.get(url, "").strip()
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path(file, default, environ),
            # Whoever closes the file last writes the whole log back and waits for the disk: too slow each time.
            "CONN_MAX_AGE": 60,  # seconds
            "OPTIONS": {
                # Readers go on while somebody writes, and a writer waits for its turn instead of failing. What is
                # deleted is overwritten: an erased worker must not be found in the file.
                "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;",
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,  # seconds; less than the silence after which a worker is taken for dead
            },
        }
    if environ.get(file):
        raise ImproperlyConfigured(f"{url} and {file} are both set: which database is meant? Leave one of them out.")

    from psycopg import ProgrammingError  # only who uses PostgreSQL waits for it to load
    from psycopg.conninfo import conninfo_to_dict

    cure = f"{url}: write postgresql://user:password@host:port/name, with %40 for an @ in the password"
    if not address.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(f"{cure}. No other kind of address is known; {file} names a file of SQLite.")
    try:
        parts = conninfo_to_dict(address)
    except ProgrammingError:
        raise ImproperlyConfigured(f"{cure}. What is there now cannot be read.") from None
    named = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    read = {setting: parts.pop(part, "") for setting, part in named.items()}
    if not (read["NAME"] or parts.get("service")):
        raise ImproperlyConfigured(f"{cure}. The name of the database is missing.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        **read,
        # Connecting costs more than most questions. One that the server has dropped meanwhile is not used again.
        "CONN_MAX_AGE": 60,  # seconds
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 10, **parts},  # seconds
    }


def cache(name: str, environ: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Read which cache to use: the database (nothing said, or `database`), `memory`, or `redis://…`.

    Memory is each process's own. Redis needs its Python client to be installed beside the site.
    """
    word = environ.get(name, "").strip()
    if word in ("", "database"):
        backend, place = "django.core.cache.backends.db.DatabaseCache", "cache"
    elif word == "memory":
        backend, place = "django.core.cache.backends.locmem.LocMemCache", "default"
    elif word.startswith(("redis://", "rediss://")):
        return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": word}
    else:
        raise ImproperlyConfigured(f"{name}={word!r} is none of: database, memory, redis://…")
    return {"BACKEND": backend, "LOCATION": place, "OPTIONS": {"MAX_ENTRIES": 100_000}}


@dataclass(frozen=True, slots=True)
class Mail:
    """How e-mail leaves the site; `backend` is the last part of the module's name under `django.core.mail.backends`."""

    backend: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


MAIL_SCHEMES = {"smtp": (587, True, False), "smtps": (465, False, True), "smtp+plain": (25, False, False)}
"""For each the usual port, whether the connection becomes safe with STARTTLS, and whether it begins with TLS."""


def mail(name: str, default: Mail, environ: Mapping[str, str] = os.environ) -> Mail:
    """Read where to send e-mail: `smtp://user:password@host:587` (with STARTTLS), `smtps://…` (with TLS from the
    start), `smtp+plain://…` (a relay on the same machine), or `console`. Letters such as @ and / in a name or password
    are written as in any address (%40, %2F). The error names no password."""
    word = environ.get(name, "").strip()
    if not word:
        return default
    if word == "console":
        return Mail("console")
    parts = urlsplit(word)
    try:
        usual, starttls, tls = MAIL_SCHEMES[parts.scheme]
        host, port = parts.hostname or "", parts.port or usual
    except (KeyError, ValueError):
        host = ""
    if not host:
        raise ImproperlyConfigured(f"{name} is none of: smtp://user:password@host, smtps://…, smtp+plain://…, console")
    return Mail("smtp", host, port, unquote(parts.username or ""), unquote(parts.password or ""), starttls, tls)


def kept_secret(file: Path) -> str:
    """The secret kept in this file, made at first use. Only its owner may read it."""
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Written aside, then linked into place: two processes that start together must end with the same secret.
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64), encoding="ascii")
        try:
            file.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return file.read_text(encoding="ascii").strip()
