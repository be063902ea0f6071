"""The worker's pages: four questions, one answer, and no trace of either.

The law here is invented (tests/rulebooks/web), so that a change of real law breaks no test of a page.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from eligibility import current
from eligibility.rulebook import DEFAULT_PATH, Rulebook
from eligibility.vocabulary import Benefit, Outcome, Sector, Status
from eligibility.web import answers as kept
from eligibility.web.answerpage import plain_number
from eligibility.web.tags import phones
from tests.invented import invented_law
from tests.readability import grade

ROOT = Path(__file__).resolve().parent.parent

MAID = {"origin": "ID", "destination": "MY", "sector": "domestic_work", "status": "regular"}
FACTORY = {**MAID, "sector": "manufacturing"}


@pytest.fixture(autouse=True)
def law(settings: Any) -> Iterator[Rulebook]:
    with invented_law(settings) as rulebook:
        yield rulebook


@pytest.fixture
def asked(client: Client) -> Client:
    """A client that has answered the four questions."""
    return answer(client, MAID)


def answer(client: Client, four: dict[str, str]) -> Client:
    assert client.post("/", four).status_code == 303
    return client


def text_of(response: Any) -> str:
    """What a reader sees, in one line."""
    html = response.content.decode()
    html = re.sub(r"<(script|style|title|head)\b.*?</\1>", " ", html, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&#x27;", "'").split())


def outcome_of(response: Any, benefit: str) -> str:
    """The outcome on a benefit's card."""
    found = re.search(rf'<details class="card (\w+)" id="{benefit}"', response.content.decode())
    assert found, f"no card for {benefit}"
    return found[1]


# --- the form ---------------------------------------------------------------------------------------------------------


def test_the_first_page_asks_the_four_questions(client: Client) -> None:
    page = client.get("/")
    html = page.content.decode()
    assert page.status_code == 200
    assert html.count("<h1") == 1
    for question in ("Which country are you from?", "Which country do you work in?", "What work do you do there?"):
        assert question in html
    assert html.count('name="sector"') == len(Sector)
    assert html.count('name="status"') == len(Status)
    assert "Your answers stay on this phone for 30 minutes" in html


def test_only_countries_of_the_rulebook_are_offered_each_in_its_role(client: Client) -> None:
    html = client.get("/").content.decode()
    offered = {
        name: re.findall(r'<option value="(\w+)"', select)
        for name, select in re.findall(r'<select id="(\w+)".*?>(.*?)</select>', html, re.S)
    }
    assert offered == {"origin": ["ID", "PH"], "destination": ["ID", "MY"]}
    assert "people from Indonesia, Philippines, who work in Indonesia, Malaysia" in html


def test_four_answers_lead_to_the_answer_page_and_leave_nothing_in_the_address(client: Client) -> None:
    sent = client.post("/", MAID)
    assert (sent.status_code, sent["Location"]) == (303, "/answer/")
    page = client.get("/answer/")
    assert page.status_code == 200
    assert "<h1>Indonesia → Malaysia: Work in a private home</h1>" in page.content.decode()


@pytest.mark.parametrize("missing", MAID)
def test_a_question_left_out_is_said_beside_it_and_the_rest_is_kept(client: Client, missing: str) -> None:
    page = client.post("/", {name: value for name, value in MAID.items() if name != missing})
    html = page.content.decode()
    assert page.status_code == 422
    assert f'<p class="error" id="{missing}-error">' in html
    assert html.count('class="error"') == 1
    assert html.count("autofocus") == 1
    assert "<title>Please check your answers" in html
    kept_four = [name for name, value in MAID.items() if re.search(rf'value="{value}" (selected|checked)', html)]
    assert kept_four == [name for name in MAID if name != missing]
    linked = re.search(r'class="errors".*?href="#([\w-]+)"', html, re.S)
    assert linked
    assert f'id="{linked[1]}"' in html


