"""A list of workers in a real browser, with JavaScript and without: sent in, checked, answered, fetched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page, expect

from eligibility.casework import importing, importjob
from eligibility.casework.desk import Desk
from eligibility.casework.models import Case, Import, ImportStatus
from tests.browsing import NewPage
from tests.offices import Office, an_office, signed_in
from tests.tables import GOOD, a_table, written

HEADER = ("Reference", "Nationality", "Zzz", "Job", "Papers", "Start date", "Full name")
ROWS = [
    ("W-1", "Indonesia", "?", "manufacturing", "regular", "2021-03-01", "Siti"),
    ("W-2", "Viet Nam", "Malaysia", "fishing", "regular", "", "Dewi"),
    ("W-3", "Atlantis", "Malaysia", "fishing", "regular", "2021-03-01", "Rahma"),
    ("W-4", "Philippines", "Singapore", "domestic_work", "regular", "2020-01-01", "Putri"),
]


@pytest.fixture
def office(live_server: Any) -> Office:
    return an_office()


@pytest.fixture
def page_of(office: Office, new_page: NewPage, live_server: Any) -> Callable[..., Page]:
    """Makes pages in which the caseworker is signed in."""

    def make(**options: Any) -> Page:
        page = new_page(**{"width": 768, **options})
        session = signed_in(Client(), office.caseworker).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return page

    return make


def home(office: Office) -> str:
    return f"/casework/in/{office.slug}/many/"


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_list_from_the_file_to_its_answers(office: Office, page_of: Any, tmp_path: Path, javascript: bool) -> None:
    file = tmp_path / "workers.csv"
    file.write_bytes(written(ROWS, HEADER))
    page = page_of(javascript=javascript)
    page.goto("/casework/")
    page.get_by_role("link", name="Many at once").click()
    expect(page.get_by_role("heading", name="A whole list in one go")).to_be_visible()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Send and check").click()

    expect(page.get_by_role("alert")).to_contain_text("No column says this: Country of work.")
    page.get_by_label("Zzz").select_option(label="Country of work")
    page.get_by_role("button", name="Read the file this way").click()
    expect(page.locator(".sums")).to_contain_text("2 rows can be answered")
    expect(page.locator(".bad-rows")).to_contain_text("“?”")
    expect(page.locator(".bad-rows")).to_contain_text("“Atlantis”")
    expect(page.get_by_text("Siti")).to_have_count(0)
    page.get_by_label("Also open a case for each row").check()
    page.get_by_role("button", name="Answer 2 rows").click()

    expect(page.get_by_role("heading", name="At work", exact=True)).to_be_visible()
    call_command("work", batch=True)
    expect(page.get_by_role("heading", name="Done")).to_be_visible()  # by itself, with JavaScript or without
    expect(page.get_by_text("1 case opened.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    answers = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert [one["reference"] for one in answers] == ["W-2", "W-4"]
    assert Case.objects.get().pseudonym == "W-4"

    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("deleted")
    assert not Import.objects.exists()


def test_work_is_stopped_and_goes_on(office: Office, page_of: Any) -> None:
    upload = at_work(office)
    page = page_of()
    page.goto(f"{home(office)}{upload.pk}/")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="At work", exact=True)).to_be_visible()


def at_work(office: Office) -> Import:
    desk = Desk(office.membership(office.caseworker))
    upload = importing.receive(desk, "list.csv", a_table(4))
    importing.check(upload)
    importing.begin(desk, upload, "en", opens_cases=True)
    return upload


@pytest.mark.parametrize("width", [360, 768])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_accessible_and_fits(office: Office, page_of: Any, width: int, dark: bool) -> None:
    desk = Desk(office.membership(office.caseworker))
    page = page_of(width=width, color_scheme="dark" if dark else "light")
    shown = [home(office)]
    unread = importing.receive(desk, "unread.csv", written(ROWS, HEADER))
    bad = written([*((f"W-{number}", "Atlantis", *GOOD[1:]) for number in range(70)), ("W", *GOOD)])
    to_check = importing.receive(desk, "to check.csv", bad)
    importing.check(to_check)
    running, done = at_work(office), at_work(office)
    importjob.work_on(done.pk, 10.0**12)
    done.refresh_from_db()
    assert done.status == ImportStatus.DONE
    shown += [home(office), *(f"{home(office)}{one.pk}/" for one in (unread, to_check, running, done))]
    shown += [f"{home(office)}{to_check.pk}/rows/", f"{home(office)}{done.pk}/delete/"]
    for path in shown:
        page.goto(path)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} is wider than the screen"
