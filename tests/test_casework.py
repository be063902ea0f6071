"""A caseworker opens a case, reads its answer, changes it, finds it again; and nothing is lost or half-written."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from io import BytesIO
from unittest.mock import patch

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar
from pypdf import PdfReader

from eligibility import current
from eligibility.casework import answering, audit, digest, keys, paper
from eligibility.casework.models import Case, CaseWord, Claim, Event, Note, Organisation, Stay, StoredAnswer
from eligibility.engine.career import after_months
from eligibility.vocabulary import Benefit, Outcome
from tests.offices import Office, an_office, signed_in

pytestmark = pytest.mark.django_db

CASE = {
    "origin": "ID", "destination": "MY", "sector": "manufacturing", "status": "regular", "began": "2021-03-01",
    "ended": "2026-02-28", "months": "58", "pseudonym": "Rose", "name": "Siti Rahma", "contacts": "+62 812-3456-7890",
    "language": "id",
}  # fmt: skip


@pytest.fixture
def office() -> Office:
    return an_office()


@pytest.fixture
def worker(client: Client, office: Office) -> Client:
    """A browser in which the caseworker is signed in."""
    return signed_in(client, office.caseworker)


def opened(browser: Client, office: Office, **instead: str) -> Case:
    answer = browser.post(reverse("casework:new", args=[office.slug]), CASE | instead)
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.latest("created")


def url(office: Office, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[office.slug, *args])


def listed(browser: Client, office: Office, words: str = "", **filters: str) -> list[str]:
    """The pseudonyms in the list, for words that are searched or for filters."""
    address = url(office, "cases")
    answer = browser.post(address, {"words": words, **filters}) if words else browser.get(address, filters)
    return [row.case.pseudonym for row in answer.context["rows"]]


def test_a_new_case_is_answered_at_once(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    assert len(case.outcomes) == 9
    assert case.outcome(Benefit.OLD_AGE) is not None
    page = worker.get(url(office, "case", case.pk)).content.decode()
    assert "Indonesia → Malaysia" in page
    assert "Siti Rahma" in page


def key_of(page: HttpResponse, field: str = "key") -> str:
    """What a form brings along so that it can be sent once."""
    found = re.search(rf'name="{field}" value="([^"]+)"', page.content.decode())
    assert found is not None
    return found[1]


def test_a_form_that_is_sent_twice_opens_one_case(worker: Client, office: Office) -> None:
    sent = CASE | {"key": key_of(worker.get(url(office, "new")))}
    first, second = (worker.post(url(office, "new"), sent) for _press in range(2))
    case = Case.objects.get()
    assert first["Location"] == second["Location"] == url(office, "case", case.pk)
    assert [event.did for event in Event.objects.filter(case=case.pk)] == ["opened"]
    assert "sent before" in worker.get(second["Location"]).content.decode()


def test_each_new_form_opens_a_case_of_its_own_also_after_a_mistake(worker: Client, office: Office) -> None:
    wrong = worker.post(url(office, "new"), CASE | {"key": key_of(worker.get(url(office, "new"))), "began": ""})
    for page in (wrong, worker.get(url(office, "new"))):
        worker.post(url(office, "new"), CASE | {"key": key_of(page)})
    assert Case.objects.count() == 2


@pytest.mark.parametrize("key", ["", "no key", "0", "\0"])
def test_a_form_with_a_forged_key_opens_a_case_all_the_same(worker: Client, office: Office, key: str) -> None:
    opened(worker, office, key=key)
    assert Case.objects.count() == 1


def test_the_key_of_another_organisations_case_leads_nowhere(worker: Client, office: Office) -> None:
    other = an_office("Other Aid")
    theirs = opened(signed_in(Client(), other.caseworker), other, pseudonym="Lotus")
    ours = opened(worker, office, key=str(theirs.pk))
    assert ours.pk != theirs.pk
    assert (ours.organisation, ours.pseudonym) == (office.organisation, "Rose")
    theirs.refresh_from_db()
    assert (theirs.organisation, theirs.pseudonym) == (other.organisation, "Lotus")


def test_what_turns_the_direction_of_text_is_not_kept_with_a_name_or_number(worker: Client, office: Office) -> None:
    """Telephones copy such signs along, and nobody sees them."""
    case = opened(
        worker,
        office,
        pseudonym=" \u202eRose\u202c  Red ",
        name="\u2066Siti\u2069",
        contacts="\u202a+62 812-3456-7890\u202c",
    )
    assert (case.pseudonym, case.name, case.contacts) == ("Rose Red", "Siti", "+62 812-3456-7890")


@pytest.mark.parametrize("words", ["\u202aSiti\u202c", "សុខចាន់", "សុខ\u200bចាន់", "\u200e0812\u202c34567890"])
def test_a_case_is_found_whatever_signs_nobody_sees_stand_among_the_words(
    worker: Client, office: Office, words: str
) -> None:
    opened(worker, office, name="Siti សុខ\u200bចាន់")
    assert listed(worker, office, words) == ["Rose"]


def test_names_contacts_and_notes_are_unreadable_in_the_database(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    worker.post(url(office, "case_add", case.pk, "note"), {"text": "Her employer keeps the passport."})
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, contacts FROM casework_case")
        kept = str(cursor.fetchall())
        cursor.execute("SELECT text FROM casework_note")
        kept += str(cursor.fetchall())
    assert "Siti" not in kept
    assert "3456" not in kept
    assert "passport" not in kept
    assert Note.objects.get().text == "Her employer keeps the passport."


def test_old_texts_are_read_after_a_new_key_and_not_without_theirs(settings: object) -> None:
    settings.CASEWORK_KEYS = ["the first secret"]  # type: ignore[attr-defined]
    sealed = keys.seal("Siti")
    settings.CASEWORK_KEYS = ["a newer secret", "the first secret"]  # type: ignore[attr-defined]
    assert keys.unseal(sealed) == "Siti"
    settings.CASEWORK_KEYS = ["a newer secret"]  # type: ignore[attr-defined]
    with pytest.raises(keys.Unreadable, match="add the older secret"):
        keys.unseal(sealed)


@pytest.mark.parametrize(
    "words",
    ["Siti", "rahma siti", "Rose", "ros", "081234567890", "+62 812 3456 7890", "#1"],
)
def test_a_case_is_found_by_name_number_telephone_or_pseudonym(worker: Client, office: Office, words: str) -> None:
    opened(worker, office)
    opened(worker, office, pseudonym="Tulip", name="Dewi", contacts="")
    assert listed(worker, office, words) == ["Rose"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("Nguyễn Thị Đào", "nguyen dao"), ("မသီတာ", "မသီတာ"), ("สมหญิง", "สมหญิง"), ("José", "JOSE")],
)
def test_names_are_found_without_accents_and_in_every_script(
    worker: Client, office: Office, name: str, words: str
) -> None:
    opened(worker, office, name=name)
    assert listed(worker, office, words) == ["Rose"]


@pytest.mark.parametrize("words", ["0912-345-678", "๐๙๑๒๓๔๕๖๗๘", "+၉၅ ၉၁၂ ၃၄၅ ၆၇၈"])
@pytest.mark.parametrize("contacts", ["၀၉၁၂၃၄၅၆၇၈", "+95 912 345 678"])
def test_a_telephone_number_is_found_in_the_digits_of_any_script(
    worker: Client, office: Office, contacts: str, words: str
) -> None:
    opened(worker, office, contacts=contacts)
    assert listed(worker, office, words) == ["Rose"]


def test_a_name_that_was_changed_is_no_longer_found(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    sent = {name: CASE[name] for name in ("pseudonym", "origin", "language", "contacts")}
    worker.post(url(office, "case_edit", case.pk), sent | {"name": "Dewi", "version": case.version})
    assert listed(worker, office, "Siti") == []
    assert listed(worker, office, "Dewi") == ["Rose"]


def test_what_is_searched_stands_in_no_address(worker: Client, office: Office) -> None:
    opened(worker, office)
    answer = worker.post(url(office, "cases"), {"words": "Siti"})
    assert answer.status_code == 200, "no redirect, whose address would hold the name"
    assert "Siti" not in str(answer.headers)


def test_filters_narrow_the_list(worker: Client, office: Office) -> None:
    opened(worker, office)
    opened(worker, office, pseudonym="Tulip", destination="SG", sector="domestic_work")
    assert listed(worker, office, destination="SG") == ["Tulip"]
    assert listed(worker, office, sector="manufacturing") == ["Rose"]
    first = Case.objects.get(pseudonym="Rose")
    second = Case.objects.get(pseudonym="Tulip")
    benefit = next(one for one in Benefit if first.outcome(one) != second.outcome(one))
    outcome = first.outcome(benefit)
    assert outcome is not None
    assert listed(worker, office, benefit=benefit.value, outcome=outcome.value) == ["Rose"]
    assert listed(worker, office, consent="1") == ["Tulip", "Rose"]
    assert listed(worker, office, destination="nonsense'--") == []


def test_a_list_unseals_nothing_however_many_cases_there_are(
    worker: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(worker, office)
    unsealed: list[str] = []
    monkeypatch.setattr(keys, "unseal", unsealed.append)
    assert listed(worker, office) == ["Rose"]
    assert unsealed == []


def test_what_a_form_got_wrong_is_said_beside_the_field_and_nothing_is_kept(worker: Client, office: Office) -> None:
    answer = worker.post(url(office, "new"), CASE | {"ended": "2020-01-01", "months": "many"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "This day is before the first one." in page
    assert 'value="Siti Rahma"' in page, "what was written is still there"
    assert not Case.objects.exists()
    assert not StoredAnswer.objects.exists()
    assert not Event.objects.exists()


def test_the_country_of_work_cannot_be_ones_own(worker: Client, office: Office) -> None:
    answer = worker.post(url(office, "new"), CASE | {"destination": "ID"})
    assert answer.status_code == 422
    case = opened(worker, office)
    sent = {"pseudonym": "Rose", "origin": "MY", "language": "id", "version": case.version}
    answer = worker.post(url(office, "case_edit", case.pk), sent)
    assert answer.status_code == 422
    assert "The country of work is the country of origin." in answer.content.decode()
    case.refresh_from_db()
    assert case.origin == "ID"


def test_two_people_who_edit_at_once_do_not_overwrite_each_other(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    form = {"pseudonym": "Rose", "origin": "ID", "language": "id", "version": case.version}
    assert worker.post(url(office, "case_edit", case.pk), form | {"name": "First"}).status_code == 302
    late = worker.post(url(office, "case_edit", case.pk), form | {"name": "Second"})
    assert late.status_code == 422
    assert "Somebody else changed this case meanwhile" in late.content.decode()
    assert 'value="Second"' in late.content.decode()
    case.refresh_from_db()
    assert case.name == "First"


def test_two_people_who_edit_one_note_do_not_overwrite_each_other(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    worker.post(url(office, "case_add", case.pk, "note"), {"text": "Call on Monday."})
    place = url(office, "case_part", case.pk, "note", Note.objects.get().pk)
    state = worker.get(place).context["state"]
    assert worker.post(place, {"text": "Call on Tuesday.", "state": state}).status_code == 302
    late = worker.post(place, {"text": "Called.", "state": state})
    assert late.status_code == 422
    assert "Called." in late.content.decode()
    assert Note.objects.get().text == "Call on Tuesday."
    assert worker.post(place, {"text": "Called.", "state": late.context["state"]}).status_code == 302


def test_a_further_stay_is_answered_with_the_first(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    stay = {"destination": "KR", "sector": "manufacturing", "status": "regular", "began": "2026-03-01"}
    worker.post(url(office, "case_add", case.pk, "stay"), stay)
    case.refresh_from_db()
    assert case.destination == "KR"
    body = json.loads(answering.stored_body(case.answers.first()))
    assert [one["destination"] for one in body["stays"]] == ["MY", "KR"]
    assert body["ledger"]


def test_answering_a_question_changes_the_answer_and_can_be_taken_back(worker: Client, office: Office) -> None:
    case = opened(worker, office, destination="HK", months="")
    page = worker.get(url(office, "case", case.pk))
    question = page.context["told"].questions[0]
    value = question.options[0].value if question.options else "12"
    worker.post(url(office, "case_tell", case.pk), {"fact": question.fact, "value": value})
    again = worker.get(url(office, "case", case.pk))
    assert question.fact not in [one.fact for one in again.context["told"].questions]
    assert case.answers.count() == 2
    worker.post(url(office, "case_tell", case.pk), {"fact": question.fact, "value": ""})
    assert worker.get(url(office, "case", case.pk)).context["told"].questions[0].fact == question.fact


@pytest.mark.parametrize(("fact", "value"), [("months_contributed", "-3"), ("no_such_fact", "1")])
def test_a_wrong_answer_to_a_question_changes_nothing(worker: Client, office: Office, fact: str, value: str) -> None:
    case = opened(worker, office)
    worker.post(url(office, "case_tell", case.pk), {"fact": fact, "value": value})
    assert case.answers.count() == 1
    assert Stay.objects.get().facts == {}


def test_what_is_removed_can_be_brought_back(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    worker.post(url(office, "case_add", case.pk, "note"), {"text": "Call the office on Monday."})
    note = Note.objects.get()
    gone = worker.post(url(office, "case_remove", case.pk, "note", note.pk), follow=True).content.decode()
    assert "Call the office" not in gone
    undo = url(office, "case_restore", case.pk, "note", note.pk)
    assert f'action="{undo}"' in gone
    assert "Call the office" in worker.post(undo, follow=True).content.decode()


PARTS = {
    "note": {"text": "She called. Nobody answered."},
    "claim": {"benefit": "old_age", "scheme": "", "due": "2027-03-01", "status": "filed", "note": "By post."},
    "stay": {
        "destination": "SG",
        "sector": "services",
        "status": "regular",
        "began": "2019-01-01",
        "ended": "2020-01-01",
    },
}


@pytest.mark.parametrize("kind", PARTS)
def test_a_button_pressed_twice_adds_one_part(worker: Client, office: Office, kind: str) -> None:
    case = opened(worker, office)
    kept = getattr(case, f"{kind}s")
    before, add = kept.count(), url(office, "case_add", case.pk, kind)
    answers = [worker.post(add, PARTS[kind]) for _press in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert kept.count() == before + 1
    assert Event.objects.filter(did="added").count() == 1


def test_the_same_is_noted_again_on_another_day_by_another_or_after_something_else(
    worker: Client, office: Office
) -> None:
    case = opened(worker, office)
    add = url(office, "case_add", case.pk, "note")
    worker.post(add, PARTS["note"])
    Note.objects.update(at=timezone.now() - timedelta(minutes=5))
    worker.post(add, PARTS["note"])
    signed_in(Client(), office.owner).post(add, PARTS["note"])
    worker.post(add, {"text": "She called again."})
    worker.post(add, PARTS["note"])
    assert case.notes.count() == 5


def test_closing_a_case_says_until_when_it_is_kept_and_can_be_undone(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    page = worker.post(url(office, "case_status", case.pk), {"status": "closed"}, follow=True).content.decode()
    case.refresh_from_db()
    assert case.keep_until is not None
    assert (case.keep_until - date.today()).days > 700  # noqa: DTZ011
    assert "Undo" in page
    assert listed(worker, office) == []
    assert listed(worker, office, status="closed") == ["Rose"]
    worker.post(url(office, "case_status", case.pk), {"status": "open"})
    case.refresh_from_db()
    assert case.keep_until is None
    assert listed(worker, office) == ["Rose"]


def test_undoing_a_reopening_leaves_the_days_as_they_were(worker: Client, office: Office) -> None:
    case, status = closed_long_ago(worker, office)
    assert undone(worker, office, case) == (LONG_AGO, after_months(LONG_AGO, office.organisation.retention_months))
    assert undone(worker, office, case)[0] == LONG_AGO, "a second time too"
    worker.post(status, {"status": "open"})
    worker.post(status, {"status": "closed"})
    case.refresh_from_db()
    assert case.closed_on == timezone.localdate(), "closed anew, not undone"


def test_an_undo_of_a_reopening_takes_no_day_but_its_own(worker: Client, office: Office) -> None:
    """A day long past would have the case deleted the next night."""
    case, status = closed_long_ago(worker, office)
    undo = undo_of(worker.post(status, {"status": "open"}, follow=True))
    worker.post(url(office, "case_add", case.pk, "note"), {"text": "She called again."})
    other = opened(worker, office, pseudonym="Tulip")
    for pk, sent in ((other.pk, undo), (other.pk, "closed 2001-01-01"), (case.pk, undo)):
        worker.post(url(office, "case_status", pk), {"status": sent})
        assert Case.objects.get(pk=pk).closed_on == timezone.localdate(), sent


LONG_AGO = date(2026, 1, 15)


def closed_long_ago(worker: Client, office: Office) -> tuple[Case, str]:
    """A case that was closed on a day long ago, and the address at which its status is changed."""
    case = opened(worker, office)
    status = url(office, "case_status", case.pk)
    worker.post(status, {"status": "closed"})
    Case.objects.update(closed_on=LONG_AGO)
    return case, status


def undo_of(page: HttpResponse) -> str:
    """The status that the last notice's undo would set."""
    return str([one.extra_tags for one in page.context["messages"]][-1]).partition("=")[2]