def test_the_wrong_field_says_so_to_a_screen_reader_and_has_the_focus(client: Client) -> None:
    html = client.post("/", {**MAID, "origin": "", "sector": ""}).content.decode()
    select = re.search(r'<select id="origin".*?>', html)
    assert select
    assert all(
        word in select[0] for word in ('aria-describedby="origin-hint origin-error"', "aria-invalid", "autofocus")
    )
    assert html.count("autofocus") == 1, "only the first wrong field has it"
    assert 'aria-describedby="sector-error"' in html


def test_a_country_not_in_the_rulebook_is_not_covered_yet_and_those_covered_are_named(client: Client) -> None:
    text = text_of(client.post("/", {**MAID, "destination": "VN"}))
    assert "Vietnam is not covered yet. Covered now: Indonesia, Malaysia." in text


def test_a_country_that_sends_only_is_not_covered_as_a_country_of_work(client: Client) -> None:
    assert "Philippines is not covered yet" in text_of(client.post("/", {**MAID, "destination": "PH"}))


def test_one_cannot_migrate_to_ones_own_country(client: Client) -> None:
    assert "Choose a country that is not your own." in text_of(client.post("/", {**MAID, "destination": "ID"}))


@pytest.mark.parametrize(
    "value",
    [
        "<script>alert(1)</script>",
        '"><img src=x>',
        "x" * 50_000,
        "\x00",
        "ช้าง",
        "' OR 1=1 --",
        "{{ 7*7 }}",
        "%s",
        "../",
    ],
)
@pytest.mark.parametrize("field", MAID)
def test_hostile_answers_are_refused_and_never_echoed_raw(client: Client, field: str, value: str) -> None:
    page = client.post("/", {**MAID, field: value})
    assert page.status_code == 422
    assert value not in page.content.decode() or value in ("../", "%s")
    assert len(page.content) < 40_000
    assert kept.COOKIE not in page.cookies


def test_several_values_for_one_question_are_no_trouble(client: Client) -> None:
    assert client.post("/", {**MAID, "sector": ["fishing", "domestic_work"]}).status_code == 303


def test_a_file_instead_of_an_answer_is_refused(client: Client) -> None:
    with Path(__file__).open("rb") as file:
        assert client.post("/", {**MAID, "origin": file}).status_code == 422


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_flood_is_turned_away_with_a_page_in_our_words(client: Client) -> None:
    page = client.post("/", {**MAID, "origin": "x" * 2000})
    assert page.status_code == 400
    assert "We could not read this" in text_of(page)


def test_changing_the_answers_starts_from_what_was_answered(asked: Client) -> None:
    html = asked.get("/").content.decode()
    assert all(re.search(rf'value="{value}" (selected|checked)', html) for value in MAID.values())
    assert "Delete my answers" in html


# --- no trace ---------------------------------------------------------------------------------------------------------


def test_the_answers_live_in_a_signed_cookie_that_scripts_and_other_sites_cannot_use(client: Client) -> None:
    morsel = client.post("/", MAID).cookies[kept.COOKIE]
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"
    assert morsel["max-age"] == 30 * 60
    assert morsel["path"] == "/"
    assert signing.loads(morsel.value, salt=kept.SALT) == {**MAID, "facts": {}, "unknown": []}


@override_settings(CSRF_COOKIE_SECURE=True)
def test_in_production_the_cookie_travels_over_tls_alone(client: Client) -> None:
    assert client.post("/", MAID).cookies[kept.COOKIE]["secure"]


@pytest.mark.parametrize("address", ["/", "/answer/"])
def test_no_browser_and_no_proxy_keeps_a_page_with_answers(asked: Client, address: str) -> None:
    assert asked.get(address)["Cache-Control"] == "no-store"
    assert asked.post("/", MAID)["Cache-Control"] == "no-store"


def test_without_answers_there_is_no_answer_but_a_kind_line(client: Client) -> None:
    page = client.get("/answer/", follow=True)
    assert page.redirect_chain == [("/?answers=ended", 303)]
    assert "We keep answers for 30 minutes only" in text_of(page)


