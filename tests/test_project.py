"""The project's frame: it answers, it is safe by default, and it installs the same things everywhere."""

import logging
import os
import re
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.test.utils import override_settings

from portability import environment, settings
from portability.logs import WithoutQuery, WithoutRows
from portability.serving import require_secret_key

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"requirements.in": "requirements.txt", "requirements-dev.in": "requirements-dev.txt"}


def manage(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command as in production: none of the variables of the tests' own settings is passed on."""
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=inherited | environ, capture_output=True, text=True, timeout=60
    )


def test_the_health_check_answers(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Content-Type"].startswith("text/plain")


def test_the_health_check_can_only_be_read(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


def test_every_answer_carries_the_headers_of_safety(client: Client) -> None:
    headers = client.get("/healthz").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_no_cookie_is_set_for_a_mere_look(client: Client) -> None:
    assert not client.get("/healthz").cookies


@override_settings(SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=settings.SECURE_HSTS_SECONDS)
def test_in_production_pages_move_to_tls_and_stay_there(client: Client) -> None:
    moved = client.get("/some/page")
    assert (moved.status_code, moved["Location"]) == (301, "https://testserver/some/page")
    assert "max-age=31536000" in client.get("/healthz", secure=True)["Strict-Transport-Security"]


def test_the_health_check_needs_no_tls(client: Client) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        assert client.get("/healthz").status_code == 200


def test_production_is_the_default() -> None:
    asked = "from portability import settings as s; print(s.DEBUG, s.SECURE_SSL_REDIRECT, s.CSRF_COOKIE_SECURE)"
    assert manage("-c", asked).stdout.split() == ["False", "True", "True"]


@pytest.mark.parametrize("door", ["wsgi", "asgi"])
def test_without_a_secret_key_the_site_does_not_start_and_says_what_to_do(door: str) -> None:
    refused = manage("-c", f"import portability.{door}")
    assert refused.returncode != 0
    assert "ImproperlyConfigured: SECRET_KEY is not set. Make one with" in refused.stderr


def test_with_a_secret_key_the_site_starts() -> None:
    require_secret_key()
    assert manage("-c", "import portability.wsgi", SECRET_KEY="x" * 50).returncode == 0


def test_a_command_that_needs_no_secret_runs_without_one() -> None:
    assert manage("manage.py", "check").returncode == 0


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secret_key"
    first = environment.kept_secret(file)
    assert len(first) >= 50
    assert environment.kept_secret(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_misspelt_switch_is_an_error() -> None:
    assert environment.flag("DEBUG", environ={"DEBUG": "Yes"})
    assert not environment.flag("DEBUG", environ={"DEBUG": "0"})
    assert environment.flag("DEBUG", default=True, environ={})
    with pytest.raises(ImproperlyConfigured, match="DEBUG='ture' is neither yes nor no"):
        environment.flag("DEBUG", environ={"DEBUG": "ture"})


def test_numbers_lists_and_paths_are_read_from_the_environment() -> None:
    assert environment.number("N", 5, environ={}) == 5
    assert environment.number("N", 5, environ={"N": "0"}) == 0
    with pytest.raises(ImproperlyConfigured, match="not a whole number"):
        environment.number("N", 5, environ={"N": "-1"})
    assert environment.words("W", environ={"W": "a.example, b.example,"}) == ["a.example", "b.example"]
    assert environment.path("P", Path("here"), environ={"P": ""}) == Path("here")
    assert environment.path("P", Path("here"), environ={"P": "there"}) == Path("there")


def database(**environ: str) -> dict[str, Any]:
    return environment.database("URL", "FILE", Path("here"), environ)


def test_the_database_is_a_file_of_sqlite_unless_a_postgresql_is_named() -> None:
    assert (database()["ENGINE"], database()["NAME"]) == ("django.db.backends.sqlite3", Path("here"))
    assert database(URL=" ")["NAME"] == Path("here")
    assert database(FILE="there")["NAME"] == Path("there")
    assert database(URL="postgresql:///x")["ENGINE"] == "django.db.backends.postgresql"


@pytest.mark.parametrize(
    ("address", "read"),
    [
        (
            "postgresql://ana:p%40ss%2Fword@db.example:6543/work?sslmode=verify-full",
            ("work", "ana", "p@ss/word", "db.example", "6543", {"connect_timeout": 10, "sslmode": "verify-full"}),
        ),
        (
            "postgres://ana@/work?host=/run/a%20folder&connect_timeout=3",
            ("work", "ana", "", "/run/a folder", "", {"connect_timeout": "3"}),
        ),
        (
            "postgresql://[2001:db8::1],two.example:5433/work",
            ("work", "", "", "2001:db8::1,two.example", ",5433", {"connect_timeout": 10}),
        ),
        ("postgresql://?service=work", ("", "", "", "", "", {"connect_timeout": 10, "service": "work"})),
    ],
)
def test_the_address_of_a_postgresql_is_read_as_its_own_programs_read_it(
    address: str, read: tuple[str | dict[str, object], ...]
) -> None:
    found = database(URL=address)
    assert tuple(found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")) == read
    assert found["CONN_HEALTH_CHECKS"], "a connection that the server has dropped is not used again"


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("mysql://ana:hidden@db.example/work", "No other kind of address is known; FILE names a file of SQLite"),
        ("host=db.example password=hidden", "No other kind of address"),
        ("postgresql://ana:hidden@db.example/work?no_such_option=hidden", "cannot be read"),
        ("postgresql://ana:hidden%zz@db.example/work", "cannot be read"),
        ("postgresql://ana:hidden@db.example", "The name of the database is missing"),
    ],
)
def test_an_address_that_cannot_be_used_is_an_error_that_tells_no_password(address: str, complaint: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=complaint) as refused:
        database(URL=address)
    shown = "".join(traceback.format_exception(refused.value))
    assert "write postgresql://user:password@host" in shown
    assert "hidden" not in shown


def test_two_databases_at_once_are_an_error() -> None:
    with pytest.raises(ImproperlyConfigured, match="URL and FILE are both set"):
        database(URL="postgresql:///work", FILE="there")


def test_a_pool_of_connections_can_be_told_of() -> None:
    asked = "from portability import settings as s; print(s.DATABASES['default']['DISABLE_SERVER_SIDE_CURSORS'])"
    assert manage("-c", asked, DATABASE_POOLED="1").stdout == "True\n"
    assert manage("-c", asked).stdout == "False\n"


def test_days_begin_at_midnight_of_the_time_zone_that_is_said() -> None:
    asked = "from portability import settings as s; print(s.TIME_ZONE)"
    assert manage("-c", asked, TIME_ZONE="Asia/Manila").stdout == "Asia/Manila\n"
    assert manage("-c", asked).stdout == "UTC\n"


def test_every_variable_is_documented() -> None:
    source = (ROOT / "portability" / "settings.py").read_text(encoding="utf-8")
    reads = re.findall(r'(?:cache|database|flag|mail|number|path|words|environ\.get)\((?:"[A-Z_]+"(?:, )?)+', source)
    names = {name for read in reads for name in re.findall(r'"([A-Z_]+)"', read)}
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/operations.md").read_text(encoding="utf-8"), re.M))
    assert names == documented


def test_the_log_of_requests_keeps_no_query() -> None:
    args = ("GET /answer?origin=ID&status=irregular HTTP/1.1", "200", "12")
    record = logging.LogRecord("django.server", logging.INFO, __file__, 1, '"%s" %s %s', args, None)
    assert WithoutQuery().filter(record)
    assert record.getMessage() == '"GET /answer HTTP/1.1" 200 12'


def test_the_log_does_not_repeat_a_row_that_the_database_refused() -> None:
    try:
        raise ValueError(
            "new row violates a rule\nDETAIL:  Failing row contains (1, Rose,\n  the second line).\nHINT: none"
        )
    except ValueError:
        shown = WithoutRows().formatException(sys.exc_info())
    assert "Rose" not in shown
    assert "second line" not in shown
    assert "violates a rule" in shown
    assert "HINT" in shown


def test_no_log_handler_mails_what_was_posted() -> None:
    handlers = {type(handler).__name__ for name in ("", "django") for handler in logging.getLogger(name).handlers}
    assert "AdminEmailHandler" not in handlers


@pytest.mark.parametrize("lock", LOCKS.values())
def test_a_lock_file_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-", text.replace("    --hash", ""), re.M), "an option may point to a registry"


@pytest.mark.parametrize(("wanted", "lock"), LOCKS.items())
def test_a_lock_file_pins_all_that_is_wanted_with_hashes(wanted: str, lock: str) -> None:
    def names(text: str) -> set[str]:
        return {name.lower().replace("_", "-") for name in re.findall(r"^([A-Za-z][\w.-]*)", text, re.M)}

    text = (ROOT / lock).read_text(encoding="utf-8")
    assert names((ROOT / wanted).read_text(encoding="utf-8")) <= names(text)
    pins = re.split(r"^(?=[a-z])", text, flags=re.M)[1:]
    assert pins
    assert all(re.match(r"[\w.-]+==[\w.]+ \\\n    --hash=sha256:[0-9a-f]{64}", pin) for pin in pins)


def test_both_lock_files_pin_the_same_versions() -> None:
    runtime, dev = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.M))
        for lock in LOCKS.values()
    )
    assert runtime.items() <= dev.items()
