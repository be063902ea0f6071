"""The hotline's interface: the same answers over HTTP, within limits, and no fault of ours whatever somebody sends.

The law is the invented one (tests/rulebooks/web) where words matter, and the real one where all of it should pass.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

from eligibility.api import access, schema
from eligibility.api.law import CATALOGUES
from eligibility.api.models import Dialogue, OrganisationKey
from eligibility.api.problems import KINDS
from eligibility.engine import determine, make_case
from eligibility.explain import as_data
from eligibility.explain.sms import segments
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import Benefit, Outcome
from tests.invented import LAW, invented_law

pytestmark = pytest.mark.django_db

API = "/api/v1"
MAID = {"origin": "ID", "destination": "MY", "sector": "domestic_work", "status": "regular"}


@pytest.fixture(autouse=True)
def law(settings: Any) -> Iterator[Rulebook]:
    caches["default"].clear()
    with invented_law(settings) as rulebook:
        yield rulebook


@pytest.fixture
def api() -> APIClient:
    return APIClient()


def post(api: APIClient, address: str, body: Any, **more: Any) -> Any:
    return api.post(f"{API}/{address}", body, format="json", **more)


def with_key(name: str = "Hotline", **more: Any) -> APIClient:
    _row, key = OrganisationKey.objects.create_key(name=name, **more)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    return client


def fields(response: Any) -> dict[str, str]:
    """The wrong fields of a problem, with their codes."""
    assert response.headers["Content-Type"] == "application/problem+json"
    return {error["field"]: error["code"] for error in response.json()["errors"]}


# --- one case ---------------------------------------------------------------------------------------------------------


def test_a_case_is_answered_as_the_engine_answers_it(api: APIClient, law: Rulebook) -> None:
    response = post(api, "determinations", {**MAID, "facts": {"months_contributed": 26}})
    case = make_case({**MAID, "facts": {"months_contributed": 26}}, law, timezone.localdate())
    assert response.status_code == 200
    assert response.json() == json.loads(json.dumps(as_data(determine(case, law))))
    assert list(response.json()["benefits"]) == list(Benefit)


def test_what_was_posted_is_kept_by_no_cache_and_stands_in_no_log(
    api: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    response = post(api, "determinations", {**MAID, "status": "irregular", "facts": {"age": "secret-word"}})
    assert response.headers["Cache-Control"] == "no-store"
    assert "secret-word" in response.content.decode()
    assert "secret-word" not in caplog.text
    assert "irregular" not in caplog.text


def test_every_wrong_field_is_named_with_what_is_accepted(api: APIClient) -> None:
    given = {"origin": "XX", "destination": "MY", "sector": "gardening", "on": "2026-02-30", "colour": "red"}
    response = post(api, "determinations", {**given, "facts": {"age": 200, "shoe": 43}})
    assert response.status_code == 422
    assert fields(response) == {
        "colour": "unknown_field",
        "on": "invalid",
        "facts.age": "invalid",
        "facts.shoe": "unknown_fact",
        "origin": "not_covered",
        "sector": "invalid",
        "status": "missing",
    }
    errors = {error["field"]: error for error in response.json()["errors"]}
    assert errors["origin"]["accepted"] == ["ID", "PH"]
    assert errors["facts.age"]["accepted"] == ["a whole number from 10 to 110 (years)"]
    assert response.json()["type"] == "/api/v1/problems#invalid"


@pytest.mark.parametrize(
    "facts",
    [
        {"employer_is_local": "yes"},
        {"months_contributed": "26"},
        {"months_contributed": True},
        {"months_contributed": 2.5},
        {"ship_flag": 3},
        {"joined": "my-epf"},
        {"joined": ["nothing"]},
        {"joined": [[]]},
        [],
        None,
    ],
)
def test_facts_have_the_types_that_the_description_says(api: APIClient, facts: Any) -> None:
    assert post(api, "determinations", {**MAID, "facts": facts}).status_code == 422


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b"\xff", 400, "malformed"),
        (b"[]", 400, "malformed"),
        (b"null", 400, "malformed"),
        (b'{"origin": NaN}', 400, "malformed"),
        (b'{"origin": "ID", "origin": "PH"}', 400, "malformed"),
        (b'{"a":' * 13 + b"1" + b"}" * 13, 400, "malformed"),
        (b"[" * 500_000, 400, "malformed"),
        (b'{"a": ' + b"9" * 5000 + b"}", 400, "malformed"),
        (b'{"a": 1e999, "facts": {"age": 1e999}}', 422, "invalid"),
        (b'"' + b"x" * 2_000_001 + b'"', 413, "too-large"),
        (b'{"origin": "\\ud800", "facts": {"\\ud800": "\\udfff"}}', 422, "invalid"),
        (b'{"origin": {}, "destination": [], "sector": 1, "status": false, "on": 20260101}', 422, "invalid"),
    ],
)
def test_no_body_whatever_is_a_fault_of_ours(api: APIClient, body: bytes, status: int, kind: str) -> None:
    response = api.post(f"{API}/determinations", body, content_type="application/json")
    assert (response.status_code, response.json()["type"]) == (status, f"/api/v1/problems#{kind}")
    assert response.json()["status"] == status


def test_a_body_of_another_kind_is_refused(api: APIClient) -> None:
    response = api.post(f"{API}/determinations", "origin=ID", content_type="application/x-www-form-urlencoded")
    assert (response.status_code, response.json()["type"]) == (415, "/api/v1/problems#unsupported-media-type")


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("put", "determinations", 405), ("get", "compare", 405), ("get", "nothing", 404), ("post", "schemes/x/y", 404)],
)
def test_other_addresses_and_methods_are_problems_too(method: str, address: str, status: int) -> None:
    """Also for a program that comes without a page's token."""
    response = getattr(APIClient(enforce_csrf_checks=True), method)(f"{API}/{address}")
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")


