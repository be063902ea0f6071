"""What every test may ask for. The browser's fixtures:

- `page`: a phone's page (360 × 800) on the running site, with JavaScript;
- `page_without_javascript`: the same phone with JavaScript off, as on an old browser or a saver of data;
- `desktop_page`: a wide page (1280 × 800);
- `new_page`: makes any other page, `new_page(width=320, javascript=False, locale="id-ID")`.

Addresses are relative to the running site: `page.goto("/")`. A test fails when its page broke the Content Security
Policy, raised an error in a script, or asked any other site for anything.

The site behind a page may use the database only where the test asks for it, as any test must, by
`pytest.mark.django_db(transaction=True)` or a fixture that wants `transactional_db`. All others thereby prove that
their pages need none. Those that ask are run a second time, on PostgreSQL: see `--only-database`.
"""

import os
import shutil
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connection
from django.test import TransactionTestCase
from django.test.testcases import LiveServerThread
from django.utils import translation
from playwright.sync_api import Browser, Page, sync_playwright

from eligibility.explain import catalogues
from tests.browsing import CHROMIUM_FLAGS, NewPage, watched_pages

# A busy machine is no fault of the example that was running.
hypothesis.settings.register_profile("project", deadline=None)
# In CI every run must try the same examples, or a failure could not be told from bad luck.
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "project")


DATABASE_FIXTURES = frozenset(
    "db transactional_db django_db_reset_sequences django_db_serialized_rollback live_server".split()
)
"""Each is a way to ask for the database; the other fixtures that need it (`admin_client`, …) ask for one of these."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database", action="store_true", help="run only the tests that use the database, for a second database"
    )


def pytest_report_header() -> str:
    return f"database: {connection.vendor}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--only-database`, leave out every test that cannot touch the database.

    The suite runs on two databases, and most of its time goes into tests that would do the very same on both: the law,
    the engine, the worker's pages in the browser. pytest-django lets no test, and no page that it opens, near the
    database unless the test asks for it, so whatever does not ask need not run twice.
    """
    if config.getoption("only_database"):
        left_out = [item for item in items if not asks_for_the_database(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if asks_for_the_database(item)]


def asks_for_the_database(item: pytest.Item) -> bool:
    """By a mark, by a fixture (its own or one that another fixture wants), or as one of Django's own test cases."""
    return (
        item.get_closest_marker("django_db") is not None
        or not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or issubclass(getattr(item, "cls", None) or object, TransactionTestCase)
    )


@pytest.fixture(autouse=True)
def the_sites_language() -> None:
    """A page leaves its language behind in the thread: no test may find that of the one before it."""
    translation.deactivate()


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


@pytest.fixture(scope="session")
def site_without_database() -> Iterator[str]:
    """The address of a running site for tests that may not use the database.

    pytest-django's `live_server` would open the database to each of them, and empty all of it after each.
    """
    server = LiveServerThread("localhost", static_handler=StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://{server.host}:{server.port}"
    server.terminate()


@pytest.fixture
def website(request: pytest.FixtureRequest) -> str:
    """The address of the running site."""
    if not asks_for_the_database(request.node):
        return request.getfixturevalue("site_without_database")
    # First the database: the server's thread is handed the connection to one that is kept in memory.
    request.getfixturevalue("django_db_setup")
    return request.getfixturevalue("live_server").url


@pytest.fixture
def new_page(browser: Browser, website: str) -> Iterator[NewPage]:
    with watched_pages(browser, website) as make:
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
