"""No organisation ever sees another's row: every address of the workspace, and every other address of the site, is
tried by everyone who should not see.

The walk finds the addresses by itself, so that a new page cannot be forgotten; what stands for each part of an address
is in `parts_of`, and a page whose parts are unknown fails the test until somebody says what they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from eligibility.api.models import OrganisationKey
from eligibility.casework import importing, importjob, members
from eligibility.casework.desk import Desk
from eligibility.casework.models import (
    Adoption,
    Case,
    Change,
    Claim,
    Import,
    ImportStatus,
    Note,
    Role,
    Stay,
    StoredAnswer,
)
from tests.offices import Office, an_office, signed_in
from tests.tables import GOOD, written

pytestmark = pytest.mark.django_db

SECRET = "Siti Rahma of Harbour Aid"
OPEN_TO_ALL = {"entry", "feed", "invitation", "join", "no_digest"}
"""Addresses that belong to no organisation: each shows what is the asker's own, or needs a token."""


@dataclass(frozen=True)
class Page:
    """One address of the workspace: its name, its parts, and who may open it."""

    name: str
    parts: tuple[str, ...]
    role: Role
    view: Any

    def __str__(self) -> str:
        return self.name


def patterns(resolver: URLResolver, parts: tuple[str, ...] = ()) -> Iterator[tuple[URLPattern, tuple[str, ...]]]:
    for one in resolver.url_patterns:
        found = (*parts, *one.pattern.converters, *one.pattern.regex.groupindex) if one.pattern else parts
        if isinstance(one, URLResolver):
            yield from patterns(one, found)
        else:
            yield one, tuple(dict.fromkeys(found))


def namespace(name: str) -> URLResolver:
    return next(one for one in get_resolver().url_patterns if isinstance(one, URLResolver) and one.namespace == name)


def pages() -> list[Page]:
    return [
        Page(str(one.name), parts, getattr(one.callback, "role", Role.READER), one.callback)
        for one, parts in patterns(namespace("casework"))
    ]


PAGES = [page for page in pages() if "organisation" in page.parts]


@pytest.fixture
def office() -> Office:
    return an_office()


@pytest.fixture
def case(office: Office) -> Case:
    return a_case(office)


def a_case(office: Office) -> Case:
    """A case with one of everything that a page shows, the secret in each text."""
    signed_in(browser := Client(), office.caseworker)
    sent = {"origin": "ID", "destination": "KR", "sector": "manufacturing", "status": "regular", "language": "id"}
    browser.post(reverse("casework:new", args=[office.slug]), sent | {"began": "2024-01-01", "name": SECRET})
    case = Case.objects.get()
    Note.objects.create(case=case, text=SECRET)
    Claim.objects.create(case=case, benefit="old_age", due="2027-01-01", note=SECRET)
    members.invite(office.organisation, "owner", Role.READER, SECRET)
    an_upload(office)
    adoption = Adoption.objects.create(edition="sha256:0")
    answer = case.answers.get()
    benefits = [{"stay": 0, "destination": "KR", "benefit": "old_age", "before": "portable", "after": "lost"}]
    benefits[0] |= {"aspects": ["outcome"], "by": [{"kind": "rule", "id": SECRET, "how": "began", "day": None}]}
    benefits[0]["by"][0]["fields"] = []
    Change.objects.create(
        organisation=office.organisation, case=case, adoption=adoption, before=answer, after=answer, benefits=benefits
    )
    return case


def an_upload(office: Office) -> None:
    """A file with one row that was answered and one that could not be read, each with the secret."""
    desk = Desk(office.membership(office.caseworker))
    upload = importing.receive(desk, SECRET, written([(SECRET, *GOOD), (SECRET, "Atlantis", *GOOD[1:])]))
    importing.check(upload)
    importing.begin(desk, upload, "en", opens_cases=False)
    importjob.work_on(upload.pk, 0)
    importjob.work_on(upload.pk, 0)
    assert Import.objects.get().status == ImportStatus.DONE


def parts_of(office: Office, case: Case) -> dict[str, Any]:
    """What stands for each part of an address."""
    return {
        "organisation": office.slug,
        "pk": case.pk,
        "kind": "note",
        "part": case.notes.get().pk,
        "answer": case.answers.get().pk,
        "change": case.changes.get().pk,
        "membership": office.membership(office.reader).pk,
        "invitation": office.organisation.invitations.get().pk,
        "upload": office.organisation.imports.get().pk,
        "form": "csv",
    }


def address(page: Page, parts: dict[str, Any]) -> str:
    missing = set(page.parts) - parts.keys()
    assert not missing, f"say in `parts_of` what {missing} of the page {page} is"
    return reverse(f"casework:{page}", kwargs={name: parts[name] for name in page.parts})


