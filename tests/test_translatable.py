"""Every sentence that somebody meets can be translated, also those of the libraries that we stand on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pyotp
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.test import override_settings
from django.urls import reverse

from eligibility import current
from eligibility.casework import digest, members
from eligibility.casework.models import Case, Organisation, Role
from eligibility.explain import borrowed, catalogues
from tests import wordless
from tests.offices import PASSWORD, Office, an_office, signed_in
from tests.test_strangers import PAGES, SECRET, a_case, address, namespace, parts_of, patterns
from tests.wordless import Reader

pytestmark = pytest.mark.django_db

WRONG = {
    **dict.fromkeys(("began", "ended", "due", "on", "consent_on", "since", "until"), "yesterday"),
    **dict.fromkeys(("months", "months_at_home", "retention_months"), "many"),
    **dict.fromkeys(("origin", "destination", "sector", "status", "benefit", "scheme", "role", "how", "then"), "none"),
    **dict.fromkeys(("language", "caseworker", "did", "who"), "none"),
    **dict.fromkeys(("pseudonym", "name", "contacts", "text", "note", "for_whom", "letterhead"), "x" * 20_001),
}
OUT_OF_RANGE = {
    **dict.fromkeys(("began", "ended", "due", "on", "consent_on"), "1900-01-01"),
    **dict.fromkeys(("months", "months_at_home", "retention_months"), "100000"),
}
FOUR = {"origin": "ID", "destination": "MY", "sector": "domestic_work", "status": "regular"}
SOMETHING = {"code": "MY", "rule": "my-epf-inbound-2025", "name": "my-epf-inbound-2025"}

GOOD = "a long and quite good password"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("locale")
    wordless.write(path)
    return path


@pytest.fixture(autouse=True)
def without_words(folder: Path, db: None) -> Iterator[None]:
    cache.clear()
    with wordless.spoken(folder):
        yield


@pytest.fixture
def office() -> Office:
    return an_office()


@pytest.fixture
def case(office: Office) -> Case:
    return a_case(office)


def reader(*names: str) -> Reader:
    return Reader(*names, "(Not )?Harbour Aid", "Ana", "[A-Z2-7]{32}", r"[0-9a-f]{8}\b", "testserver", "otpauth")


def all_read(browser: Reader, *met: catalogues.MessageId) -> None:
    """Neither the pages nor the mails had a word that nobody can translate; and the walk came by these messages."""
    for message in mail.outbox:
        browser.read(message)
    assert browser.found == {}
    assert set(met) <= browser.met


def confirm(browser: Reader) -> None:
    browser.post("/account/reauthenticate/", {"password": PASSWORD})


def code_in_mail() -> str:
    found = re.search(r"^\d{6}$", mail.outbox[-1].body, re.M)
    assert found
    return found[0]


# --- The language itself ---


def test_words_are_found_and_names_are_passed_over() -> None:
    html = '<p title="⟦1⟧">⟦2 ⟦3⟧ 5⟧ 12:30 Thailand <b>Not used</b></p><script>var yes</script>'
    assert wordless.words(wordless.texts_of(html)) == ["Not used"]
    assert wordless.words(["Ana ⟦1⟧ 12 March 2026", "⟦2 security key⟧"], ["Ana"]) == ["⟦2 security key⟧"]
    assert wordless.words(wordless.texts_of('<input type="submit" value="Send">')) == ["Send"]


# --- What libraries say ---

TEMPLATES = Path(__file__).parents[1] / "templates"
SOURCES = {
    "django": (borrowed.DJANGO, ("forms", "core", "contrib/auth")),
    "allauth": (borrowed.ALLAUTH, ("account", "mfa", "usersessions", "templates")),
}


@pytest.mark.parametrize("library", SOURCES)
def test_each_borrowed_message_is_one_that_the_installed_library_still_shows(library: str) -> None:
    """And not one of a page that we have replaced by our own."""
    listed, folders = SOURCES[library]
    root = Path(str(import_module(library).__file__)).parent
    ours = {root / "templates" / file.relative_to(TEMPLATES) for file in TEMPLATES.rglob("*")}
    files = [
        file
        for folder in folders
        for file in (root / folder).rglob("*")
        if file.suffix in (".py", ".html", ".txt") and file not in ours
    ]
    written = {message for file in files for message in catalogues.messages_of(file)}
    assert set(listed) <= written
    assert len(set(listed)) == len(listed)


# --- Signing in ---


def test_signing_up_with_every_mistake(office: Office) -> None:
    browser = reader()
    browser.get("/account/signup/")
    browser.get(members.link_to(members.invite(office.organisation, "owner", Role.CASEWORKER)), follow=True)
    browser.get("/account/signup/")
    for name, email, password in (
        ("", "", ""),
        ("x" * 151, "not an address", "short"),
        ("Ana", "x" * 330 + "@ngo.example", "password"),
        ("A\0", "\0@ngo.example", "\0"),
        ("Ana", "ana@ngo.example", "ana@ngo.example"),
    ):
        assert (
            browser.post("/account/signup/", {"name": name, "email": email, "password1": password}).status_code == 200
        )
    taken = {"name": "Ana", "email": office.owner.email, "password1": GOOD}
    browser.post("/account/signup/", taken, follow=True)
    browser.post("/account/logout/", follow=True)
    browser.get(members.link_to(members.invite(office.organisation, "owner", Role.CASEWORKER)), follow=True)
    sent = browser.post("/account/signup/", taken | {"email": "anna@ngo.example"}, follow=True)
    assert sent.request["PATH_INFO"] == "/account/confirm-email/"
    browser.post("/account/confirm-email/", {"code": ""})
    browser.post("/account/confirm-email/", {"code": "000000"})
    browser.post("/account/confirm-email/", {"action": "change", "email": ""})
    browser.post("/account/confirm-email/", {"action": "change", "email": "anna@ngo"})
    browser.post("/account/confirm-email/", {"action": "change", "email": office.owner.email}, follow=True)
    browser.post("/account/confirm-email/", {"action": "change", "email": "ana@ngo.example"}, follow=True)
    browser.post("/account/confirm-email/", {"action": "resend"}, follow=True)
    cache.clear()
    browser.post("/account/confirm-email/", {"action": "resend"}, follow=True)
    browser.post("/account/confirm-email/", {"code": code_in_mail()}, follow=True)
    browser.get("/casework/join/")
    browser.post("/casework/join/", follow=True)
    all_read(browser, "The password is too similar to the %(verbose_name)s.", "You have confirmed %(email)s.")


def test_who_guesses_the_code_of_an_address_is_stopped(office: Office) -> None:
    browser = reader()
    browser.get(members.link_to(members.invite(office.organisation, "owner", Role.READER)))
    browser.post("/account/signup/", {"name": "Ana", "email": "ana@ngo.example", "password1": GOOD})
    for _try in range(3):
        browser.post("/account/confirm-email/", {"code": "000000"}, follow=True)
    all_read(browser, "Too many failed login attempts. Try again later.")


@override_settings(
    SENDS_EMAIL=False,
    ACCOUNT_EMAIL_VERIFICATION="none",
    ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED=False,
    ACCOUNT_EMAIL_NOTIFICATIONS=False,
)
def test_signing_up_without_email_with_an_address_that_has_an_account(office: Office) -> None:
    browser = reader()
    browser.get(members.link_to(members.invite(office.organisation, "owner", Role.READER)))
    taken = {"name": "Ana", "email": office.owner.email, "password1": GOOD}
    assert browser.post("/account/signup/", taken).status_code == 200
    for path in ("/account/password/reset/", "/account/email/"):
        browser.get(path)
    all_read(browser, "A user is already registered with this email address.")


def test_signing_in_with_every_mistake(office: Office) -> None:
    browser = reader()
    browser.get("/account/login/")
    for login, password in (("", ""), ("nobody", "x"), ("nobody@ngo.example", "wrong"), (office.owner.email, PASSWORD)):
        browser.post("/account/login/", {"login": login, "password": password}, follow=True)
    browser.get("/account/logout/")
    browser.post("/account/logout/", follow=True)
    for _try in range(6):
        browser.post("/account/login/", {"login": office.owner.email, "password": "wrong"})
    User.objects.filter(pk=office.reader.pk).update(is_active=False)
    browser.post("/account/login/", {"login": office.reader.email, "password": PASSWORD}, follow=True)
    for _try in range(31):
        stopped = browser.post("/account/login/", {"login": "nobody@ngo.example", "password": "wrong"})
    assert stopped.status_code == 429
    all_read(browser, "Account Inactive", "You have signed out.")


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_with_every_mistake(office: Office) -> None:
    browser = reader()
    Organisation.objects.update(second_factor=True)
    browser.post("/account/login/", {"login": office.owner.email, "password": PASSWORD})
    browser.get(f"/casework/in/{office.slug}/", follow=True)
    browser.get("/account/2fa/totp/activate/", follow=True)
    browser.post("/account/reauthenticate/", {"password": ""})
    browser.post("/account/reauthenticate/", {"password": "wrong"})
    confirm(browser)
    browser.get("/account/2fa/")
    browser.get("/account/2fa/recovery-codes/generate/")
    browser.post("/account/2fa/recovery-codes/generate/", {}, follow=True)
    browser.get("/account/2fa/totp/activate/")
    browser.post("/account/2fa/totp/activate/", {"code": ""})
    for _try in range(6):
        wrong = browser.post("/account/2fa/totp/activate/", {"code": "000000"})
    cache.clear()
    secret = str(wrong.context["form"].secret)
    browser.post("/account/2fa/totp/activate/", {"code": pyotp.TOTP(secret).now()}, follow=True)
    browser.get("/account/2fa/")
    browser.get("/account/2fa/recovery-codes/generate/")
    browser.post("/account/2fa/recovery-codes/generate/", {}, follow=True)
    browser.post("/account/logout/", follow=True)
    browser.post("/account/login/", {"login": office.owner.email, "password": PASSWORD}, follow=True)
    browser.post("/account/2fa/authenticate/", {"code": ""})
    for _try in range(6):
        browser.post("/account/2fa/authenticate/", {"code": "000000"})
    cache.clear()
    codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES).wrap()
    browser.post("/account/2fa/authenticate/", {"code": codes.get_unused_codes()[0]}, follow=True)
    browser.get("/account/2fa/recovery-codes/")
    browser.get("/account/2fa/totp/deactivate/", follow=True)
    browser.get("/account/2fa/reauthenticate/")
    browser.post("/account/2fa/reauthenticate/", {"code": "000000"})
    confirm(browser)
    browser.get("/account/2fa/totp/deactivate/", follow=True)
    browser.post("/account/2fa/totp/deactivate/", follow=True)
    all_read(
        browser,
        "Be patient, you are sending too many requests.",
        "Authenticator app activated.",
        "Too many failed login attempts. Try again later.",
        "Authenticator app deactivated.",
    )


@pytest.mark.django_db(transaction=True)
def test_passkeys_with_every_mistake(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's part is played: what it hands over is taken for good."""
    browser = reader()
    signed_in(browser, office.owner)
    browser.get("/account/2fa/webauthn/")
    browser.get("/account/2fa/webauthn/add/")
    browser.post("/account/2fa/webauthn/add/", {"name": "", "credential": ""})
    browser.post("/account/2fa/webauthn/login/", {"credential": ""}, follow=True)
    monkeypatch.setattr("allauth.mfa.webauthn.forms.auth.parse_registration_response", lambda told: told)
    monkeypatch.setattr("allauth.mfa.webauthn.forms.auth.complete_registration", lambda told: told)
    monkeypatch.setattr("allauth.mfa.webauthn.views.auth.begin_registration", lambda *told: {})
    monkeypatch.setattr("allauth.mfa.webauthn.views.auth.begin_authentication", lambda *told: {})
    for alone in (True, False, None):
        browser.get("/account/2fa/webauthn/add/")
        handed_over = json.dumps({"clientExtensionResults": {"credProps": {"rk": alone}}})
        browser.post("/account/2fa/webauthn/add/", {"name": "", "credential": handed_over}, follow=True)
    browser.get("/account/2fa/")
    browser.get("/account/2fa/webauthn/")
    key = Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN)[0]
    browser.get(f"/account/2fa/webauthn/keys/{key.pk}/edit/")
    browser.post(f"/account/2fa/webauthn/keys/{key.pk}/edit/", {"name": ""})
    browser.get(f"/account/2fa/webauthn/keys/{key.pk}/remove/")
    browser.post(f"/account/2fa/webauthn/keys/{key.pk}/remove/", follow=True)
    signed_in(browser, office.owner, fresh=False)
    browser.get("/account/2fa/webauthn/add/", follow=True)
    browser.get("/account/reauthenticate/")
    browser.get("/account/2fa/webauthn/reauthenticate/")
    browser.post("/account/2fa/webauthn/reauthenticate/", {"credential": ""}, follow=True)
    all_read(browser, "Security key added.", "Security key removed.", "Use a security key", "Key nr. {number}")