def test_an_answer_can_be_got_by_address_and_is_unchanged_until_the_edition_or_the_case_changes(
    api: APIClient, law: Rulebook
) -> None:
    given = {**MAID, "months_contributed": 26, "joined": "my-epf", "on": "2026-11-01"}
    first = api.get(f"{API}/determinations", given)
    posted = {**MAID, "on": "2026-11-01", "facts": {"months_contributed": 26, "joined": ["my-epf"]}}
    assert first.json() == post(api, "determinations", posted).json()
    assert "max-age" in first.headers["Cache-Control"]
    etag = first.headers["ETag"]
    again = api.get(f"{API}/determinations", given, HTTP_IF_NONE_MATCH=etag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    other = api.get(f"{API}/determinations", {**given, "months_contributed": 27}, HTTP_IF_NONE_MATCH=etag)
    assert (other.status_code, other.headers["ETag"] != etag) == (200, True)
    thai = api.get(f"{API}/determinations", given, HTTP_ACCEPT_LANGUAGE="th", HTTP_IF_NONE_MATCH=etag)
    assert thai.status_code == 200


def test_in_an_address_too_nothing_unknown_passes(api: APIClient) -> None:
    response = api.get(f"{API}/determinations?origin=ID&origin=PH&destination=MY&colour=red")
    assert fields(response) == {"colour": "unknown_field", "origin": "invalid"}


# --- text -------------------------------------------------------------------------------------------------------------


def test_an_answer_can_be_had_for_reading_aloud(api: APIClient) -> None:
    for response in (
        post(api, "determinations?format=text", MAID),
        post(api, "determinations", MAID, HTTP_ACCEPT="text/plain"),
    ):
        text = response.content.decode()
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert text.startswith("Indonesia → Malaysia: Work in a private home\n")
        assert text.endswith("Information, not legal advice.\n")
        assert not re.search(r"[✓✕●{}\[\]]", text)


@pytest.mark.parametrize("language", ["en", "th", "my", "vi", "zh-hans"])
def test_a_text_message_has_at_most_three_segments_in_every_language(api: APIClient, language: str) -> None:
    response = post(api, "determinations?format=sms", MAID, HTTP_ACCEPT_LANGUAGE=language)
    text = response.content.decode()
    assert int(response.headers["SMS-Segments"]) == segments(text) <= 3
    assert response.headers["Content-Language"] == language


def test_the_answer_speaks_the_language_that_is_asked_for(api: APIClient) -> None:
    text = post(api, "determinations?format=text", MAID, HTTP_ACCEPT_LANGUAGE="th").content.decode()
    assert text.startswith("อินโดนีเซีย → มาเลเซีย")


def test_another_format_is_refused_with_those_there_are(api: APIClient) -> None:
    response = post(api, "determinations?format=fax", MAID)
    assert response.json()["errors"][0]["accepted"] == ["json", "text", "sms"]
    assert post(api, "determinations", MAID, HTTP_ACCEPT="image/png").status_code == 406


# --- editions ---------------------------------------------------------------------------------------------------------


def test_every_answer_carries_the_edition_and_another_one_is_not_guessed(api: APIClient, law: Rulebook) -> None:
    assert post(api, f"determinations?edition={law.edition}", MAID).json()["edition"] == law.edition
    response = post(api, "determinations?edition=sha256:0", MAID)
    assert (response.status_code, response.json()["loaded"]) == (404, law.edition)


def test_a_stored_edition_is_replayed_to_the_same_bytes(
    api: APIClient, law: Rulebook, tmp_path: Path, settings: Any
) -> None:
    before = post(api, "determinations", {**MAID, "on": "2026-11-01"}).content
    shutil.copytree(LAW, tmp_path / "old" / law.edition.removeprefix("sha256:"))
    changed = tmp_path / "new"
    shutil.copytree(LAW, changed)
    file = changed / "countries" / "my.yaml"
    first = next(rule for rule in law.rules.values() if rule.country == "MY" and rule.says)
    file.write_text(file.read_text(encoding="utf-8").replace(first.says, "Something else"), encoding="utf-8")
    settings.RULEBOOK_PATH, settings.RULEBOOK_EDITIONS = changed, tmp_path / "old"
    from eligibility import current

    current.rulebook.cache_clear()
    assert current.rulebook().edition != law.edition
    replayed = post(api, f"determinations?edition={law.edition}", {**MAID, "on": "2026-11-01"})
    assert replayed.content == before
    changes = api.get(f"{API}/changes", {"since": law.edition}).json()
    found = {(one["change"], one["rule"]["id"]): one.get("fields") for one in changes["items"]}
    assert found[("changed", first.id)] == ["says"]


def test_a_stored_edition_that_is_not_what_its_name_says_is_not_used(
    api: APIClient, tmp_path: Path, settings: Any
) -> None:
    shutil.copytree(LAW, tmp_path / ("0" * 64))
    settings.RULEBOOK_EDITIONS = tmp_path
    assert post(api, f"determinations?edition=sha256:{'0' * 64}", MAID).status_code == 404


# --- many cases, careers, dialogue, comparison ------------------------------------------------------------------------


def test_each_case_of_a_batch_is_answered_or_refused_by_itself(api: APIClient) -> None:
    answers = post(api, "determinations/batch", {"cases": [MAID, {**MAID, "sector": "x"}, 5, MAID]}).json()["answers"]
    assert ["answer" in one for one in answers] == [True, False, False, True]
    assert answers[0] == answers[3]
    assert answers[1]["problem"]["errors"][0]["field"] == "sector"


@pytest.mark.parametrize(
    ("body", "status"), [({}, 422), ({"cases": []}, 422), ({"cases": [1], "x": 1}, 422), ({"cases": [0] * 1001}, 413)]
)
def test_a_batch_has_limits(api: APIClient, body: Any, status: int) -> None:
    assert post(api, "determinations/batch", body).status_code == status


def test_a_thousand_cases_are_answered_in_one_request(api: APIClient) -> None:
    response = post(api, "determinations/batch", {"cases": [MAID] * 1000})
    assert len(response.json()["answers"]) == 1000


def test_a_career_is_one_ledger(api: APIClient) -> None:
    stay = {"destination": "MY", "sector": "manufacturing", "status": "regular", "from": "2020-01-01"}
    answer = post(api, "careers", {"origin": "ID", "stays": [{**stay, "until": "2022-01-31", "months": 24}]}).json()
    assert [one["determination"]["on"] for one in answer["stays"]] == ["2022-01-31"]
    assert {right["benefit"] for right in answer["ledger"]} <= set(Benefit)
    assert all(right["text"] and right["stay"] == 0 for right in answer["ledger"])


@pytest.mark.parametrize(
    ("career", "wrong"),
    [
        ({}, {"stays"}),
        ({"origin": "ID", "stays": []}, {"stays"}),
        ({"origin": "ID", "stays": [4]}, {"stays[0]"}),
        (
            {"origin": "ID", "stays": [{}]},
            {"stays[0].destination", "stays[0].sector", "stays[0].status", "stays[0].from"},
        ),
        ({"origin": "ID", "months_at_home": -1, "stays": [{}], "x": 1}, {"months_at_home", "x"}),
        ({"origin": "??", "stays": [{**MAID, "from": "2020-01-01"}]}, {"stays[0].origin"}),
        ({"stays": [{"destination": "MY", "sector": "x", "status": 1, "from": "9999-01-01"}]}, {"stays[0].from"}),
        (
            {"stays": [{"destination": "MY", "sector": "services", "status": "regular", "from": "2020-01-01"}]},
            {"origin"},
        ),
    ],
)
def test_a_career_that_cannot_be_read_says_where(api: APIClient, career: Any, wrong: set[str]) -> None:
    response = post(api, "careers", career)
    assert response.status_code == 422
    assert wrong <= fields(response).keys()


def test_a_dialogue_needs_no_memory_and_ends_with_the_answer(api: APIClient) -> None:
    known: dict[str, Any] = {}
    asked = []
    for _turn in range(20):
        step = post(api, "questions", known).json()
        if step["done"]:
            break
        question = step["question"]
        asked.append(question["field"])
        place, _dot, fact = question["field"].rpartition(".")
        value = MAID.get(question["field"])
        if place:
            value = question["options"][0]["value"] if question["options"] else question["minimum"]
            known.setdefault("facts", {})[fact] = value
        else:
            assert value in [option["value"] for option in question["options"]]
            known[question["field"]] = value
    assert asked[:4] == ["origin", "destination", "sector", "status"]
    assert all(field.startswith("facts.") for field in asked[4:])
    assert step["question"] is None
    assert step["answer"] == post(api, "determinations", known).json()


def test_what_a_worker_does_not_know_is_not_asked_again(api: APIClient) -> None:
    factory = {**MAID, "sector": "manufacturing"}
    seen: list[str] = []
    for _turn in range(20):
        step = post(api, "questions", {**factory, "unknown": seen}).json()
        if step["done"]:
            break
        seen.append(step["question"]["field"].removeprefix("facts."))
    assert step["done"]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    ("known", "wrong"),
    [
        ({"origin": "??"}, {"origin"}),
        ({"origin": 3}, {"origin"}),
        ({"origin": "ID", "destination": "ID"}, {"destination"}),
        ({"sector": "x", "y": 1}, {"y"}),
        ({"unknown": "age"}, {"unknown"}),
        ({**MAID, "unknown": ["shoe"]}, {"unknown"}),
        ({"facts": {"shoe": 43}}, {"facts.shoe"}),
    ],
)
def test_a_dialogue_is_told_of_a_wrong_answer_at_once(api: APIClient, known: Any, wrong: set[str]) -> None:
    response = post(api, "questions", known)
    assert response.status_code == 422
    assert fields(response).keys() == wrong


