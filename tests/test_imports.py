"""Many cases in one file: recognised or mapped, checked row by row, answered in the background, fetched as tables."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker as Tasks
from django_tasks_db.models import DBTaskResult
from python_calamine import CalamineWorkbook

from eligibility import bulk, current
from eligibility.casework import answering, audit, importing, importjob, importrows, privacy, retention, turns
from eligibility.casework.changing import create
from eligibility.casework.desk import Desk
from eligibility.casework.models import Case, Event, Import, ImportChunk, ImportStatus, Stay
from eligibility.casework.searching import search
from eligibility.engine import CaseError, determine
from eligibility.engine.career import Career
from eligibility.rulebook import Rulebook
from eligibility.rulebook.editions import EditionError
from tests.offices import Office, an_office, signed_in
from tests.tables import GOOD, HEADER, a_table, written

pytestmark = pytest.mark.django_db

LATER = 10.0**12  # of the monotonic clock


@pytest.fixture
def office() -> Office:
    return an_office()


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office.membership(office.caseworker))


@pytest.fixture
def worker(client: Client, office: Office) -> Client:
    """A browser in which the caseworker is signed in."""
    return signed_in(client, office.caseworker)


def url(office: Office, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[office.slug, *args])


def sent(browser: Client, office: Office, content: bytes, name: str = "cases.csv", **more: str) -> Any:
    return browser.post(url(office, "imports"), {"file": SimpleUploadedFile(name, content), **more})


def kept(browser: Client, office: Office, content: bytes, name: str = "cases.csv") -> Import:
    """A file that was sent in and not refused."""
    answer = sent(browser, office, content, name)
    assert answer.status_code == 302, answer.content.decode()
    return Import.objects.latest("created")


def begun(desk: Desk, content: bytes, *, language: str = "en", opens_cases: bool = False) -> Import:
    """An upload that waits for the job."""
    upload = importing.receive(desk, "cases.csv", content)
    importing.check(upload)
    importing.begin(desk, upload, language, opens_cases)
    upload.refresh_from_db()
    return upload


def done(desk: Desk, content: bytes, **options: Any) -> Import:
    """An upload that is answered."""
    upload = begun(desk, content, **options)
    assert importjob.work_on(upload.pk, LATER) == "done"
    upload.refresh_from_db()
    return upload


def references(upload: Import) -> list[str]:
    return [one.reference for chunk in importing.kept_results(upload) for one in chunk]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importjob, "ROWS", 3)
    monkeypatch.setattr(importjob, "ROWS_WITH_CASES", 2)


# --- A file comes in --------------------------------------------------------------------------------------------------


def test_a_file_that_is_sent_twice_is_kept_once(worker: Client, office: Office) -> None:
    key = str(worker.get(url(office, "imports")).context["key"])
    first, second = (sent(worker, office, a_table(2), key=key) for _press in range(2))
    upload = Import.objects.get()
    assert first["Location"] == second["Location"] == url(office, "import", upload.pk)
    assert Event.objects.filter(did="uploaded").count() == 1
    again = sent(worker, office, a_table(2), key=str(worker.get(url(office, "imports")).context["key"]))
    assert again["Location"] != first["Location"]


def test_the_key_of_another_organisations_upload_leads_nowhere(worker: Client, office: Office) -> None:
    other = an_office("Other Aid")
    theirs = importing.receive(Desk(other.membership(other.caseworker)), "theirs.csv", a_table(3))
    sent(worker, office, a_table(2), key=str(theirs.pk))
    ours = Import.objects.get(organisation=office.organisation)
    assert ours.pk != theirs.pk
    assert Import.objects.get(organisation=other.organisation).file_name == "theirs.csv"


def test_before_the_first_file_the_page_says_what_it_is_for(worker: Client, office: Office) -> None:
    page = worker.get(url(office, "imports")).content.decode()
    assert "A whole list in one go" in page
    kept(worker, office, a_table(2))
    page = worker.get(url(office, "imports")).content.decode()
    assert "A whole list in one go" not in page
    assert "cases.csv" in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_comes_in_the_language_that_was_chosen(worker: Client, office: Office, kind: str) -> None:
    answer = worker.get(url(office, "import_template"), {"language": "vi", "as": kind})
    assert f"template-vi.{kind}" in answer["Content-Disposition"]
    sheet = bulk.open_sheet(answer.content, current.rulebook())
    assert sheet.kind == kind
    assert bulk.heading("origin", "vi") in sheet.header


def test_a_file_is_unreadable_in_the_database(worker: Client, office: Office) -> None:
    kept(worker, office, a_table(2))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM casework_importfile")
        assert "manufacturing" not in str(cursor.fetchall())
    assert Import.objects.get().file.content == a_table(2)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7 and so on", "neither a CSV file nor an Excel file"),
        (b"Indonesia,Malaysia,manufacturing,regular\n", "must name the columns"),
        (b"", "nothing in this file"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(worker: Client, office: Office, content: bytes, says: str) -> None:
    answer = sent(worker, office, content)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Import.objects.exists()
    assert not Event.objects.filter(did="uploaded").exists()


def test_a_file_that_is_too_large_is_not_even_taken_in(
    worker: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eligibility.casework.uploads.MOST_BYTES", 1000)
    answer = sent(worker, office, a_table(100))
    assert answer.status_code == 422
    assert "too large" in answer.content.decode()
    assert not Import.objects.exists()


def test_files_of_one_request_are_weighed_together(
    worker: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eligibility.casework.uploads.MOST_BYTES", 1000)
    files = [SimpleUploadedFile(f"{number}.csv", b"x" * 400) for number in range(3)]
    answer = worker.post(url(office, "imports"), {"file": files})
    assert "too large" in answer.content.decode()


def test_readers_look_and_send_nothing_in(office: Office, desk: Desk) -> None:
    upload = importing.receive(desk, "cases.csv", a_table(2))
    reader = signed_in(Client(), office.reader)
    assert sent(reader, office, a_table(2)).status_code == 404
    page = reader.get(url(office, "imports")).content.decode()
    assert "cases.csv" in page
    assert 'type="file"' not in page
    page = reader.get(url(office, "import", upload.pk)).content.decode()
    assert "A caseworker still has to check this file" in page
    assert "<button" not in page.partition("<main")[2].partition("</main")[0]


# --- It is checked ----------------------------------------------------------------------------------------------------

STRANGE = ("Ref.", "Nationality", "Where to", "Job", "Papers", "Full name")


def a_strange_table() -> bytes:
    return written(
        [
            ("A", "Indonesia", "MY", "manufacturing", "regular", "Siti Rahma"),
            ("B", "Viet Nam", "JP", "x", "regular", ""),
        ],
        STRANGE,
    )


def test_columns_are_recognised_guessed_or_left_aside(worker: Client, office: Office) -> None:
    upload = kept(worker, office, a_strange_table())
    answer = worker.get(url(office, "import", upload.pk))
    found = {column.heading: (column.field, column.marked) for column in answer.context["columns"]}
    assert found == {
        "Ref.": ("reference", False), "Nationality": ("origin", False), "Where to": ("destination", True),
        "Job": ("sector", False), "Papers": ("status", False), "Full name": ("", True),
    }  # fmt: skip
    assert "Siti Rahma" not in answer.content.decode(), "a column of names is not shown, not even as a sample"


def test_every_bad_row_is_named_with_its_line_and_reason(worker: Client, office: Office) -> None:
    upload = kept(worker, office, a_strange_table())
    page = worker.get(url(office, "import", upload.pk))
    assert (page.context["preview"].good, page.context["preview"].bad_count) == (1, 1)
    (row,) = page.context["bad"]
    assert (row.line, row.reference) == (3, "B")
    assert "“x” is not known here" in row.faults[0].text
    upload.refresh_from_db()
    assert (upload.good, upload.bad) == (1, 1)


def test_bad_rows_are_paged_and_can_be_downloaded(worker: Client, office: Office) -> None:
    rows = [(f"W-{number}", *GOOD[:2], "juggling", *GOOD[3:]) for number in range(120)]
    upload = kept(worker, office, written(rows))
    worker.get(url(office, "import", upload.pk))
    pages = [
        worker.get(url(office, "import_bad", upload.pk), {"page": number}) for number in ("1", "2", "3", "99", "x")
    ]
    assert [len(page.context["bad"]) for page in pages] == [50, 50, 20, 20, 50]
    assert [page.context["more"] for page in pages] == [True, True, False, False, True]
    lines = [row.line for page in pages[:3] for row in page.context["bad"]]
    assert lines == list(range(2, 122))
    for odd in ("00", "0", "9" * 5000, "-1"):
        assert worker.get(url(office, "import_bad", upload.pk), {"page": odd}).status_code == 200
    download = b"".join(worker.get(url(office, "import_bad_csv", upload.pk)).streaming_content).decode("utf-8-sig")
    assert [row["Line"] for row in csv.DictReader(io.StringIO(download))] == list(map(str, lines))


def choose(browser: Client, office: Office, upload: Import, do: str = "look", **instead: str) -> Any:
    """Post the check page as it stands, with some columns read as something else."""
    upload.refresh_from_db()
    said = {f"column-{number}": field or "" for number, field in enumerate(upload.mapping["fields"])}
    sent = said | {"language": "en", "do": do} | {name.replace("_", "-"): value for name, value in instead.items()}
    if "opens-cases" in sent:
        sent["opens_cases"] = sent.pop("opens-cases")
    return browser.post(url(office, "import_check", upload.pk), sent)


def test_a_column_can_be_mapped_by_hand(worker: Client, office: Office) -> None:
    header = ("Reference", "Nationality", "Zzz", "Job", "Papers")
    upload = kept(worker, office, written([("A", "Indonesia", "", "manufacturing", "regular")] * 2, header))
    page = worker.get(url(office, "import", upload.pk))
    assert "No column says this: Country of work." in page.content.decode()
    assert page.context["preview"] is None
    page = choose(worker, office, upload, column_2="destination")
    assert page.context["faults"] == []
    assert page.context["preview"].bad_count == 2, "nothing stands in that column"


def test_a_column_of_names_is_read_only_on_purpose(worker: Client, office: Office) -> None:
    upload = kept(worker, office, a_strange_table())
    page = choose(worker, office, upload, column_0="", column_5="reference")
    assert page.context["preview"].sample[0].reference == "Siti Rahma"


def test_two_columns_for_one_thing_are_refused(worker: Client, office: Office) -> None:
    upload = kept(worker, office, a_strange_table())
    page = choose(worker, office, upload, do="begin", column_5="origin")
    assert "Two columns say this" in page.content.decode()
    assert Import.objects.get().status == ImportStatus.MAPPING


def test_nothing_begins_with_a_mapping_whose_numbers_nobody_saw(worker: Client, office: Office) -> None:
    upload = kept(worker, office, a_strange_table())
    worker.get(url(office, "import", upload.pk))
    page = choose(worker, office, upload, do="begin", column_0="")
    assert "Look at the numbers once more" in page.content.decode()
    assert Import.objects.get().status == ImportStatus.MAPPING
    assert choose(worker, office, upload, do="begin").status_code == 302
    assert Import.objects.get().status == ImportStatus.RUNNING


def test_a_line_that_is_broken_is_named(worker: Client, office: Office) -> None:
    upload = kept(worker, office, a_table(60) + b'W,"Indonesia,Malaysia\n')
    page = worker.get(url(office, "import", upload.pk)).content.decode()
    assert "Line 62:" in page
    assert "quotation mark" in page
    assert worker.get(url(office, "import_bad", upload.pk)).status_code == 200


def test_a_file_without_one_good_row_cannot_begin(worker: Client, office: Office) -> None:
    upload = kept(worker, office, written([("A", "Atlantis", *GOOD[1:])]))
    page = worker.get(url(office, "import", upload.pk)).content.decode()
    assert 'value="begin"' not in page
    choose(worker, office, upload, do="begin")
    assert Import.objects.get().status == ImportStatus.MAPPING


def test_lines_are_named_in_short() -> None:
    assert importrows.ranges([3, 5, 6, 7, 12]) == "3, 5–7, 12"
    assert importrows.ranges(list(range(0, 200, 2))).endswith(", 78, …")


# --- It is answered ---------------------------------------------------------------------------------------------------


def test_answers_are_those_that_determine_gives(desk: Desk, small_chunks: None) -> None:
    upload = done(desk, a_table(7))
    assert (upload.status, upload.answered, upload.good) == (ImportStatus.DONE, 7, 7)
    assert upload.chunks.count() == 3
    found = [one for chunk in importing.kept_results(upload) for one in chunk]
    assert references(upload) == [f"W-{number}" for number in range(7)]
    for one in found:
        answers = determine(one.case, current.rulebook()).answers
        assert [told.outcome for told in one.answers] == [answer.outcome for answer in answers.values()]


def test_rows_that_cannot_be_read_do_not_keep_the_others_waiting(desk: Desk, small_chunks: None) -> None:
    rows = [(f"W-{number}", "Atlantis" if number % 4 else "Indonesia", *GOOD[1:]) for number in range(9)]
    upload = done(desk, written(rows))
    assert references(upload) == ["W-0", "W-4", "W-8"]
    assert (upload.good, upload.bad) == (3, 6)


def test_the_job_is_given_nothing_but_a_number(desk: Desk) -> None:
    upload = begun(desk, a_table(2))
    task = DBTaskResult.objects.get()
    assert task.args_kwargs == {"args": [str(upload.pk)], "kwargs": {}}


def test_the_job_lets_others_go_first_now_and_then(desk: Desk, small_chunks: None) -> None:
    upload = begun(desk, a_table(7))
    assert importjob.work_on(upload.pk, 0) == "more"
    upload.refresh_from_db()
    assert (upload.status, upload.answered) == (ImportStatus.RUNNING, 3)


def test_a_database_that_cannot_be_had_for_a_moment_does_not_stop_an_upload(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*given: Any) -> bool:
        raise OperationalError("database is locked")

    upload = begun(desk, a_table(2))
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(importjob, "_keep", locked)
        with pytest.raises(OperationalError):  # the worker hands such a task back
            importjob.answer.call(str(upload.pk))
    assert importjob.answer.call(str(upload.pk)) == "done"


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_for_the_database_gets_a_turn_between_two_chunks(
    desk: Desk, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    upload = done(desk, a_table(7), opens_cases=True)
    turns_of_others = upload.chunks.count() - 1 if connection.vendor == "sqlite" else 0  # PostgreSQL has a line
    assert clock.slept[1:] == [pytest.approx(turns.PAUSE)] * turns_of_others


@pytest.mark.django_db(transaction=True)
def test_who_works_a_while_between_two_chunks_waits_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    for worked in (0.0, 0.05, 60.0):
        clock.now += worked
        with turns.turn():
            clock.now += 1.0
    assert clock.slept == ([0.0, pytest.approx(0.1), 0.0] if connection.vendor == "sqlite" else [])


class Clock:
    """The clock of `turns`, which goes on only while somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.slept = 0.0, list[float]()
        monkeypatch.setattr(turns, "time", self)
        monkeypatch.setattr(turns._mine, "ended", -60.0, raising=False)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_a_task_that_is_not_done_queues_up_again(
    desk: Desk, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importjob, "SECONDS", -1.0)
    upload = begun(desk, a_table(7))
    DBTaskResult.objects.all().delete()
    assert importjob.answer.call(str(upload.pk)) == "more"
    assert DBTaskResult.objects.ready().count() == 1


