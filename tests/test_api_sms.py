"""The dialogue by text message, as a gateway brings it: question by question, in any language, and forgotten after."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from eligibility.api import texting, views
from eligibility.api.models import Dialogue
from eligibility.explain.sms import segments
from eligibility.rulebook import Rulebook
from tests.invented import invented_law

pytestmark = pytest.mark.django_db

NUMBER = "+60123456789"
LANGUAGES = [code for code, _name in site.LANGUAGES]


@pytest.fixture(autouse=True)
def law(settings: Any) -> Iterator[Rulebook]:
    settings.API_RATE_ANONYMOUS = 10_000
    with invented_law(settings) as rulebook:
        yield rulebook


def text(words: str, number: str = NUMBER) -> str:
    """Send a text message; the reply."""
    response = APIClient().post("/api/v1/sms", {"from": number, "text": words}, format="json")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    reply = response.content.decode()
    assert int(response.headers["SMS-Segments"]) == segments(reply) <= 3
    return reply


def number_of(label: str, reply: str) -> str:
    """The number that stands before an answer; more answers are asked for until it is there."""
    for _page in range(9):
        for line in reply.splitlines():
            number, _space, said = line.partition(" ")
            if said == label:
                return number
        reply = text("0")
    raise AssertionError(f"{label} is not offered")


def test_a_worker_is_asked_question_by_question_and_gets_the_answer() -> None:
    assert "1 English" in text("hello")
    reply = text("1")
    assert reply.startswith("Which country are you from?")
    reply = text(number_of("Indonesia", reply))
    assert "Indonesia" not in reply
    reply = text(number_of("Malaysia", reply))
    reply = text(number_of("Work in a private home", reply))
    reply = text(number_of("Work permit", reply) if "Work permit" in reply else "3")
    for _turn in range(9):
        if reply.startswith("Indonesia > Malaysia"):
            break
        reply = text("1" if "\n1 " in reply else "26")
    assert reply.startswith("Indonesia > Malaysia: Work in a private home\n")
    assert not Dialogue.objects.exists(), "what was told is deleted with the answer"


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_word_begins_in_each_language_and_every_message_fits(language: str) -> None:
    reply = text(texting.BEGIN[language].split()[0].upper())
    for _turn in range(12):
        assert Dialogue.objects.get().state["language"] == language
        reply = text("1")
        if not Dialogue.objects.exists():
            break
    assert reply
    assert not Dialogue.objects.exists()


def test_digits_of_other_scripts_are_answers_too() -> None:
    text("สิทธิ")
    text("๑")
    assert Dialogue.objects.get().state["told"]["origin"] in ("ID", "PH")


@pytest.mark.parametrize("word", ["STOP", " stop ", "Berhenti", "หยุด", "Dừng", "停止"])
def test_stop_ends_it_and_deletes_what_was_told(word: str) -> None:
    text("benefits")
    assert "deleted" in text(word)
    assert not Dialogue.objects.exists()


def test_help_explains_and_leaves_the_dialogue_as_it_is() -> None:
    before = text("benefits")
    state = Dialogue.objects.get().state
    assert "STOP" in text("help")
    assert Dialogue.objects.get().state == state
    assert text("nonsense").endswith(before[-20:])


@pytest.mark.parametrize("word", ["", "99", "-1", "Indonesia", "?", "\0", "9" * 900, "१", "²"])
def test_what_is_no_answer_is_asked_again(word: str) -> None:
    question = text("benefits")
    reply = text(word)
    assert reply.startswith("We did not understand that.")
    assert question.splitlines()[0] in reply


def test_what_a_worker_does_not_know_is_passed_over(law: Rulebook) -> None:
    told = {"origin": "ID", "destination": "MY", "sector": "manufacturing", "status": "regular"}
    state: texting.State | None = texting.State(language="en", asked="", told=told)
    today = timezone.localdate()
    reply, state = texting.step(state, "1", law, today)
    asked = []
    while state is not None:
        asked.append(state.asked)
        assert "? I don't know" in reply
        reply, state = texting.step(state, "?", law, today)
    assert asked
    assert len(asked) == len(set(asked))
    assert reply.startswith("Indonesia > Malaysia")


def test_the_number_is_kept_nowhere_and_what_was_told_for_a_day_at_most(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text("benefits")
    text("1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM api_dialogue")
        rows = repr(cursor.fetchall())
    assert NUMBER.lstrip("+") not in rows + caplog.text
    assert Dialogue.objects.get().until <= timezone.now() + timedelta(hours=24)
    later = timezone.now() + timedelta(hours=24, minutes=1)
    monkeypatch.setattr(views.timezone, "now", lambda: later)
    assert "1 English" in text("1", number="+6599999999")
    assert Dialogue.objects.count() == 1, "the old one is gone, whoever writes next"


def test_two_phones_do_not_hear_each_other_and_the_plus_makes_no_difference() -> None:
    text("benefits", number="+60123")
    assert "1 English" in text("1", number="+60124")
    assert text("1", number="60123").startswith("Which country do you work in?")


def test_gateways_may_send_a_form_or_as_kannel_does() -> None:
    client = APIClient()
    form = client.post("/api/v1/sms", "from=%2B60123&text=benefits", content_type="application/x-www-form-urlencoded")
    assert form.content.decode().startswith("Which country are you from?")
    assert form.headers["X-Kannel-Coding"] == "0"
    kannel = {"HTTP_X_KANNEL_FROM": "+60124", "content_type": "text/plain; charset=UTF-16BE"}
    reply = client.post("/api/v1/sms", "สิทธิ".encode("utf-16-be"), **kannel)
    assert reply.headers["X-Kannel-Coding"] == "2"
    assert Dialogue.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"from": "hotline", "text": "x"}', "application/json", 422),
        (b'{"from": "+60123"}', "application/json", 422),
        (b'{"from": "+60123", "text": 1, "x": 2}', "application/json", 422),
        (b"from=1&from=2&text=x", "application/x-www-form-urlencoded", 422),
        (b"from=%ff&text=x", "application/x-www-form-urlencoded", 400),
        (b"hello", "text/plain", 422),
        (b"\xff", "text/plain", 400),
        (b"hello", "text/plain; charset=klingon", 415),
        (b"<a/>", "application/xml", 415),
    ],
)
def test_what_no_gateway_should_send_is_refused(body: bytes, kind: str, status: int) -> None:
    assert APIClient().post("/api/v1/sms", body, content_type=kind).status_code == status


def test_nothing_is_asked_by_get_since_addresses_are_logged() -> None:
    assert APIClient().get("/api/v1/sms?from=60123&text=x").status_code == 405
