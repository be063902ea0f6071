"""Organisations and signing in: who gets in, by which way, and who does not."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pyotp
import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.core.signals import request_finished
from django.test import Client, override_settings
from django.utils import timezone
from django.utils.html import escape

from eligibility.casework import audit, members
from eligibility.casework.models import Event, Invitation, Membership, Organisation, Role
from portability.environment import Mail
from portability.environment import mail as read_mail
from tests.offices import PASSWORD, Office, an_office, give_second_factor, join, signed_in, someone

pytestmark = pytest.mark.django_db

GOOD = "a long and quite good password"


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    """Tries are counted in the cache, which the next test would find."""
    cache.clear()


@pytest.fixture
def office() -> Office:
    return an_office()


def page(office: Office, name: str = "") -> str:
    return f"/casework/in/{office.slug}/{name}"


def invited(office: Office, role: Role = Role.CASEWORKER) -> str:
    """The path of a new invitation's link."""
    return members.link_to(members.invite(office.organisation, "owner", role))


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/account/login/", {"login": email, "password": password, **more})


def done(office: Office) -> list[str]:
    """What the audit trail says was done, the oldest first."""
    assert audit.first_break(office.organisation) is None
    return list(Event.objects.filter(organisation=office.organisation).order_by("pk").values_list("did", flat=True))


# --- Getting in ---


def test_without_an_invitation_nobody_makes_an_account(client: Client) -> None:
    shown = client.get("/account/signup/")
    assert "You need an invitation" in shown.content.decode()
    tried = client.post("/account/signup/", {"name": "Ana", "email": "ana@ngo.example", "password1": GOOD})
    assert "You need an invitation" in tried.content.decode()
    assert not User.objects.exists()


def test_whoever_is_invited_makes_an_account_shows_that_the_address_is_theirs_and_joins(
    client: Client, office: Office
) -> None:
    opened = client.get(invited(office, Role.READER), follow=True)
    assert opened.request["PATH_INFO"] == "/casework/join/"
    assert "Harbour Aid invites you" in opened.content.decode()
    asked = client.post(
        "/account/signup/?next=/casework/join/",
        {"name": "Ana", "email": "ana@ngo.example", "password1": GOOD, "next": "/casework/join/"},
    )
    assert asked["Location"] == "/account/confirm-email/"
    code = re.search(r"^\d{6}$", mail.outbox[0].body, re.M)
    assert code
    confirmed = client.post("/account/confirm-email/", {"code": code[0]})
    assert confirmed["Location"] == "/casework/join/"
    assert "Join Harbour Aid as Reader" in client.get("/casework/join/").content.decode()
    assert client.post("/casework/join/")["Location"] == page(office)
    membership = Membership.objects.get(user__email="ana@ngo.example")
    assert (membership.role, str(membership)) == (Role.READER, "Ana")
    assert client.get(page(office)).status_code == 200
    assert done(office) == ["invited", "joined"]
    assert client.get("/casework/join/").status_code == 404, "the invitation is used"


def test_a_mistyped_address_is_corrected_and_a_correction_with_a_mistake_is_told(
    client: Client, office: Office
) -> None:
    client.get(invited(office))
    client.post("/account/signup/", {"name": "Ana", "email": "anna@ngo.example", "password1": GOOD})
    wrong = client.post("/account/confirm-email/", {"action": "change", "email": "ana@ngo"})
    assert "Enter a valid email address." in wrong.content.decode()
    client.post("/account/confirm-email/", {"action": "change", "email": "ana@ngo.example"})
    assert [message.to for message in mail.outbox] == [["anna@ngo.example"], ["ana@ngo.example"]]
    code = re.search(r"^\d{6}$", mail.outbox[1].body, re.M)
    assert code
    client.post("/account/confirm-email/", {"code": code[0]})
    assert client.session["_auth_user_id"] == str(User.objects.get(email="ana@ngo.example").pk)


def test_mails_call_people_by_their_name_not_by_the_made_up_one(client: Client, office: Office) -> None:
    client.get(invited(office))
    client.post("/account/signup/", {"name": "Ana Lim", "email": "a.l@ngo.example", "password1": GOOD})
    assert "user Ana Lim has given" in mail.outbox[0].body


