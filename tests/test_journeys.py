"""Whole journeys on a phone, with and without JavaScript, in four scripts of South-East Asia; and axe-core on every
kind of page in every language. Screenshots of each journey are left in var/screenshots, for people to look at."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.utils.translation import gettext, override
from playwright.sync_api import Page, expect

from tests.browsing import NewPage

LANGUAGES = [code for code, _name in settings.LANGUAGES]
SHOTS = Path(settings.BASE_DIR) / "var" / "screenshots"
LOCALES = {"zh-hans": "zh-CN", "fil": "fil-PH", "tet": "tet"}


def answer(page: Page, origin: str, destination: str, sector: str, status: str) -> None:
    page.goto("/")
    page.select_option("#origin", origin)
    page.select_option("#destination", destination)
    page.locator(f"label:has(#sector-{sector})").click()
    page.locator(f"label:has(#status-{status})").click()
    page.locator("form button.main").last.click()
    page.wait_for_url("**/answer/")


def keep_picture(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SHOTS / f"{name}.png"), full_page=True)


def said(language: str, text: str) -> str:
    with override(language):
        return gettext(text)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize(
    ("language", "case"),
    [
        ("my", ("MM", "TH", "construction", "regular")),
        ("km", ("KH", "TH", "agriculture", "border_or_seasonal")),
        ("th", ("TH", "KR", "manufacturing", "regular")),
        ("id", ("ID", "MY", "domestic_work", "irregular")),
    ],
)
def test_a_worker_asks_reads_tries_what_if_and_leaves(
    new_page: NewPage, settings: Any, language: str, case: tuple[str, str, str, str], javascript: bool
) -> None:
    settings.QUICK_EXIT_URL = "/about/"  # no test leaves this machine
    page = new_page(javascript=javascript, locale=language)
    answer(page, *case)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("details.card")).to_have_count(9)
    page.locator("details.card summary").first.click()
    expect(page.locator("details.card").first.get_by_text(said(language, "How sure we are:"))).to_be_visible()
    keep_picture(page, f"answer-{language}-{'js' if javascript else 'plain'}")

    page.locator('button[name="what"]').first.click()
    expect(page.locator("h1")).to_have_text(re.compile(r"\S"))
    page.get_by_role("link", name=said(language, "Back to your answer")).click()
    page.locator('button[name="text"]').click()
    expect(page.locator("textarea")).not_to_be_empty()
    page.get_by_role("link", name=said(language, "Back to your answer")).click()

    page.locator(".leave button").click()
    page.wait_for_url("**/about/")
    page.goto("/answer/")
    expect(page).to_have_url(re.compile(r"/\?answers=ended$"))


PAGES = ("/", "/answer/", "/answer/other-countries/", "/about/", "/law/", "/law/TH/", "/offline/", "/nowhere/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_any_kind_of_page_in_any_language(new_page: NewPage, language: str) -> None:
    page = new_page(locale=LOCALES.get(language, language))
    answer(page, "PH", "TH", "services", "regular")
    found: list[str] = []

    def look() -> None:
        expect(page.locator("html")).to_have_attribute("lang", language)
        result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        found.extend(f"{page.url}: {one['id']}: {one['help']}" for one in result.response["violations"])

    # English pages all; the kinds are the same in every language, so the others are held to those that differ most.
    for address in PAGES if language == "en" else PAGES[:3]:
        page.goto(address if address != "/answer/" else "/answer/?open")
        look()
    for button, form in (("what", "**/what-if/"), ("link", "**/keep/")):
        page.goto("/answer/")
        page.locator(f'button[name="{button}"]').first.click()
        page.wait_for_url(form)
        look()
    assert not found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_off_at_320_pixels(new_page: NewPage, language: str) -> None:
    page = new_page(width=320, locale=LOCALES.get(language, language))
    answer(page, "MM", "MY", "domestic_work", "regular")
    for address in ("/", "/answer/?open", "/answer/other-countries/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


def test_what_was_kept_on_the_phone_is_read_without_a_network(new_page: NewPage) -> None:
    page = new_page()
    answer(page, "ID", "MY", "domestic_work", "regular")
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    page.locator("#keep button").click()
    expect(page.locator("#keep [role=status]")).to_have_text("Kept. You can read it without a network.")
    page.goto("/")
    expect(page.locator("#kept a")).to_have_text("Indonesia → Malaysia: Work in a private home")
    page.context.set_offline(True)
    page.locator("#kept a").click()
    expect(page.locator("h1")).to_have_text("Indonesia → Malaysia: Work in a private home")
    expect(page.locator("form")).to_have_count(0)
    page.goto("/about/")
    expect(page.locator("h1")).to_have_text(re.compile("There is no network"))