def test_an_address_that_was_never_checked_gets_no_second_factor(office: Office) -> None:
    browser = reader()
    signed_in(browser, office.owner)
    EmailAddress.objects.filter(user=office.owner).update(verified=False)
    browser.get("/account/2fa/totp/activate/", follow=True)
    all_read(browser, "You cannot activate two-factor authentication until you have verified your email address.")


def test_a_new_password_with_every_mistake(office: Office) -> None:
    browser = reader()
    browser.get("/account/password/reset/")
    for email in ("", "nobody", office.owner.email):
        browser.post("/account/password/reset/", {"email": email}, follow=True)
    link = re.search(r"http://testserver(\S+)", mail.outbox[-1].body)
    assert link
    browser.get("/account/password/reset/key/1-wrong/")
    place = browser.get(link[1], follow=True).request["PATH_INFO"]
    for first, second in (("", ""), ("short", "shorter"), ("password", "password"), (GOOD, PASSWORD)):
        assert browser.post(place, {"password1": first, "password2": second}).status_code == 200
    browser.post(place, {"password1": GOOD, "password2": GOOD}, follow=True)
    browser.get(link[1], follow=True)
    office.owner.refresh_from_db()
    signed_in(browser, office.owner)
    browser.get("/account/password/reset/")
    browser.get("/account/password/reset/done/")
    browser.get("/account/password/change/")
    User.objects.filter(pk=office.owner.pk).update(first_name="Anastasia of the harbour")
    for first, second in (("", ""), ("short", "shorter"), (office.owner.email, "x"), ("anastasia of the harbour", "x")):
        browser.post("/account/password/change/", {"oldpassword": "wrong", "password1": first, "password2": second})
    new = {"oldpassword": GOOD, "password1": PASSWORD, "password2": PASSWORD}
    browser.post("/account/password/change/", new, follow=True)
    all_read(
        browser,
        "This link holds no longer, or was used already.",
        "Please type your current password.",
        "Password successfully changed.",
    )