def test_two_cases_are_compared_benefit_by_benefit(api: APIClient) -> None:
    found = post(api, "compare", {"a": MAID, "b": {**MAID, "sector": "manufacturing"}}).json()
    assert {one["benefit"] for one in found["differs"]} | set(found["same"]) == set(Benefit)
    assert any(one["outcome_differs"] for one in found["differs"])
    assert fields(post(api, "compare", {"a": {**MAID, "sector": "x"}})) == {"a.sector": "invalid", "b": "missing"}


# --- the law ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_part_of_the_law_can_be_listed_and_fetched(api: APIClient, law: Rulebook, name: str) -> None:
    page = api.get(f"{API}/{name}", {"limit": 2})
    assert page.json()["edition"] == law.edition
    assert api.get(f"{API}/{name}", {"limit": 2}, HTTP_IF_NONE_MATCH=page.headers["ETag"]).status_code == 304
    for thing in page.json()["items"]:
        found = api.get(f"{API}/{name}/{thing['id']}").json()
        assert found[CATALOGUES[name].one] == thing
    assert api.get(f"{API}/{name}/no-such-thing").status_code == 404


def test_a_list_goes_on_where_it_says(api: APIClient, law: Rulebook) -> None:
    ids, offset = [], 0
    while offset is not None:
        page = api.get(f"{API}/rules", {"limit": 7, "offset": offset}).json()
        ids += [rule["id"] for rule in page["items"]]
        offset = page["next"]
    assert ids == [*law.rules, *law.provisions]