def test_whoever_has_an_account_signs_in_and_comes_back_to_the_invitation(client: Client, office: Office) -> None:
    client.get(invited(office))
    assert client.post("/casework/join/")["Location"] == "/account/login/?next=/casework/join/"
    back = sign_in(client, office.stranger.email, next="/casework/join/")
    assert back["Location"] == "/casework/join/"
    assert client.post("/casework/join/")["Location"] == page(office)
    assert office.membership(office.stranger).role == Role.CASEWORKER


def test_an_opened_invitation_is_not_forgotten_on_the_way(client: Client, office: Office) -> None:
    client.get(invited(office))
    signed_in(client, someone("new@harbour-aid.example"))
    assert client.get("/casework/")["Location"] == "/casework/join/"
    client.post("/casework/join/")
    assert client.get("/casework/")["Location"] == page(office)


def test_whoever_opens_a_second_invitation_joins_by_the_first_page_nothing_that_it_did_not_say(
    client: Client, office: Office
) -> None:
    other = an_office("Other Aid")
    signed_in(client, someone("ana@ngo.example")).get(invited(office, Role.READER))
    shown = client.get("/casework/join/")
    client.get(members.link_to(members.invite(other.organisation, "owner", Role.OWNER)))
    pressed = client.post("/casework/join/", {"invitation": shown.context["invitation"].pk})
    assert "Other Aid invites you" in pressed.content.decode()
    assert not Membership.objects.filter(user__email="ana@ngo.example").exists()
    client.post("/casework/join/", {"invitation": pressed.context["invitation"].pk})
    assert Membership.objects.get(user__email="ana@ngo.example").organisation == other.organisation


def test_an_invitation_works_once(office: Office) -> None:
    link = invited(office)
    first, second = signed_in(Client(), office.stranger), signed_in(Client(), someone("late@ngo.example"))
    for client in (first, second):
        assert client.get(link, follow=True).status_code == 200
    assert first.post("/casework/join/")["Location"] == page(office)
    refused = second.post("/casework/join/")
    assert refused.status_code == 404
    assert "does not hold any more" in refused.content.decode()
    assert not Membership.objects.filter(user__email="late@ngo.example").exists()


def test_two_who_use_an_invitation_at_the_same_moment_do_not_both_join(office: Office) -> None:
    members.invite(office.organisation, "owner", Role.READER)
    seen_by_both = Invitation.objects.get()
    members.join(seen_by_both, office.stranger)
    with pytest.raises(members.Refused):
        members.join(seen_by_both, someone("late@ngo.example"))


def test_an_invitation_ends_after_a_week_and_signing_up_with_it(client: Client, office: Office) -> None:
    client.get(invited(office))
    assert client.get("/account/signup/").context["form"]
    Invitation.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert client.get("/casework/join/").status_code == 404
    assert "You need an invitation" in client.get("/account/signup/").content.decode()


def test_an_invitation_can_be_taken_back(client: Client, office: Office) -> None:
    link = invited(office)
    owner = signed_in(Client(), office.owner)
    taken = owner.post(page(office, f"members/invitations/{Invitation.objects.get().pk}/revoke/"))
    assert taken["Location"] == page(office, "members/")
    assert client.get(link, follow=True).status_code == 404
    assert done(office) == ["invited", "revoked_invitation"]


def test_invitations_of_an_account_that_was_shut_let_nobody_in(client: Client, office: Office) -> None:
    """Whoever had stolen it could have made themselves links beforehand."""
    token = members.invite(office.organisation, "owner", Role.OWNER, by=office.owner)
    client.get(members.link_to(token))
    found = members.open_invitation(members.hash_of(token))
    assert found is not None
    User.objects.filter(pk=office.owner.pk).update(is_active=False)
    assert "You need an invitation" in client.get("/account/signup/").content.decode()
    assert not members.open_invitations(office.organisation).exists()
    with pytest.raises(members.Refused):
        members.join(found, someone("late@ngo.example"))


def test_a_member_who_opens_an_invitation_leaves_it_good_for_others(client: Client, office: Office) -> None:
    signed_in(client, office.owner).get(invited(office, Role.READER))
    shown = client.post("/casework/join/", follow=True)
    assert "You are already a member of Harbour Aid." in shown.content.decode()
    assert Invitation.objects.get().used is None
    assert office.membership(office.owner).role == Role.OWNER


def test_a_former_member_comes_back_by_a_new_invitation(client: Client, office: Office) -> None:
    signed_in(client, office.former).get(invited(office, Role.READER))
    client.post("/casework/join/")
    roles = [(one.role, one.ended is None) for one in Membership.objects.filter(user=office.former).order_by("pk")]
    assert roles == [(Role.OWNER, False), (Role.READER, True)]


