"""The browser's fixtures work, and hold pages to what they promise."""

import pytest
from csp.decorators import csp_exempt
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import TestCase
from django.urls import path
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.browsing import NewPage, watched_pages
from tests.conftest import asks_for_the_database


def form(request: HttpRequest) -> HttpResponse:
    """A form like any of the site's; once posted it says so."""
    if request.method == "POST":
        return HttpResponse(f"<!doctype html><p>posted {request.POST['word']}</p>")
    return HttpResponse(
        "<!doctype html><form method=post>"
        f"<input type=hidden name=csrfmiddlewaretoken value={get_token(request)}>"
        "<input name=word value=hello><button>Send</button></form>"
    )


def inline(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><script>document.title = 'after'</script>")


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><script src=oops.js></script>")


def oops(request: HttpRequest) -> HttpResponse:
    return HttpResponse("throw new Error('oops')", content_type="text/javascript")


def elsewhere(request: HttpRequest) -> HttpResponse:
    """Asks for a file on a port of this machine where nobody listens, and lets the policy allow it."""
    return csp_exempt()(lambda _: HttpResponse("<!doctype html><img src=http://127.0.0.1:9/x.png>"))(request)


def user(request: HttpRequest) -> HttpResponse:
    """Whether the database knows anybody."""
    return HttpResponse(f"<!doctype html><p>{User.objects.exists()}</p>")


urlpatterns = [path(view.__name__, view) for view in (form, inline, broken, elsewhere, user)] + [path("oops.js", oops)]

pytestmark = pytest.mark.urls("tests.test_browser")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_form_is_posted_through_every_protection(new_page: NewPage, javascript: bool) -> None:
    page = new_page(javascript=javascript)
    page.goto("/form")
    page.get_by_role("button").click()
    assert page.inner_text("p") == "posted hello"


def test_pages_come_in_the_sizes_of_a_phone_and_of_a_desk(page: Page, desktop_page: Page) -> None:
    assert [p.viewport_size["width"] for p in (page, desktop_page)] == [360, 1280]


def test_a_page_without_javascript_runs_none(page_without_javascript: Page) -> None:
    page_without_javascript.set_content("<p>script is off</p><script>document.body.textContent = 'on'</script>")
    assert page_without_javascript.inner_text("p") == "script is off"


@pytest.mark.parametrize(
    ("address", "complaint"),
    [("/inline", "Content Security Policy"), ("/broken", "script: .*oops"), ("/elsewhere", "asked another site")],
)
def test_a_page_that_breaks_the_rules_fails_its_test(
    browser: Browser, website: str, address: str, complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint), watched_pages(browser, website) as make:
        make().goto(address)


@pytest.mark.django_db(transaction=True)
def test_the_database_can_be_used_beside_the_browser_and_behind_it(page: Page) -> None:
    assert not asks_for_a_user(page)
    User.objects.create_user("worker")
    assert asks_for_a_user(page)


def test_no_page_reaches_the_database_behind_the_back_of_a_test_that_did_not_ask(
    page: Page, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    assert not asks_for_the_database(request.node)
    response = page.goto("/user")
    assert response
    assert response.status == 500
    assert "Database access not allowed" in caplog.text


def asks_for_a_user(page: Page) -> bool:
    page.goto("/user")
    return page.inner_text("p") == "True"


class TestByDjangosWay(TestCase):
    def test_it_is_run_on_each_database(self) -> None:
        assert asks_for_the_database(self.item)

    @pytest.fixture(autouse=True)
    def look(self, request: pytest.FixtureRequest) -> None:
        self.item = request.node


@pytest.mark.django_db
def test_a_test_with_a_mark_is_run_on_each_database(request: pytest.FixtureRequest) -> None:
    assert asks_for_the_database(request.node)


def test_so_is_one_with_a_fixture_for_it(request: pytest.FixtureRequest, transactional_db: None) -> None:
    assert asks_for_the_database(request.node)


def test_so_is_one_with_a_fixture_that_wants_such_a_fixture(request: pytest.FixtureRequest, admin_user: User) -> None:
    assert asks_for_the_database(request.node)


def test_so_is_one_with_the_server_of_pytest_django(request: pytest.FixtureRequest, live_server: LiveServer) -> None:
    assert asks_for_the_database(request.node)