def test_another_address_with_every_mistake(office: Office) -> None:
    browser = reader()
    signed_in(browser, office.owner)
    browser.get("/account/email/")
    for email in ("", "nobody", office.owner.email, office.reader.email, "ana@ngo.example"):
        browser.post("/account/email/", {"email": email, "action_add": ""}, follow=True)
        cache.clear()
        signed_in(browser, office.owner)
    browser.get("/account/email/")
    browser.post("/account/email/", {"email": "ana@ngo.example", "action_remove": ""}, follow=True)
    cache.clear()
    browser.post("/account/email/", {"email": "ana@ngo.example", "action_add": ""}, follow=True)
    cache.clear()
    browser.post("/account/email/", {"email": "ana@ngo.example", "action_send": ""}, follow=True)
    browser.post("/account/confirm-email/", {"code": "000000"})
    browser.post("/account/confirm-email/", {"code": code_in_mail()}, follow=True)
    browser.get("/account/email/")
    all_read(browser, "This email address is already associated with this account.", "Email Changed")


def test_where_one_is_signed_in(office: Office) -> None:
    browser, there = reader(), reader()
    for one in (browser, there):
        one.post("/account/login/", {"login": office.owner.email, "password": PASSWORD})
    browser.get("/account/sessions/")
    browser.post("/account/sessions/", follow=True)
    browser.get("/account/sessions/")
    all_read(browser, "Signed out of all other sessions.")


