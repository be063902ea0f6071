"""The browser's fixtures work, and hold pages to what they promise."""

from typing import Any

import pytest
from csp.decorators import csp_exempt
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import path
from playwright.sync_api import Browser, Page

from tests.browsing import NewPage, watched_pages


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


urlpatterns = [path(view.__name__, view) for view in (form, inline, broken, elsewhere)] + [path("oops.js", oops)]

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
    browser: Browser, live_server: Any, address: str, complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint), watched_pages(browser, live_server.url) as make:
        make().goto(address)


def test_the_database_can_be_used_beside_the_browser(page: Page, db: None) -> None:
    page.goto("/form")
    assert User.objects.count() == 0
