"""What a worker can do with an answer: try what if, add other countries, keep it, report it, leave at once; and read it
in their own language. Real law: the ways of keeping are of use only with real deadlines."""

from __future__ import annotations

import gzip
import html
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from icalendar import Calendar

from eligibility import current
from eligibility.explain import catalogues, sms
from eligibility.web import answers as kept
from eligibility.web.models import Report

FACTORY_JP = {"origin": "ID", "destination": "JP", "sector": "manufacturing", "status": "regular"}
MAID_MY = {"origin": "ID", "destination": "MY", "sector": "domestic_work", "status": "regular"}
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def answered(four: dict[str, str], language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    assert client.post("/", four).status_code == 303
    return client


def text_of(response: Any) -> str:
    html = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&#x27;", "'").split())


# --- what if ----------------------------------------------------------------------------------------------------------


def test_what_if_the_permit_ran_out_shows_both_answers_side_by_side() -> None:
    client = answered(FACTORY_JP)
    page = client.post("/answer/what-if/", {"what": "status:irregular"})
    text = text_of(page)
    assert "What if my permit ran out?" in text
    assert "Now" in text
    assert "Then" in text
    assert re.search(r"\d benefits would change", text)
    assert page["Cache-Control"] == "no-store"


def test_what_if_a_scheme_is_joined_uses_the_steps_of_the_answer() -> None:
    client = answered(MAID_MY)
    offered = re.findall(r'name="what" value="(joined:[^"]+)"', client.get("/answer/").content.decode())
    assert "joined:my-epf" in offered
    text = text_of(client.post("/answer/what-if/", {"what": "joined:my-epf"}))
    assert "Money when you are old" in text
    assert "Carry home" in text


def test_trying_something_changes_nothing_that_was_told() -> None:
    client = answered(FACTORY_JP)
    before = client.cookies[kept.COOKIE].value
    client.post("/answer/what-if/", {"what": "status:irregular"})
    assert client.cookies[kept.COOKIE].value == before


@pytest.mark.parametrize("what", ["", "status:unheard", "joined:nothing", "origin:PH", "x" * 5000])
def test_what_no_page_offers_leads_back_to_the_answer(what: str) -> None:
    assert answered(FACTORY_JP).post("/answer/what-if/", {"what": what}).headers["Location"] == "/answer/"


# --- when it ended: deadlines as days ---------------------------------------------------------------------------------


def test_who_left_japan_in_june_2025_is_told_the_last_day_to_claim() -> None:
    client = answered(FACTORY_JP)
    assert client.post("/answer/stopped/", {"left": "2025-06"}).status_code == 303
    assert "June 30, 2027" in text_of(client.get("/answer/"))


def test_the_calendar_holds_whole_days_with_reminders_and_nothing_of_the_worker() -> None:
    client = answered(FACTORY_JP)
    client.post("/answer/stopped/", {"left": "2025-06"})
    file = client.post("/answer/calendar/")
    assert file["Content-Type"] == "text/calendar"
    events = Calendar.from_ical(file.content).walk("VEVENT")
    assert date(2027, 6, 30) in [event["DTSTART"].dt for event in events]
    assert all(len(event.walk("VALARM")) == 3 for event in events)
    assert b"Indonesia" not in file.content
    assert b"manufacturing" not in file.content


@pytest.mark.parametrize("wrong", ["yesterday", "2025-13", "2025", "<b>", "9" * 400])
def test_a_month_that_is_none_is_explained_beside_the_field(wrong: str) -> None:
    client = answered(FACTORY_JP)
    there = client.post("/answer/stopped/", {"left": wrong}).headers["Location"]
    assert there == "/answer/?left=wrong#left"
    assert "Write the year and the month, such as 2024-03." in text_of(client.get(there))


# --- work in several countries ----------------------------------------------------------------------------------------

KOREA = {
    "destination": "KR",
    "sector": "manufacturing",
    "status": "regular",
    "began": "2017-03",
    "ended": "2024-06",
    "months": "84",
}


def test_work_in_korea_before_is_added_up_with_the_months_at_home() -> None:
    client = answered({**FACTORY_JP, "origin": "PH"})
    client.post("/answer/", {"fact": "months_contributed_home", "value": "60"})
    assert client.post("/answer/other-countries/", KOREA).status_code == 303
    text = text_of(client.get("/answer/other-countries/"))
    assert "South Korea" in text
    assert "March 2017 to June 2024" in text
    assert "60 in the Philippines and 84 in South Korea" in text
    assert "Together 144 of the 120 needed." in text


def test_a_stay_can_be_taken_back() -> None:
    client = answered(FACTORY_JP)
    client.post("/answer/other-countries/", KOREA)
    client.post("/answer/other-countries/", {"remove": "0"})
    assert "South Korea" not in text_of(client.get("/answer/other-countries/")).split("Add work")[0]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("destination", "", "Choose a country."),
        ("destination", "ID", "Select a valid choice"),
        ("sector", "piracy", "Select a valid choice"),
        ("began", "", "Write the year and the month, such as 2024-03."),
        ("began", "soon", "Write the year and the month, such as 2024-03."),
        ("ended", "2016-01", "This month is before the first one."),
        ("months", "many", "Enter a whole number"),
        ("months", "9999", "less than or equal to 720"),
    ],
)
def test_a_stay_that_cannot_be_comes_back_with_the_error_and_what_was_entered(
    field: str, value: str, said: str
) -> None:
    page = answered(FACTORY_JP).post("/answer/other-countries/", {**KOREA, field: value})
    assert page.status_code == 422
    assert said in text_of(page)
    assert 'value="84"' in page.content.decode() or field == "months"