def test_lists_are_filtered_and_wrong_filters_refused(api: APIClient) -> None:
    schemes = api.get(f"{API}/schemes", {"country": "MY"}).json()["items"]
    assert {scheme["country"] for scheme in schemes} == {"MY"}
    wrong = api.get(f"{API}/rules", {"country": "??", "on": "soon", "limit": 0, "colour": "red"})
    assert fields(wrong) == {"colour": "unknown_field"}
    wrong = api.get(f"{API}/rules", {"country": "??", "on": "soon", "limit": 0})
    assert fields(wrong).keys() == {"country", "on", "limit"}


def test_the_rules_on_which_an_answer_rests_can_be_followed_to_their_sources(api: APIClient) -> None:
    answer = post(api, "determinations", MAID).json()
    rules = {reason["rule"] for benefit in answer["benefits"].values() for reason in benefit["reasons"]} - {None}
    assert rules
    for rule in rules:
        found = api.get(f"{API}/rules/{rule}").json()["rule"]
        for cited in found["sources"]:
            assert api.get(f"{API}/sources/{cited['id']}").status_code == 200


def test_what_reform_changed_between_two_days_is_listed(api: APIClient, law: Rulebook) -> None:
    begun = sorted(rule.from_ for rule in law.rules.values() if rule.from_ is not None)
    first = begun[-1]
    since = (first - timedelta(days=1)).isoformat()
    found = api.get(f"{API}/changes", {"since": since, "until": first.isoformat()}).json()
    expected = {rule.id for rule in law.rules.values() if rule.from_ == first}
    assert {one["rule"]["id"] for one in found["items"] if one["change"] == "begins"} == expected
    assert fields(api.get(f"{API}/changes")) == {"since": "missing"}
    assert fields(api.get(f"{API}/changes", {"since": "2026-01-01", "until": "2025-01-01"})) == {"until": "invalid"}


