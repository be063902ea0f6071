"""When the law changes, every open case is asked again once, and whoever must know is told: in a list, on the case, and
by e-mail."""

from __future__ import annotations

import hashlib
import html
import json
import re
import zlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django_tasks_db.models import DBTaskResult

from eligibility import current
from eligibility.casework import answering, digest, lawchange
from eligibility.casework.changing import changing, create
from eligibility.casework.desk import Desk
from eligibility.casework.lawchange import adopt, follow
from eligibility.casework.models import (
    Adoption,
    AnswerReason,
    Case,
    CaseStatus,
    Change,
    Claim,
    Event,
    Membership,
    Organisation,
    Stay,
    StoredAnswer,
)
from eligibility.explain import words
from eligibility.rulebook import Rulebook, load
from eligibility.vocabulary import Benefit, Outcome
from tests.offices import Office, an_office, signed_in
from tests.synthetic import nation, write

pytestmark = pytest.mark.django_db

HOME = nation("QN", "old_age")
AWAY = nation("QO", "old_age", inbound="coverage: mandatory", leaving="becomes: withdrawn")


def fund(leaving: str = "becomes: withdrawn", **parts: str) -> str:
    """A fund in QM that pays out on leaving, unless told otherwise."""
    return nation("QM", "old_age", inbound="coverage: mandatory", leaving=leaving, **parts)


PAYS, KEEPS = fund(), fund("becomes: forfeited")
SAYS = fund(scheme="name: The Sailors' Fund")

Loads = Callable[..., Rulebook]


@pytest.fixture
def loads(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Loads:
    """Loads an edition, as a process that starts would; QN and QO are always in it."""
    count = 0

    def load_edition(*texts: str) -> Rulebook:
        nonlocal count
        count += 1
        folder = write(tmp_path / f"law-{count}", HOME, AWAY, *texts)
        law = load(folder, snapshots=None)
        settings.RULEBOOK_PATH = folder
        monkeypatch.setattr(current, "rulebook", lambda: law)
        return law

    settings.RULEBOOK_EDITIONS = tmp_path / "editions"
    return load_edition


@pytest.fixture
def office() -> Office:
    return an_office()


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office.membership(office.caseworker))


def opened(desk: Desk, destination: str = "QM", **told: Any) -> Case:
    """A case of somebody who still works there."""
    case = Case(origin="QN", pseudonym=told.pop("pseudonym", "Rose"))
    usual = {"sector": "manufacturing", "status": "regular", "began": date(2024, 1, 1)}
    return create(desk, case, [Stay(**{"destination": destination, **usual, **told})])


def now() -> datetime:
    return timezone.now()


def changed(case: Case) -> list[tuple[str, str, str, list[str]]]:
    """What changes of a case say, the oldest first."""
    return [
        (one["benefit"], one["before"], one["after"], [f"{by['how']} {by['id']}" for by in one["by"]])
        for change in case.changes.order_by("pk")
        for one in change.benefits
    ]


LOST = ("old_age", "portable", "lost", ["changed qm-leaving"])
FOUND = ("old_age", "lost", "portable", ["changed qm-leaving"])


# --- taking an edition into use --------------------------------------------------------------------------------------


def test_the_first_edition_is_noted_and_asks_nobody(loads: Loads, desk: Desk) -> None:
    law = loads(PAYS)
    opened(desk)
    adoption = adopt()
    assert adoption is not None
    assert adoption.edition == law.edition
    assert adoption.finished is not None
    assert not DBTaskResult.objects.exists()


def test_another_edition_is_kept_and_taken_into_use_once(loads: Loads, desk: Desk) -> None:
    first = loads(PAYS)
    adopt()
    second = loads(KEEPS)
    assert adopt() is not None
    assert adopt() is None
    assert [(one.edition, one.before) for one in Adoption.objects.all()] == [
        (second.edition, first.edition),
        (first.edition, ""),
    ]
    assert second.edition in current.stored()
    assert [one.task_path for one in DBTaskResult.objects.all()] == ["eligibility.casework.lawchange.catch_up"]