@pytest.mark.parametrize(
    ("content", "salt"),
    [
        ({**MAID, "facts": {}, "unknown": []}, "another salt"),
        (MAID, kept.SALT),
        ({**MAID, "facts": {}, "unknown": [], "more": 1}, kept.SALT),
        ([1, 2], kept.SALT),
        ({**MAID, "origin": "XX", "facts": {}, "unknown": []}, kept.SALT),
        ({**MAID, "facts": {"gone": "1"}, "unknown": []}, kept.SALT),
        ({**MAID, "facts": {"age": "1000"}, "unknown": []}, kept.SALT),
    ],
)
def test_a_cookie_that_we_cannot_use_any_more_is_dropped(client: Client, content: Any, salt: str) -> None:
    client.cookies[kept.COOKIE] = signing.dumps(content, salt=salt)
    _is_dropped(client)


@pytest.mark.parametrize("value", ["", "x", "a:b:c", ".x:y:z", "é", "x" * 9000])
def test_a_cookie_that_we_did_not_write_is_dropped(client: Client, value: str) -> None:
    client.cookies[kept.COOKIE] = value
    _is_dropped(client)


def _is_dropped(client: Client) -> None:
    page = client.get("/answer/")
    assert (page.status_code, page["Location"]) == (303, "/?answers=ended")
    assert page.cookies[kept.COOKIE]["max-age"] == 0


def test_a_cookie_with_one_letter_changed_is_not_believed(asked: Client) -> None:
    value = asked.cookies[kept.COOKIE].value
    asked.cookies[kept.COOKIE] = ("B" if value[0] != "B" else "C") + value[1:]
    assert asked.get("/answer/").status_code == 303


def test_after_half_an_hour_the_answers_are_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(client, MAID)
    later = (timezone.now() + timedelta(minutes=31)).timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert client.get("/answer/").status_code == 303


def test_the_answers_are_deleted_when_asked(asked: Client) -> None:
    page = asked.post("/forget/", follow=True)
    assert "Your answers are deleted." in text_of(page)
    assert asked.cookies[kept.COOKIE].value == ""
    assert asked.get("/answer/").status_code == 303


def test_a_link_cannot_delete_the_answers(asked: Client) -> None:
    assert asked.get("/forget/").status_code == 405


