"""What every test may ask for. The browser's fixtures:

- `page`: a phone's page (360 × 800) on the running site, with JavaScript;
- `page_without_javascript`: the same phone with JavaScript off, as on an old browser or a saver of data;
- `desktop_page`: a wide page (1280 × 800);
- `new_page`: makes any other page, `new_page(width=320, javascript=False, locale="id-ID")`.

Addresses are relative to the running site: `page.goto("/")`. A test fails when its page broke the Content Security
Policy, raised an error in a script, or asked any other site for anything.
"""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from eligibility.explain import catalogues
from tests.browsing import CHROMIUM_FLAGS, NewPage, watched_pages

# A busy machine is no fault of the example that was running.
hypothesis.settings.register_profile("project", deadline=None)
# In CI every run must try the same examples, or a failure could not be told from bad luck.
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "project")


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    """Pages in other languages need what gettext reads, however the tests were started."""
    catalogues.compile_all()


@pytest.fixture(scope="session", autouse=True)
def editions_kept_aside(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a test stores an answer by is kept in a folder of the tests', not in the installation's."""
    settings.RULEBOOK_EDITIONS = tmp_path_factory.mktemp("editions")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Debian's Chromium, started once. Without it the tests fail: a browser test that is skipped proves nothing."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.fail(
            "No chromium on this machine, and the pages must be tested in a browser. `make test` installs it on "
            "Debian (apt-get install chromium fonts-noto-core); elsewhere set CHROMIUM to the path of one.",
            pytrace=False,
        )
    home = tmp_path_factory.mktemp("home")
    with sync_playwright() as playwright:
        # Playwright's event loop lives in this thread, so Django takes every later query in it for one made from
        # async code. It is not: the tests are synchronous.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        chromium = playwright.chromium.launch(
            executable_path=executable, args=CHROMIUM_FLAGS, env={**os.environ, "HOME": str(home)}
        )
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser, live_server: Any) -> Iterator[NewPage]:
    with watched_pages(browser, live_server.url) as make:
        yield make


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


@pytest.fixture
def page_without_javascript(new_page: NewPage) -> Page:
    return new_page(javascript=False)


@pytest.fixture
def desktop_page(new_page: NewPage) -> Page:
    return new_page(width=1280)
