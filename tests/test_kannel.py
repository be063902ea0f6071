"""A whole dialogue over a real gateway: Debian's Kannel runs with `docs/kannel.conf`, and its fakesmsc is the phone.

fakesmsc  <->  bearerbox  <->  smsbox  <->  /api/v1/sms on the live server
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from django.conf import settings as site

from eligibility.api import texting
from eligibility.api.models import Dialogue, OrganisationKey
from eligibility.explain.sms import GSM, GSM_TWICE, MOST_SEGMENTS, segments
from eligibility.rulebook import Rulebook
from tests.invented import invented_law

pytestmark = pytest.mark.django_db(transaction=True)

RECIPE = Path(__file__).parent.parent / "docs" / "kannel.conf"
QUIETLY = ("-v", "2")
# Debian keeps servers out of the path of ordinary users, and fakesmsc out of everyone's.
PLACES = "/usr/bin:/usr/sbin:/usr/lib/kannel/test"
NUMBER, HOTLINE = "+60123456789", "15888"
PATIENCE = 15.0
"""Seconds for one text message to come back, or for Kannel to start."""
SILENCE = 0.2
"""So many seconds after its last line fakesmsc has written all."""

Found = TypeVar("Found")


# --- the gateway and the phone ----------------------------------------------------------------------------------------


@dataclass
class Phone:
    """What is typed on it goes to the gateway, and what the gateway sends is shown. fakesmsc sends what it was started
    with, so each text has a fakesmsc of its own; it stays until the reply is there."""

    port: int
    home: Path
    sent: int = 0
    segments: int = field(default=0, init=False)

    def text(self, words: str) -> str:
        """Send a text message; the reply, its segments put together."""
        self.sent += 1
        seen = self.home / f"phone-{self.sent}.txt"
        kind, data = ("text", words) if words.isascii() else ("ucs2", quote_from_bytes(words.encode("utf-16-be")))
        command = ["fakesmsc", "-H", "127.0.0.1", "-r", str(self.port), "-m", "1", f"{NUMBER} {HOTLINE} {kind} {data}"]
        with running(command, seen):
            parts = until(lambda: arrived(seen), f"a reply to {words!r}", seen)
        self.segments = len(parts)
        return "".join(parts)

    def expect_no_trace(self, words: str) -> None:
        """Kannel has written down neither number nor text, in its log files or on its output."""
        logs = {path.name: path.read_text() for path in self.home.glob("*box.*")}
        assert set(logs) == {"bearerbox.log", "bearerbox.txt", "smsbox.log", "smsbox.txt"}
        assert not [name for name, log in logs.items() if NUMBER.lstrip("+") in log or words in log]


def arrived(seen: Path) -> list[str] | None:
    """The segments of a reply as fakesmsc wrote them down; None before the last of them is there.

    Its lines are `sender receiver kind text`. Only the kind "text" leaves line breaks as they are: what follows stands
    in lines without a head, and only silence tells that there are no more.
    """
    parts: dict[int, bytes] = {}
    total = 0
    silent = time.time() - seen.stat().st_mtime > SILENCE
    for line in re.findall(r"Got message \d+: <(.*)>$", seen.read_text(), re.M):
        if not line.startswith(f"{HOTLINE} {NUMBER} "):
            assert list(parts) == [1], line
            parts[1] += b"\n" + line.encode()
            continue
        kind, _space, text = line.removeprefix(f"{HOTLINE} {NUMBER} ").partition(" ")
        part, total = 1, 1
        if kind == "udh":  # before the text: which segment it is, of how many
            header, kind, text = text.split(" ", 2)
            total, part = decoded(header)[-2:]
        assert part not in parts, line
        parts[part] = text.encode() if kind == "text" else decoded(text)
    # Silence even where all segments are there, so that one too many is seen.
    if not silent or not total or len(parts) < total:
        return None
    # The kind does not name the alphabet of a segment. Each of our texts has a digit or a space, in UTF-16 with a zero.
    alphabet = "utf-16-be" if any(b"\0" in raw for raw in parts.values()) else "utf-8"
    return [parts[part].decode(alphabet) for part in sorted(parts)]


def decoded(text: str) -> bytes:
    return unquote_to_bytes(text.replace("+", " "))


def gateway(home: Path, address: str, key: str) -> Iterator[Phone]:
    """A phone, and both of Kannel's boxes by `docs/kannel.conf`, but for what each machine has of its own."""
    admin, boxes, phones = free_ports(3)
    text = RECIPE.read_text()
    for old, new in (
        ("admin-port = 13000", f"admin-port = {admin}"),
        ("smsbox-port = 13001", f"smsbox-port = {boxes}"),
        ("\nport = 10000", f"\nport = {phones}"),
        ("https://gateway:KEY@portability.example", address.replace("//", f"//gateway:{key}@")),
        ("/var/log/kannel/bearerbox.log", str(home / "bearerbox.log")),
        ("/var/log/kannel/smsbox.log", str(home / "smsbox.log")),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    config = home / "kannel.conf"
    config.write_text(text)
    with ExitStack() as boxes_end:
        said = home / "bearerbox.txt"
        boxes_end.enter_context(running(["bearerbox", *QUIETLY, str(config)], said))
        # smsbox and fakesmsc give up where nobody listens.
        until(lambda: listens(boxes) and listens(phones), "bearerbox to listen", said)
        boxes_end.enter_context(running(["smsbox", *QUIETLY, str(config)], home / "smsbox.txt"))
        yield Phone(phones, home)


@contextmanager
def running(command: list[str], output: Path) -> Iterator[None]:
    """A program of Kannel's, ended with the block whatever happens in it."""
    program = shutil.which(command[0], path=PLACES)
    if program is None:
        pytest.fail(
            f"No {command[0]} on this machine, and the text messages must be tested with a real gateway. `make test` "
            "installs it on Debian (apt-get install kannel kannel-extras).",
            pytrace=False,
        )
    with output.open("wb") as file:
        process = subprocess.Popen(
            [program, *command[1:]], stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, cwd=output.parent
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def until(ask: Callable[[], Found | None], what: str, log: Path) -> Found:
    """What is waited for, once it is there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = ask()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"Waited {PATIENCE:g} s for {what}. {log.name} says:\n{log.read_text()}")


def free_ports(count: int) -> list[int]:
    """Held all at once, or the same could come twice."""
    with ExitStack() as held:
        taken = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _port in range(count)]
        return [one.getsockname()[1] for one in taken]


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


# --- the site behind it -----------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def law(settings: Any) -> Iterator[Rulebook]:
    with invented_law(settings) as rulebook:
        yield rulebook


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the site answered, to be compared with what the phone shows."""
    replies: list[str] = []
    converse = texting.converse

    def listening(*args: Any) -> str:
        replies.append(converse(*args))
        return replies[-1]

    monkeypatch.setattr(texting, "converse", listening)
    return replies


@pytest.fixture
def phone(live_server: Any, tmp_path: Path) -> Iterator[Phone]:
    _row, key = OrganisationKey.objects.create_key(name="Gateway", scopes=["sms"])
    yield from gateway(tmp_path, live_server.url, key)


@pytest.fixture
def phone_of_a_gateway_with_a_wrong_key(live_server: Any, tmp_path: Path) -> Iterator[Phone]:
    yield from gateway(tmp_path, live_server.url, "none.ofours")


def number_of(label: str, reply: str) -> str:
    return next(line.partition(" ")[0] for line in reply.splitlines() if line.partition(" ")[2] == label)


def test_a_worker_texts_a_word_and_is_asked_until_there_is_the_answer(phone: Phone, said: list[str]) -> None:
    reply = phone.text("benefits")
    assert reply.startswith("Which country are you from?\n1 ")
    reply = phone.text(number_of("Indonesia", reply))
    reply = phone.text(number_of("Malaysia", reply))
    reply = phone.text(number_of("Work in a private home", reply))
    while Dialogue.objects.exists() and phone.sent < 20:
        reply = phone.text("1" if "\n1 " in reply else "26")
    assert reply.startswith("Indonesia > Malaysia: Work in a private home\n")
    assert reply == said[-1]
    assert len(said) == phone.sent, "each text message came once"
    phone.expect_no_trace("benefits")


def test_thai_letters_and_digits_go_both_ways_up_to_the_answer_and_until_stop(phone: Phone, said: list[str]) -> None:
    phone.text("สิทธิ")
    state = Dialogue.objects.get().state
    assert (state["language"], state["asked"]) == ("th", "origin")
    most = 0
    while Dialogue.objects.exists() and phone.sent < 20:
        reply = phone.text("๑")
        assert (reply, phone.segments) == (said[-1], segments(reply))
        most = max(most, phone.segments)
    assert not Dialogue.objects.exists()
    assert 1 < most <= MOST_SEGMENTS
    phone.text("สิทธิ")
    assert phone.text("หยุด") == said[-1]
    assert not Dialogue.objects.exists()


def test_the_first_question_arrives_letter_for_letter_in_every_language(phone: Phone, said: list[str]) -> None:
    for language, _name in site.LANGUAGES:
        reply = phone.text(texting.BEGIN[language].split()[0])
        assert (reply, phone.segments) == (said[-1], segments(reply))
        assert Dialogue.objects.get().state["language"] == language
    assert phone.text("STOP") == said[-1]
    assert not Dialogue.objects.exists()


def test_what_is_no_answer_is_asked_again(phone: Phone, said: list[str]) -> None:
    phone.text("benefits")
    assert phone.text("").startswith("We did not understand that.")
    assert phone.text("a & b + 100% <c> ?").startswith("We did not understand that.")
    assert len(said) == 3


def test_a_message_that_just_fits_arrives_whole(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    full = {
        "a" * 160: 1,
        "a" * 161: 2,
        "a" * 459: 3,
        "€" * 80: 1,
        "a" * 152 + "€" + "a" * 304: 3,  # the € does not fit into the first segment any more
        "a" + "€" * 228: 3,
        "".join(sorted(GSM - {"\r"} | GSM_TWICE - {"\f"})): 1,
        "1 " + "ក" * 68: 1,
        "1 " + "ក" * 69: 2,
        "1 " + "ក" * 199: 3,
    }
    for text, count in full.items():
        assert segments(text) == count
        monkeypatch.setattr(texting, "converse", lambda *_args, text=text: text)
        assert (phone.text("x"), phone.segments) == (text, count)
    assert segments("a" * 152 + "€" + "a" * 305) == 4, "though it has no more than 3 × 153 places"


def test_where_the_site_refuses_the_phone_hears_what_the_recipe_says(
    phone_of_a_gateway_with_a_wrong_key: Phone, said: list[str]
) -> None:
    assert phone_of_a_gateway_with_a_wrong_key.text("benefits") == "Sorry, please try again later."
    assert not said
    phone_of_a_gateway_with_a_wrong_key.expect_no_trace("benefits")