def test_no_page_asks_the_database(client: Client, django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        answer(client, MAID)
        client.post("/answer/", {"fact": "months_contributed", "value": "26"})
        for address in ("/", "/answer/", "/about/", "/law/", "/law/MY/", "/rules/my-epf-in/"):
            assert client.get(address).status_code == 200
        client.post("/forget/")


def test_the_log_holds_no_answer(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    loggers = [logging.getLogger(name) for name in ("django", "django.request", "django.server")]
    was = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.propagate = True
    try:
        with caplog.at_level(logging.DEBUG):
            client.post("/", {**MAID, "sector": "secretsector"})
            client.post("/", {**MAID, "origin": "QQ"})
            answer(client, MAID)
            client.post("/answer/", {"fact": "months_contributed", "value": "98765"})
            client.get("/answer/")
    finally:
        for logger, propagate in zip(loggers, was, strict=True):
            logger.propagate = propagate
    assert "/" in caplog.text, "the log was listened to"
    assert not re.search(r"secretsector|QQ|domestic_work|98765|months_contributed|\bMY\b", caplog.text)


@pytest.mark.parametrize("address", ["/", "/answer/", "/about/", "/law/", "/law/MY/", "/rules/my-epf-in/", "/nothing"])
def test_every_page_keeps_the_content_security_policy(asked: Client, address: str) -> None:
    page = asked.get(address)
    html = page.content.decode()
    assert "default-src 'none'" in page["Content-Security-Policy"]
    html = html.replace('<script src="/static/page.js" defer></script>', "")
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", html)
    assert not re.search(r'(?:src|<link[^>]+href)="(?:https?:)?//', html), "nothing from another site is loaded"


# --- the answer -------------------------------------------------------------------------------------------------------


def test_the_answer_counts_each_outcome_and_links_to_its_group(asked: Client) -> None:
    html = asked.get("/answer/").content.decode()
    links = re.findall(r'<a class="(\w+)" href="#g-(\w+)">.*?<strong>(\d)</strong>', html, re.S)
    assert [(outcome, int(count)) for _, outcome, count in links] == [
        (Outcome.RETAINED, 2),
        (Outcome.LOST, 3),
        (Outcome.DEPENDS, 3),
        (Outcome.NONE, 1),
    ]
    assert all(f'id="g-{outcome}"' in html for _, outcome, _ in links)
    assert 'id="g-portable"' not in html, "a group without benefits is not shown"


def test_the_answer_names_the_day_of_the_law_and_the_edition(asked: Client, law: Rulebook) -> None:
    text = text_of(asked.get("/answer/"))
    assert "The law of " in text
    assert f"Edition {law.edition.removeprefix('sha256:')[:8]}" in text


def test_all_nine_benefits_stand_on_the_page_once(asked: Client) -> None:
    html = asked.get("/answer/").content.decode()
    assert html.count('<details class="card') == 9
    assert len(re.findall(r'<span class="tag \w+"><svg', html)) >= 9, "each outcome has a sign besides its colour"


def test_a_card_says_why_with_scheme_date_section_and_source(client: Client) -> None:
    html = answer(client, FACTORY).get("/answer/?open").content.decode()
    card = re.search(r'id="old_age".*?(?=<details class="card|</section>)', html, re.S)
    assert card
    for part in (
        "Employees Provident Fund (KWSP), since October 1, 2025.",
        '<a href="https://law.example/act" rel="noreferrer">Invented Savings Act</a>, s. 43 (Parliament)',
        'href="/rules/my-epf-in/"',
        "But in part: paid once, not every month.",
        "Apply at an EPF office before you leave.",
        "<li>Form KWSP 9K</li>",
        "</b> Within two months.",
        '<a href="tel:+60389226000">+60 3-8922 6000</a>',
        "Promised, not law",
        "Declaration 2017, par. 7",
        "High: from the law or the office itself. Checked on November 1, 2026.",
    ):
        assert part in card[0], part


def test_what_decides_stands_open_and_the_rest_is_folded(client: Client) -> None:
    html = answer(client, FACTORY).get("/answer/").content.decode()
    card = re.search(r'id="old_age".*?(?=<details class="card|</section>)', html, re.S)
    assert card
    decides, _, rest = card[0].partition('<details class="rest">')
    assert 'href="/rules/my-epf-leaving/"' in decides
    assert 'href="/rules/id-jht-out/"' not in decides
    assert 'href="/rules/id-jht-out/"' in rest
    assert "Invented Savings Act</a>, s. 54(1)(e)" in decides
    assert "law.example" not in rest, "its sources are one tap away, on the page of the rule"


def test_what_is_promised_is_named_on_each_card_and_told_once_with_its_sources(asked: Client) -> None:
    html = asked.get("/answer/").content.decode()
    assert html.count("<p>Declaration 2017, par. 7</p>") == 2
    assert html.count("<b>Declaration 2017, par. 7</b> The states will treat foreign workers fairly.") == 1
    assert html.count("An invented declaration") == 1


def test_a_card_says_what_may_change_and_what_would_make_it_better(asked: Client) -> None:
    text = text_of(asked.get("/answer/"))
    assert "In 2028: A bill would let foreign workers into EIS." in text
    assert "Join EPF by yourself. Fill in form KWSP 16B at an EPF office. Then: Carry home" in text


def test_every_sentence_of_law_links_to_its_rule_and_every_link_leads_somewhere(client: Client) -> None:
    for four in (MAID, FACTORY):
        html = answer(client, four).get("/answer/").content.decode()
        for address in {*re.findall(r'href="(/[^"#?]*)"', html)} - {"/static/style.css", "/static/icon.svg"}:
            assert client.get(address).status_code == 200, address
        targets = set(re.findall(r'href="#([\w-]+)"', html))
        assert targets <= set(re.findall(r'id="([\w-]+)"', html))


def test_no_id_stands_twice_and_every_label_has_its_field(client: Client) -> None:
    for address in ("/", "/answer/"):
        html = answer(client, FACTORY).get(address).content.decode()
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids))
        named = set(re.findall(r'<label[^>]* for="([^"]+)"', html))
        named |= {
            name for group in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', html) for name in group.split()
        }
        assert named <= set(ids)