def test_the_database_holds_no_invitation_that_could_be_used(office: Office) -> None:
    token = members.invite(office.organisation, "owner", Role.OWNER)
    [row] = Invitation.objects.values_list()
    assert all(token not in str(value) for value in row)
    assert row[[field.name for field in Invitation._meta.fields].index("token_hash")] == members.hash_of(token)


# --- Signing in ---


def test_signing_in_gives_the_session_a_new_name(client: Client, office: Office) -> None:
    client.get(invited(office))
    before = client.cookies["sessionid"].value
    sign_in(client, office.owner.email)
    cookie = client.cookies["sessionid"]
    assert cookie.value != before
    assert (cookie["samesite"], cookie["httponly"], cookie["max-age"]) == ("Lax", True, "")


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(client: Client, office: Office) -> None:
    said = [
        sign_in(client, email, "wrong").context["form"].errors for email in (office.owner.email, "nobody@ngo.example")
    ]
    assert said[0] == said[1] != {}


def test_asking_for_a_new_password_does_not_tell_who_has_an_account(client: Client, office: Office) -> None:
    answers = [
        client.post("/account/password/reset/", {"email": email}, follow=True)
        for email in (office.owner.email, "nobody@ngo.example")
    ]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert [message.to for message in mail.outbox] == [[office.owner.email]]


