"""The project's frame: it answers, it is safe by default, and it installs the same things everywhere."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.test.utils import override_settings

from portability import environment, settings
from portability.logs import WithoutQuery
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


def test_every_variable_is_documented() -> None:
    source = (ROOT / "portability" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'(?:cache|flag|mail|number|path|words|environ\.get)\("([A-Z_]+)"', source))
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/operations.md").read_text(encoding="utf-8"), re.M))
    assert names == documented


def test_the_log_of_requests_keeps_no_query() -> None:
    args = ("GET /answer?origin=ID&status=irregular HTTP/1.1", "200", "12")
    record = logging.LogRecord("django.server", logging.INFO, __file__, 1, '"%s" %s %s', args, None)
    assert WithoutQuery().filter(record)
    assert record.getMessage() == '"GET /answer HTTP/1.1" 200 12'


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