# --- follow-up questions ----------------------------------------------------------------------------------------------


def test_only_questions_that_can_change_something_are_asked(asked: Client) -> None:
    text = text_of(asked.get("/answer/"))
    assert "2 more questions make this surer" in text
    assert "For how many months have you or your employer paid contributions in Malaysia?" in text
    assert "It can change: Money if you can no longer work, Money for your family if you die." in text
    assert "Under which flag" not in text


def test_an_answered_question_changes_the_outcome_and_is_not_asked_again(asked: Client) -> None:
    assert outcome_of(asked.get("/answer/"), "invalidity") == "depends"
    sent = asked.post("/answer/", {"fact": "months_contributed", "value": "26"})
    assert (sent.status_code, sent["Location"]) == (303, "/answer/")
    page = asked.get("/answer/")
    assert outcome_of(page, "invalidity") == "portable"
    assert "One more question makes this surer" in text_of(page)
    assert "26 months" in text_of(page)


def test_yes_and_no_are_one_tap(asked: Client) -> None:
    asked.post("/answer/", {"fact": "employer_is_local", "value": "true"})
    assert outcome_of(asked.get("/answer/"), "employment_injury") == "portable"
    asked.post("/answer/", {"fact": "employer_is_local", "value": "false"})
    assert outcome_of(asked.get("/answer/"), "employment_injury") == "retained"


def test_what_the_worker_does_not_know_is_not_asked_again_but_can_be_answered_later(asked: Client) -> None:
    asked.post("/answer/", {"fact": "months_contributed", "value": "", "unknown": "months_contributed"})
    page = asked.get("/answer/")
    assert 'id="q-months_contributed"' not in page.content.decode()
    assert outcome_of(page, "invalidity") == "depends"
    assert "Answer now" in text_of(page)
    asked.post("/answer/", {"undo": "months_contributed"})
    assert 'id="q-months_contributed"' in asked.get("/answer/").content.decode()


def test_an_answer_can_be_taken_back(asked: Client) -> None:
    asked.post("/answer/", {"fact": "months_contributed", "value": "26"})
    asked.post("/answer/", {"undo": "months_contributed"})
    assert outcome_of(asked.get("/answer/"), "invalidity") == "depends"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "Write a number, or choose “I don’t know”."),
        ("a year", "Write a whole number from 0 to 720."),
        ("721", "Write a whole number from 0 to 720."),
        ("-1", "Write a whole number from 0 to 720."),
        ("2.5", "Write a whole number from 0 to 720."),
        ("9" * 5000, "Write a whole number from 0 to 720."),
        ("<b>9</b>", "Write a whole number from 0 to 720."),
    ],
)
def test_a_number_that_cannot_be_is_said_beside_the_field(asked: Client, written: str, says: str) -> None:
    page = asked.post("/answer/", {"fact": "months_contributed", "value": written})
    html = page.content.decode()
    assert page.status_code == 422
    assert says in text_of(page)
    field = re.search(r'<input id="q-months_contributed".*?>', html)
    assert field
    assert all(word in field[0] for word in ("q-months_contributed-error", 'aria-invalid="true"', "autofocus"))
    assert "<b>9</b>" not in html
    assert "26" not in signing.loads(asked.cookies[kept.COOKIE].value, salt=kept.SALT)["facts"]


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"fact": "nothing", "value": "1"},
        {"fact": "<b>", "value": "<b>"},
        {"tell": "joined:<b>"},
        {"tell": ":"},
        {"tell": "x" * 9000},
        {"undo": "nothing"},
        {"unknown": "nothing"},
        {"fact": "joined", "value": "my-epf,<b>"},
        {"fact": "ship_flag", "value": "pirate"},
    ],
)
def test_what_no_page_of_ours_sends_changes_nothing(asked: Client, posted: dict[str, str]) -> None:
    before = asked.get("/answer/").content
    assert asked.post("/answer/", posted).status_code == 303
    assert _without_token(asked.get("/answer/").content) == _without_token(before)