def test_how_long_the_page_takes_does_not_tell_who_has_an_account(
    client: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail server takes its time, and one that is out of reach ten seconds: by then the page is out."""
    happened: list[str] = []
    monkeypatch.setattr(mail.EmailMessage, "send", lambda *_given, **_more: happened.append("e-mail"))

    def page_is_out(**_given: Any) -> None:
        happened.append("page")

    request_finished.connect(page_is_out)
    try:
        client.post("/account/password/reset/", {"email": office.owner.email})
    finally:
        request_finished.disconnect(page_is_out)
    assert happened == ["page", "e-mail"]


def test_a_mail_server_that_does_not_answer_breaks_no_page_and_stands_without_the_address_in_the_log(
    client: Client, office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable(message: mail.EmailMessage, **more: Any) -> int:
        raise TimeoutError("timed out")

    monkeypatch.setattr(mail.EmailMessage, "send", unreachable)
    client.get(invited(office))
    form = {"name": "Eve", "email": "eve@ngo.example", "password1": GOOD}
    assert "could not be sent just now" in client.post("/account/signup/", form, follow=True).content.decode()
    assert "TimeoutError" in caplog.text
    assert "eve@" not in caplog.text
    reset = [
        Client().post("/account/password/reset/", {"email": email}, follow=True)
        for email in (office.owner.email, "nobody@ngo.example")
    ]
    assert [(page.status_code, "could not be sent" in page.content.decode()) for page in reset] == [(200, False)] * 2


def test_signing_up_does_not_tell_who_has_an_account(client: Client, office: Office) -> None:
    client.get(invited(office))
    form = {"name": "Eve", "email": office.owner.email, "password1": GOOD}
    assert client.post("/account/signup/", form)["Location"] == "/account/confirm-email/"
    assert "already exists" in mail.outbox[0].body
    assert User.objects.filter(email=office.owner.email).count() == 1


def test_a_forgotten_password_is_replaced_by_the_link_in_an_email(client: Client, office: Office) -> None:
    client.post("/account/password/reset/", {"email": office.owner.email})
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)
    assert link
    form = client.get(link[1], follow=True)
    client.post(form.request["PATH_INFO"], {"password1": GOOD, "password2": GOOD})
    assert sign_in(client, office.owner.email).context["form"].errors
    assert sign_in(client, office.owner.email, GOOD)["Location"] == "/casework/"


def test_an_email_names_the_site_and_not_the_machine(client: Client, office: Office, settings: Any) -> None:
    settings.SITE_URL = "https://aid.example:8443"
    client.post("/account/password/reset/", {"email": office.owner.email})
    headers = mail.outbox[0].message()
    assert headers["Message-ID"].endswith("@aid.example>")
    assert headers["Auto-Submitted"] == "auto-generated", "nobody on holiday answers it"
    assert mail.outbox[0].body.startswith("Hello from My benefits across borders!")
    assert mail.outbox[0].body.count("testserver") == 2, "in the link, and under it all"


def test_who_guesses_passwords_is_stopped_even_with_the_right_one(client: Client, office: Office) -> None:
    for _ in range(5):
        sign_in(client, office.owner.email, "wrong")
    stopped = sign_in(client, office.owner.email)
    assert "Too many failed login attempts" in stopped.content.decode()
    assert "_auth_user_id" not in client.session


def test_who_tries_everybody_from_one_address_is_stopped(client: Client) -> None:
    answers = [sign_in(client, f"{number}@ngo.example", "wrong").status_code for number in range(31)]
    assert answers[-1] == 429


def test_codes_are_asked_for_and_guessing_them_is_stopped(client: Client, office: Office) -> None:
    secret = give_second_factor(office.owner)
    assert sign_in(client, office.owner.email)["Location"] == "/account/2fa/authenticate/"
    assert client.get(page(office))["Location"].startswith("/account/login/"), "the password alone opens nothing"
    for _ in range(5):
        client.post("/account/2fa/authenticate/", {"code": "000000"})
    stopped = client.post("/account/2fa/authenticate/", {"code": pyotp.TOTP(secret).now()})
    assert "Too many failed login attempts" in stopped.content.decode()


def test_a_code_works_once(office: Office) -> None:
    code = pyotp.TOTP(give_second_factor(office.owner)).now()
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, office.owner.email)
    assert first.post("/account/2fa/authenticate/", {"code": code})["Location"] == "/casework/"
    assert second.post("/account/2fa/authenticate/", {"code": code}).status_code == 200


def test_what_was_not_shown_before_signing_out_is_not_shown_to_who_comes_next(client: Client, office: Office) -> None:
    """On a shared computer: the link of an invitation, say, whose page was never seen."""
    signed_in(client, office.owner)
    client.post(page(office, "members/invite/"), {"role": "owner", "for_whom": ""})
    left = client.post("/account/logout/", follow=True).content.decode()
    assert "You have signed out." in left
    assert "/casework/join/" not in left
    sign_in(client, office.stranger.email)
    assert "/casework/join/" not in client.get("/casework/", follow=True).content.decode()


def test_other_sessions_are_listed_and_can_be_ended(office: Office) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, office.owner.email)
    assert len(here.get("/account/sessions/").context["sessions"]) == 2
    here.post("/account/sessions/")
    assert here.get(page(office)).status_code == 200
    assert there.get(page(office)).status_code == 302


def test_a_new_password_ends_the_other_sessions_and_is_told_by_email(office: Office) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, office.owner.email)
    form = {"oldpassword": PASSWORD, "password1": GOOD, "password2": GOOD}
    assert here.post("/account/password/change/", form).status_code == 302
    assert there.get(page(office)).status_code == 302
    assert "password has been changed" in mail.outbox[0].body


def test_the_secret_behind_codes_is_unreadable_in_the_database(office: Office) -> None:
    secret = give_second_factor(office.owner)
    assert secret not in str(Authenticator.objects.get().data)
    assert Authenticator.objects.get().wrap().validate_code(pyotp.TOTP(secret).now())


def test_an_old_hash_of_a_password_is_made_anew_with_scrypt(client: Client, office: Office) -> None:
    from portability.settings import PASSWORD_HASHERS

    with override_settings(PASSWORD_HASHERS=[*PASSWORD_HASHERS, "django.contrib.auth.hashers.MD5PasswordHasher"]):
        assert sign_in(client, office.owner.email).status_code == 302
    office.owner.refresh_from_db()
    assert office.owner.password.startswith("scrypt$")


def test_staff_reach_the_admin_by_the_same_door_with_their_second_factor(client: Client) -> None:
    staff = someone("staff@site.example")
    User.objects.filter(pk=staff.pk).update(is_staff=True, is_superuser=True)
    secret = give_second_factor(staff)
    moved = client.get("/admin/", follow=True)
    assert moved.redirect_chain[-1][0].startswith("/account/login/?next=%2Fadmin%2F")
    sign_in(client, staff.email, next="/admin/")
    assert client.get("/admin/").status_code == 302
    assert client.post("/admin/login/", {"username": staff.email, "password": PASSWORD}).status_code == 302
    assert "_auth_user_id" not in client.session
    opened = client.post("/account/2fa/authenticate/", {"code": pyotp.TOTP(secret).now()})
    assert opened["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_member_who_is_no_staff_does_not_see_the_admin(client: Client, office: Office) -> None:
    refused = signed_in(client, office.owner).get("/admin/", follow=True)
    assert (refused.status_code, "This page is not for you" in refused.content.decode()) == (403, True)


# --- A second factor for everybody ---


@pytest.fixture
def strict(office: Office) -> Office:
    """An organisation that asks for a second factor."""
    Organisation.objects.filter(pk=office.organisation.pk).update(second_factor=True)
    return office


def test_an_organisation_that_asks_for_a_second_factor_opens_to_who_has_one(client: Client, strict: Office) -> None:
    sent = signed_in(client, strict.reader).get(page(strict))
    assert sent["Location"] == "/account/2fa/"
    assert "Your organisation asks for a second factor" in client.get("/account/2fa/").content.decode()
    give_second_factor(strict.reader)
    assert client.get(page(strict)).status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client: Client, strict: Office) -> None:
    Authenticator.objects.create(user=strict.reader, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert signed_in(client, strict.reader).get(page(strict)).status_code == 302


def set_up_codes(client: Client) -> str:
    """Go through the page that sets up an app; the secret is what the app would keep."""
    secret = str(client.get("/account/2fa/totp/activate/").context["form"].secret)
    client.post("/account/2fa/totp/activate/", {"code": pyotp.TOTP(secret).now()})
    return secret


@pytest.mark.django_db(transaction=True)
def test_a_session_that_began_with_a_password_alone_ends_when_a_factor_is_set_up_elsewhere(strict: Office) -> None:
    thief, member = Client(), Client()
    for client in (thief, member):
        sign_in(client, strict.caseworker.email)
    member.post("/account/reauthenticate/", {"password": PASSWORD})
    set_up_codes(member)
    assert member.get(page(strict)).status_code == 200
    assert thief.get(page(strict))["Location"].startswith("/account/login/")


@pytest.mark.parametrize(
    "path",
    ["email/", "sessions/", "password/change/", "2fa/", "2fa/totp/activate/", "2fa/recovery-codes/generate/"],
)
def test_no_browser_keeps_a_page_about_ones_account(client: Client, office: Office, path: str) -> None:
    """Computers in offices are shared: after signing out the back button must not show a secret or an address."""
    if "recovery" in path:
        give_second_factor(office.owner)
    signed_in(client, office.owner)
    shown = client.get(f"/account/{path}")
    assert shown.status_code == 200
    assert "no-store" in shown["Cache-Control"]


def test_the_last_factor_is_removed_only_by_who_shows_again_who_they_are(client: Client, strict: Office) -> None:
    give_second_factor(strict.caseworker)
    signed_in(client, strict.caseworker, fresh=False)
    asked = client.post("/account/2fa/totp/deactivate/")
    assert asked["Location"].startswith("/account/reauthenticate/")
    assert Authenticator.objects.filter(user=strict.caseworker).exists()
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    client.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=strict.caseworker).exists()
    assert client.get(page(strict)).status_code == 302, "and the organisation's pages are closed from then on"


@pytest.mark.django_db(transaction=True)
def test_setting_up_a_factor_asks_first_who_it_is_and_gives_recovery_codes(client: Client, office: Office) -> None:
    signed_in(client, office.owner, fresh=False)
    asked = client.get("/account/2fa/totp/activate/")
    assert asked["Location"] == "/account/reauthenticate/?next=%2Faccount%2F2fa%2Ftotp%2Factivate%2F"
    back = client.post(asked["Location"], {"password": PASSWORD, "next": "/account/2fa/totp/activate/"})
    assert back["Location"] == "/account/2fa/totp/activate/"
    set_up_codes(client)
    assert client.get("/account/2fa/recovery-codes/").context["unused_codes"]
    assert "authenticator app" in mail.outbox[0].body.lower()


# --- Asking again ---


def test_what_was_posted_goes_on_after_the_password(client: Client, office: Office) -> None:
    signed_in(client, office.owner, fresh=False)
    asked = client.post(page(office, "members/invite/"), {"role": "reader", "for_whom": "the new colleague"})
    assert asked["Location"].startswith("/account/reauthenticate/")
    assert not Invitation.objects.exists()
    back = client.post(asked["Location"], {"password": PASSWORD, "next": page(office, "members/invite/")}, follow=True)
    assert back.request["PATH_INFO"] == page(office, "members/")
    assert Invitation.objects.get().for_whom == "the new colleague"


def test_what_was_posted_goes_on_after_a_code(client: Client, office: Office) -> None:
    secret = give_second_factor(office.owner)
    User.objects.filter(pk=office.owner.pk).update(password="!")
    office.owner.refresh_from_db()
    signed_in(client, office.owner, fresh=False)
    asked = client.post(page(office, "members/invite/"), {"role": "reader"})
    assert asked["Location"].startswith("/account/2fa/reauthenticate/")
    client.post(asked["Location"], {"code": pyotp.TOTP(secret).now(), "next": page(office, "members/invite/")})
    assert Invitation.objects.get().role == Role.READER


def test_a_wrong_password_lets_nothing_go_on(client: Client, office: Office) -> None:
    signed_in(client, office.owner, fresh=False)
    asked = client.post(page(office, "members/invite/"), {"role": "reader"})
    client.post(asked["Location"], {"password": "wrong", "next": page(office, "members/invite/")})
    assert not Invitation.objects.exists()


def test_after_five_minutes_it_is_asked_again(client: Client, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(client, office.owner)
    assert client.get(page(office, "settings/")).status_code == 200
    later = time.time() + 301
    monkeypatch.setattr("allauth.account.internal.flows.reauthentication.time.time", lambda: later)
    assert client.get(page(office, "settings/"))["Location"].startswith("/account/reauthenticate/")


# --- Members ---


def test_the_owner_sees_who_is_a_member_and_who_has_a_second_factor(client: Client, office: Office) -> None:
    give_second_factor(office.reader)
    shown = signed_in(client, office.owner).get(page(office, "members/"))
    listed = {one.user: (one.role, one.second_factor) for one in shown.context["members"]}
    assert listed == {
        office.owner: (Role.OWNER, False),
        office.caseworker: (Role.CASEWORKER, False),
        office.reader: (Role.READER, True),
    }
    assert [one.user for one in shown.context["former"]] == [office.former]


def test_the_link_of_an_invitation_is_shown_once(client: Client, office: Office) -> None:
    signed_in(client, office.owner)
    invited = {"role": "caseworker", "for_whom": "Minh"}
    shown = client.post(page(office, "members/invite/"), invited, follow=True).content.decode()
    link = re.search(r"http://testserver(/casework/join/[\w-]+/)", shown)
    assert link
    again = client.get(page(office, "members/")).content.decode()
    assert "Minh" in again
    assert "/casework/join/" not in again
    assert Client().get(link[1], follow=True).status_code == 200


def test_an_owner_changes_a_role(client: Client, office: Office) -> None:
    whose = office.membership(office.reader)
    signed_in(client, office.owner).post(page(office, f"members/{whose.pk}/role/"), {"role": "caseworker"})
    assert office.membership(office.reader).role == Role.CASEWORKER
    [event] = Event.objects.filter(organisation=office.organisation)
    assert (event.who, event.did) == (office.owner.email, "changed_role")
    assert event.detail == {"whose": office.reader.email, "to": "caseworker", "was": "reader"}


def test_a_role_that_does_not_exist_is_not_given(client: Client, office: Office) -> None:
    whose = office.membership(office.reader)
    signed_in(client, office.owner).post(page(office, f"members/{whose.pk}/role/"), {"role": "admin"})
    assert office.membership(office.reader).role == Role.READER


def test_whose_membership_ends_finds_nothing_from_the_next_click_on(office: Office) -> None:
    member, owner = signed_in(Client(), office.caseworker), signed_in(Client(), office.owner)
    assert member.get(page(office)).status_code == 200
    whose = office.membership(office.caseworker)
    whose.calendar_hash = "x"
    whose.save()
    assert "End the membership" in owner.get(page(office, f"members/{whose.pk}/end/")).content.decode()
    owner.post(page(office, f"members/{whose.pk}/end/"))
    assert member.get(page(office)).status_code == 404
    whose.refresh_from_db()
    assert whose.ended
    assert whose.calendar_hash == ""
    assert done(office) == ["ended_membership"]


@pytest.mark.parametrize("way", ["end", "step_down"])
def test_the_links_that_an_owner_made_open_nothing_once_they_own_nothing(office: Office, way: str) -> None:
    second = someone("second@harbour-aid.example")
    membership = join(office.organisation, second, Role.OWNER)
    kept = members.invite(office.organisation, "second", Role.OWNER, by=second)
    others = members.invite(office.organisation, "owner", Role.READER, by=office.owner)
    if way == "end":
        members.end(membership, "owner")
    else:
        members.change_role(membership, Role.CASEWORKER, "owner")
    assert members.open_invitation(members.hash_of(kept)) is None
    assert members.open_invitation(members.hash_of(others)) is not None
    assert "revoked_invitation" in done(office)


def test_anybody_can_leave(client: Client, office: Office) -> None:
    left = signed_in(client, office.reader).post(page(office, "leave/"), follow=True)
    assert "You have left Harbour Aid." in left.content.decode()
    assert client.get(page(office)).status_code == 404


@pytest.mark.parametrize("way", ["leave/", "members/{}/end/", "members/{}/role/"])
def test_the_last_owner_stays_and_is_told_why(client: Client, office: Office, way: str) -> None:
    own = office.membership(office.owner)
    answer = signed_in(client, office.owner).post(page(office, way.format(own.pk)), {"role": "reader"}, follow=True)
    assert escape("The last owner must stay. Make somebody else an owner first.") in answer.content.decode()
    own.refresh_from_db()
    assert (own.role, own.ended) == (Role.OWNER, None)
    assert done(office) == []


def test_an_owner_who_is_not_the_last_can_step_down(client: Client, office: Office) -> None:
    join(office.organisation, office.stranger, Role.OWNER)
    own = office.membership(office.owner)
    moved = signed_in(client, office.owner).post(page(office, f"members/{own.pk}/role/"), {"role": "reader"})
    assert moved["Location"] == page(office)
    assert client.get(page(office, "members/")).status_code == 404


def test_an_owner_reaches_no_membership_or_invitation_of_another_organisation(client: Client, office: Office) -> None:
    theirs = office.membership(office.reader)
    invited(office)
    signed_in(client, office.stranger)
    away = f"/casework/in/{office.elsewhere.slug}/members/"
    for path in (f"{theirs.pk}/role/", f"{theirs.pk}/end/", f"invitations/{Invitation.objects.get().pk}/revoke/"):
        assert client.post(away + path, {"role": "owner"}).status_code == 404
    theirs.refresh_from_db()
    assert (theirs.role, theirs.ended) == (Role.READER, None)
    assert Invitation.objects.exists()


OWNERS = ["members/", "members/invite/", "members/{}/role/", "members/{}/end/", "settings/"]


@pytest.mark.parametrize("path", OWNERS)
@pytest.mark.parametrize("who", ["caseworker", "reader", "former", "stranger"])
def test_only_owners_run_the_organisation(client: Client, office: Office, who: str, path: str) -> None:
    place = page(office, path.format(office.membership(office.reader).pk))
    signed_in(client, getattr(office, who))
    told = {client.get(place).status_code, client.post(place, {"role": "owner"}).status_code}
    assert told in ({404}, {404, 405}), "the same as for a page that does not exist"
    assert done(office) == []
    assert office.membership(office.reader).role == Role.READER


# --- Settings ---


def settings_of(office: Office, **changed: object) -> dict[str, object]:
    kept = {"name": office.organisation.name, "language": "en", "letterhead": "", "retention_months": 24}
    return kept | changed


def test_an_owner_changes_the_settings_and_the_trail_says_which(client: Client, office: Office) -> None:
    posted = settings_of(office, language="id", letterhead="Jalan 1\nMedan", retention_months=6)
    assert signed_in(client, office.owner).post(page(office, "settings/"), posted).status_code == 302
    kept = Organisation.objects.get(pk=office.organisation.pk)
    assert (kept.language, kept.letterhead.split(), kept.retention_months) == ("id", ["Jalan", "1", "Medan"], 6)
    [event] = Event.objects.all()
    assert (event.did, event.detail) == (
        "changed_settings",
        {"fields": ["language", "letterhead", "retention_months"]},
    )


@pytest.mark.parametrize("months", [0, 121, -1, "x"])
def test_cases_are_kept_between_one_month_and_ten_years(client: Client, office: Office, months: object) -> None:
    posted = settings_of(office, retention_months=months)
    refused = signed_in(client, office.owner).post(page(office, "settings/"), posted)
    assert "retention_months" in refused.context["form"].errors
    assert Organisation.objects.get(pk=office.organisation.pk).retention_months == 24


def test_an_owner_without_a_second_factor_cannot_ask_others_for_one(client: Client, office: Office) -> None:
    posted = settings_of(office, second_factor="on")
    refused = signed_in(client, office.owner).post(page(office, "settings/"), posted)
    assert "Set one up first." in refused.content.decode()
    assert not Organisation.objects.get(pk=office.organisation.pk).second_factor
    give_second_factor(office.owner)
    assert client.post(page(office, "settings/"), posted).status_code == 302
    assert Organisation.objects.get(pk=office.organisation.pk).second_factor


# --- The command ---


def organisation(*words: str) -> str:
    out = StringIO()
    call_command("organisation", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_an_organisation_is_made_on_the_command_line_and_its_owner_comes_by_a_link(client: Client) -> None:
    slug, link = organisation("make", "Union of Cooks", "--owner-link").split()
    assert slug == "union-of-cooks"
    assert link.startswith("http://localhost:8000/casework/join/")
    first = someone("first@union.example")
    signed_in(client, first).get(link.removeprefix("http://localhost:8000"))
    client.post("/casework/join/")
    assert Membership.objects.get(user=first).role == Role.OWNER
    assert organisation("list") == "union-of-cooks  1 members  0 cases  Union of Cooks\n"


def test_the_command_invites_to_any_role(client: Client, office: Office) -> None:
    link = organisation("invite", office.slug, "--role", "reader").strip()
    assert client.get(link.removeprefix("http://localhost:8000"), follow=True).status_code == 200
    assert Invitation.objects.get().role == Role.READER
    assert Event.objects.get().who == "manage.py"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("make", "Harbour Aid"), "exists already"),
        (("make", "សហជីព"), "Latin letters"),
        (("make", ""), "1 to 120 letters"),
        (("invite", "nowhere"), "no organisation"),
        (("password", "nobody@ngo.example"), "nobody signs in"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason_and_exit_code_2(
    office: Office, words: tuple[str, ...], says: str
) -> None:
    with pytest.raises(CommandError, match=says) as refused:
        organisation(*words)
    assert refused.value.returncode == 2


# --- With and without e-mail ---


@override_settings(
    SENDS_EMAIL=False,
    ACCOUNT_EMAIL_VERIFICATION="none",
    ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED=False,
    ACCOUNT_EMAIL_NOTIFICATIONS=False,
    MFA_ALLOW_UNVERIFIED_EMAIL=True,
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
)
def test_without_email_people_join_have_a_second_factor_and_get_a_new_password(client: Client, office: Office) -> None:
    client.get(invited(office))
    form = {"name": "Ana", "email": "ana@ngo.example", "password1": GOOD, "next": "/casework/join/"}
    assert client.post("/account/signup/", form)["Location"] == "/casework/join/"
    client.post("/casework/join/")
    client.post("/account/reauthenticate/", {"password": GOOD})
    set_up_codes(client)
    assert members.has_second_factor(User.objects.get(email="ana@ngo.example"))
    for path in ("/account/password/reset/", "/account/email/"):
        assert "This site sends no e-mail" in client.get(path).content.decode()
    link = organisation("password", "ana@ngo.example").strip().removeprefix("http://localhost:8000")
    other = Client()
    chosen = other.get(link, follow=True).request["PATH_INFO"]
    other.post(chosen, {"password1": PASSWORD, "password2": PASSWORD})
    assert sign_in(Client(), "ana@ngo.example")["Location"] == "/account/2fa/authenticate/"


def test_the_address_of_the_mail_server_is_read_from_one_variable() -> None:
    def read(word: str) -> Mail:
        return read_mail("EMAIL_URL", Mail("dummy"), {"EMAIL_URL": word})

    assert read("") == Mail("dummy")
    assert read("console") == Mail("console")
    assert read("smtp://me%40ngo.example:p%2Fw@mx.example") == Mail(
        "smtp", "mx.example", 587, "me@ngo.example", "p/w", starttls=True
    )
    assert read("smtps://mx.example:4650") == Mail("smtp", "mx.example", 4650, tls=True)
    assert read("smtp+plain://localhost") == Mail("smtp", "localhost", 25)
    for wrong in ("mx.example", "http://mx.example", "smtp://", "smtp://me:secret@mx.example:many"):
        with pytest.raises(ImproperlyConfigured) as refused:
            read(wrong)
        assert "secret" not in str(refused.value)
