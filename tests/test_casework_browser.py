"""A day at the desk, in a real browser: on a tablet, with keys, and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page, expect

from eligibility.casework.models import Case, Claim, Note, Stay
from tests.browsing import NewPage
from tests.offices import Office, an_office, signed_in

TABLET = 768
CASE = {"origin": "ID", "destination": "KR", "sector": "manufacturing", "status": "regular", "language": "id"}


@pytest.fixture
def office(live_server: Any) -> Office:
    return an_office()


@pytest.fixture
def desk(office: Office, new_page: NewPage, live_server: Any) -> Iterator[Any]:
    """Makes pages in which the caseworker is signed in."""

    def make(**options: Any) -> Page:
        page = new_page(**{"width": TABLET, **options})
        session = signed_in(Client(), office.caseworker).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return page

    return make


def home(office: Office) -> str:
    return f"/casework/in/{office.slug}/"


def a_case(office: Office, **instead: str) -> UUID:
    """A case that was opened before."""
    browser = signed_in(Client(), office.caseworker)
    browser.post(f"{home(office)}new/", CASE | {"began": "2021-03-01", "ended": "2026-02-28"} | instead)
    return Case.objects.latest("created").pk


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_case_from_the_first_visit_to_its_claim(office: Office, desk: Any, javascript: bool) -> None:
    page = desk(javascript=javascript)
    page.goto("/casework/")
    expect(page.get_by_role("heading", name="No case yet")).to_be_visible()
    page.get_by_role("link", name="Open the first case").click()
    page.get_by_label("Country of origin").select_option("ID")
    page.get_by_label("Country of work").select_option("KR")
    page.get_by_label("Work:", exact=True).select_option("manufacturing")
    page.get_by_label("Papers").select_option("regular")
    page.get_by_label("First day of work there").fill("2021-03-01")
    page.get_by_label("Last day of work there").fill("2026-02-28")
    page.get_by_label("Pseudonym").fill("Rose")
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rose")
    expect(page.get_by_role("row")).not_to_have_count(0)
    expect(page.locator("#answer .tag").first).to_be_visible()
    page.get_by_role("button", name="Make it a claim").first.click()
    expect(page.locator("#claims .parts")).to_contain_text("To be filed")
    page.locator("#notes").get_by_label("Note").fill("Bring the bank book.")
    page.locator("#notes").get_by_role("button", name="Add").click()
    expect(page.locator("#notes .parts")).to_contain_text("Bring the bank book.")
    assert Case.objects.count() == 1
    assert Claim.objects.count() == 1


def test_what_was_filled_in_wrongly_stays_and_is_marked(office: Office, desk: Any) -> None:
    page = desk(javascript=False)
    page.goto(f"{home(office)}new/")
    page.get_by_label("Pseudonym").fill("Rose")
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_label("Pseudonym")).to_have_value("Rose")
    field = page.get_by_label("Country of origin")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".field.wrong", has=field)).to_contain_text("This field is required.")


def test_searching_spares_a_reload_and_leaves_no_trace_in_the_address(office: Office, desk: Any) -> None:
    a_case(office, pseudonym="Rose", name="Siti Rahma")
    a_case(office, pseudonym="Tulip", name="Dewi")
    page = desk()
    page.goto(home(office))
    page.evaluate("window.sameDocument = true")
    page.keyboard.press("/")
    page.keyboard.type("siti")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Tulip")).to_have_count(0)
    expect(page.get_by_role("link", name="Rose")).to_be_visible()
    assert page.evaluate("window.sameDocument") is True
    assert "siti" not in page.url


def test_a_removed_note_is_brought_back_with_one_tap(office: Office, desk: Any) -> None:
    case = a_case(office, pseudonym="Rose")
    Note.objects.create(case_id=case, text="Bring the bank book.")
    page = desk(javascript=False)
    page.goto(f"{home(office)}case/{case}/")
    page.locator("#notes .parts").get_by_role("link", name="Edit").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#notes")).not_to_contain_text("Bring the bank book.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notes")).to_contain_text("Bring the bank book.")


def test_keys_lead_through_the_list_and_can_be_switched_off(office: Office, desk: Any) -> None:
    a_case(office, pseudonym="Rose")
    a_case(office, pseudonym="Tulip")
    page = desk(width=1280)
    page.goto(home(office))
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Tulip")).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Rose")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tulip")
    page.keyboard.press("?")
    page.get_by_label("Use these keys").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    page.keyboard.press("e")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tulip")
    assert page.url.endswith("/"), "still the case's own page"
    assert "/edit/" not in page.url


def test_side_by_side_marks_what_would_differ(office: Office, desk: Any) -> None:
    case = a_case(office, pseudonym="Rose")
    page = desk(width=1280)
    page.goto(f"{home(office)}case/{case}/")
    page.get_by_role("link", name="Compare").click()
    page.get_by_role("group", name="Variant 1").get_by_label("Papers").select_option("irregular")
    page.get_by_role("group", name="Variant 1").get_by_role("button", name="Show").click()
    expect(page.locator("td.other").first).to_be_visible()
    assert Stay.objects.get().status == "regular"


def test_without_javascript_nothing_is_offered_that_needs_it(office: Office, desk: Any) -> None:
    page = desk(javascript=False)
    page.goto(home(office))
    expect(page.locator("#keys-open")).to_be_hidden()
    page = desk()
    page.goto(home(office))
    expect(page.locator("#keys-open")).to_be_visible()


def test_on_a_telephone_every_row_shows_all_it_has_without_pushing_tables_aside(office: Office, desk: Any) -> None:
    case = a_case(office, pseudonym="Rose")
    Claim.objects.create(case_id=case, benefit="old_age", due="2027-01-31")
    Case.objects.update(next_due="2027-01-31")
    page = desk(width=360)
    for path in ("", "case/{case}/", "case/{case}/answers/", "case/{case}/compare/?status1=irregular"):
        page.goto(home(office) + path.format(case=case))
        wide = "[...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth).length"
        assert page.evaluate(wide) == 0, path
    page.goto(home(office))
    expect(page.get_by_text("Jan 31, 2027")).to_be_in_viewport()
    expect(page.locator(".marks")).to_be_in_viewport(ratio=1)


def test_on_paper_only_what_was_opened_is_printed(office: Office, desk: Any) -> None:
    case = a_case(office, pseudonym="Rose")
    page = desk(width=1280)
    page.goto(f"{home(office)}case/{case}/")
    first, second = page.locator(".answer details").nth(0), page.locator(".answer details").nth(1)
    first.locator("summary").click()
    page.emulate_media(media="print")
    expect(first.locator(".sure")).to_be_visible()
    expect(second.locator(".sure")).to_be_hidden()


def test_side_by_side_is_printed_with_what_was_chosen(office: Office, desk: Any) -> None:
    page = desk(width=1280)
    page.goto(f"{home(office)}case/{a_case(office)}/compare/?status1=irregular")
    page.emulate_media(media="print")
    expect(page.locator("td.other").first).to_be_visible()
    expect(page.get_by_role("group", name="Variant 1").get_by_label("Papers")).to_be_visible()
    expect(page.get_by_role("button", name="Show")).to_have_count(0)


def test_the_status_is_changed_where_it_stands_and_back_with_one_tap(office: Office, desk: Any) -> None:
    case = a_case(office, pseudonym="Rose")
    page = desk(javascript=False)
    page.goto(f"{home(office)}case/{case}/")
    page.locator(".facts").get_by_role("button", name="Closed").click()
    expect(page.locator(".facts")).to_contain_text("deleted by itself after")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".facts")).not_to_contain_text("deleted by itself after")


def test_a_title_says_where_one_is_and_the_menu_whose_page_it_is(office: Office, desk: Any) -> None:
    case = a_case(office, pseudonym="Rose")
    page = desk(width=1280)
    titles = set()
    for path in ("", "edit/", f"stay/{Stay.objects.get().pk}/", "answers/", "compare/"):
        page.goto(f"{home(office)}case/{case}/{path}")
        titles.add(page.title())
        expect(page.get_by_role("link", name="Cases", exact=True)).to_have_attribute("aria-current", "location")
    assert len(titles) == 5


def test_on_a_telephone_the_menu_shows_where_one_is(office: Office, desk: Any) -> None:
    page = desk(width=360)
    page.goto(f"{home(office)}numbers/")
    expect(page.get_by_role("link", name="Numbers", exact=True)).to_be_in_viewport(ratio=1)


PAGES = ("", "new/", "case/{case}/", "case/{case}/edit/", "case/{case}/answers/", "case/{case}/compare/", "calendar/")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_accessible_and_fits_a_telephone(office: Office, desk: Any, dark: bool) -> None:
    case = a_case(office, pseudonym="Rose", name="Siti")
    page = desk(width=360, color_scheme="dark" if dark else "light")
    for path in PAGES:
        page.goto(home(office) + path.format(case=case))
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, f"{path} is wider than the screen"