def test_what_was_stopped_rests_and_goes_on_where_it_was(
    worker: Client, office: Office, desk: Desk, small_chunks: None
) -> None:
    upload = begun(desk, a_table(7))
    importjob.work_on(upload.pk, 0)
    worker.post(url(office, "import_stop", upload.pk))
    assert importjob.work_on(upload.pk, LATER) == "ended"
    assert Import.objects.get().answered == 3
    first = ImportChunk.objects.exclude(done=None).values_list("done", flat=True).get()
    worker.post(url(office, "import_go_on", upload.pk))
    assert importjob.work_on(upload.pk, LATER) == "done"
    assert references(upload) == [f"W-{number}" for number in range(7)]
    assert ImportChunk.objects.get(number=0).done == first, "what was answered is not answered again"


def while_answering(monkeypatch: pytest.MonkeyPatch, happens: Any) -> None:
    """`happens` comes about once, while a worker has its first chunk in hand."""
    chunk, left = bulk.Answering.chunk, [happens]

    def answered(self: bulk.Answering, rows: Any) -> Any:
        found = chunk(self, rows)
        if left:
            left.pop()()
        return found

    monkeypatch.setattr(bulk.Answering, "chunk", answered)


def test_two_workers_at_one_upload_answer_each_row_once(
    desk: Desk, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begun(desk, a_table(7), opens_cases=True)
    # The second worker takes up the chunk that the first has in hand, and goes on to the end.
    while_answering(monkeypatch, lambda: importjob.work_on(upload.pk, LATER))
    assert importjob.work_on(upload.pk, LATER) == "ended"
    upload.refresh_from_db()
    assert (upload.status, upload.answered) == (ImportStatus.DONE, 7)
    assert Case.objects.count() == 7


@pytest.mark.parametrize("opens_cases", [False, True])
def test_an_upload_deleted_under_the_job_leaves_nothing(
    desk: Desk, small_chunks: None, monkeypatch: pytest.MonkeyPatch, opens_cases: bool
) -> None:
    upload = begun(desk, a_table(7), opens_cases=opens_cases)
    while_answering(monkeypatch, lambda: importing.delete(desk, upload))
    assert importjob.work_on(upload.pk, LATER) == "ended"
    assert importjob.work_on(upload.pk, LATER) == "ended"
    assert not ImportChunk.objects.exists()
    assert not Case.objects.exists()


def test_an_upload_keeps_the_law_that_it_began_with(
    desk: Desk, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begun(desk, a_table(7))
    asked: list[str | None] = []
    law = current.rulebook()
    monkeypatch.setattr(current, "law_of", lambda edition: asked.append(edition) or law)
    importjob.work_on(upload.pk, LATER)
    assert asked == [law.edition]
    assert {one.edition for chunk in importing.kept_results(upload) for one in chunk} == {law.edition}


def test_an_upload_whose_law_is_gone_stops_and_says_so(
    worker: Client, office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begun(desk, a_table(2))
    Import.objects.update(edition="sha256:" + "0" * 64)
    with pytest.raises(EditionError):
        current.law_of("sha256:" + "0" * 64)
    assert importjob.work_on(upload.pk, LATER) == "ended"
    assert Import.objects.get().status == ImportStatus.STOPPED
    page = worker.get(url(office, "import", upload.pk)).content.decode()
    assert "no longer kept here" in page
    assert "Go on" not in page


def run_task(task: DBTaskResult[Any, Any]) -> None:
    """As the worker does it, without its look at the connection, which would end this test's transaction."""
    Tasks(
        queue_names=["*"], excluded_queue_names=[], interval=0, batch=True, backend_name="default",
        startup_delay=False, max_tasks=None, worker_id="some worker",
    ).run_task(task)  # fmt: skip


def test_what_breaks_down_says_where_and_nothing_of_the_rows(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = begun(desk, a_table(2))

    def broken(self: bulk.Answering, rows: Any) -> Any:
        raise KeyError("Siti Rahma")

    monkeypatch.setattr(bulk.Answering, "chunk", broken)
    task = DBTaskResult.objects.get()
    task.claim("some worker")
    run_task(task)
    task.refresh_from_db()
    assert task.status == TaskResultStatus.FAILED
    assert "KeyError at" in task.traceback
    assert "Siti" not in task.traceback
    assert Import.objects.get(pk=upload.pk).status == ImportStatus.STOPPED


def test_not_too_much_of_one_organisation_is_at_work(
    worker: Client, office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_RUNNING", 1)
    begun(desk, a_table(2))
    second = importing.receive(desk, "more.csv", a_table(2))
    importing.check(second)
    page = choose(worker, office, second, do="begin")
    assert page.status_code == 302
    assert "are at work" in worker.get(page["Location"]).content.decode()
    second.refresh_from_db()
    assert second.status == ImportStatus.MAPPING
    elsewhere = Desk(office.elsewhere.memberships.get())
    begun(elsewhere, a_table(2))


# --- Cases from rows --------------------------------------------------------------------------------------------------


def test_rows_open_cases_with_their_stay_and_answer(office: Office, desk: Desk, small_chunks: None) -> None:
    upload = done(desk, a_table(5), opens_cases=True, language="id")
    case = Case.objects.get(pseudonym="W-3")
    assert (case.origin, case.destination, case.came_from, case.language) == ("ID", "MY", upload, "id")
    assert case.caseworker == desk.membership
    assert len(case.outcomes) == 9
    stay = Stay.objects.get(case=case)
    assert (str(stay.began), stay.ended, stay.months, stay.facts) == ("2021-03-01", None, 3, {})
    assert Event.objects.filter(case=case.pk, did="opened", who=office.caseworker.email).count() == 1


def test_no_case_without_a_reference_or_a_first_day_and_none_twice(worker: Client, office: Office, desk: Desk) -> None:
    tomorrow = str(timezone.localdate() + timedelta(days=1))
    rows = [
        ("W-1", *GOOD), ("", *GOOD), ("W-2", *GOOD[:4], "", "3"), ("W-3", *GOOD[:4], tomorrow, ""), ("W-1", *GOOD),
        ("x" * 81, *GOOD),
    ]  # fmt: skip
    done(desk, written(rows[:1]), opens_cases=True)
    upload = kept(worker, office, written([*rows, ("W-4", *GOOD)]))
    found = worker.get(url(office, "import", upload.pk)).context
    assert found["cases"].openable == 1
    assert found["cases"].lines == {
        "known": [2, 6], "no_reference": [3], "no_first_day": [4], "not_begun": [5], "long_reference": [7],
    }  # fmt: skip
    assert [number for _why, number, _lines in found["without"]] == [2, 1, 1, 1, 1]
    choose(worker, office, upload, do="begin", opens_cases="1")
    importjob.work_on(upload.pk, LATER)
    assert sorted(Case.objects.values_list("pseudonym", flat=True)) == ["W-1", "W-4"]
    page = worker.get(url(office, "import", upload.pk)).content.decode()
    assert "1 case opened." in page
    assert "6 rows opened none." in page


def test_facts_of_a_row_go_where_a_case_keeps_them(desk: Desk) -> None:
    header = (*HEADER, "months_contributed_home", "age")
    done(desk, written([("W-1", *GOOD, "70", "34")], header), opens_cases=True)
    assert Case.objects.get().months_at_home == 70
    assert (Stay.objects.get().months, Stay.objects.get().facts) == (40, {"age": 34})


def test_a_row_opens_the_same_case_as_a_member_does_by_hand(office: Office, desk: Desk) -> None:
    header = (*HEADER, "months_contributed_home", "age")
    done(desk, written([("W-1", *GOOD, "70", "34"), ("W-2", *GOOD, "70", "34")], header), opens_cases=True)
    first, second = Case.objects.order_by("number")
    row = Stay.objects.get(case=first)
    told = {
        name: getattr(row, name) for name in ("destination", "sector", "status", "began", "ended", "months", "facts")
    }
    by_hand = Case(pseudonym="W-3", origin=first.origin, months_at_home=70, caseworker=first.caseworker)
    create(desk, by_hand, [Stay(**told)])
    third = Case.objects.get(pk=by_hand.pk)
    own = {"id", "number", "pseudonym", "came_from", "created", "changed"}
    fields = [field.name for field in Case._meta.concrete_fields if field.name not in own]
    for case in (second, third):
        assert [getattr(case, name) for name in fields] == [getattr(first, name) for name in fields]
        answers = [one.answers.get() for one in (first, case)]
        assert len({(bytes(one.body), one.digest, one.edition, one.reason, one.by) for one in answers}) == 1
        assert answers[0].asked == answers[1].asked
        assert answering.replay(answers[1], current.rulebook()).same
    assert [case.number for case in (first, second, third)] == [1, 2, 3]


def test_every_case_of_an_upload_stands_once_in_a_whole_trail(office: Office, desk: Desk, small_chunks: None) -> None:
    upload = done(desk, a_table(5), opens_cases=True)
    opened = Event.objects.filter(did="opened").order_by("pk").values_list("case", flat=True)
    assert list(opened) == list(Case.objects.filter(came_from=upload).order_by("number").values_list("pk", flat=True))
    assert len(opened) == 5
    assert audit.first_break(office.organisation) is None


def test_a_row_of_which_todays_law_cannot_speak_keeps_no_other_from_its_case(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work_out(asked: Any, law: Rulebook) -> Career:
        if asked["stays"][0]["months"] == 2:
            raise CaseError([])
        return whole(asked, law)

    whole = answering.work_out
    monkeypatch.setattr(answering, "work_out", work_out)
    done(desk, a_table(4), opens_cases=True)
    opened = Case.objects.order_by("number").values_list("number", "stays__months")
    assert [number for number, _months in opened] == [1, 2, 3]
    assert 2 not in {months for _number, months in opened}


# --- What comes of it -------------------------------------------------------------------------------------------------


def fetched(browser: Client, office: Office, upload: Import, form: str, **asked: str) -> bytes:
    answer = browser.get(url(office, "import_results", upload.pk, form), asked)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def second_column(book: bytes) -> list[Any]:
    """The references in an Excel file of results."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    return [row[1] for row in rows[1:]]


def test_results_come_as_csv_excel_and_json(worker: Client, office: Office, desk: Desk, small_chunks: None) -> None:
    upload = done(desk, a_table(7))
    expected = [f"W-{number}" for number in range(7)]
    text = fetched(worker, office, upload, "csv").decode("utf-8-sig")
    assert [row["Reference"] for row in csv.DictReader(io.StringIO(text))] == expected
    assert "Months paid in" in text.splitlines()[0]
    assert [row["reference"] for row in json.loads(fetched(worker, office, upload, "json"))] == expected
    assert second_column(fetched(worker, office, upload, "xlsx")) == expected
    took = list(Event.objects.filter(did="took_results").values_list("detail", flat=True))
    assert [one["form"] for one in took] == ["xlsx", "json", "csv"]
    assert "cases" not in str(took), "the name of the file may be a worker's"


def test_large_results_come_as_several_excel_files(
    worker: Client, office: Office, desk: Desk, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "EXCEL_ROWS", 6)
    upload = done(desk, a_table(13))
    found = [second_column(fetched(worker, office, upload, "xlsx", part=part)) for part in ("1", "2", "3")]
    assert found == [[f"W-{n}" for n in range(6)], [f"W-{n}" for n in range(6, 12)], ["W-12"]]
    for part in ("0", "4", "x"):
        assert worker.get(url(office, "import_results", upload.pk, "xlsx"), {"part": part}).status_code == 404
    page = worker.get(url(office, "import", upload.pk)).content.decode()
    assert "Excel, part 2 of 3" in page


def test_what_would_run_in_a_spreadsheet_does_not(worker: Client, office: Office, desk: Desk) -> None:
    upload = done(desk, written([("=1+1", *GOOD)]))
    text = fetched(worker, office, upload, "csv").decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(text)))["Reference"] == "'=1+1"
    book = fetched(worker, office, upload, "xlsx")
    assert second_column(book) == ["=1+1"]
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml"), "a text and no formula"


def test_results_speak_the_chosen_language_whoever_fetches_them(worker: Client, office: Office, desk: Desk) -> None:
    upload = done(desk, a_table(1), language="vi")
    text = fetched(worker, office, upload, "csv").decode("utf-8-sig")
    assert bulk.heading("origin", "vi") in text


def test_there_are_no_results_before_all_are_there(
    worker: Client, office: Office, desk: Desk, small_chunks: None
) -> None:
    upload = begun(desk, a_table(7))
    importjob.work_on(upload.pk, 0)
    assert worker.get(url(office, "import_results", upload.pk, "csv")).status_code == 404


def test_results_are_not_held_in_memory_as_a_whole(
    desk: Desk, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = done(desk, a_table(9))
    opened: list[bytes] = []
    unpack = bulk.unpack
    monkeypatch.setattr(bulk, "unpack", lambda content: opened.append(content) or unpack(content))
    pieces: Iterator[str] = bulk.csv_pieces(importing.kept_results(upload), (), "en")
    next(pieces)
    next(pieces)
    assert len(opened) == 1


def test_the_page_shows_how_far_it_is_and_asks_again_by_itself(
    worker: Client, office: Office, desk: Desk, small_chunks: None
) -> None:
    upload = begun(desk, a_table(7))
    importjob.work_on(upload.pk, 0)
    page = worker.get(url(office, "import", upload.pk)).content.decode()
    assert 'max="7" value="3"' in page
    assert 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "Nobody is at work in the background" in page, "no worker has given a sign of life"
    part = worker.get(url(office, "import", upload.pk), headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<section")
    importjob.work_on(upload.pk, LATER)
    page = worker.get(url(office, "import", upload.pk)).content.decode()
    assert "every 2s" not in page
    assert "http-equiv" not in page


# --- Nothing stays longer than it should ------------------------------------------------------------------------------


def test_deleting_asks_once_more_and_leaves_the_cases(worker: Client, office: Office, desk: Desk) -> None:
    upload = done(desk, a_table(2), opens_cases=True)
    page = worker.get(url(office, "import_delete", upload.pk)).content.decode()
    assert "Cases that it opened stay" in page
    assert Import.objects.exists()
    worker.post(url(office, "import_delete", upload.pk))
    assert not Import.objects.exists()
    assert not ImportChunk.objects.exists()
    assert Case.objects.filter(came_from=None).count() == 2
    assert Event.objects.filter(did="deleted_upload").count() == 1


def test_an_upload_is_purged_with_all_its_chunks(desk: Desk) -> None:
    done(desk, a_table(2))
    Import.objects.update(created=timezone.now() - timedelta(days=31))
    assert retention.purge(timezone.now())["imports"] == 1
    assert not ImportChunk.objects.exists()


def test_after_an_erasure_nothing_of_the_worker_is_left_of_an_upload(office: Office, desk: Desk) -> None:
    words = ["Zubaidah Lim"]
    upload = importing.receive(desk, "Zubaidah Lim.csv", written([("Zubaidah Lim", *GOOD)]))
    importing.check(upload)
    importing.begin(desk, upload, "en", opens_cases=True)
    importjob.work_on(upload.pk, LATER)
    tables = {found.table for found in search(words).found}
    assert {"casework_import", "casework_importchunk", "casework_case"} <= tables
    owner = Desk(office.membership(office.owner))
    assert privacy.erase(owner, Case.objects.get().pk) == 1
    assert search(words).found == ()


def test_an_upload_goes_at_an_erasure_if_only_its_name_names_the_worker(office: Office, desk: Desk) -> None:
    done(desk, a_table(1), opens_cases=True)
    Case.objects.update(came_from=None, name="Zubaidah Lim", pseudonym="Rose")
    Import.objects.update(file_name="Zubaidah Lim.csv")
    owner = Desk(office.membership(office.owner))
    assert privacy.erase(owner, Case.objects.get().pk) == 1


def test_the_same_file_opens_no_second_case_after_the_first_was_looked_over(
    worker: Client, office: Office, desk: Desk
) -> None:
    """A form takes spaces away at the ends of a pseudonym, so a row does too."""
    table = written([(" W  1\n", *GOOD)])
    done(desk, table, opens_cases=True)
    case = Case.objects.get()
    assert case.pseudonym == "W 1"
    told = {"pseudonym": case.pseudonym, "language": "en", "origin": case.origin, "version": case.version}
    assert worker.post(url(office, "case_edit", case.pk), told).status_code == 302
    upload = kept(worker, office, table)
    assert worker.get(url(office, "import", upload.pk)).context["cases"].lines == {"known": [2]}
    done(desk, table, opens_cases=True)
    assert Case.objects.count() == 1


def test_a_reference_of_nothing_but_spaces_opens_no_case_without_a_name(desk: Desk) -> None:
    done(desk, written([("   ", *GOOD)]), opens_cases=True)
    assert not Case.objects.exists()
