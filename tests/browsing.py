"""How the tests drive the browser, and what they hold every page to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

NewPage = Callable[..., Page]

PATIENCE = 20_000
"""Milliseconds until what should show is said not to show. A busy machine is no fault of the page."""
expect.set_options(timeout=PATIENCE)

CHROMIUM_FLAGS = [
    "--no-sandbox",  # the sandbox does not start for root, and only our own pages are shown
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]


@contextmanager
def watched_pages(browser: Browser, site: str) -> Iterator[NewPage]:
    """Makes pages on `site`. At the end, AssertionError names every breach of the Content Security Policy, every error
    in a script, and every request to another site."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def note_console(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(f"console: {message.text}")

    def note_request(request: Request) -> None:
        if not request.url.startswith((f"{site}/", "data:", "blob:", "about:")):
            faults.append(f"asked another site: {request.url}")

    def make(*, width: int = 360, height: int = 800, javascript: bool = True, **options: Any) -> Page:
        context = browser.new_context(
            base_url=site,
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            **{"locale": "en-GB", **options},
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", note_console)
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on("request", note_request)
        return page

    try:
        yield make
    finally:
        for context in contexts:
            context.close()
    assert not faults, "\n".join(faults)