def undone(worker: Client, office: Office, case: Case) -> tuple[date | None, date | None]:
    """The days of a case that was opened again, and at once not."""
    status = url(office, "case_status", case.pk)
    worker.post(status, {"status": undo_of(worker.post(status, {"status": "open"}, follow=True))})
    case.refresh_from_db()
    return case.closed_on, case.keep_until


def test_an_undo_changes_nothing_that_somebody_else_has_changed_since(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    address = url(office, "case_status", case.pk)
    page = worker.post(address, {"status": "closed"}, follow=True)
    undo = next(one.extra_tags for one in page.context["messages"] if one.extra_tags)
    _where, name, value = undo.replace("=", " ").split()
    worker.post(address, {"status": "waiting"})
    worker.post(address, {name: value})
    assert Case.objects.get().status == "waiting"


def test_a_button_that_was_pressed_twice_does_no_more_than_once(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    note = Note.objects.create(case=case, text="Call back")
    for name, parts, told in (("case_status", (), {"status": "closed"}), ("case_remove", ("note", note.pk), {})):
        done = Event.objects.exclude(did="saw")
        before = done.count()
        shown = [worker.post(url(office, name, case.pk, *parts), told, follow=True) for _time in range(2)]
        assert [one.status_code for one in shown] == [200, 200]
        assert done.count() == before + 1


def test_what_the_ledger_holds_becomes_a_claim_with_its_deadline(worker: Client, office: Office) -> None:
    case = opened(worker, office, destination="KR")
    suggested = worker.get(url(office, "case", case.pk)).context["to_claim"]
    assert suggested
    worker.post(url(office, "case_claim", case.pk), {"scheme": suggested[0].scheme})
    claim = Claim.objects.get()
    assert claim.scheme == suggested[0].scheme
    case.refresh_from_db()
    assert case.next_due == claim.due
    assert suggested[0].scheme not in [
        one.scheme for one in worker.get(url(office, "case", case.pk)).context["to_claim"]
    ]
    filed = {"benefit": claim.benefit, "scheme": claim.scheme, "due": claim.due or "", "status": "filed"}
    worker.post(url(office, "case_part", case.pk, "claim", claim.pk), filed)
    claim.refresh_from_db()
    case.refresh_from_db()
    assert claim.filed_on is not None
    assert case.next_due is None, "a filed claim presses no more"


def test_the_calendar_shows_deadlines_and_names_nobody(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    sent = {"benefit": "old_age", "scheme": "", "due": "2027-01-31", "status": "to_file", "note": "Ask her brother"}
    worker.post(url(office, "case_add", case.pk, "claim"), sent)
    page = worker.post(url(office, "calendar"))
    address = page.context["address"]
    feed = Client().get(address)
    events = list(Calendar.from_ical(feed.content).walk("VEVENT"))
    assert [event["DTSTART"].dt for event in events] == [date(2027, 1, 31)]
    for secret in ("Siti", "Rose", "brother"):
        assert secret not in feed.content.decode()
    worker.post(url(office, "calendar"), {"stop": "1"})
    assert Client().get(address).status_code == 404


def test_the_calendar_of_an_account_that_was_shut_is_empty(client: Client, worker: Client, office: Office) -> None:
    address = worker.post(url(office, "calendar")).context["address"]
    office.caseworker.is_active = False
    office.caseworker.save()
    assert client.get(address).status_code == 404


def test_the_calendar_of_a_former_member_is_empty(client: Client, office: Office) -> None:
    signed_in(client, office.reader)
    address = client.post(url(office, "calendar")).context["address"]
    assert Client().get(address).status_code == 200
    membership = office.membership(office.reader)
    membership.ended = membership.since
    membership.save()
    assert Client().get(address).status_code == 404


def test_a_stored_answer_comes_out_the_same_byte_for_byte(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    stored = case.answers.first()
    found = answering.replay(stored, current.rulebook())
    assert found.same
    assert found.body == answering.stored_body(stored)
    assert worker.get(url(office, "case_answer", case.pk, stored.pk)).content == found.body
    page = worker.post(url(office, "case_replay", case.pk, stored.pk), follow=True).content.decode()
    assert "byte for byte" in page


def test_a_damaged_answer_is_not_passed_off_as_the_one_that_was_given(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    StoredAnswer.objects.update(digest="0" * 64)
    with pytest.raises(ValueError, match="damaged"):
        answering.stored_body(case.answers.first())


def test_an_answer_is_kept_once_while_nothing_changes(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    worker.post(url(office, "case_again", case.pk))
    assert case.answers.count() == 1


def test_side_by_side_shows_what_other_papers_would_change(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    page = worker.get(url(office, "case_compare", case.pk), {"status1": "irregular", "destination2": "SG"})
    assert len(page.context["columns"]) == 3
    assert any(line.differs for line in page.context["lines"])
    same = worker.get(url(office, "case_compare", case.pk), {"destination1": "XX"})
    assert "not covered" in same.content.decode()
    assert Stay.objects.get().status == "regular", "nothing of the case changes"


def test_everything_done_to_a_case_is_noted_and_the_chain_holds(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    worker.get(url(office, "case", case.pk))
    worker.get(url(office, "case", case.pk))
    worker.post(url(office, "case_add", case.pk, "note"), {"text": "A note"})
    did = list(Event.objects.order_by("pk").values_list("did", flat=True))
    assert did == ["opened", "saw", "added"]
    assert audit.first_break(office.organisation) is None
    assert "A note" not in str(list(Event.objects.values()))


def test_a_reader_sees_and_changes_nothing(client: Client, worker: Client, office: Office) -> None:
    case = opened(worker, office)
    signed_in(client, office.reader)
    assert client.get(url(office, "case", case.pk)).status_code == 200
    for name, args in (("new", ()), ("case_edit", (case.pk,)), ("case_status", (case.pk,)), ("case_tell", (case.pk,))):
        assert client.post(url(office, name, *args), CASE).status_code == 404
    assert Case.objects.count() == 1


def test_search_marks_go_with_the_case(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    assert CaseWord.objects.exists()
    case.delete()
    assert not CaseWord.objects.exists()


def test_the_outcomes_beside_a_case_are_those_of_its_answer(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    body = json.loads(answering.stored_body(case.answers.first()))
    told = body["stays"][-1]["determination"]["benefits"]
    assert {one: case.outcome(one) for one in Benefit} == {one: Outcome(told[one.value]["outcome"]) for one in Benefit}


@pytest.mark.parametrize("name", ["case_letter", "case_evidence"])
def test_a_case_is_printed_in_both_languages(worker: Client, office: Office, name: str) -> None:
    case = opened(worker, office)
    office.organisation.letterhead = "1 Harbour Road"
    office.organisation.save()
    answer = worker.get(url(office, name, case.pk))
    assert answer["Content-Type"] == "application/pdf"
    pages = PdfReader(BytesIO(answer.content)).pages
    text = " ".join(page.extract_text() for page in pages)
    assert "Malaysia" in text
    assert "Siti Rahma" in text
    assert "information, not legal advice" in text
    assert "bukan nasihat hukum" in text
    assert Event.objects.latest("pk").did == "printed"


def test_a_machine_that_cannot_print_says_what_is_missing(
    worker: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = opened(worker, office)

    def fails(_paper: object) -> bytes:
        raise paper.PaperError("Install libpango.")

    monkeypatch.setattr(paper, "letter", fails)
    page = worker.get(url(office, "case_letter", case.pk), follow=True).content.decode()
    assert "Install libpango." in page


def test_a_closed_case_follows_a_new_period_of_the_organisation(client: Client, office: Office) -> None:
    case = opened(signed_in(client, office.owner), office)
    client.post(url(office, "case_status", case.pk), {"status": "closed"})
    sent = {"name": "Harbour Aid", "language": "en", "letterhead": "", "retention_months": "6"}
    signed_in(client, office.owner)
    assert client.post(url(office, "settings"), sent).status_code == 302
    case.refresh_from_db()
    assert case.keep_until == after_months(case.closed_on, 6)


# --- What may go wrong ---


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2031-02-30", "soon"])
@pytest.mark.parametrize("field", ["ended", "began"])
def test_a_day_that_cannot_be_meant_is_refused_beside_its_field(
    worker: Client, office: Office, field: str, day: str
) -> None:
    answer = worker.post(url(office, "new"), CASE | {field: day})
    assert answer.status_code == 422
    assert answer.context["stay_form"].errors[field]
    assert not Case.objects.exists()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_claim_that_is_due_in_another_age_breaks_nothing_for_the_others(
    worker: Client, office: Office, day: str
) -> None:
    case = opened(worker, office)
    sent = {"benefit": "old_age", "scheme": "", "due": day, "status": "to_file"}
    assert worker.post(url(office, "case_add", case.pk, "claim"), sent).status_code == 422
    Claim.objects.create(case=case, benefit="old_age", due=date.fromisoformat(day))  # one from before
    address = worker.post(url(office, "calendar")).context["address"]
    assert Client().get(address).status_code == 200
    assert len(worker.get(url(office, "numbers")).content) < 100_000
    assert worker.get(url(office, "numbers"), {"year": "9999"}).status_code in (200, 404)
    membership = office.membership(office.caseworker)
    membership.digest_told = date(2026, 1, 1)
    membership.save()
    assert digest.send(timezone.now()) is not None


def test_a_day_that_can_be_read_in_two_ways_is_refused(worker: Client, office: Office) -> None:
    """A browser with a calendar sends the year first; in others people write as they are used to."""
    answer = worker.post(url(office, "new"), CASE | {"began": "03/04/2020"})
    assert answer.status_code == 422
    assert answer.context["stay_form"].errors["began"]
    case = opened(worker, office)
    for name in ("consent", "withdraw"):
        told = {"on": "03/04/2020", "how": "spoken", "then": "erase"}
        assert worker.post(url(office, name, case.pk), told).status_code == 422


def test_a_claim_that_was_dropped_unfiled_has_no_day_of_filing(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    told = {"benefit": "old_age", "scheme": "", "due": "", "note": "", "status": "dropped"}
    worker.post(url(office, "case_add", case.pk, "claim"), told)
    dropped = Claim.objects.get()
    assert (dropped.filed_on, dropped.decided_on) == (None, timezone.localdate())


def test_a_fact_that_the_law_asks_no_more_keeps_nobody_from_changing_a_case(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    stay = case.stays.get()
    stay.facts = {"asked_in_an_older_edition": True}
    stay.save()
    told = {name: CASE[name] for name in ("destination", "status", "began", "ended", "months")}
    changed = worker.post(url(office, "case_part", case.pk, "stay", stay.pk), told | {"sector": "construction"})
    assert changed.status_code == 302, changed.content.decode()
    stored = case.answers.latest("at")
    assert answering.replay(stored, current.rulebook()).same


def test_signs_that_no_database_keeps_are_passed_over(worker: Client, office: Office) -> None:
    opened(worker, office)
    assert worker.get(url(office, "cases"), {"origin": "\0"}).status_code == 200
    assert worker.post(url(office, "cases"), {"words": "a\0b"}).status_code == 200


def test_a_change_that_the_law_cannot_answer_is_refused_with_the_reason(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    stay = Stay.objects.get()
    worker.post(url(office, "case_remove", case.pk, "stay", stay.pk))
    case.refresh_from_db()
    sent = {"pseudonym": "Rose", "origin": "MY", "language": "id", "version": case.version}
    assert worker.post(url(office, "case_edit", case.pk), sent).status_code == 302
    page = worker.post(url(office, "case_restore", case.pk, "stay", stay.pk), follow=True)
    assert "The country of work is the country of origin." in page.content.decode()
    assert not Stay.objects.exists()


def test_a_case_whose_times_of_work_were_taken_away_shows_and_prints_no_answer(worker: Client, office: Office) -> None:
    case = opened(worker, office)
    worker.post(url(office, "case_remove", case.pk, "stay", Stay.objects.get().pk))
    assert (
        "Add a time of work, and the answer stands here." in worker.get(url(office, "case", case.pk)).content.decode()
    )
    for name in ("case_letter", "case_evidence", "case_compare"):
        assert worker.get(url(office, name, case.pk)).status_code == 404


def test_a_claim_is_made_once_however_often_it_is_asked_for(worker: Client, office: Office) -> None:
    case = opened(worker, office, destination="KR")
    scheme = worker.get(url(office, "case", case.pk)).context["to_claim"][0].scheme
    for _time in range(2):
        worker.post(url(office, "case_claim", case.pk), {"scheme": scheme})
    assert Claim.objects.count() == 1


def test_names_and_notes_have_a_length_that_can_be_searched(worker: Client, office: Office) -> None:
    for name, length in (("name", 201), ("contacts", 1001)):
        assert worker.post(url(office, "new"), CASE | {name: "x " * length}).status_code == 422
    case = opened(worker, office, months_at_home="720")
    assert worker.post(url(office, "case_add", case.pk, "note"), {"text": "x" * 10_001}).status_code == 422
    assert worker.post(url(office, "new"), CASE | {"months_at_home": "99999999999"}).status_code == 422


def test_settings_that_are_saved_late_do_not_count_the_cases_back(client: Client, office: Office) -> None:
    signed_in(client, office.owner)
    sent = {"name": "Harbour", "language": "en", "letterhead": "", "retention_months": "24"}
    before = office.organisation  # as a slow request has read it

    def meanwhile(*args: object, **kwargs: object) -> Organisation:
        Organisation.objects.filter(pk=before.pk).update(cases_numbered=7)
        return before

    with patch("eligibility.casework.views.organisation.Organisation.objects.get", meanwhile):
        assert client.post(url(office, "settings"), sent).status_code == 302
    kept = Organisation.objects.get(pk=before.pk)
    assert (kept.name, kept.cases_numbered) == ("Harbour", 7)


def test_a_deadline_beyond_the_end_of_the_calendar_is_its_last_day() -> None:
    assert after_months(date(9999, 12, 31), 24) == date.max


def test_where_the_edition_of_an_answer_is_lost_the_page_says_so_and_nothing_breaks(
    worker: Client, office: Office
) -> None:
    case = opened(worker, office, destination="KR")
    StoredAnswer.objects.update(edition="sha256:" + "0" * 64)
    Case.objects.update(edition="sha256:" + "0" * 64, law="", law_on=None)
    assert "has not kept" in worker.get(url(office, "case", case.pk)).content.decode()
    assert worker.get(url(office, "case_compare", case.pk)).status_code == 404
    assert worker.get(url(office, "case_letter", case.pk)).status_code == 404
    assert worker.post(url(office, "case_claim", case.pk), {"scheme": "kr-nps"}).status_code == 404


@pytest.mark.parametrize("back", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "yesterday", ""])
def test_an_undo_of_another_age_undoes_nothing(worker: Client, office: Office, back: str) -> None:
    assert worker.post(url(office, "law_all_seen"), {"back": back}).status_code == 302
