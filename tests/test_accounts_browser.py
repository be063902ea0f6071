"""Signing in with a real browser: by a code from an app, by a passkey, on a telephone and on a tablet."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect

from eligibility.casework import members
from eligibility.casework.models import Organisation, Role
from tests.browsing import NewPage
from tests.offices import PASSWORD, Office, an_office, give_second_factor

GOOD = "a long and quite good password"


@pytest.fixture(autouse=True)
def settled(live_server: Any) -> Iterator[None]:
    """No tries counted from the test before; and the server has finished before the tables are emptied."""
    cache.clear()
    yield
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=5)


@pytest.fixture
def office(settled: None) -> Office:
    return an_office()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm(page: Page, password: str = PASSWORD) -> None:
    """Show again who one is, with the password."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Go on").click()


def sign_out(page: Page) -> None:
    page.locator(".me summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def another_code(secret: str) -> str:
    """A code that was not used yet: that of the next half minute, which telephones ahead of time show already."""
    return pyotp.TOTP(secret).at(time.time() + 30)


def virtual_authenticator(page: Page) -> Any:
    """A telephone that confirms with a finger, as far as the browser can tell."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devtools


@pytest.mark.parametrize("javascript", [True, False])
def test_from_an_invitation_to_signing_in_with_a_code(new_page: NewPage, office: Office, javascript: bool) -> None:
    Organisation.objects.filter(pk=office.organisation.pk).update(second_factor=True)
    page = new_page(javascript=javascript)
    page.goto(members.link_to(members.invite(office.organisation, "owner", Role.CASEWORKER)))
    expect(page.get_by_role("heading", level=1)).to_have_text("Harbour Aid invites you")
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("Email").fill("ana@ngo.example")
    page.get_by_label("Password").fill(GOOD)
    page.get_by_role("button", name="Make my account").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Code from the e-mail")
    code = re.search(r"^\d{6}$", mail.outbox[0].body, re.M)
    assert code
    page.get_by_label("Code").fill(code[0])
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Join Harbour Aid as Caseworker").click()

    expect(page.get_by_text("Your organisation asks for a second factor.")).to_be_visible()
    page.get_by_role("link", name="Set up an app").click()
    confirm(page, GOOD)
    secret = page.get_by_label("Authenticator secret").input_value()
    page.get_by_label("Authenticator code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_label("Unused codes")).to_be_visible()

    page.goto(f"/casework/in/{office.slug}/")
    expect(page).to_have_url(re.compile(f"/casework/in/{office.slug}/$"))
    sign_out(page)
    sign_in(page, "ana@ngo.example", GOOD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    page.get_by_label("Code").fill(another_code(secret))
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(f"/casework/in/{office.slug}/$"))


def test_a_passkey_is_added_signs_in_alone_and_confirms(new_page: NewPage, office: Office) -> None:
    page = new_page()
    virtual_authenticator(page)
    sign_in(page, office.owner.email)
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Add a passkey or security key").click()
    confirm(page)
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_label("Unused codes")).to_be_visible()
    assert members.has_second_factor(office.owner)
    sign_out(page)

    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile(f"/casework/in/{office.slug}/$"))

    # What was posted goes on once the passkey has confirmed who it is.
    page.goto(f"/casework/in/{office.slug}/members/")
    page.get_by_label("For whom").fill("Minh")
    page.get_by_role("button", name="Make a link").click()
    page.get_by_role("link", name="Use a security key").click()
    page.get_by_role("button", name="Use a security key").click()
    expect(page.locator("code.once")).to_contain_text("/casework/join/")
    expect(page.locator("strong", has_text="Minh")).to_be_visible()
    sign_out(page)

    # With the password, it is the second factor.
    sign_in(page, office.owner.email)
    page.get_by_role("button", name="Use your passkey or security key").click()
    expect(page).to_have_url(re.compile(f"/casework/in/{office.slug}/$"))


def test_a_passkey_that_is_not_there_is_told_in_words(new_page: NewPage, office: Office) -> None:
    page = new_page()
    virtual_authenticator(page)
    page.goto("/account/login/")
    trouble = page.get_by_role("alert")
    expect(trouble).to_have_count(0)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(trouble).to_have_text("The passkey was not used. Try again, or sign in another way.")


PAGES = (
    "/casework/in/{}/members/",
    "/casework/in/{}/members/{}/end/",
    "/casework/in/{}/settings/",
    "/casework/in/{}/leave/",
    "/account/email/",
    "/account/password/change/",
    "/account/2fa/",
    "/account/2fa/totp/deactivate/",
    "/account/2fa/recovery-codes/",
    "/account/2fa/recovery-codes/generate/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/add/",
    "/account/sessions/",
    "/account/logout/",
    "/account/reauthenticate/",
    "/account/2fa/reauthenticate/",
)
OUTSIDE = ("/account/login/", "/account/signup/", "/account/password/reset/", "/account/password/reset/done/")


@pytest.mark.parametrize(("width", "colours"), [(360, "light"), (768, "dark"), (1280, "light")])
def test_every_page_fits_its_screen_and_axe_finds_nothing(
    new_page: NewPage, office: Office, width: int, colours: str
) -> None:
    page = new_page(width=width, color_scheme=colours)
    link = members.link_to(members.invite(office.organisation, "owner", Role.READER, "somebody with quite a long name"))
    found: list[str] = []

    def look(address: str) -> None:
        if address:
            page.goto(address)
        result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        found.extend(f"{page.url}: {one['id']}: {one['help']}" for one in result.response["violations"])
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{page.url}: wider than {width} pixels")

    for address in (*OUTSIDE, link, "/account/signup/"):
        look(address)
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("Email").fill("ana@ngo.example")
    page.get_by_label("Password").fill(GOOD)
    page.get_by_role("button", name="Make my account").click()
    page.get_by_text("Another address").click()
    look("")
    page.context.clear_cookies()
    sign_in(page, office.owner.email)
    page.goto("/account/2fa/totp/activate/")
    confirm(page)
    look("")
    whose = office.membership(office.caseworker).pk
    secret = give_second_factor(office.owner)
    RecoveryCodes.activate(office.owner)
    for address in PAGES:
        look(address.format(office.slug, whose))
    sign_out(page)
    sign_in(page, office.owner.email)
    look("")
    page.get_by_label("Code").fill(another_code(secret))
    page.get_by_role("button", name="Sign in").click()
    look(link)
    assert not found, "\n".join(found)