def test_work_that_has_not_begun_is_refused() -> None:
    page = answered(FACTORY_JP).post("/answer/other-countries/", {**KOREA, "began": "2090-01", "ended": ""})
    assert "This month has not come yet." in text_of(page)


# --- to keep ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_message_takes_at_most_three_segments_in_every_language(language: str) -> None:
    for four in (FACTORY_JP, MAID_MY, {**MAID_MY, "origin": "PH", "destination": "AE", "sector": "services"}):
        page = answered(four, language).post("/answer/keep/", {"text": "1"})
        found = re.search(r"<textarea readonly rows=\"9\"[^>]*>(.*?)</textarea>", page.content.decode(), re.S)
        assert found
        assert 1 <= sms.segments(html.unescape(found[1])) <= 3


def test_a_link_is_made_only_when_asked_for_and_says_what_is_in_it() -> None:
    client = answered(FACTORY_JP)
    assert "/shared/" not in client.get("/answer/").content.decode()
    assert "/shared/" not in client.post("/answer/keep/", {"text": "1"}).content.decode()
    page = client.post("/answer/keep/", {"link": "1"})
    html = page.content.decode()
    assert "Who has this link can see your answers" in html
    assert 'src="data:image/svg+xml' in html
    address = re.search(r"http://testserver(/shared/\?of=[^<]+)</textarea>", html)
    assert address
    other = Client()
    assert other.get(address[1].replace("&amp;", "&")).headers["Location"] == "/answer/"
    assert "Indonesia → Japan: Factory" in text_of(other.get("/answer/"))


@pytest.mark.parametrize("token", ["", "x", "eyJvcmlnaW4iOiJJRCJ9:1:abc"])
def test_a_link_that_is_not_ours_leads_to_the_questions(token: str) -> None:
    assert Client().get("/shared/", {"of": token}).headers["Location"] == "/?answers=ended"


# --- leaving at once --------------------------------------------------------------------------------------------------