def _without_token(page: bytes) -> bytes:
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page)


@pytest.mark.parametrize("written", ["26", " 26 ", "๒๖", "၂၆", "២៦", "໒໖", "２６"])
def test_a_number_may_be_written_in_the_digits_of_any_script(asked: Client, written: str) -> None:
    asked.post("/answer/", {"fact": "months_contributed", "value": written})
    assert outcome_of(asked.get("/answer/"), "invalidity") == "portable"


def test_thousands_may_be_parted() -> None:
    assert plain_number("1,200 000") == "1200000"


# --- what is assumed --------------------------------------------------------------------------------------------------


def test_what_is_assumed_is_said_with_what_would_follow_otherwise(asked: Client) -> None:
    text = text_of(asked.get("/answer/"))
    assert "We assume that your contract is for a year or more. Otherwise: fewer than 3 months: Lose." in text
    assert "We assume that your employer has registered you." in text


def test_an_assumption_is_changed_with_one_tap(asked: Client) -> None:
    html = asked.get("/answer/").content.decode()
    assert 'form="tell" name="tell" value="employer_registered:false">This is not so</button>' in html
    asked.post("/answer/", {"tell": "employer_registered:false"})
    page = asked.get("/answer/")
    assert outcome_of(page, "sickness") == "lost"
    assert "Has your employer registered you with social security? No" in text_of(page)


def test_an_assumed_number_can_be_written(asked: Client) -> None:
    asked.post("/answer/", {"fact": "contract_months", "value": "2"})
    assert outcome_of(asked.get("/answer/"), "sickness") == "lost"


def test_an_assumed_number_that_cannot_be_is_said_beside_its_field(asked: Client) -> None:
    page = asked.post("/answer/", {"fact": "contract_months", "value": "many"})
    assert page.status_code == 422
    assert 'id="a-contract_months-error"' in page.content.decode()


def test_an_assumed_choice_offers_the_others(client: Client) -> None:
    answer(client, FACTORY)
    assert 'value="my_region:sabah">The islands</button>' in client.get("/answer/").content.decode()
    client.post("/answer/", {"tell": "my_region:sabah"})
    assert outcome_of(client.get("/answer/"), "employment_injury") == "retained"


def test_a_voluntary_step_already_taken_can_be_told(asked: Client) -> None:
    assert outcome_of(asked.get("/answer/"), "old_age") == "lost"
    asked.post("/answer/", {"tell": "joined:my-epf"})
    page = asked.get("/answer/")
    assert outcome_of(page, "old_age") == "portable"
    assert "Which of these have you joined by yourself? EPF" in text_of(page)


def test_facts_stay_for_the_same_corridor_and_are_asked_anew_for_another(asked: Client) -> None:
    asked.post("/answer/", {"fact": "months_contributed", "value": "26"})
    answer(asked, FACTORY)
    assert outcome_of(asked.get("/answer/"), "invalidity") == "portable"
    answer(asked, {**FACTORY, "origin": "PH"})
    assert outcome_of(asked.get("/answer/"), "invalidity") == "depends"


def test_the_cookie_stays_small_whatever_is_told(asked: Client, law: Rulebook) -> None:
    for name, fact in law.facts.items():
        asked.post("/answer/", {"fact": name, "value": str(fact.minimum), "unknown": name})
    for scheme in law.schemes:
        asked.post("/answer/", {"tell": f"joined:{scheme}"})
    assert len(asked.cookies[kept.COOKIE].value) < 2000
    assert asked.get("/answer/").status_code == 200


def test_all_cards_can_be_opened_without_a_script(asked: Client) -> None:
    closed, opened = asked.get("/answer/").content.decode(), asked.get("/answer/?open").content.decode()
    assert not re.search(r"<details[^>]* open", closed)
    folded = len(re.findall(r'<details class="(?:card|rest)', opened))
    assert folded == len(re.findall(r"<details[^>]* open", opened)) > 9


