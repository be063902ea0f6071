"""What the law changed, looked through at the desk: with keys, without JavaScript, and read by axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from eligibility import current
from eligibility.casework.changing import create
from eligibility.casework.desk import Desk
from eligibility.casework.lawchange import adopt, follow
from eligibility.casework.models import Case, Change, Stay
from eligibility.rulebook import load
from tests.browsing import NewPage
from tests.offices import Office, an_office, signed_in
from tests.synthetic import nation, write

MakePage = Callable[..., Page]


@pytest.fixture
def office(live_server: Any, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An organisation with three cases that an edition changed."""
    office = an_office()
    settings.RULEBOOK_EDITIONS = tmp_path / "editions"
    for leaving in ("withdrawn", "forfeited"):
        there = nation("QM", "old_age", inbound="coverage: mandatory", leaving=f"becomes: {leaving}")
        settings.RULEBOOK_PATH = write(tmp_path / leaving, nation("QN", "old_age"), there)
        law = load(settings.RULEBOOK_PATH, snapshots=None)
        monkeypatch.setattr(current, "rulebook", lambda law=law: law)
        adopt()
        for name in ("Rose", "Tulip", "Iris") if leaving == "withdrawn" else ():
            stay = Stay(destination="QM", sector="manufacturing", status="regular", began=date(2024, 1, 1))
            create(Desk(office.membership(office.caseworker)), Case(origin="QN", pseudonym=name), [stay])
    follow(timezone.now())
    return office


@pytest.fixture
def desk(office: Office, new_page: NewPage, live_server: Any) -> MakePage:
    """Makes pages in which the caseworker is signed in."""

    def make(**options: Any) -> Page:
        page = new_page(**{"width": 768, **options})
        session = signed_in(Client(), office.caseworker).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page.goto(f"/casework/in/{office.slug}/law/")
        return page

    return make


def unseen() -> set[str]:
    return set(Change.objects.filter(seen=None).values_list("case__pseudonym", flat=True))


def test_changes_are_looked_through_with_the_keyboard(desk: MakePage) -> None:
    page = desk()
    names = [str(change.case) for change in Change.objects.all()]  # as the list shows them
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=names[1], exact=True)).to_be_focused()
    page.keyboard.press("Tab")  # to the rule's page
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=f"Seen {names[1]}", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    undo = page.get_by_role("button", name=f"Not seen {names[1]}")
    expect(undo).to_be_focused()
    assert unseen() == {names[0], names[2]}
    expect(page.locator(".badge")).to_have_text("2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"Seen {names[1]}", exact=True)).to_be_focused()
    expect(page.locator(".badge")).to_have_text("3")
    assert unseen() == set(names)
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("3 changes marked as seen.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".badge")).to_have_text("3")


def test_the_number_in_the_menu_makes_no_page_wider_than_a_telephone(desk: MakePage) -> None:
    page = desk(width=320)
    expect(page.locator(".badge")).to_have_text("3")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_navigation_counts_along_without_a_reload(desk: MakePage) -> None:
    page = desk()
    link = page.get_by_role("link", name="Changed by law")
    for left in ("2", "1"):
        page.get_by_role("button", name=re.compile("^Seen")).first.click()
        expect(link).to_have_accessible_name(f"Changed by law {left} not seen yet")
    page.get_by_role("button", name=re.compile("^Seen")).first.click()
    expect(link).to_have_accessible_name("Changed by law")
    expect(page.locator("tbody tr.seen")).to_have_count(3)
    page.get_by_role("button", name=re.compile("^Not seen")).first.click()
    expect(link).to_have_accessible_name("Changed by law 1 not seen yet")


def test_without_javascript_the_same_can_be_done(desk: MakePage) -> None:
    page = desk(javascript=False)
    page.get_by_role("link", name="Rose", exact=True).click()
    notice = page.locator(".changed")
    expect(notice).to_contain_text("A new edition of the law changed this case.")
    notice.get_by_role("button", name="Seen").click()
    expect(notice).to_have_count(0)
    assert unseen() == {"Tulip", "Iris"}
    page.get_by_role("link", name="Changed by law").click()
    page.get_by_role("button", name="Mark all as seen").click()
    expect(page.get_by_role("heading", name="Nothing new")).to_be_visible()
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_passes_axe_and_fits_a_tablet(desk: MakePage, scheme: str) -> None:
    page = desk(color_scheme=scheme)
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 768
