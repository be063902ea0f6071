"""The worker's pages in a real browser, on a phone: as a person uses them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from eligibility.rulebook import Rulebook
from tests.browsing import NewPage
from tests.invented import invented_law

MAID = {"origin": "ID", "destination": "MY", "sector": "domestic_work", "status": "regular"}
FACTORY = {**MAID, "sector": "manufacturing"}


@pytest.fixture(autouse=True)
def law(settings: Any) -> Iterator[Rulebook]:
    """The invented law, until the server has finished with the last request of the test."""
    with invented_law(settings) as rulebook:
        yield rulebook
        for thread in threading.enumerate():
            if "process_request_thread" in thread.name:
                thread.join(timeout=5)


def answer(page: Page, four: dict[str, str] = MAID) -> Page:
    """Fill in the form as a person does, and come to the answer."""
    page.goto("/")
    page.get_by_label("Which country are you from?").select_option(four["origin"])
    page.get_by_label("Which country do you work in?").select_option(four["destination"])
    page.locator(f"label:has(#sector-{four['sector']})").click()
    page.locator(f"label:has(#status-{four['status']})").click()
    page.get_by_role("button", name="Show my benefits").click()
    expect(page).to_have_url(re.compile(r"/answer/$"))
    return page


def card(page: Page, benefit: str) -> Any:
    return page.locator(f"details#{benefit}")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_whole_journey_on_a_phone(new_page: NewPage, javascript: bool) -> None:
    page = answer(new_page(javascript=javascript))
    expect(page.get_by_role("heading", level=1)).to_have_text("Indonesia → Malaysia: Work in a private home")

    # A card tells on demand why, and what to do.
    savings = card(page, "old_age")
    expect(savings.get_by_text("Why: the law")).to_be_hidden()
    savings.locator("> summary").click()
    expect(savings.get_by_text("Why: the law")).to_be_visible()
    expect(savings.get_by_role("link", name="+60 3-8922 6000")).to_have_attribute("href", "tel:+60389226000")

    # A number is told, and decides.
    expect(card(page, "invalidity")).to_have_class("card depends")
    page.get_by_label("For how many months have you or your employer paid").fill("26")
    page.get_by_role("button", name="Use this").first.click()
    expect(card(page, "invalidity")).to_have_class("card portable")

    # A question that the worker cannot answer is not asked again.
    page.get_by_role("button", name="I don’t know").click()
    expect(page.locator(".ask-more")).to_have_count(0)
    expect(card(page, "employment_injury")).to_have_class("card depends")

    # What is assumed is changed with one tap, and taken back with another.
    expect(card(page, "sickness")).to_have_class("card retained")
    page.get_by_role("button", name="This is not so").last.click()
    expect(card(page, "sickness")).to_have_class("card lost")
    page.get_by_role("button", name="Take back: Has your employer registered you").click()
    expect(card(page, "sickness")).to_have_class("card retained")

    # The answers can be changed, the four of them, and deleted.
    page.get_by_role("link", name="Change your answers").first.click()
    expect(page.locator("#sector-domestic_work")).to_be_checked()
    page.locator("label:has(#sector-manufacturing)").click()
    page.get_by_role("button", name="Show my benefits").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Indonesia → Malaysia: Factory")
    page.get_by_role("button", name="Delete my answers").click()
    expect(page.get_by_role("status")).to_have_text("Your answers are deleted.")
    page.goto("/answer/")
    expect(page).to_have_url(re.compile(r"/\?answers=ended$"))


def test_after_the_answers_are_deleted_the_back_button_shows_nothing(page: Page) -> None:
    answer(page)
    page.get_by_role("button", name="Delete my answers").click()
    expect(page.get_by_role("status")).to_have_text("Your answers are deleted.")
    page.go_back()
    expect(page.get_by_text("We keep answers for 30 minutes only")).to_be_visible()
    assert "Malaysia:" not in page.inner_text("body")


def test_a_form_sent_empty_comes_back_with_the_focus_on_the_first_error(page_without_javascript: Page) -> None:
    page = page_without_javascript
    page.goto("/")
    page.locator("label:has(#sector-fishing)").click()
    page.get_by_role("button", name="Show my benefits").click()
    expect(page.locator("#origin")).to_be_focused()
    expect(page.locator("#origin")).to_have_accessible_description(
        "The country of your passport. Choose the country you are from."
    )
    expect(page.locator("#sector-fishing")).to_be_checked()
    expect(page.locator(".error")).to_have_count(3)
    page.get_by_role("alert").get_by_role("link", name="Choose what your papers say.").click()
    expect(page.locator("#status-permanent_resident")).to_be_in_viewport()


def test_a_wrong_number_comes_back_with_the_focus_on_it(page_without_javascript: Page) -> None:
    page = answer(page_without_javascript)
    field = page.get_by_label("For how many months have you or your employer paid")
    field.fill("many")
    page.get_by_role("button", name="Use this").first.click()
    expect(field).to_be_focused()
    expect(field).to_have_value("many")
    expect(field).to_have_accessible_description(re.compile("Write a whole number from 0 to 720."))


def test_everything_works_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#origin")).to_be_focused()
    page.keyboard.type("Indo")
    page.keyboard.press("Tab")
    page.keyboard.type("Mala")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#sector-domestic_work")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#status-regular")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Indonesia → Malaysia: Work in a private home")

    field = page.get_by_label("For how many months have you or your employer paid")
    _tab_to(page, field)
    page.keyboard.type("26")
    page.keyboard.press("Enter")
    expect(card(page, "invalidity")).to_have_class("card portable")

    summary = card(page, "old_age").locator("> summary")
    _tab_to(page, summary)
    page.keyboard.press("Enter")
    expect(card(page, "old_age").get_by_text("Why: the law")).to_be_visible()


def _tab_to(page: Page, place: Any) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if place.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"Tab never reached {place}")


def test_what_has_the_focus_is_seen(page: Page) -> None:
    answer(page)
    for place in (page.locator("summary").first, page.get_by_role("button", name="Yes"), page.locator(".sum a").first):
        _tab_to(page, place)
        assert place.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_a_link_of_the_summary_leads_to_its_group(page: Page) -> None:
    answer(page)
    page.locator(".sum a.none").click()
    expect(page.locator("#g-none")).to_be_in_viewport()


def test_on_paper_everything_is_open_and_nothing_is_to_be_pressed(page: Page) -> None:
    answer(page, FACTORY)
    page.emulate_media(media="print")
    assert page.locator("details.card").count() == 9
    for part in page.locator("details.card > .in").all():
        assert part.evaluate("e => e.checkVisibility({contentVisibilityAuto: true}) && e.offsetHeight > 50")
    for pressed in page.locator("button, input:not([type=hidden]), footer nav").all():
        expect(pressed).to_be_hidden()
    expect(page.get_by_text("Invented Savings Act").first).to_be_visible()
    address = "getComputedStyle(document.querySelector('ul.law a'), '::after').content"
    assert "law.example" in page.evaluate(address), "a source on paper shows its address"
    assert page.pdf(format="A4").startswith(b"%PDF")
    for rest in page.locator(".rest:not(.gap)").all():
        expect(rest).to_be_hidden()  # what decides nothing would cost paper; whoever opened all gets it
    expect(page.get_by_text("The states will treat foreign workers fairly.").first).to_be_visible()
    page.goto("/answer/?open")
    expect(page.locator(".rest ul").first).to_be_visible()


PAGES = ["/", "/answer/?open", "/about/", "/law/", "/law/MY/", "/rules/my-epf-in-domestic/", "/nothing"]


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_page_scrolls_sideways(new_page: NewPage, width: int) -> None:
    page = answer(new_page(width=width), FACTORY)
    for address in PAGES:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_with_letters_twice_as_large_nothing_is_lost(page: Page) -> None:
    answer(page, FACTORY)
    for address in PAGES:
        page.goto(address)
        page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address


def test_all_that_is_tapped_is_large_enough_for_a_thumb(page: Page) -> None:
    answer(page)
    for address in ("/", "/answer/?open"):
        page.goto(address)
        small = page.evaluate(
            """[...document.querySelectorAll('button, .button, select, [inputmode], .pick, summary, .sum a, nav a')]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 48).map(e => e.outerHTML)"""
        )
        assert not small, small


CONTRASTS = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility()) continue;
    seen += 1;
    const found = ratio(rgb(getComputedStyle(element).color), behind(element));
    if (found < 4.5) faint.push(`${found.toFixed(2)} ${text.slice(0, 40)}`);
  }
  // The edge of what is pressed or filled in, against the page behind it.
  for (const e of document.querySelectorAll('button, .button, select, [inputmode], .pick')) {
    const edge = ratio(rgb(getComputedStyle(e).borderTopColor), behind(e.parentElement));
    if (edge < 3) faint.push(`${edge.toFixed(2)} edge of ${e.textContent.trim().slice(0, 40)}`);
  }
  return [seen, faint];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(new_page: NewPage, scheme: str) -> None:
    page = answer(new_page(color_scheme=scheme), FACTORY)
    for address in PAGES:
        page.goto(address)
        seen, faint = page.evaluate(CONTRASTS)
        assert seen > 5
        assert not faint, f"{address}: {faint}"
    page.goto("/")
    page.get_by_label("Which country are you from?").select_option("")
    page.get_by_role("button", name="Show my benefits").click()
    seen, faint = page.evaluate(CONTRASTS)
    assert not faint, f"with errors: {faint}"


def test_dark_is_dark_and_light_is_light(new_page: NewPage) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page = new_page(color_scheme=scheme)
        page.goto("/")
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(243, 245, 246)", "rgb(14, 20, 25)"]


def test_whoever_wants_no_motion_gets_none(new_page: NewPage) -> None:
    page = new_page(reduced_motion="reduce")
    page.goto("/")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