# --- forms are protected ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/answer/", "/forget/"])
def test_a_form_from_elsewhere_is_refused_in_our_words(address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post(address, MAID)
    assert page.status_code == 403
    assert "Please send it once more" in text_of(page)


def test_our_own_form_is_taken() -> None:
    client = Client(enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/").content.decode())
    assert token
    assert client.post("/", {**MAID, "csrfmiddlewaretoken": token[1]}).status_code == 303


# --- the other pages --------------------------------------------------------------------------------------------------


def test_about_says_what_this_is_and_names_the_edition(client: Client, law: Rulebook) -> None:
    text = text_of(client.get("/about/"))
    assert "Not legal advice" in text
    assert "We do not store them" in text
    assert law.edition in text


def test_every_rule_has_its_page(client: Client, law: Rulebook) -> None:
    for name, rule in law.rules.items():
        page = client.get(f"/rules/{name}/")
        assert page.status_code == 200
        text = text_of(page)
        assert law.sources[rule.sources[0].source].title in text
        assert "Checked on" in text


def test_a_rule_says_its_conditions_in_words(client: Client) -> None:
    text = text_of(client.get("/rules/my-socso-in-foreign-employer/"))
    assert "Your work: Work in a private home." in text
    assert "Is your employer a citizen or permanent resident of Malaysia, or a company there? No." in text
    assert "An exception to Accident or illness from work: covered, since June 1, 2021" in text
    text = text_of(client.get("/rules/my-sick-in-short/"))
    assert "For how many months is your contract in Malaysia? Fewer than 3 months." in text
    assert "You have paid for long enough." in text_of(client.get("/rules/my-socso-pension-leaving/"))


def test_the_law_of_a_country_lists_its_schemes_and_rules(client: Client) -> None:
    assert "Malaysia" in text_of(client.get("/law/"))
    html = client.get("/law/MY/").content.decode()
    assert "Employees Provident Fund (KWSP)" in html
    assert 'href="/rules/my-epf-in-domestic/"' in html


@pytest.mark.parametrize("address", ["/nothing", "/rules/nothing/", "/law/XX/", "/rules/<b>/", "/law/my/"])
def test_a_page_that_does_not_exist_says_so_in_our_words(client: Client, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 404
    assert "This page does not exist" in text_of(page)


def test_a_mistake_of_ours_is_told_in_our_words(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False

    def broken() -> Rulebook:
        raise RuntimeError

    monkeypatch.setattr("eligibility.web.views.current.rulebook", broken)
    page = client.get("/")
    assert page.status_code == 500
    assert "It is our mistake, not yours." in text_of(page)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("+60 3-8922 6000", ["+60389226000"]),
        ("1-300-22-8000 (24 h), 15 999", ["1300228000", "15999"]),
        ("(02) 1455 / 1506", ["021455", "1506"]),
        ("ask at the desk", []),
        ("<b>191</b>", ["191"]),
    ],
)
def test_telephone_numbers_can_be_dialled(text: str, links: list[str]) -> None:
    html = phones(text)
    assert re.findall(r'href="tel:([+\d]+)"', html) == links
    assert "<b>" not in html


# --- structure, size and words ----------------------------------------------------------------------------------------

PAGES = ["/", "/answer/", "/about/", "/law/", "/law/MY/", "/rules/my-epf-in-domestic/", "/nothing"]


class Outline(HTMLParser):
    """The headings and landmarks of a page, and whether its elements are nested well."""

    VOID = {"meta", "link", "input", "br", "img", "use", "path"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_landmarks_a_language_and_headings_in_order(asked: Client, address: str) -> None:
    outline = Outline(asked.get(address).content.decode())
    assert not outline.open, "an element is not closed"
    tags = [tag for tag, _ in outline.seen]
    assert [tags.count(tag) for tag in ("header", "main", "footer", "h1", "title")] == [1, 1, 1, 1, 1]
    assert next(attrs for tag, attrs in outline.seen if tag == "html") == {"lang": "en", "dir": "ltr"}
    steps = zip(outline.headings, outline.headings[1:], strict=False)
    assert outline.headings[0] == 1
    assert all(after - before <= 1 for before, after in steps), f"a level is left out: {outline.headings}"
    assert any(attrs.get("href") == "#main" for tag, attrs in outline.seen if tag == "a"), "no way to skip the header"


def compressed(response: Any) -> int:
    assert response["Content-Encoding"] == "gzip"
    return len(response.content)


def test_pages_are_light(asked: Client) -> None:
    style = (ROOT / "static/style.css").read_bytes()
    first = compressed(Client(headers={"accept-encoding": "gzip"}).get("/"))
    assert first + len(gzip.compress(style)) < 14 * 1024
    assert compressed(asked.get("/answer/", headers={"accept-encoding": "gzip"})) < 30 * 1024


def test_our_own_words_are_plain(client: Client) -> None:
    """The first page and the page about the site, at school grade 7 or below."""
    for address in ("/", "/about/"):
        html = client.get(address).content.decode()
        main = re.search(r"<main.*?>(.*)</main>", html, re.S)
        assert main
        blocks = re.findall(r"<(?:p|h1|h2|legend|label)\b[^>]*>(.*?)</(?:p|h1|h2|legend|label)>", main[1], re.S)
        sentences = [" ".join(re.sub(r"<[^>]+>", " ", block).split()) for block in blocks]
        prose = "\n\n".join(line for line in sentences if line.endswith((".", "?")) and "Covered now" not in line)
        assert grade(prose) <= 7, address
        assert "!" not in prose


def test_the_words_of_the_pages_can_be_translated() -> None:
    """A text that stands in a template outside a translation would stay English for ever."""
    for file in sorted((ROOT / "templates").rglob("*.html")):
        source = file.read_text(encoding="utf-8")
        source = re.sub(r"{% (blocktranslate|comment).*?{% end\1 %}|{%.*?%}|{{.*?}}|<!--.*?-->", "", source, flags=re.S)
        words = re.findall(r"[A-Za-z]{3,}", re.sub(r"<[^>]*>", " ", source))
        left = set(words) - {"CSV", "JSON"}  # the same in every language
        assert not left, f"{file.relative_to(ROOT)}: {left}"


def test_the_answers_on_the_phone_are_no_more_than_was_said(asked: Client) -> None:
    asked.post("/answer/", {"fact": "months_contributed", "value": "26"})
    data = signing.loads(asked.cookies[kept.COOKIE].value, salt=kept.SALT)
    assert json.loads(json.dumps(data)) == {**MAID, "facts": {"months_contributed": "26"}, "unknown": []}


# --- real law ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def real_law(settings: Any, law: Rulebook) -> Rulebook:
    """The repository's own rulebook, in place of the invented one until the end of the test."""
    settings.RULEBOOK_PATH = DEFAULT_PATH
    current.rulebook.cache_clear()
    return current.rulebook()


def test_every_rule_and_clause_of_the_real_law_has_its_page(client: Client, real_law: Rulebook) -> None:
    wrong = [
        name for name in (*real_law.rules, *real_law.provisions) if client.get(f"/rules/{name}/").status_code != 200
    ]
    assert not wrong
    assert all(client.get(f"/law/{code}/").status_code == 200 for code in real_law.countries)


def test_answers_by_the_real_law_have_nine_cards_and_are_light(client: Client, real_law: Rulebook) -> None:
    corridors = [(o, d) for o in real_law.with_role("origin") for d in real_law.with_role("destination") if o != d]
    kinds = [(sector, status) for sector in Sector for status in Status]
    for number, (origin, destination) in enumerate(corridors):
        sector, status = kinds[number * 17 % len(kinds)]
        answer(client, {"origin": origin, "destination": destination, "sector": sector, "status": status})
        page = client.get("/answer/", headers={"accept-encoding": "gzip"})
        assert gzip.decompress(page.content).count(b'<details class="card') == len(Benefit)
        assert compressed(page) < 30 * 1024, (origin, destination, sector, status)