def test_of_two_processes_that_start_at_once_one_takes_it_into_use(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads(PAYS)
    adopt()
    loads(KEEPS)
    keep = current.keep

    def meanwhile() -> str:
        monkeypatch.setattr(current, "keep", keep)
        assert adopt() is not None
        return keep()

    monkeypatch.setattr(current, "keep", meanwhile)
    assert adopt() is None
    assert Adoption.objects.count() == 2
    assert DBTaskResult.objects.count() == 1


# --- asking again ----------------------------------------------------------------------------------------------------


def test_a_case_whose_outcome_changed_is_listed_with_the_rule_that_did_it(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case, elsewhere = opened(desk), opened(desk, "QO")
    before = case.answers.get()
    law = loads(KEEPS)
    adopt()
    done = lawchange.catch_up.call()
    assert changed(case) == [LOST]
    change = case.changes.get()
    assert change.benefits[0]["by"][0]["fields"] == [{"field": "becomes", "old": "withdrawn", "new": "forfeited"}]
    assert change.before == before
    assert change.after.edition == law.edition
    assert change.after.reason == AnswerReason.LAW
    case.refresh_from_db()
    assert case.outcome(Benefit.OLD_AGE) is Outcome.LOST
    assert not elsewhere.changes.exists()
    assert elsewhere.answers.count() == 1
    assert done == {"cases": 2, "asked": 1, "changed": 1}
    adoption = Adoption.objects.first()
    assert adoption is not None
    assert adoption.asked == 1
    assert adoption.finished is not None


def test_both_answers_can_be_given_again_byte_for_byte(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(KEEPS)
    adopt()
    follow(now())
    assert [answering.replay(one, current.law_of(one.edition)).same for one in case.answers.all()] == [True, True]


def test_other_words_are_kept_and_are_no_change(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(SAYS)
    adopt()
    follow(now())
    assert not Change.objects.exists()
    assert case.answers.count() == 2
    assert b"The Sailors' Fund" in answering.stored_body(case.answers.first())


def test_an_edition_that_says_the_same_fills_no_database(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    law = loads(fund("becomes: withdrawn, amount: All that was paid in"))
    adopt()
    assert follow(now() + timedelta(days=3)).asked == 1
    case.refresh_from_db()
    assert case.answers.count() == 1
    assert case.law == law.edition


def test_an_edition_that_was_only_checked_anew_asks_nobody(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    law = loads(fund("becomes: withdrawn, checked: 2026-11-20, note: Asked the fund again."))
    adopt()
    assert follow(now()) == lawchange.Done(cases=1)
    case.refresh_from_db()
    assert case.law == law.edition
    again = answering.work_out(case.answers.get().asked, law)
    assert answering.fresh(case, {}, again, law, case.answers.get(), reason=AnswerReason.LAW) is None, "nor need it"


def test_closed_cases_are_left_alone_until_they_are_opened_again(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case, waits = opened(desk), opened(desk)
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.CLOSED)
    Case.objects.filter(pk=waits.pk).update(status=CaseStatus.WAITING)
    loads(KEEPS)
    adopt()
    follow(now())
    assert not changed(case)
    assert changed(waits) == [LOST]
    with changing(desk, case.pk, "status") as kept:
        kept.status = CaseStatus.OPEN
    follow(now())
    assert changed(case) == [LOST], "the law changed while it was closed"


def test_what_a_caseworker_does_before_the_case_is_asked_again_hides_no_change(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(KEEPS)
    adopt()
    with changing(desk, case.pk, "added"):
        pass  # a note, say: the case is answered by the new edition
    follow(now())
    assert changed(case) == [LOST]


def test_a_task_that_was_killed_goes_on_without_a_case_left_out_or_asked_twice(
    loads: Loads, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lawchange, "AT_ONCE", 3)
    loads(PAYS)
    adopt()
    cases = [opened(desk) for _number in range(10)]
    loads(KEEPS)
    adopt()
    asked, ask = [], lawchange.Following.ask

    def dying(self: Any, case: Case) -> Any:
        if len(asked) == 5:
            raise KeyboardInterrupt
        asked.append(case.pk)
        return ask(self, case)

    monkeypatch.setattr(lawchange.Following, "ask", dying)
    with pytest.raises(KeyboardInterrupt):
        follow(now())
    assert Change.objects.count() == 3, "what was begun and not finished left nothing"
    monkeypatch.setattr(lawchange.Following, "ask", ask)
    assert follow(now()).asked == 7
    assert [changed(case) for case in cases] == [[LOST]] * 10
    assert {case.answers.count() for case in cases} == {2}
    assert follow(now()).cases == 0
    assert Adoption.objects.all()[0].asked == 10


def test_two_workers_with_the_same_task_change_nothing_twice(
    loads: Loads, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(KEEPS)
    adopt()
    ask = lawchange.Following.ask

    def slow(self: Any, one: Case) -> Any:
        monkeypatch.setattr(lawchange.Following, "ask", ask)
        follow(now())  # the other one, from beginning to end
        return ask(self, one)

    monkeypatch.setattr(lawchange.Following, "ask", slow)
    follow(now())
    assert changed(case) == [LOST]
    assert case.answers.count() == 2


def test_a_case_that_is_changed_while_it_is_asked_is_asked_as_it_then_is(
    loads: Loads, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(KEEPS)
    adopt()
    ask = lawchange.Following.ask

    def slow(self: Any, one: Case) -> Any:
        found = ask(self, one)
        monkeypatch.setattr(lawchange.Following, "ask", ask)
        with changing(desk, case.pk, "changed"):
            case.stays.update(destination="QO")
        return found

    monkeypatch.setattr(lawchange.Following, "ask", slow)
    follow(now())
    assert not changed(case)
    case.refresh_from_db()
    assert case.outcome(Benefit.OLD_AGE) is Outcome.PORTABLE


def test_an_edition_that_comes_in_between_is_the_one_that_counts(
    loads: Loads, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lawchange, "AT_ONCE", 1)
    loads(PAYS)
    adopt()
    cases = [opened(desk) for _number in range(3)]
    loads(KEEPS)
    adopt()
    asked, ask = [], lawchange.Following.ask

    def overtaken(self: Any, case: Case) -> Any:
        asked.append(case)
        if len(asked) == 2:
            loads(SAYS)
            adopt()
        return ask(self, case)

    monkeypatch.setattr(lawchange.Following, "ask", overtaken)
    follow(now())
    assert sorted(map(changed, cases)) == [[], [], [LOST]]
    follow(now())
    assert sorted(map(changed, cases)) == [[], [], [LOST, FOUND]], "for the others nothing had changed in the end"
    for case in cases:
        case.refresh_from_db()
        assert case.outcome(Benefit.OLD_AGE) is Outcome.PORTABLE


def test_an_edition_taken_back_into_use_changes_the_cases_back(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    for text in (KEEPS, PAYS):
        loads(text)
        adopt()
        follow(now())
    assert changed(case) == [LOST, FOUND]


def test_every_stay_of_a_career_is_looked_at(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk, ended=date(2025, 1, 1))
    with changing(desk, case.pk, "added"):
        Stay.objects.create(
            case=case, destination="QO", sector="manufacturing", status="regular", began=date(2025, 2, 1)
        )
    loads(KEEPS)
    adopt()
    follow(now())
    assert changed(case) == [LOST]
    assert [(one["stay"], one["destination"]) for one in case.changes.get().benefits] == [(0, "QM")]


def test_a_case_that_the_law_no_longer_speaks_of_is_listed_and_can_still_be_worked_on(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads()
    adopt()
    follow(now())
    change = case.changes.get()
    assert change.after is None
    assert change.benefits == []
    with changing(desk, case.pk, "added"):
        pass
    case.refresh_from_db()
    assert case.outcome(Benefit.OLD_AGE) is Outcome.PORTABLE, "the last answer stands there still"
    loads(PAYS)
    adopt()
    follow(now())
    assert case.changes.count() == 2
    assert case.changes.all()[0].after is not None


def test_where_the_edition_before_is_lost_outcomes_are_compared_without_a_rule(
    loads: Loads, desk: Desk, settings: Any, tmp_path: Path
) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(KEEPS)
    settings.RULEBOOK_EDITIONS = tmp_path / "another disk"
    adopt()
    follow(now())
    assert changed(case) == [("old_age", "portable", "lost", [])]


# --- a day comes -----------------------------------------------------------------------------------------------------


def later(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def soon() -> str:
    """A fund that pays out on leaving for nine more days."""
    return nation(
        "QM",
        "old_age",
        inbound="coverage: mandatory",
        leaving=[
            f"becomes: withdrawn, until: {later(9).isoformat()}",
            f"becomes: forfeited, from: {later(10).isoformat()}",
        ],
    )


def test_a_rule_that_begins_changes_the_case_on_its_day(loads: Loads, desk: Desk) -> None:
    loads(soon())
    adopt()
    case = opened(desk)
    assert follow(now() + timedelta(days=9)).cases == 0, "nobody is asked while nothing begins or ends"
    assert follow(now() + timedelta(days=10)).changed == 1
    assert changed(case) == [("old_age", "portable", "lost", ["ended qm-leaving", "began qm-leaving-2"])]
    change = case.changes.get()
    assert change.reason == AnswerReason.DAY
    assert [by["day"] for by in change.benefits[0]["by"]] == [later(9).isoformat(), later(10).isoformat()]
    assert change.after.reason == AnswerReason.DAY
    assert follow(now() + timedelta(days=11)).cases == 0
    assert follow(now() + timedelta(days=12)).cases == 0


def test_who_had_left_before_is_not_changed_by_a_day(loads: Loads, desk: Desk) -> None:
    loads(soon())
    adopt()
    case = opened(desk, ended=date(2025, 1, 1))
    follow(now() + timedelta(days=10))
    assert not changed(case)


def test_the_passing_of_time_is_not_taken_for_a_change_by_an_edition(loads: Loads, desk: Desk) -> None:
    loads(soon())
    adopt()
    case = opened(desk)
    loads(soon(), nation("QP", "old_age"))
    adopt()
    follow(now() + timedelta(days=20))
    assert [one.reason for one in case.changes.all()] == [AnswerReason.DAY]
    assert StoredAnswer.objects.filter(case=case).count() == 2


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(client: Client, office: Office) -> Client:
    """The caseworker's."""
    return signed_in(client, office.caseworker)


@pytest.fixture
def lost(loads: Loads, desk: Desk) -> Case:
    """A case that an edition changed."""
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(KEEPS)
    adopt()
    follow(now())
    return case


def url(office: Office, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[office.slug, *args])


def said(browser: Client, address: str) -> str:
    """The words of a page, without its markup."""
    text = browser.get(address).content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text.partition("<main")[2])).split())


def test_the_list_shows_before_and_after_with_the_rule_and_its_page(
    browser: Client, office: Office, lost: Case
) -> None:
    page = browser.get(url(office, "law")).content.decode()
    assert f'href="{url(office, "case", lost.pk)}"' in page
    assert f'href="{reverse("web:rule", args=["qm-leaving"])}"' in page
    assert browser.get(reverse("web:rule", args=["qm-leaving"])).status_code == 200
    text = said(browser, url(office, "law"))
    assert "Money when you are old: Carry home → now Lose" in text
    assert "qm-leaving changed What becomes of it on leaving: paid out → now lost" in text


def test_what_decides_stands_before_how_sure_that_is(
    browser: Client, office: Office, lost: Case, loads: Loads, desk: Desk
) -> None:
    loads(fund("becomes: withdrawn, confidence: low, claim: {papers: [passport]}"))
    adopt()
    follow(now())
    cause = browser.get(url(office, "law")).context["rows"][0].moved[0].causes[0]
    assert [field.name for field in cause.fields] == ["What becomes of it on leaving", "How sure we are", "Papers"]


def test_a_change_marked_as_seen_leaves_the_list_and_can_be_brought_back(
    browser: Client, office: Office, lost: Case
) -> None:
    address = url(office, "law_seen", lost.changes.get().pk)
    page = browser.post(address, {"seen": "1"}, follow=True)
    assert page.context["rows"] == []
    assert len(browser.get(url(office, "law"), {"show": "all"}).context["rows"]) == 1
    change = lost.changes.get()
    assert change.seen_by == office.caseworker
    assert f'action="{address}"' in page.content.decode(), "undo"
    browser.post(address, {"seen": "0"})
    assert len(browser.get(url(office, "law")).context["rows"]) == 1


def test_a_row_that_is_marked_without_a_reload_stays_to_be_undone(browser: Client, office: Office, lost: Case) -> None:
    answer = browser.post(url(office, "law_seen", lost.changes.get().pk), {"seen": "1"}, headers={"HX-Request": "true"})
    assert answer.content.startswith(b'<tr class="seen"')
    assert b'value="0"' in answer.content


def test_all_that_was_shown_is_marked_at_once_and_nothing_that_came_later(
    browser: Client, office: Office, lost: Case, loads: Loads
) -> None:
    newest = browser.get(url(office, "law")).context["newest"]
    loads(PAYS)
    adopt()
    follow(now())
    page = browser.post(url(office, "law_all_seen"), {"newest": newest}, follow=True)
    assert [change.seen is None for change in Change.objects.all()] == [True, False]
    undo = re.search(r'name="back" value="([^"]+)"', page.content.decode())
    assert undo is not None
    browser.post(url(office, "law_all_seen"), {"back": html.unescape(undo[1])})
    assert [change.seen is None for change in Change.objects.all()] == [True, True]


@pytest.mark.parametrize("sent", [{}, {"newest": "x"}, {"back": "yesterday"}, {"newest": "9" * 40}])
def test_nonsense_marks_nothing(browser: Client, office: Office, lost: Case, sent: dict[str, str]) -> None:
    assert browser.post(url(office, "law_all_seen"), sent).status_code == 302
    assert lost.changes.get().seen is None


def test_the_case_says_what_changed_until_somebody_has_seen_it(browser: Client, office: Office, lost: Case) -> None:
    address = url(office, "case", lost.pk)
    assert "Carry home → now Lose" in said(browser, address)
    browser.post(url(office, "law_seen", lost.changes.get().pk), {"seen": "1", "case": "1"})
    assert "A new edition of the law changed this case." not in said(browser, address)


def test_the_navigation_counts_what_nobody_has_seen(browser: Client, office: Office, lost: Case) -> None:
    assert '<span class="badge">1</span>' in browser.get(url(office, "cases")).content.decode()
    lost.changes.update(seen=now())
    assert "badge" not in browser.get(url(office, "cases")).content.decode()


def test_the_list_of_cases_can_be_narrowed_to_those(browser: Client, office: Office, lost: Case, desk: Desk) -> None:
    opened(desk, pseudonym="Tulip")
    found = browser.get(url(office, "cases"), {"law": "1"}).context["rows"]
    assert [row.case.pseudonym for row in found] == ["Rose"]


def test_a_case_that_was_followed_is_shown_by_the_law_of_today_without_being_asked_again(
    browser: Client, office: Office, loads: Loads, desk: Desk
) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(fund("becomes: withdrawn, claim: {how: Go to the new office.}"))
    address = url(office, "case", case.pk)
    assert "Ask again by today's law" in said(browser, address)
    adopt()
    follow(now())
    assert "Ask again by today's law" not in said(browser, address)
    assert "Go to the new office." in said(browser, address)
    assert case.answers.count() == 1


def test_a_case_that_the_law_no_longer_speaks_of_shows_its_last_answer(
    browser: Client, office: Office, loads: Loads, desk: Desk
) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads()
    adopt()
    follow(now())
    for address in (url(office, "law"), url(office, "case", case.pk)):
        assert "does not speak of this case any more" in said(browser, address)
    assert "Carry home" in said(browser, url(office, "case", case.pk))
    assert browser.post(url(office, "case_status", case.pk), {"status": "closed"}).status_code == 302
    case.refresh_from_db()
    assert case.status == CaseStatus.CLOSED


def test_another_organisation_sees_nothing_of_it(client: Client, office: Office, lost: Case) -> None:
    signed_in(client, office.stranger)
    assert client.get(reverse("casework:law", args=[office.elsewhere.slug])).context["rows"] == []
    assert "badge" not in client.get(reverse("casework:cases", args=[office.elsewhere.slug])).content.decode()
    change = lost.changes.get()
    assert client.post(reverse("casework:law_seen", args=[office.elsewhere.slug, change.pk])).status_code == 404
    client.post(reverse("casework:law_all_seen", args=[office.elsewhere.slug]), {"newest": change.pk})
    change.refresh_from_db()
    assert change.seen is None


def test_before_the_first_change_the_page_says_what_will_be_there(browser: Client, office: Office) -> None:
    assert "every open case is asked again by itself" in said(browser, url(office, "law"))


# --- the e-mail ------------------------------------------------------------------------------------------------------


def told(user: User) -> list[str]:
    """The texts of the e-mails that somebody got."""
    return [str(one.body) for one in mail.outbox if one.to == [user.email]]


def due_in(case: Case, days: int, scheme: str = "qm-fund") -> Claim:
    return Claim.objects.create(case=case, benefit="old_age", scheme=scheme, due=later(days), note="Bring the card")


def test_every_member_who_wants_it_is_told_of_a_change_once(office: Office, lost: Case) -> None:
    Membership.objects.filter(user=office.reader).update(digest=False)
    EmailAddress.objects.filter(user=office.owner).update(verified=False)
    assert digest.send(now()).sent == 1
    assert [one.to for one in mail.outbox] == [[office.caseworker.email]], "no reader, owner, former member or stranger"
    digest.send(now())
    for days in range(1, 5):
        digest.send(now() + timedelta(days=days))
    assert len(mail.outbox) == 1


def test_the_e_mail_has_numbers_and_words_of_the_law_and_nothing_of_the_worker(
    office: Office, lost: Case, settings: Any
) -> None:
    settings.SITE_URL = "https://aid.example"
    Case.objects.filter(pk=lost.pk).update(pseudonym="Rose")
    due_in(lost, 9)
    digest.send(now())
    (text,) = told(office.caseworker)
    message = mail.outbox[0]
    assert message.subject == "Harbour Aid: the law changed one case, one last day to claim"
    assert f"Case {lost.number}, QN → QM\n- Money when you are old: Carry home → Lose\n" in text
    assert f"Case {lost.number}, qm-fund: {words.day(later(9))}\n" in text
    assert f"https://aid.example{url(office, 'case', lost.pk)}" in text
    off = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert off.startswith("https://aid.example/casework/no-digest/")
    assert off in str(message.body)
    everything = message.message().as_string() + text
    assert "Rose" not in everything
    assert "card" not in everything


def test_the_e_mail_is_in_the_language_of_the_office(office: Office, lost: Case) -> None:
    Organisation.objects.filter(pk=office.organisation.pk).update(language="id")
    digest.send(now())
    with override("id"):
        here = words.benefit(Benefit.OLD_AGE), words.outcome(Outcome.LOST)
    assert all(word in told(office.caseworker)[0] for word in here)


def test_what_somebody_has_seen_is_not_mailed(office: Office, lost: Case) -> None:
    lost.changes.update(seen=now())
    assert digest.send(now()).sent == 0


def test_an_account_that_was_shut_gets_no_e_mail(office: Office, lost: Case) -> None:
    User.objects.update(is_active=False)
    assert digest.send(now()).sent == 0


def test_a_last_day_is_told_when_it_comes_near_and_not_every_day(office: Office, loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    due_in(opened(desk), 20)
    days = [day for day in range(24) if digest.send(now() + timedelta(days=day)).sent]
    assert days == [6, 13, 19, 21], "two weeks, a week and a day before, and the day after"
    assert "(passed)" in told(office.caseworker)[-1]
    assert "(passed)" not in told(office.caseworker)[-2]


def test_no_claim_that_is_filed_or_of_a_closed_case_is_told(office: Office, loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    case, closed = opened(desk), opened(desk)
    Claim.objects.filter(pk=due_in(case, 3).pk).update(status="filed")
    due_in(closed, 3)
    Case.objects.filter(pk=closed.pk).update(status=CaseStatus.CLOSED)
    assert digest.send(now()).sent == 0


def test_another_organisation_is_told_nothing_of_it(office: Office, lost: Case) -> None:
    due_in(lost, 3)
    digest.send(now())
    assert not told(office.stranger)
    assert not told(office.former)


def test_a_job_that_is_killed_while_it_sends_tells_nobody_twice_and_forgets_nobody(
    office: Office, lost: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = EmailMessage.send

    def killed(message: EmailMessage, **more: Any) -> int:
        send(message, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(EmailMessage, "send", killed)
    with pytest.raises(KeyboardInterrupt):
        digest.send(now())
    monkeypatch.setattr(EmailMessage, "send", send)
    digest.send(now())
    members = [office.owner, office.caseworker, office.reader]
    assert [len(told(user)) for user in members] == [1, 1, 1]


def refusing(monkeypatch: pytest.MonkeyPatch, address: str, error: Exception) -> None:
    """Let every e-mail to this address fail."""
    send = EmailMessage.send

    def refused(message: EmailMessage, **more: Any) -> int:
        if message.to == [address]:
            raise error
        return send(message, **more)

    monkeypatch.setattr(EmailMessage, "send", refused)


@pytest.mark.parametrize(("code", "later"), [(550, 0), (450, 1)])
def test_an_address_that_is_refused_is_tried_again_and_keeps_nobody_waiting(
    office: Office, lost: Case, monkeypatch: pytest.MonkeyPatch, code: int, later: int
) -> None:
    DBTaskResult.objects.all().delete()
    address = office.owner.email
    with monkeypatch.context() as meanwhile:
        refusing(meanwhile, address, SMTPRecipientsRefused({address: (code, b"no")}))
        assert digest.send(now()) == digest.Sent(sent=2, failed=1)
    assert DBTaskResult.objects.count() == later, "for good, or in a quarter of an hour"
    assert digest.send(now()) == digest.Sent(sent=1)


def test_a_server_that_cannot_be_reached_is_asked_once_and_again_in_a_quarter_of_an_hour(
    office: Office, lost: Case, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    DBTaskResult.objects.all().delete()
    with monkeypatch.context() as meanwhile:
        for user in (office.owner, office.caseworker, office.reader):
            refusing(meanwhile, user.email, TimeoutError("timed out"))
        assert digest.send(now()) == digest.Sent(sent=0, failed=1), "the others need not wait for it too"
        digest.send(now())
    (again,) = DBTaskResult.objects.all()
    assert again.run_after > now() + digest.AGAIN / 2
    assert office.owner.email not in caplog.text
    assert digest.send_again.call() == {"sent": 3, "failed": 0}


def test_the_e_mail_is_stopped_with_one_click_and_without_signing_in(office: Office, lost: Case) -> None:
    digest.send(now())
    message = next(one for one in mail.outbox if one.to == [office.reader.email])
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    where = urlsplit(message.extra_headers["List-Unsubscribe"].strip("<>")).path
    browser, membership = Client(enforce_csrf_checks=True), office.membership(office.reader)
    assert b"<button" in browser.get(where).content
    membership.refresh_from_db()
    assert membership.digest, "whoever checks links only looks"
    assert browser.post(where, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert browser.post(where, {"List-Unsubscribe": "One-Click"}).status_code == 200, "twice does no harm"
    membership.refresh_from_db()
    assert not membership.digest
    assert Event.objects.filter(did="digest", who=office.reader.email).count() == 1
    assert browser.get(where[:-2] + "x/").status_code == 404
    assert office.membership(office.owner).digest


def test_where_no_e_mail_leaves_the_site_nobody_is_taken_for_told(office: Office, lost: Case, settings: Any) -> None:
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, digest.SENDS_NOTHING
    assert digest.send(now()).sent == 0
    settings.EMAIL_BACKEND = backend
    assert digest.send(now()).sent == 3


def test_a_long_list_is_cut_and_one_s_own_cases_stand_first(
    office: Office, loads: Loads, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "MOST", 2)
    loads(PAYS)
    adopt()
    cases = [opened(desk) for _number in range(4)]
    Case.objects.filter(pk=cases[3].pk).update(caseworker=desk.membership)
    loads(KEEPS)
    adopt()
    follow(now())
    digest.send(now())
    text = told(office.caseworker)[0]
    assert re.findall(r"^Case (\d+),", text, re.M)[0] == str(cases[3].number)
    assert "and 2 more" in text


def test_the_e_mail_is_turned_off_with_one_click_and_on_again(browser: Client, office: Office, lost: Case) -> None:
    assert "You get it at caseworker@" in said(browser, url(office, "digest"))
    page = browser.post(url(office, "digest"), {"digest": "0"}, follow=True).content.decode()
    assert "You do not get it." in page
    digest.send(now())
    assert not told(office.caseworker)
    browser.post(url(office, "digest"), {"digest": "1"})
    digest.send(now())
    assert len(told(office.caseworker)) == 1


# --- commands --------------------------------------------------------------------------------------------------------


def ran(*words: str) -> tuple[int, str]:
    """A command's exit status and what it printed."""
    out = StringIO()
    try:
        call_command(*words, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def test_adopt_says_what_it_does(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    assert "the first edition" in ran("adopt")[1]
    opened(desk)
    loads(KEEPS)
    assert "1 open case to be asked." in ran("adopt")[1]
    assert ran("adopt")[1].endswith("is in use.\n")


@pytest.fixture
def editions(loads: Loads, settings: Any) -> tuple[str, str]:
    """The folders of an edition that is loaded and of one that is to come."""
    loads(KEEPS)
    new = str(settings.RULEBOOK_PATH)
    loads(PAYS)
    return str(settings.RULEBOOK_PATH), new


def test_impact_shows_what_an_edition_would_change_for_an_organisation_and_writes_nothing(
    desk: Desk, office: Office, editions: tuple[str, str]
) -> None:
    cases = [opened(desk, pseudonym="Rose") for _number in range(2)]
    opened(desk, "QO")
    closed = opened(desk)
    Case.objects.filter(pk=closed.pk).update(status=CaseStatus.CLOSED)
    opened(Desk(Membership.objects.get(organisation=office.elsewhere)))
    status, text = ran("impact", *editions, "--organisation", office.slug)
    assert status == 1
    assert "3 cases not closed; for 2 of them something differs in the law." in text
    assert re.search(r"2  QN → QM  old_age: portable → lost\n +changed rule qm-leaving", text)
    assert f"Cases: #{cases[0].number}, #{cases[1].number}" in text
    assert "Rose" not in text
    assert StoredAnswer.objects.count() == 5
    assert not Change.objects.exists()


def test_impact_over_all_organisations_only_counts(desk: Desk, office: Office, editions: tuple[str, str]) -> None:
    opened(desk)
    opened(Desk(Membership.objects.get(organisation=office.elsewhere)))
    status, text = ran("impact", *editions, "--cases", "--json")
    data = json.loads(text)
    assert status == 1
    assert (data["cases"], data["asked"], data["changed"]) == (2, 2, 2)
    assert [(one["before"], one["after"], one["cases"], one["by"]) for one in data["transitions"]] == [
        ("portable", "lost", 2, [{"kind": "rule", "id": "qm-leaving", "how": "changed"}])
    ]
    assert "each" not in data
    assert "#" not in ran("impact", *editions, "--cases")[1]
    one = json.loads(ran("impact", *editions, "--organisation", office.slug, "--json")[1])
    assert [case["number"] for case in one["each"]] == [1]


def test_impact_on_cases_of_which_none_changes_ends_well(desk: Desk, office: Office, editions: tuple[str, str]) -> None:
    opened(desk, "QO")
    status, text = ran("impact", *editions, "--organisation", office.slug)
    assert status == 0
    assert "Nothing changes for any of them." in text
    assert ran("impact", *editions, "--organisation", "nobody") == (2, "There is no organisation nobody.")


def test_impact_counts_the_cases_that_would_not_be_answered_any_more(
    desk: Desk, office: Office, loads: Loads, settings: Any
) -> None:
    loads()
    new = str(settings.RULEBOOK_PATH)
    loads(PAYS)
    opened(desk)
    status, text = ran("impact", str(settings.RULEBOOK_PATH), new, "--organisation", office.slug)
    assert status == 1
    assert "1 case would not be answered any more" in text


def test_replay_gives_every_answer_again(lost: Case, office: Office) -> None:
    assert ran("replay") == (0, "2 answers: 2 the same\n")
    assert ran("replay", "--organisation", office.slug) == (0, "2 answers: 2 the same\n")
    assert ran("replay", "--organisation", office.elsewhere.slug) == (0, "0 answers: 0 the same\n")
    assert ran("replay", "--case", str(lost.pk), str(lost.answers.all()[0].pk)) == (0, "1 answer: 1 the same\n")


def stored(answer: StoredAnswer, body: bytes) -> None:
    """Put another body in the place of an answer's, with its digest."""
    digest = hashlib.sha256(body).hexdigest()
    StoredAnswer.objects.filter(pk=answer.pk).update(body=zlib.compress(body), digest=digest)


def test_replay_tells_other_words_from_another_answer_and_from_a_damaged_one(lost: Case) -> None:
    first, second = lost.answers.order_by("pk")
    body = answering.stored_body(first)
    stored(first, body.replace(b'"verdict":"', b'"verdict":"So: '))
    status, text = ran("replay")
    assert (status, text.splitlines()[-1]) == (1, "2 answers: 1 the same, 1 wording only")
    stored(first, body.replace(b'"portable"', b'"retained"'))
    status, text = ran("replay")
    assert (status, text.splitlines()[-1]) == (1, "2 answers: 1 the same, 1 different")
    assert f"answer {first.pk} by {first.edition[:19]}: different" in text
    StoredAnswer.objects.filter(pk=second.pk).update(body=b"no more")
    assert ran("replay")[1].endswith("2 answers: 0 the same, 1 different, 1 damaged\n")


def test_replay_says_which_edition_is_missing(lost: Case, settings: Any, tmp_path: Path) -> None:
    settings.RULEBOOK_EDITIONS = tmp_path / "another disk"
    status, text = ran("replay")
    assert status == 2
    assert text.endswith("2 answers: 1 the same, 1 edition missing\n")


@pytest.mark.parametrize(
    "words", [["--organisation", "nobody"], ["--case", "00000000-0000-0000-0000-000000000000"], ["987654"]]
)
def test_replay_of_what_is_not_there_says_so(lost: Case, words: list[str]) -> None:
    status, text = ran("replay", *words)
    assert status == 2
    assert "There is no" in text