# --- The workspace, and the worker's pages ---


TYPED = ("none", "owner", "yesterday", "many", "Atlantis", "Nationality", "csv|json|CSV|JSON", "[0-9a-f]{64}")
"""What the walk itself typed and sent in, and what is written alike everywhere."""


def said_by_law(thing: object) -> Iterator[str]:
    """Every text of the rulebook that is shown as it stands: titles of sources, their sections, names of schemes."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, Mapping):
        for one in (*thing.keys(), *thing.values()):
            yield from said_by_law(one)
    elif isinstance(thing, (tuple, list, frozenset)):
        for one in thing:
            yield from said_by_law(one)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from said_by_law(getattr(thing, field.name))


@pytest.fixture(scope="module")
def law() -> tuple[str, ...]:
    """Without what can be translated, but for the official names of schemes, and without its plain words, such as those
    for benefits."""
    said = set(said_by_law(current.rulebook())) - {one for one in wordless.messages() if isinstance(one, str)}
    for scheme in current.rulebook().schemes.values():
        said |= {scheme.name, scheme.local_name}
    return tuple(sorted((one for one in said if one and not re.fullmatch("[a-z_]*", one)), key=len, reverse=True))


def test_every_page_of_the_workspace(office: Office, case: Case, law: tuple[str, ...]) -> None:
    User.objects.update(first_name="Ana")
    browser, parts = reader(SECRET, "x{200,}", *TYPED), parts_of(office, case)
    browser.titles = law
    signed_in(browser, office.owner)
    for page in PAGES:
        browser.get(address(page, parts))
    for page in PAGES:
        if "erase" not in page.name and "end" not in page.name:
            browser.post(address(page, parts), WRONG)
            browser.post(address(page, parts), OUT_OF_RANGE)
    all_read(
        browser,
        "This field is required.",
        "Enter a valid date.",
        "Enter a whole number.",
        "Select a valid choice. %(value)s is not one of the available choices.",
        "Select a valid choice. That choice is not one of the available choices.",
        "Ensure this value is less than or equal to %(limit_value)s.",
        "Ensure this value is greater than or equal to %(limit_value)s.",
    )


def test_the_mail_about_changes(office: Office, case: Case, law: tuple[str, ...]) -> None:
    Organisation.objects.update(language=wordless.LANGUAGE)
    assert digest.send(datetime(2026, 12, 25, 8, tzinfo=UTC)).sent
    browser = reader()
    browser.titles = law
    changed = ("the law changed one case", "the law changed %(number)d cases")
    near = ("one last day to claim", "%(number)d last days to claim")
    all_read(browser, changed, near)


def test_every_page_of_a_worker(law: tuple[str, ...]) -> None:
    browser = reader(*TYPED)
    browser.titles = law
    browser.get("/")
    browser.post("/", {})
    browser.post("/", dict.fromkeys(FOUR, "none"))
    browser.post("/", FOUR)
    for one, parts in patterns(namespace("web")):
        browser.get(reverse(f"web:{one.name}", kwargs={part: SOMETHING[part] for part in parts}))
    for one, parts in patterns(namespace("web")):
        if one.name not in ("forget", "leave"):
            where = reverse(f"web:{one.name}", kwargs={part: SOMETHING[part] for part in parts})
            for sent in ({}, WRONG, OUT_OF_RANGE):
                browser.post(where, sent)
    for path in ("/nowhere/", "/account/nowhere/", "/casework/in/nowhere/"):
        browser.get(path)
    all_read(browser)