def test_help_points_are_valid_hsds_3(settings: Any, api: APIClient) -> None:
    """The schema's own copy and its licence are in tests/hsds."""
    described = json.loads((Path(__file__).parent / "hsds" / "service.json").read_text(encoding="utf-8"))
    check = jsonschema.Draft202012Validator(described, format_checker=jsonschema.FormatChecker())
    with the_real_law(settings):
        page = api.get(f"{API}/help-points", {"format": "hsds", "limit": 500}).json()
    assert page["total_items"] == len(page["contents"]) > 100
    faults = [fault.message for service in page["contents"] for fault in check.iter_errors(service)]
    assert not faults
    assert len({service["id"] for service in page["contents"]}) == len(page["contents"])


def the_real_law(settings: Any) -> Any:
    from contextlib import contextmanager

    from eligibility import current
    from eligibility.rulebook import DEFAULT_PATH

    @contextmanager
    def real() -> Iterator[Rulebook]:
        settings.RULEBOOK_PATH = DEFAULT_PATH
        current.rulebook.cache_clear()
        yield current.rulebook()
        current.rulebook.cache_clear()

    return real()


# --- keys and rates ---------------------------------------------------------------------------------------------------


def test_every_answer_says_how_much_is_left(api: APIClient) -> None:
    with override_settings(API_RATE_ANONYMOUS=5):
        first, second = api.get(f"{API}/"), api.get(f"{API}/nothing/here/") and api.get(f"{API}/")
    assert first.headers["RateLimit-Policy"] == '"anonymous";q=5;w=60'
    left = [int(re.search(r"r=(\d+)", one.headers["RateLimit"])[1]) for one in (first, second)]  # type: ignore[index]
    assert left == [4, 3]


