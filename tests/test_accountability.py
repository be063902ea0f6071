"""Accountability: a trail that nobody alters, consent, retention, and one worker's data handed over or erased."""

import ast
import base64
import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import xlsxwriter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from eligibility.casework import audit, guard, jobs, keys, privacy, retention, rotation, searching
from eligibility.casework.changing import changing, mark_words
from eligibility.casework.desk import Desk
from eligibility.casework.models import (
    Adoption,
    Case,
    CaseStatus,
    Change,
    Chore,
    Claim,
    Event,
    Import,
    ImportChunk,
    Invitation,
    KeptBecause,
    Note,
    Organisation,
    Stay,
    StoredAnswer,
    Worker,
)
from eligibility.casework.searching import search
from tests.offices import Office, an_office, an_upload, signed_in

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def office() -> Office:
    return an_office()


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office.membership(office.owner))


def a_case(organisation: Organisation, **fields: Any) -> Case:
    return Case.objects.create(organisation=organisation, number=organisation.next_numbers(1)[0], origin="ID", **fields)


def url(office: Office, name: str, *args: Any) -> str:
    return reverse(f"casework:{name}", args=[office.slug, *args])


# --- The trail ---


def a_trail(organisation: Organisation, rows: int = 3) -> list[Event]:
    return [audit.record(organisation, "ana@example.org", "opened", uuid4(), n=n) for n in range(rows)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE casework_event SET who = 'nobody'",
        "DELETE FROM casework_event",
        "DELETE FROM casework_event WHERE id = (SELECT max(id) FROM casework_event)",
        "UPDATE casework_event SET digest = digest",
    ],
)
def test_the_database_refuses_to_alter_the_trail(office: Office, statement: str) -> None:
    a_trail(office.organisation)
    with pytest.raises(IntegrityError, match="cannot be altered"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.filter(who="ana@example.org").count() == 3


def test_a_row_of_the_trail_cannot_be_replaced_either(office: Office) -> None:
    (event,) = a_trail(office.organisation, 1)
    columns = "organisation_id, at, who, did, detail, before, digest"
    if connection.vendor == "sqlite":
        replace = f"INSERT OR REPLACE INTO casework_event (id, {columns}) SELECT id, {columns} FROM casework_event"
    else:
        replace = (
            f"INSERT INTO casework_event (id, {columns}) SELECT id, {columns} FROM casework_event "
            "ON CONFLICT (id) DO UPDATE SET who = 'nobody'"
        )
    with pytest.raises(IntegrityError, match="cannot be altered"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(replace)
    event.refresh_from_db()
    assert event.who == "ana@example.org"


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite knows no TRUNCATE")
def test_the_table_of_the_trail_cannot_be_truncated(office: Office) -> None:
    a_trail(office.organisation)
    with pytest.raises(IntegrityError, match="cannot be altered"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE casework_event")


def test_the_trail_holds_wherever_the_office_is(office: Office, settings: Any) -> None:
    a_trail(office.organisation)
    settings.TIME_ZONE = "Asia/Manila"
    a_trail(office.organisation)
    assert audit.first_break(office.organisation) is None


def test_today_begins_at_midnight_where_the_office_is(
    office: Office, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At eight in the morning of the 25th in Dili it is still the 24th in Greenwich."""
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 24, 23, tzinfo=UTC))
    case, told = a_case(office.organisation), {"on": "2026-11-25", "how": "spoken"}
    signed_in(client, office.caseworker)
    assert client.post(url(office, "consent", case.pk), told).status_code == 422
    settings.TIME_ZONE = "Asia/Dili"
    assert client.post(url(office, "consent", case.pk), told).status_code == 302


def test_an_organisation_with_a_trail_cannot_be_deleted_by_the_site(office: Office) -> None:
    a_trail(office.organisation)
    with pytest.raises(IntegrityError), transaction.atomic():
        office.organisation.delete()
    assert Organisation.objects.filter(pk=office.organisation.pk).exists()


def test_an_organisation_without_a_trail_can(office: Office) -> None:
    office.organisation.delete()
    assert not Organisation.objects.filter(slug=office.slug).exists()


def test_an_operator_can_delete_an_organisation_by_naming_it_twice(office: Office, capsys: Any) -> None:
    a_trail(office.organisation)
    a_trail(office.elsewhere, 2)
    a_case(office.organisation)
    with pytest.raises(CommandError, match="twice"):
        call_command("audit", "forget", organisation=office.slug)
    call_command("audit", "forget", organisation=office.slug, confirm=office.slug)
    assert "3 rows" in capsys.readouterr().out
    assert list(Organisation.objects.all()) == [office.elsewhere]
    assert Event.objects.count() == 2
    assert guard.stands(connection)


def test_what_fails_while_the_guard_is_lifted_leaves_it_standing(office: Office) -> None:
    a_trail(office.organisation)
    with pytest.raises(ZeroDivisionError), guard.lifted(connection):
        Event.objects.all().delete()[0] / 0
    assert (Event.objects.count(), guard.stands(connection)) == (3, True)


@pytest.mark.django_db(transaction=True)
def test_emptying_the_whole_database_empties_the_trail_and_puts_the_guard_back(office: Office) -> None:
    a_trail(office.organisation)
    call_command("flush", interactive=False, verbosity=0)
    assert (Event.objects.count(), guard.stands(connection)) == (0, True)


def test_the_chain_of_an_untouched_trail_holds(office: Office, capsys: Any) -> None:
    *_others, last = a_trail(office.organisation)
    call_command("audit", "verify", seen=last.digest)
    said = capsys.readouterr().out
    assert f"{office.slug}: 3 rows, unbroken; the newest {last.digest}" in said


@pytest.mark.parametrize("change", [{"who": "nobody"}, {"detail": {}}, {"did": "saw"}, {"case": None}])
def test_a_row_that_was_altered_behind_the_guard_is_found(office: Office, capsys: Any, change: dict[str, Any]) -> None:
    _first, second, _third = a_trail(office.organisation)
    with guard.lifted(connection):
        Event.objects.filter(pk=second.pk).update(**change)
    with pytest.raises(CommandError) as raised:
        call_command("audit", "verify")
    assert raised.value.returncode == 1
    assert f"broken at row {second.pk}" in capsys.readouterr().err


def test_a_row_that_was_taken_out_is_found(office: Office) -> None:
    _first, second, third = a_trail(office.organisation)
    with guard.lifted(connection):
        second.delete()
    broken = audit.first_break(office.organisation)
    assert broken is not None
    assert broken.pk == third.pk


def test_rows_that_were_cut_off_are_found_by_who_noted_the_newest_seal(office: Office, capsys: Any) -> None:
    *_others, last = a_trail(office.organisation)
    with guard.lifted(connection):
        Event.objects.filter(pk=last.pk).delete()
    call_command("audit", "verify")
    with pytest.raises(CommandError):
        call_command("audit", "verify", seen=last.digest)
    assert "cut off" in capsys.readouterr().err


def test_a_missing_guard_is_found(capsys: Any) -> None:
    guard.take_down(connection)
    with pytest.raises(CommandError):
        call_command("audit", "verify")
    assert "trigger is missing" in capsys.readouterr().err
    guard.put_up(connection)


def recorded_words() -> Iterator[tuple[str, str]]:
    """Every word that the code records: what is given as `did` to the functions that write the trail."""
    places = {"record": 0, "changing": 2, "create": 3}  # where `did` stands when it has no name
    for file in sorted((ROOT / "eligibility").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in places:
                continue
            by_name = [one.value for one in node.keywords if one.arg == "did"]
            # `audit.record(organisation, who, did, …)`, but `desk.record(did, …)`.
            of_audit = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "audit"
            place = 2 if name == "record" and (of_audit or file.name == "audit.py") else places[name]
            for given in by_name or node.args[place : place + 1]:
                for part in ast.walk(given):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value, str(file.relative_to(ROOT))


def test_every_word_of_the_trail_has_a_sentence() -> None:
    found = dict(recorded_words())
    assert {"saw", "changed", "erased", "purged"} <= found.keys()
    assert {word: where for word, where in found.items() if word not in audit.SAID} == {}


def test_owners_see_who_did_what_and_can_narrow_it(office: Office, client: Client) -> None:
    case = a_case(office.organisation, pseudonym="Lotus")
    audit.record(office.organisation, "ana@example.org", "opened", case.pk)
    audit.record(office.organisation, "ben@example.org", "changed", case.pk, fields=["name"])
    audit.record(office.organisation, "ben@example.org", "took_numbers", year=2026)
    signed_in(client, office.owner)
    page = client.get(url(office, "trail"))
    assert [row.event.did for row in page.context["page"].rows] == ["took_numbers", "changed", "opened"]
    assert "(Name)" in page.text
    assert "Lotus" in page.text

    def shown(**query: str) -> list[str]:
        return [row.event.did for row in client.get(url(office, "trail"), query).context["page"].rows]

    assert shown(who="ana@example.org") == ["opened"]
    assert shown(did="changed") == ["changed"]
    assert shown(case=str(case.number)) == ["changed", "opened"]
    assert shown(case=str(case.pk), who="ben@example.org") == ["changed"]
    assert shown(since=timezone.localdate().isoformat()) == ["took_numbers", "changed", "opened"]
    assert shown(until=(timezone.localdate() - timedelta(days=1)).isoformat()) == []


@pytest.mark.parametrize(
    "query", [{"case": "77"}, {"case": "x\x00"}, {"since": "yesterday"}, {"who": "zoe"}, {"did": "x"}]
)
def test_a_filter_that_means_nothing_is_said(office: Office, client: Client, query: dict[str, str]) -> None:
    signed_in(client, office.owner)
    page = client.get(url(office, "trail"), query)
    assert page.status_code == 422
    assert 'class="error"' in page.text


def test_the_end_of_time_is_no_error(office: Office, client: Client) -> None:
    signed_in(client, office.owner)
    assert client.get(url(office, "trail"), {"until": "9999-12-31", "before": "7" * 18}).status_code == 200


def test_the_trail_goes_on_on_the_next_page(office: Office, client: Client) -> None:
    rows = a_trail(office.organisation, 53)
    signed_in(client, office.owner)
    first = client.get(url(office, "trail"), {"did": "opened"}).context["page"]
    second = client.get(f"{url(office, 'trail')}?{first.older}").context["page"]
    assert [row.event.pk for row in [*first.rows, *second.rows]] == [row.pk for row in reversed(rows)]
    assert second.older == ""


@pytest.mark.parametrize("name", ["trail", "personal"])
def test_only_owners_open_the_pages_of_accountability(office: Office, client: Client, name: str) -> None:
    case = a_case(office.organisation)
    args = [case.pk] if name == "personal" else []
    for user, status in ((office.owner, 200), (office.caseworker, 404), (office.reader, 404)):
        assert signed_in(client, user).get(url(office, name, *args)).status_code == status


# --- Consent ---


def test_consent_is_recorded_with_its_day_and_way(office: Office, client: Client) -> None:
    case = a_case(office.organisation)
    signed_in(client, office.caseworker)
    page = client.post(url(office, "consent", case.pk), {"on": "2026-01-31", "how": "written"})
    assert page["Location"] == url(office, "case", case.pk)
    case.refresh_from_db()
    assert (case.consent_on, case.consent_how, case.version) == (date(2026, 1, 31), "written", 2)
    assert Event.objects.get().detail == {"how": "written"}


def test_consent_is_not_given_tomorrow(office: Office, client: Client) -> None:
    case = a_case(office.organisation)
    tomorrow = timezone.localdate() + timedelta(days=1)
    signed_in(client, office.caseworker)
    page = client.post(url(office, "consent", case.pk), {"on": tomorrow.isoformat(), "how": "written"})
    assert page.status_code == 422
    assert "not come yet" in page.text
    assert not Event.objects.exists()


def test_withdrawn_consent_leaves_a_legal_reason_or_an_erasure(office: Office, client: Client) -> None:
    case = a_case(office.organisation, consent_on=date(2026, 1, 1), consent_how="spoken")
    address = url(office, "withdraw", case.pk)
    signed_in(client, office.caseworker)
    assert client.post(address, {"on": "2026-02-01", "then": "because"}).status_code == 422

    client.post(address, {"on": "2026-02-01", "then": "claim"})
    case.refresh_from_db()
    assert (case.consent_withdrawn, case.kept_because) == (date(2026, 2, 1), KeptBecause.CLAIM)

    said = client.post(address, {"on": "2026-02-01", "then": "erase"}, follow=True)
    assert "An owner of the organisation must now erase the case" in said.text
    case.refresh_from_db()
    assert case.kept_because == ""

    signed_in(client, office.owner)
    assert client.post(address, {"on": "2026-02-01", "then": "erase"})["Location"] == url(office, "personal", case.pk)


def test_consent_given_anew_ends_the_withdrawal(desk: Desk) -> None:
    case = a_case(desk.organisation, consent_withdrawn=date(2026, 2, 1), kept_because=KeptBecause.DUTY)
    privacy.record_consent(desk, case.pk, date(2026, 3, 1), "spoken")  # type: ignore[arg-type]
    case.refresh_from_db()
    assert (case.consent_on, case.consent_withdrawn, case.kept_because) == (date(2026, 3, 1), None, "")


def test_the_days_of_consent_follow_each_other(office: Office, client: Client) -> None:
    case = a_case(office.organisation, consent_on=date(2026, 5, 1), consent_how="spoken")
    signed_in(client, office.caseworker)

    def says(name: str, day: str) -> int:
        told = {"on": day, "how": "written", "then": "claim"}
        return client.post(url(office, name, case.pk), told).status_code

    assert says("withdraw", "2026-04-30") == 422, "before it was given"
    assert says("withdraw", "2026-06-01") == 302
    assert says("consent", "2026-05-31") == 422, "not given anew, but before it was withdrawn"
    assert says("consent", "2026-06-02") == 302


@pytest.mark.parametrize(("given", "withdrawn"), [("2026-05-02", date(2026, 6, 1)), ("2026-06-02", None)])
def test_consent_given_anew_on_the_form_of_the_case_ends_the_withdrawal_too(
    office: Office, client: Client, given: str, withdrawn: date | None
) -> None:
    case = a_case(
        office.organisation,
        consent_on=date(2026, 5, 1),
        consent_how="spoken",
        consent_withdrawn=date(2026, 6, 1),
        kept_because=KeptBecause.CLAIM,
    )
    signed_in(client, office.caseworker)
    told = {"origin": "ID", "language": "id", "consent_on": given, "consent_how": "written", "version": case.version}
    assert client.post(url(office, "case_edit", case.pk), told).status_code == 302
    case.refresh_from_db()
    assert case.consent_withdrawn == withdrawn
    assert bool(case.kept_because) is (withdrawn is not None)


def test_readers_record_no_consent(office: Office, client: Client) -> None:
    case = a_case(office.organisation)
    signed_in(client, office.reader)
    assert client.post(url(office, "consent", case.pk), {"on": "2026-01-31", "how": "written"}).status_code == 404


# --- Retention ---


def test_closed_cases_go_after_their_last_day_and_the_trail_says_so(office: Office) -> None:
    over = a_case(office.organisation, status=CaseStatus.CLOSED, keep_until=NOW.date() - timedelta(days=1), name="Lim")
    last_day = a_case(office.organisation, status=CaseStatus.CLOSED, keep_until=NOW.date())
    opened = a_case(office.organisation, keep_until=NOW.date() - timedelta(days=1))
    assert retention.purge(NOW)["cases"] == 1
    assert set(Case.objects.all()) == {last_day, opened}
    event = Event.objects.get()
    assert (event.did, event.who, event.case) == ("purged", audit.BY_ITSELF, over.pk)


def test_many_cases_go_in_several_transactions(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for _ in range(5):
        a_case(office.organisation, status=CaseStatus.CLOSED, keep_until=NOW.date() - timedelta(days=9))
    assert retention.purge(NOW)["cases"] == 5
    assert audit.first_break(office.organisation) is None


def test_a_case_can_be_purged_though_nobody_can_read_it(office: Office, settings: Any) -> None:
    over = NOW.date() - timedelta(days=1)
    case = a_case(office.organisation, status=CaseStatus.CLOSED, keep_until=over, name="Lim", contacts="+65 1234 5678")
    Note.objects.create(case=case, text="secret")
    settings.CASEWORK_KEYS = ["another secret than the one that sealed it"]
    assert retention.purge(NOW)["cases"] == 1


def test_what_was_removed_goes_after_a_day(office: Office) -> None:
    case = a_case(office.organisation)
    for hours in (23, 25):
        removed = NOW - timedelta(hours=hours)
        Note.objects.create(case=case, text="x", removed=removed)
        Claim.objects.create(case=case, benefit="old_age", removed=removed)
        Stay.objects.create(case=case, destination="MY", began=NOW.date(), removed=removed)
    purged = retention.purge(NOW)
    assert (purged["notes"], purged["claims"], purged["stays"]) == (1, 1, 1)
    assert Note.all_rows.get().removed == NOW - timedelta(hours=23)


def test_uploads_invitations_sessions_and_finished_tasks_go(office: Office) -> None:
    old, young = (
        Import.objects.create(organisation=office.organisation, file_name="a.csv", created=NOW - timedelta(days=days))
        for days in (31, 29)
    )
    ImportChunk.objects.create(of=old, number=1, rows=b"row")
    for hash_, until, used in (("a", NOW, NOW), ("b", NOW - timedelta(days=1), None), ("c", NOW + timedelta(1), None)):
        Invitation.objects.create(organisation=office.organisation, token_hash=hash_, until=until, used=used)
    gone, there = SessionStore(), SessionStore()
    gone.set_expiry(-1)
    for store in (gone, there):
        store.save()
        UserSession.objects.create(user=office.owner, session_key=store.session_key, ip="127.0.0.1", user_agent="")
    for days in (8, 6):
        a_task(status=TaskResultStatus.SUCCESSFUL, finished_at=timezone.now() - timedelta(days=days))
    a_task(status=TaskResultStatus.READY)
    retention.purge(NOW)
    assert list(Import.objects.all()) == [young]
    assert not ImportChunk.objects.exists()
    assert [one.token_hash for one in Invitation.objects.all()] == ["c"]
    assert [one.session_key for one in UserSession.objects.all()] == [there.session_key]
    assert DBTaskResult.objects.count() == 2


def test_closed_cases_follow_a_new_period(office: Office) -> None:
    closed = a_case(office.organisation, status=CaseStatus.CLOSED, closed_on=date(2026, 1, 31))
    opened = a_case(office.organisation)
    office.organisation.retention_months = 1
    office.organisation.save()
    retention.new_period(office.organisation)
    closed.refresh_from_db()
    opened.refresh_from_db()
    assert (closed.keep_until, opened.keep_until) == (date(2026, 2, 28), None)


# --- Work in the background ---


def a_task(**fields: Any) -> DBTaskResult:
    given = {
        "args_kwargs": {"args": [], "kwargs": {}},
        "task_path": "eligibility.casework.jobs.daily",
        "backend_name": "default",
        "run_after": NOW,
        "status": TaskResultStatus.RUNNING,
        "exception_class_path": "",
        "traceback": "",
    }
    return DBTaskResult.objects.create(**given | fields)


def test_of_all_workers_one_sees_to_the_days_chores() -> None:
    assert [jobs.enqueue_daily(NOW), jobs.enqueue_daily(NOW), jobs.enqueue_daily(NOW + timedelta(days=1))] == [
        True,
        False,
        True,
    ]
    assert Chore.objects.get().day == NOW.date() + timedelta(days=1)
    assert DBTaskResult.objects.count() == 2


def test_a_task_whose_worker_fell_silent_is_done_by_another() -> None:
    begun = NOW - timedelta(minutes=5)
    Worker.objects.create(name="silent", alive=NOW - timedelta(seconds=31))
    Worker.objects.create(name="alive", alive=NOW - timedelta(seconds=4))
    silent = a_task(worker_ids=["alive", "silent"], started_at=begun)
    unknown = a_task(worker_ids=["never seen"], started_at=begun)
    at_work = a_task(worker_ids=["silent", "alive"], started_at=begun)
    just_begun = a_task(worker_ids=["new"], started_at=NOW - timedelta(seconds=1))
    assert jobs.requeue_abandoned(NOW) == 2
    states = {task.pk: task.status for task in DBTaskResult.objects.all()}
    assert states[silent.pk] == states[unknown.pk] == TaskResultStatus.READY
    assert states[at_work.pk] == states[just_begun.pk] == TaskResultStatus.RUNNING
    assert set(DBTaskResult.objects.ready()) == {silent, unknown}


def test_a_task_that_kills_every_worker_is_given_up() -> None:
    task = a_task(worker_ids=[str(n) for n in range(jobs.MOST_TRIES)], started_at=NOW - timedelta(minutes=5))
    jobs.requeue_abandoned(NOW)
    task.refresh_from_db()
    assert (task.status, task.traceback) == (TaskResultStatus.FAILED, "Every worker that took this task died.")


def test_a_chore_that_fails_keeps_no_other_from_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def fails(now: Any) -> None:
        raise ValueError("no")

    def works(now: Any) -> None:
        done.append("works")

    monkeypatch.setattr(jobs, "CHORES", (fails, works))
    with pytest.raises(ExceptionGroup):
        jobs.daily.call()
    assert done == ["works"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_the_days_chores_by_itself(office: Office) -> None:
    over = timezone.localdate() - timedelta(days=1)
    a_case(office.organisation, status=CaseStatus.CLOSED, keep_until=over)
    call_command("work", batch=True, interval=0)
    task = DBTaskResult.objects.get()
    assert task.status == TaskResultStatus.SUCCESSFUL, task.traceback
    assert "'cases': 1" in task.return_value["purge"]
    assert not Case.objects.exists()
    assert not Worker.objects.exists(), "who ends in good order leaves no sign of life behind"


@pytest.mark.parametrize("why", [SystemExit(1), OperationalError("database is locked"), InterfaceError("closed")])
@pytest.mark.django_db(transaction=True)
def test_a_task_that_was_interrupted_or_could_not_have_the_database_is_handed_back(
    monkeypatch: pytest.MonkeyPatch, why: BaseException
) -> None:
    def interrupted(now: Any) -> None:
        raise why

    def works(now: Any) -> str:
        return "done"

    chores = iter([(interrupted,), (works,)])
    monkeypatch.setattr(type(jobs.daily), "call", lambda task: [chore(NOW) for chore in next(chores)])
    call_command("work", batch=True, interval=0)
    task = DBTaskResult.objects.get()
    assert (task.status, task.return_value, len(task.worker_ids)) == (TaskResultStatus.SUCCESSFUL, ["done"], 2)


# --- One worker's data ---

WORDS = {
    "pseudonym": "Quetzalwort",
    "name": "Zubaidah Xylanthe",
    "phone": "+62 811 5550 1234",
    "street": "Jalan Vermeer-Oktopus",
    "note": "wobblebrick ខ្មែរ",
    "removed": "glimmerfax",
    "claim": "thrumpetal",
    "fact": "snorkwhistle",
    "answer": "brindlemoss",
    "asked": "flumquartz",
    "change": "dapplewrench",
    "scheme": "zinzerella",
}


def a_full_case(organisation: Organisation, office: Office) -> Case:
    """A case with a word of its own in every column that holds a text, and in every wrapping."""
    upload = an_upload(organisation, f"who\n{WORDS['name']}\n".encode(), "may.csv", opens_cases=True)
    case = a_case(
        organisation,
        pseudonym=WORDS["pseudonym"],
        name=WORDS["name"],
        contacts=f"{WORDS['phone']}\n{WORDS['street']}",
        came_from=upload,
    )
    mark_words(case)
    Stay.objects.create(
        case=case,
        destination="MY",
        sector="domestic_work",
        status="regular",
        began=date(2025, 1, 1),
        facts={"employer": WORDS["fact"]},
    )
    Note.objects.create(case=case, text=WORDS["note"], by=office.caseworker)
    Note.objects.create(case=case, text=WORDS["removed"], removed=NOW)
    Claim.objects.create(case=case, benefit="old_age", scheme=WORDS["scheme"], note=WORDS["claim"])
    body = zlib.compress(json.dumps({"text": WORDS["answer"]}).encode())
    before, after = (
        StoredAnswer.objects.create(
            case=case, edition="e", asked={"on": "2026-01-01", "x": WORDS["asked"]}, body=body, digest=digest
        )
        for digest in "ab"
    )
    adoption = Adoption.objects.create(edition="e")
    by = {"kind": "rule", "id": WORDS["change"], "how": "changed", "fields": [], "day": None}
    changed = {"stay": 0, "destination": "MY", "benefit": "old_age", "before": "portable", "after": "lost"}
    Change.objects.create(
        organisation=organisation,
        case=case,
        adoption=adoption,
        before=before,
        after=after,
        benefits=[changed | {"aspects": ["outcome"], "by": [by]}],
    )
    rows = json.dumps([{"name": WORDS["name"]}]).encode()
    ImportChunk.objects.create(of=upload, number=1, rows=rows, results=zlib.compress(rows))
    return case


def found_words() -> set[str]:
    words = list(WORDS.values())
    return {words[one.word] for one in search(words).found}


def test_an_erased_worker_is_nowhere_in_the_database(office: Office, client: Client) -> None:
    case = a_full_case(office.organisation, office)
    other = a_case(office.organisation, name="Somebody Else")
    signed_in(client, office.owner)
    client.get(url(office, "case", case.pk))
    assert found_words() == set(WORDS.values()), "a search that finds nothing beforehand proves nothing"

    page = client.get(url(office, "personal", case.pk))
    assert "may.csv" in page.text
    client.post(url(office, "personal_erase", case.pk), {"number": str(case.number)})

    searched = search(list(WORDS.values()))
    assert searched.found == ()
    assert searched.unreadable == 0
    assert searched.values > 100
    assert list(Case.objects.all()) == [other]
    events = list(Event.objects.order_by("pk").values_list("did", "case"))
    assert events[-2:] == [("forgot_upload", None), ("erased", case.pk)]
    assert audit.first_break(office.organisation) is None


def test_every_text_of_a_case_has_a_word_in_that_test() -> None:
    """So that a new column cannot be forgotten: whatever points to a case is deleted with it or named here."""
    pointing = {one.related_model for one in Case._meta.related_objects}
    assert {model.__name__ for model in pointing} == {"CaseWord", "Stay", "Note", "Claim", "StoredAnswer", "Change"}
    assert all(one.on_delete.__name__ == "CASCADE" for one in Case._meta.related_objects)


def test_the_search_reads_a_session_that_is_compressed() -> None:
    store = SessionStore()
    store["form"] = {"name": "wobblebrick-in-the-well", "padding": "x" * 4000}
    store.save()
    (found,) = search(["Wobblebrick"]).found
    assert (found.table, found.column) == ("django_session", "session_data")
    assert search(["wobblebrock"]).found == ()


def test_the_search_reads_the_cache_and_the_arguments_of_tasks() -> None:
    caches["default"].set("key", {"name": "wobblebrick"})
    a_task(args_kwargs={"args": ["wöbblebrick"], "kwargs": {}})
    (in_cache,), (in_task,) = search(["wobblebrick"]).found, search(["WÖBBLEBRICK"]).found
    assert (in_cache.table, in_task.table) == ("cache", DBTaskResult._meta.db_table)


def test_a_word_is_also_found_by_its_search_mark_alone(office: Office) -> None:
    case = a_case(office.organisation)
    case.words.create(organisation=office.organisation, mark=keys.marks(["xylanthe"])[0])
    (found,) = search(["Xylanthe"]).found
    assert (found.table, found.column) == ("casework_caseword", "mark")


def test_findtext_reads_words_from_standard_input_and_repeats_none(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    a_case(office.organisation, name="Zubaidah")
    monkeypatch.setattr("sys.stdin", io.StringIO("nobody\nzubaidah\n"))
    with pytest.raises(CommandError) as raised:
        call_command("findtext")
    said = capsys.readouterr()
    assert raised.value.returncode == 1
    assert "line 2: casework_case.name" in said.out
    assert "zubaidah" not in (said.out + said.err).casefold()

    monkeypatch.setattr("sys.stdin", io.StringIO("nobody\n"))
    call_command("findtext")
    assert "nothing found" in capsys.readouterr().err


def test_findtext_proves_nothing_where_it_cannot_read(
    office: Office, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    a_case(office.organisation, name="Zubaidah")
    settings.CASEWORK_KEYS = ["another secret than the one that sealed it"]
    monkeypatch.setattr("sys.stdin", io.StringIO("zubaidah\n"))
    with pytest.raises(CommandError, match="could not be opened") as raised:
        call_command("findtext")
    assert raised.value.returncode == 3


def test_uploads_that_name_the_worker_go_too_and_others_stay(office: Office, desk: Desk) -> None:
    case = a_case(desk.organisation, name="Zubaidah Lim", contacts="0811 5550 1234", pseudonym="K7")

    def upload(content: str) -> Import:
        return an_upload(desk.organisation, content.encode())

    by_name, by_phone, other = (
        upload("a,ZUBAIDAH  Lim,b"),
        upload("x;(+62) 811-5550-1234"),
        upload("Zubaidah Limbong K7x"),
    )
    stranger = an_upload(office.elsewhere, b"Zubaidah Lim")
    assert {one.pk for one in privacy.uploads_naming(case)} == {by_name.pk, by_phone.pk}
    assert privacy.erase(desk, case.pk) == 2
    assert {one.pk for one in Import.objects.all()} == {other.pk, stranger.pk}


A_ROW = "origin,destination,sector,status,last name,first name\nID,MY,manufacturing,regular,{},{}\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Siti Rahma", A_ROW.format("Siti Rahma", "").encode("utf-16")),
        ("José Núñez", A_ROW.format("José Núñez", "").encode("cp1252")),
        ("Siti Rahma", A_ROW.format("Rahma", "Siti").encode()),
        ("Nguyễn Thị Đào", A_ROW.format("NGUYEN THI DAO", "").encode()),
        ("王伟", A_ROW.format("王伟", "").encode()),
        ("สมหญิง", A_ROW.format("นางสาวสมหญิงใจดี", "").encode()),
        ("សុខ ចាន់", A_ROW.format("\u202aសុ\u200bខ\u202c ចា\u200eន់", "").encode()),
        ("Si\u200bti Rahma", A_ROW.format("Siti Rahma", "").encode()),
    ],
    ids=[
        "utf-16",
        "windows-1252",
        "in two columns",
        "without accents",
        "two signs",
        "without spaces",
        "with unseen signs",
        "without unseen signs",
    ],
)
def test_an_upload_goes_however_the_name_is_written_in_it(desk: Desk, name: str, content: bytes) -> None:
    upload = an_upload(desk.organisation, content)
    an_upload(desk.organisation, A_ROW.format("Somebody", "Else").encode())
    assert list(privacy.uploads_naming(a_case(desk.organisation, name=name))) == [upload]


@pytest.mark.parametrize("contacts", ["siti@post.example", "၀၈၁၁၅၅၅၀၁၂၃၄", "๐๘๑๑ ๕๕๕๐ ๑๒๓๔"])
def test_an_upload_goes_that_holds_an_address_or_a_telephone_number_in_any_digits(desk: Desk, contacts: str) -> None:
    content = A_ROW.format("0811-55\u202c50-1234", "SITI@\u200epost.example").encode()
    upload = an_upload(desk.organisation, content)
    assert list(privacy.uploads_naming(a_case(desk.organisation, contacts=contacts))) == [upload]


@pytest.mark.parametrize("name", ["Siti Rahma", "Siti O'Neil & Co"])
def test_the_search_reads_a_cell_in_two_fonts_and_with_signs_that_xml_writes_otherwise(name: str) -> None:
    table = io.BytesIO()
    with xlsxwriter.Workbook(table) as book:
        first, rest = name.split(" ", 1)
        bold = book.add_format({"bold": True})
        book.add_worksheet().write_rich_string(0, 0, bold, first, f" {rest}")
        book.add_worksheet().hide()
    assert any(name in text for text in searching.texts_in(table.getvalue()) if text)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return archive.getvalue()


def test_a_damaged_file_in_an_upload_hides_no_other_and_stops_no_erasure(office: Office, desk: Desk) -> None:
    case = a_case(desk.organisation, name="Zubaidah")
    whole = zipped({"a": b"x" * 4000})
    at = 30 + len("a")  # where the data begin, behind the header and the name
    inner = whole[:at] + b"\xff" * 4 + whole[at + 4 :]
    with pytest.raises(zlib.error), zipfile.ZipFile(io.BytesIO(inner)) as archive:
        archive.read("a")
    an_upload(desk.organisation, zipped({"inner.zip": inner}))
    named = an_upload(desk.organisation, zipped({"inner.zip": inner, "sheet": b"of Zubaidah's"}))
    assert [one.pk for one in privacy.uploads_naming(case)] == [named.pk]
    assert {found.table for found in search(["of zubaidah's"]).found} == {"casework_importfile"}


def test_json_that_goes_too_deep_is_searched_as_text(office: Office, desk: Desk) -> None:
    case = a_case(desk.organisation, name="Zubaidah")
    an_upload(desk.organisation, b"[" * 60_000)
    named = an_upload(desk.organisation, b"[" * 60_000 + b" Zubaidah")
    assert [one.pk for one in privacy.uploads_naming(case)] == [named.pk]
    assert privacy.erase(desk, case.pk) == 1


ZEROS = bytes(30_000)


@pytest.mark.parametrize(
    "content",
    [
        zipped({"inner.zip": zipped({"zeros": ZEROS})}),
        zipped({str(number): ZEROS[:7_000] for number in range(4)}),
        zipped({"zeros": ZEROS}, zipfile.ZIP_BZIP2),
        base64.b64encode(zlib.compress(ZEROS)),
        gzip.compress(ZEROS),
        bz2.compress(ZEROS),
        lzma.compress(ZEROS),
    ],
    ids=["zip in zip", "many files", "bzip2 in zip", "base64 of zlib", "gzip", "bzip2", "xz"],
)
def test_what_expands_too_far_goes_at_an_erasure_and_proves_nothing(
    office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    case = a_case(desk.organisation, name="Zubaidah")
    large = an_upload(desk.organisation, content)
    other = an_upload(desk.organisation, gzip.compress(ZEROS[:10_000]))
    monkeypatch.setattr(searching, "LARGEST", 20_000)
    monkeypatch.setattr("sys.stdin", io.StringIO("zubaidah-of-nowhere\n"))
    with pytest.raises(CommandError, match="1 values were too large") as raised:
        call_command("findtext")
    assert raised.value.returncode == 3
    assert [one.pk for one in privacy.uploads_naming(case)] == [large.pk]
    assert privacy.erase(desk, case.pk) == 1
    assert [one.pk for one in Import.objects.all()] == [other.pk]


def test_what_stands_before_the_end_of_the_search_is_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    an_upload(desk.organisation, zipped({"wobblebrick": b"", "zeros": ZEROS}))
    monkeypatch.setattr(searching, "LARGEST", 20_000)
    searched = search(["wobblebrick"])
    assert ([found.table for found in searched.found], searched.too_large) == (["casework_importfile"], 1)


def test_an_erasure_must_be_meant(office: Office, client: Client) -> None:
    case = a_case(office.organisation)
    signed_in(client, office.owner)
    page = client.post(url(office, "personal_erase", case.pk), {"number": "99"})
    assert page.status_code == 422
    assert "not the number of the case" in page.text
    assert Case.objects.exists()


def _until_somebody_waits() -> None:
    """Until another connection waits for a row that is locked."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets one write at a time")
def test_an_erasure_takes_along_what_was_being_written_when_it_began(desk: Desk) -> None:
    case = a_case(desk.organisation, name="Zubaidah")

    def erase() -> None:
        try:
            privacy.erase(desk, case.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor() as others:
        with changing(desk, case.pk, "added", part="note") as held:
            Note.objects.create(case=held, text="She called again.")
            erasure = others.submit(erase)
            _until_somebody_waits()
        erasure.result()
    assert not Case.objects.exists()
    assert not Note.all_rows.exists()


@pytest.mark.parametrize("name", ["personal_export", "personal_erase"])
def test_handing_over_and_erasing_ask_who_it_is_once_more(office: Office, client: Client, name: str) -> None:
    case = a_case(office.organisation)
    signed_in(client, office.owner, fresh=False)
    answer = client.post(url(office, name, case.pk), {"number": str(case.number)})
    assert answer.status_code == 302
    assert reverse("account_reauthenticate") in answer["Location"]
    assert Case.objects.exists()
    assert not Event.objects.exists()


def test_everything_kept_about_a_worker_is_handed_over(office: Office, client: Client) -> None:
    case = a_full_case(office.organisation, office)
    audit.record_look(office.organisation, "ana@example.org", case.pk)
    signed_in(client, office.owner)
    answer = client.post(url(office, "personal_export", case.pk))
    assert answer["Content-Disposition"] == f'attachment; filename="case-{case.number}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    data = json.loads(files["case.json"])
    for text in (files["case.json"], " ".join(files.values())):
        assert [word for word in WORDS.values() if word not in text] == []
    assert data["trail"][-1] | {"at": ""} == {
        "at": "",
        "who": "ana@example.org",
        "did": "looked at the case",
        "detail": "",
    }
    answers = [name for name in files if name.startswith("answers/")]
    assert len(answers) == 2
    assert json.loads(files[answers[0]]) == {"text": WORDS["answer"]}
    readable = files["case.html"]
    missing = [name for name, word in WORDS.items() if word not in readable]
    assert missing == ["answer"], "the answers stand in files of their own"
    assert "<style" not in readable
    assert Event.objects.order_by("-pk")[0].did == "exported"


# --- Keys ---


def test_rotated_keys_leave_nothing_behind_that_needs_the_old_one(
    office: Office, settings: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "AT_ONCE", 2)
    old, new = settings.CASEWORK_KEYS[0], "a newer secret, at least as long as the old one"
    case = a_full_case(office.organisation, office)
    for n in range(4):
        mark_words(a_case(office.organisation, name=f"Worker {n}"))
    token = keys.seal("TOTPSECRET")
    Authenticator.objects.create(user=office.owner, type="totp", data={"secret": token})

    settings.CASEWORK_KEYS = [new, old]
    Note.objects.create(case=case, text="written meanwhile")
    call_command("rotatekeys")
    assert "casework_case.name: 5 sealed anew" in capsys.readouterr().out
    call_command("rotatekeys")
    assert "casework_case.name: 0 sealed anew" in capsys.readouterr().out

    settings.CASEWORK_KEYS = [new]
    case.refresh_from_db()
    assert (case.name, case.notes.count()) == (WORDS["name"], 2)
    assert {note.text for note in Note.all_rows.all()} == {WORDS["note"], WORDS["removed"], "written meanwhile"}
    assert Import.objects.get().file.content.decode().splitlines()[1] == WORDS["name"]
    assert keys.unseal(Authenticator.objects.get().data["secret"]) == "TOTPSECRET"
    assert set(case.words.values_list("mark", flat=True)) == set(
        keys.marks([*keys.words_of(case.name), *keys.words_of(case.contacts)])
    )
    assert search([old]).unreadable == 0


def test_rotation_says_when_a_secret_is_missing(office: Office, settings: Any) -> None:
    a_case(office.organisation, name="Lim")
    had = settings.CASEWORK_KEYS
    settings.CASEWORK_KEYS = ["a newer secret, at least as long as the old one"]
    with pytest.raises(CommandError, match="1 sealed values cannot be opened"):
        call_command("rotatekeys")
    settings.CASEWORK_KEYS = [*settings.CASEWORK_KEYS, *had]
    assert Case.objects.get().name == "Lim", "what could not be opened was left as it was"


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL's own clearing away is its operator's")
def test_sqlite_overwrites_what_it_deletes(settings: Any) -> None:
    assert "secure_delete = ON" in settings.DATABASES["default"]["OPTIONS"]["init_command"]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone()[0] == 1


# --- Parts for the page of a case ---


def test_a_case_shows_what_happened_to_it_and_how_consent_stands(office: Office, desk: Desk) -> None:
    case = a_case(office.organisation, consent_withdrawn=date(2026, 2, 1), kept_because=KeptBecause.CLAIM)
    audit.record(office.organisation, "ana@example.org", "added", case.pk, part="note")
    audit.record(office.organisation, audit.BY_ITSELF, "added", uuid4())
    shown = {"desk": desk, "case": case, "events": audit.of_case(office.organisation, case.pk)}
    events = render_to_string("casework/_events.html", shown)
    assert "<b>ana@example.org</b> added to the case" in events
    assert "The site itself" not in events
    assert f"?case={case.number}" in events
    consent = render_to_string("casework/_consent.html", shown)
    assert "withdrawn on Feb 1, 2026" in consent
    assert "A legal claim is under way" in consent


def test_the_trail_names_things_in_words_and_in_the_readers_language(office: Office) -> None:
    audit.record(office.organisation, "owner", "changed", None, fields=["name", "contacts"])
    with override("id"):
        [fields] = audit.said(audit.events(office.organisation))
        assert fields.detail == "Nama, Kontak"


@pytest.mark.parametrize(
    ("did", "detail", "said"),
    [
        ("changed", {"fields": ["name", "contacts"]}, "Name, Contacts"),
        ("uploaded", {"bytes": 12}, "12 byte"),
        ("uploaded", {"bytes": 2_345_678}, "2 MB"),
        ("began_upload", {"rows": 40, "cases": True}, "Rows: 40; Also open a case for each row"),
        ("began_upload", {"rows": 40, "cases": False}, "Rows: 40"),
        ("took_results", {"form": "csv", "of": "2026-02-01", "rows": 40}, "CSV; Feb 1, 2026; Rows: 40"),
        ("saw_change", {"number": 3}, "Count: 3"),
        ("took_numbers", {"year": 2026}, "2026"),
        ("calendar", {"on": True}, "turned on"),
        ("digest", {"on": False}, "turned off"),
        ("invited", {"role": "reader"}, "Reader"),
        ("changed_role", {"whose": "a@b.example", "to": "owner", "was": "reader"}, "a@b.example; Owner; ← Reader"),
        ("consented", {"how": "written"}, "Signed"),
        ("withdrew", {"kept": "claim"}, "A legal claim is under way, or may still be made"),
        ("withdrew", {"kept": "no"}, "An owner must erase the case."),
    ],
)
def test_no_detail_of_the_trail_is_a_code_word(office: Office, did: str, detail: dict[str, Any], said: str) -> None:
    audit.record(office.organisation, "owner", did, None, **detail)
    assert [row.detail for row in audit.said(audit.events(office.organisation))] == [said]


@pytest.mark.django_db(transaction=True)
def test_a_search_through_everything_keeps_nobody_from_writing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite a transaction begins by shutting the door; on PostgreSQL it shuts nobody out."""
    held: list[bool] = []
    tables = searching._tables
    monkeypatch.setattr(searching, "_tables", lambda: [held.append(connection.in_atomic_block), *tables()][1:])
    search(["Siti"])
    assert held == [connection.vendor != "sqlite"]