def tries(browser: Client, pages: list[Page], parts: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What every page answers to every way of asking."""
    for page in pages:
        where = address(page, parts)
        for ask in (browser.get, browser.post, browser.put, browser.patch, browser.delete):
            yield f"{ask.__name__} {page}", ask(where)


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace")


def rows() -> dict[str, int]:
    """How many rows each of the workspace's tables has."""
    return {model.__name__: model._base_manager.count() for model in apps.get_app_config("casework").get_models()}


def let_in(browser: Client, pages: list[Page], parts: dict[str, Any]) -> list[str]:
    """The pages that were not refused as if they did not exist, or that said the secret."""
    return [
        what
        for what, answer in tries(browser, pages, parts)
        if answer.status_code not in (404, 405) or SECRET in text_of(answer)
    ]


def test_every_page_but_the_door_belongs_to_an_organisation() -> None:
    outside = {page.name for page in pages() if "organisation" not in page.parts}
    assert outside <= OPEN_TO_ALL, "a page outside any organisation needs a test of its own"
    assert all(hasattr(page.view, "role") for page in PAGES), "every page sits at a desk"


@pytest.mark.parametrize("who", ["stranger", "former"])
def test_who_is_no_member_finds_nothing(office: Office, case: Case, who: str) -> None:
    browser, before = signed_in(Client(), getattr(office, who)), rows()
    assert let_in(browser, PAGES, parts_of(office, case)) == []
    assert rows() == before


def test_who_is_not_signed_in_is_asked_to(office: Office, case: Case) -> None:
    door = reverse("account_login")
    wrong = [
        what
        for what, answer in tries(Client(), PAGES, parts_of(office, case))
        if answer.status_code != 405 and not (answer.status_code == 302 and answer["Location"].startswith(door))
    ]
    assert wrong == []


def test_an_owner_elsewhere_reaches_no_row_through_their_own_organisation(office: Office, case: Case) -> None:
    browser, before = signed_in(Client(), office.stranger), rows()
    inner = [page for page in PAGES if page.parts != ("organisation",)]
    assert let_in(browser, inner, parts_of(office, case) | {"organisation": office.elsewhere.slug}) == []
    assert rows() == before


def test_an_owner_elsewhere_sees_only_what_is_theirs(office: Office, case: Case) -> None:
    browser = signed_in(Client(), office.stranger)
    outer = [page for page in PAGES if page.parts == ("organisation",)]
    for what, answer in tries(browser, outer, {"organisation": office.elsewhere.slug}):
        said = text_of(answer)
        assert SECRET not in said, what
        assert str(case.pk) not in said, what
        assert office.caseworker.email not in said, what


def test_a_member_does_see_what_the_others_do_not(office: Office, case: Case) -> None:
    browser, parts = signed_in(Client(), office.reader), parts_of(office, case)
    shown = {page.name: text_of(browser.get(address(page, parts))) for page in PAGES if page.role is Role.READER}
    assert {name for name, said in shown.items() if SECRET in said} >= {
        "case", "imports", "import", "import_bad", "import_bad_csv", "import_results"
    }  # fmt: skip


def test_a_reader_finds_no_page_that_changes_something(office: Office, case: Case) -> None:
    browser, before = signed_in(Client(), office.reader), rows()
    assert let_in(browser, [page for page in PAGES if page.role is not Role.READER], parts_of(office, case)) == []
    assert rows() == before


def test_a_caseworker_does_not_run_the_organisation(office: Office, case: Case) -> None:
    browser, before = signed_in(Client(), office.caseworker), rows()
    assert let_in(browser, [page for page in PAGES if page.role is Role.OWNER], parts_of(office, case)) == []
    assert rows() == before


def test_what_a_reader_may_open_changes_no_case(office: Office, case: Case) -> None:
    def kept() -> list[list[Any]]:
        return [list(model.objects.values()) for model in (Case, Stay, Note, Claim, StoredAnswer)]

    browser, before = signed_in(Client(), office.reader), kept()
    for what, answer in tries(browser, [page for page in PAGES if page.role is Role.READER], parts_of(office, case)):
        assert answer.status_code < 500, what
    assert kept() == before


def test_what_leaves_the_house_asks_who_you_are_again(office: Office, case: Case) -> None:
    browser = signed_in(Client(), office.owner, fresh=False)
    leaving = [page for page in PAGES if page.view.fresh]
    assert leaving
    for what, answer in tries(browser, leaving, parts_of(office, case)):
        assert answer.status_code == 405 or "reauthenticate" in answer["Location"], what


SOMETHING = {"country": "MY", "rule": "my-epf-inbound-2025", "scheme": "my-epf", "source": "my-epf-act"}


@pytest.mark.parametrize("room", ["web", "api"])
def test_no_worker_page_and_no_api_operation_looks_at_the_workspace(office: Office, case: Case, room: str) -> None:
    """Not even with a key, and not even for a member: these rooms do not ask the workspace's tables."""
    _key, secret = OrganisationKey.objects.create_key(name="Somebody else")
    browser = signed_in(Client(headers={"Authorization": f"Api-Key {secret}"}), office.owner)
    with CaptureQueriesContext(connection) as asked_of:
        for one, parts in patterns(namespace(room)):
            if one.name:
                where = reverse(f"{room}:{one.name}", kwargs={part: SOMETHING.get(part, "1") for part in parts})
            else:
                where = f"/{room}/"
            assert browser.get(where).status_code < 500, where
            assert browser.post(where, {}, content_type="application/json").status_code < 500, where
    assert not looks(asked_of)
    with CaptureQueriesContext(connection) as asked_of:
        browser.get(reverse("casework:cases", args=[office.slug]))
    assert looks(asked_of), "the same browser does see the workspace, so a look would have been noticed"


def looks(asked_of: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in asked_of.captured_queries if "casework_" in query["sql"]]