def test_who_asks_too_often_is_told_when_to_come_back(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000.0
    monkeypatch.setattr(access.time, "time", lambda: now)
    with override_settings(API_RATE_ANONYMOUS=2):
        assert [post(api, "determinations", MAID).status_code for _ in range(3)] == [200, 200, 429]
        refused = post(api, "determinations", MAID)
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert "r=0" in refused.headers["RateLimit"]
        assert api.get(f"{API}/", REMOTE_ADDR="192.0.2.7").status_code == 200, "another caller is not held back"
        now += int(refused.headers["Retry-After"])
        assert post(api, "determinations", MAID).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite in memory has no second connection to ask with")
def test_callers_who_ask_at_the_same_moment_are_all_counted() -> None:
    def ask(_number: int) -> int:
        try:
            return access._count("rate:crowd", 1)
        finally:
            connection.close()

    access.sweep(timezone.now())
    with ThreadPoolExecutor(8) as crowd:
        assert sorted(crowd.map(ask, range(80))) == list(range(1, 81))


def test_much_work_in_one_request_counts_for_several(api: APIClient) -> None:
    with override_settings(API_RATE_ANONYMOUS=5):
        assert post(api, "determinations/batch", {"cases": [MAID] * 101}).status_code == 429
        assert post(api, "determinations/batch", {"cases": [MAID]}).status_code == 429


def test_nobody_gets_a_new_allowance_by_claiming_another_address(api: APIClient) -> None:
    with override_settings(API_RATE_ANONYMOUS=1):
        assert api.get(f"{API}/", HTTP_X_FORWARDED_FOR="192.0.2.1").status_code == 200
        assert api.get(f"{API}/", HTTP_X_FORWARDED_FOR="192.0.2.2").status_code == 429


def test_a_caller_with_many_ipv6_addresses_is_one_caller(api: APIClient) -> None:
    with override_settings(API_RATE_ANONYMOUS=1):
        assert api.get(f"{API}/", REMOTE_ADDR="2001:db8:1:2::3").status_code == 200
        assert api.get(f"{API}/", REMOTE_ADDR="2001:db8:1:2:ffff::4").status_code == 429
        assert api.get(f"{API}/", REMOTE_ADDR="2001:db8:1:3::3").status_code == 200


def test_the_cache_holds_neither_addresses_nor_answers(api: APIClient) -> None:
    post(api, "determinations", MAID, REMOTE_ADDR="192.0.2.77")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM cache")
        rows = repr(cursor.fetchall())
    assert "rate:" in rows
    assert "192.0.2.77" not in rows
    assert "domestic_work" not in rows


def test_without_the_cache_nobody_is_turned_away(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any, **more: Any) -> None:
        raise OSError

    monkeypatch.setattr(type(caches["default"]), "add", gone)
    assert post(api, "determinations", MAID).status_code == 200


def test_a_key_gives_more_room_and_is_kept_only_as_a_hash() -> None:
    with override_settings(API_RATE_ANONYMOUS=1, API_RATE_KEY=3):
        hotline = with_key()
        codes = [post(hotline, "determinations", MAID).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    row = OrganisationKey.objects.get()
    assert row.hashed_key.startswith("sha512$$")
    assert row.last_used is not None


def test_a_key_may_come_as_the_password_of_basic(api: APIClient) -> None:
    _row, key = OrganisationKey.objects.create_key(name="Gateway")
    secret = base64.b64encode(f"gateway:{key}".encode()).decode()
    response = api.get(f"{API}/", HTTP_AUTHORIZATION=f"Basic {secret}")
    assert '"key"' in response.headers["RateLimit"]


@pytest.mark.parametrize(
    "shown", ["Api-Key x", "Api-Key abcdefgh.ijkl", "Api-Key ", "Basic x", "Basic eA==", "Api-Key \0"]
)
def test_a_key_that_is_none_is_refused(api: APIClient, shown: str) -> None:
    response = api.get(f"{API}/", HTTP_AUTHORIZATION=shown)
    assert (response.status_code, response.json()["type"]) == (401, "/api/v1/problems#invalid-key")
    assert response.headers["WWW-Authenticate"].startswith("Api-Key")


def test_a_key_can_be_revoked_and_runs_out() -> None:
    hotline, old = with_key(), with_key(expiry_date=timezone.now() - timedelta(days=1))
    assert (hotline.get(f"{API}/").status_code, old.get(f"{API}/").status_code) == (200, 401)
    row = OrganisationKey.objects.get(expiry_date=None)
    row.revoked = True
    row.save()
    assert hotline.get(f"{API}/").status_code == 401


def test_a_key_serves_only_what_it_was_made_for() -> None:
    reader = with_key(scopes=["law"])
    assert reader.get(f"{API}/countries").status_code == 200
    refused = post(reader, "determinations", MAID)
    assert (refused.status_code, refused.json()["type"]) == (403, "/api/v1/problems#out-of-scope")


def test_keys_are_made_listed_and_revoked_by_a_command() -> None:
    out = StringIO()
    call_command("apikey", "make", "Hotline Jakarta", "--scope", "answers", "--days", "30", stdout=out)
    key = re.search(r"^\S{8}\.\S{32}$", out.getvalue(), re.M)[0]  # type: ignore[index]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    assert post(client, "determinations", MAID).status_code == 200
    listed = StringIO()
    call_command("apikey", "list", stdout=listed)
    assert "Hotline Jakarta" in listed.getvalue()
    assert key not in listed.getvalue()
    call_command("apikey", "revoke", key.partition(".")[0], stdout=StringIO())
    assert post(client, "determinations", MAID).status_code == 401


def test_keys_are_made_in_the_admin_and_shown_once(admin_client: Client) -> None:
    made = {"name": "Hotline Manila", "scopes": ["answers"], "expiry_date_0": "", "expiry_date_1": ""}
    page = admin_client.post("/admin/api/organisationkey/add/", made, follow=True).content.decode()
    key = re.search(r"\b\w{8}\.\w{32}\b", page)[0]  # type: ignore[index]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    assert post(client, "determinations", MAID).status_code == 200
    again = admin_client.get("/admin/api/organisationkey/").content.decode()
    assert "Hotline Manila" in again
    assert key not in again
    assert admin_client.get("/admin/rest_framework_api_key/apikey/").status_code == 404


def test_asking_opens_no_session(api: APIClient) -> None:
    assert not post(api, "determinations", MAID).cookies
    assert not Session.objects.exists()


def test_other_sites_may_ask_from_a_browser_only_where_the_operator_says_so(api: APIClient) -> None:
    ask = {"HTTP_ORIGIN": "https://hotline.example", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST"}
    assert "Access-Control-Allow-Origin" not in api.options(f"{API}/determinations", **ask).headers
    with override_settings(CORS_ALLOWED_ORIGINS=["https://hotline.example"]):
        allowed = api.options(f"{API}/determinations", **ask)
        assert allowed.headers["Access-Control-Allow-Origin"] == "https://hotline.example"
        assert "Access-Control-Allow-Origin" not in api.get("/about/", **ask).headers


# --- the description --------------------------------------------------------------------------------------------------


def test_the_description_is_openapi_31_and_names_every_address(api: APIClient) -> None:
    from eligibility.api.urls import urlpatterns

    described = api.get(f"{API}/openapi.json").json()
    validate_schema(described)
    assert described["openapi"] == "3.1.0"
    served = {f"/api/{one.pattern}".replace("<str:name>", "{name}") for one in urlpatterns if "v1/" in str(one.pattern)}
    assert described["paths"].keys() == served - {f"{API}/openapi.json", f"{API}/docs"}


def test_every_operation_and_error_has_an_example_that_is_true(settings: Any) -> None:
    with the_real_law(settings):
        described = schema.description()
    seen = set()
    for path, operations in described["paths"].items():
        for operation in operations.values():
            for content in contents(operation):
                assert content["examples"], f"{path} has no example"
                for example in content["examples"].values():
                    wanted = {"components": described["components"], **content["schema"]}
                    jsonschema.validate(example["value"], wanted)
            seen |= operation["responses"].keys()
    assert seen == {"200", "304"} | {str(kind.status) for kind in KINDS.values()}


def contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for response in operation["responses"].values():
        yield from response.get("content", {}).values()


def test_what_is_answered_has_the_shape_that_is_described(api: APIClient, settings: Any) -> None:
    with the_real_law(settings) as law:
        described = schema.description()
        page = {"components": described["components"]}
        for destination in law.with_role("destination")[::4]:
            case = {"origin": "PH", "destination": destination, "sector": "services", "status": "regular"}
            answer = post(api, "determinations", case)
            if answer.status_code == 200:
                jsonschema.validate(answer.json(), {**page, "$ref": "#/components/schemas/Determination"})
        for name, one in CATALOGUES.items():
            found = api.get(f"{API}/{name}", {"limit": 500}).json()
            jsonschema.validate(found, {**page, "$ref": f"#/components/schemas/{name.capitalize()}Page"})
            assert one.one.capitalize() in described["components"]["schemas"]


def test_the_pages_to_try_it_out_come_from_our_own_host(api: APIClient) -> None:
    page = api.get(f"{API}/docs").content.decode()
    assert not re.search(r"https?://", page)
    assert "<script>" not in page
    assert "<style" not in page


@pytest.mark.django_db(transaction=True)
def test_it_answers_over_plain_http(live_server: Any) -> None:
    request = urllib.request.Request(
        f"{live_server.url}{API}/determinations", json.dumps(MAID).encode(), {"Content-Type": "application/json"}
    )
    started = time.monotonic()
    with urllib.request.urlopen(request, timeout=10) as response:
        answer = json.loads(response.read())
    assert {benefit["outcome"] for benefit in answer["benefits"].values()} <= set(Outcome)
    assert time.monotonic() - started < 5


# --- what runs out ----------------------------------------------------------------------------------------------------


def test_what_has_run_out_is_deleted_by_whatever_request_comes(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    Dialogue.objects.create(number="x", state={}, until=now - timedelta(seconds=1))
    Dialogue.objects.create(number="y", state={}, until=now + timedelta(hours=1))
    caches["default"].set("old", 1, timeout=1)
    caches["default"].set("young", 1, timeout=1000)
    access.sweep(now + timedelta(seconds=30))
    assert set(Dialogue.objects.values_list("pk", flat=True)) == {"y"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache")
        assert [key for (key,) in cursor.fetchall()] == [":1:young"]
    monkeypatch.setattr(access, "_swept", -1000.0)
    Dialogue.objects.create(number="z", state={}, until=now - timedelta(seconds=1))
    api.get(f"{API}/")
    assert not Dialogue.objects.filter(pk="z").exists()


# --- the documentation ------------------------------------------------------------------------------------------------

DOCS = (Path(__file__).parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
CURL = [
    command
    for block in re.findall(r"```sh\n(.*?)```", DOCS, re.S)
    for command in block.replace("\\\n", " ").splitlines()
    if command.startswith("curl ")
]


@pytest.mark.parametrize("command", CURL)
def test_every_curl_of_the_documentation_works(api: APIClient, settings: Any, command: str) -> None:
    words = shlex.split(command)
    address = next(word for word in words if word.startswith("$SITE")).removeprefix("$SITE")
    headers = dict(after.split(": ") for word, after in pairwise(words) if word == "-H")
    body = "&".join(after for word, after in pairwise(words) if word == "-d")
    kind = headers.pop("Content-Type", "application/x-www-form-urlencoded")
    with the_real_law(settings):
        if body:
            response = api.post(address, body, content_type=kind, headers=headers)
        else:
            response = api.get(address, headers=headers)
    assert response.status_code == 200, response.content
    assert response.headers["Content-Type"].startswith(("application/json", "text/plain"))


def test_the_documentation_leaves_no_address_out() -> None:
    from eligibility.api.urls import urlpatterns

    names = {re.sub(r"^v1/|/<.*", "", str(one.pattern)) for one in urlpatterns if "v1/" in str(one.pattern)}
    assert not {name for name in names if name and name not in DOCS}


def test_the_script_for_a_call_centre_runs(live_server: Any) -> None:
    script = re.search(r"```python\n(.*?)```", DOCS, re.S)[1]  # type: ignore[index]
    ran = subprocess.run(
        [sys.executable, "-c", script, live_server.url],
        input="1\n1\n3\n3\n" + "x\n" * 20,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "Information, not legal advice." in ran.stdout, ran.stderr