def test_leaving_forgets_all_and_leads_to_a_neutral_page() -> None:
    client = answered(FACTORY_JP)
    page = client.post("/leave/")
    assert page.cookies[kept.COOKIE].value == ""
    assert page["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert page["Referrer-Policy"] == "no-referrer"
    assert f'content="0;url={settings.QUICK_EXIT_URL}"' in page.content.decode()
    assert client.get("/answer/").headers["Location"] == "/?answers=ended"


# --- this is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_report_counts_the_rule_and_the_reason_and_nothing_of_the_worker() -> None:
    client = answered(FACTORY_JP)
    rule = re.search(r'name="wrong" value="office:([^"]+)"', client.get("/answer/").content.decode())
    assert rule
    for _time in range(2):
        assert client.post("/wrong/", {"wrong": f"office:{rule[1]}"}).headers["Location"] == "/answer/?thanks=1"
    assert "Thank you. We will check this rule." in text_of(client.get("/answer/?thanks=1"))
    [row] = Report.objects.all()
    assert (row.rule, row.reason, row.count, row.language) == (rule[1], "office", 2, "en")
    assert row.edition == current.rulebook().edition
    assert {field.name for field in Report._meta.fields} == {
        *("id", "rule", "edition", "reason", "language", "count", "last"),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "posted", [{}, {"wrong": "office:nothing"}, {"wrong": "x" * 9999}, {"wrong": "rude:my-epf-inbound-2025"}]
)
def test_a_report_of_nothing_is_not_counted(posted: dict[str, str]) -> None:
    answered(FACTORY_JP).post("/wrong/", posted)
    assert not Report.objects.exists()


@pytest.mark.django_db
def test_the_reports_are_listed_most_often_first(capsys: pytest.CaptureFixture[str]) -> None:
    for rule, times in (("my-a", 1), ("my-b", 3)):
        for _time in range(times):
            Report.note(rule, "sha256:x", "office", "en")
    call_command("reports")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[2] for line in lines[1:]] == ["my-b", "my-a"]


# --- languages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_of_the_interface_is_missing_or_has_lost_a_parameter(language: str) -> None:
    if language == "en":
        assert not catalogues.file_of("en").exists(), "messages are written in English"
        return
    found = catalogues.state(language, current.rulebook())
    assert not found.interface_missing
    assert not found.wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_the_language_of_the_browser_and_says_if_it_is_a_draft(language: str) -> None:
    page = answered(MAID_MY, language).get("/answer/")
    html = page.content.decode()
    assert f'<html lang="{language}"' in html
    assert ("Read it in English" in html) is (language != "en")
    if language != "en":
        assert "Money when you are old" not in html
        assert "You keep it" not in html


def test_the_language_can_be_chosen_and_is_kept_for_the_visit() -> None:
    client = answered(MAID_MY)
    assert "Bahasa Indonesia" in client.get("/answer/").content.decode()
    assert client.post("/language/", {"language": "id", "next": "/answer/"}).headers["Location"] == "/answer/"
    assert '<html lang="id"' in client.get("/answer/").content.decode()


def test_the_workers_own_language_is_offered_on_the_answer() -> None:
    html = answered({**MAID_MY, "origin": "MM"}).get("/answer/").content.decode()
    offered = re.search(r'<form class="draft.*?</form>', html, re.S)
    assert offered
    assert 'value="my"' in offered[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_light_in_every_language(language: str) -> None:
    style = gzip.compress((Path(settings.BASE_DIR) / "static" / "style.css").read_bytes())
    client = answered(MAID_MY, language)
    first = client.get("/", headers={"accept-encoding": "gzip"})
    assert len(first.content) + len(style) < 14 * 1024
    assert len(client.get("/answer/", headers={"accept-encoding": "gzip"}).content) < 30 * 1024


# --- without a network ------------------------------------------------------------------------------------------------


def test_the_script_for_reading_offline_keeps_no_answer_by_itself() -> None:
    script = Client().get("/offline.js")
    assert script["Content-Type"].startswith("text/javascript")
    assert "no-store" in script.content.decode()
    assert answered(MAID_MY).get("/answer/")["Cache-Control"] == "no-store"


def test_the_site_can_be_put_on_the_first_screen() -> None:
    manifest = Client().get("/app.webmanifest").json()
    assert manifest["start_url"] == "/"
    assert manifest["icons"]


def test_a_kept_answer_that_is_not_on_this_phone_says_so() -> None:
    page = Client().get("/kept/id-my-domestic-work-regular/")
    assert page.status_code == 404
    assert "this page is not on your phone" in text_of(page)
