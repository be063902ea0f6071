"""A worker is killed in the midst of an upload, again and again, and no row is lost, doubled, or out of order."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from eligibility.casework import importing
from eligibility.casework.desk import Desk
from eligibility.casework.models import Case, Event, Import, ImportStatus, StoredAnswer
from tests.offices import an_office
from tests.tables import a_table

ROWS, IN_A_CHUNK, KILLED = 180, 3, 3
PATIENCE = 120  # seconds, on a busy machine


class Working:
    """The database that the other process works on, and that process."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "work.sqlite3"
        self.process: subprocess.Popen[bytes] | None = None
        if connection.vendor == "sqlite":
            with sqlite3.connect(self.file) as copy:
                connection.connection.backup(copy)
                copy.execute("PRAGMA journal_mode = WAL")

    def start(self) -> None:
        name = str(self.file) if connection.vendor == "sqlite" else connection.settings_dict["NAME"]
        command = [sys.executable, "-m", "tests.working", name, str(settings.RULEBOOK_EDITIONS), str(IN_A_CHUNK)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=os.environ.copy(), **quiet)

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
            self.process = None

    def so_far(self) -> tuple[str, int]:
        """The status of the upload and how many of its rows are answered."""
        question = "SELECT status, answered FROM casework_import"
        if connection.vendor == "sqlite":
            with sqlite3.connect(self.file, timeout=10) as there:
                found = there.execute(question).fetchone()
        else:
            with connection.cursor() as cursor:
                cursor.execute(question)
                found = cursor.fetchone()
        return str(found[0]), int(found[1])

    def wait(self, rows: int) -> tuple[str, int]:
        """Until so many rows are answered, or all is done."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self.process is not None
            assert self.process.poll() is None, "the worker ended by itself"
            status, answered = self.so_far()
            if answered >= rows or status != ImportStatus.RUNNING:
                return status, answered
            time.sleep(0.02)
        pytest.fail(f"after {PATIENCE} seconds: {self.so_far()}")

    def take_over(self) -> None:
        """Bring what the other process wrote into the database of this test."""
        if connection.vendor == "sqlite":
            with sqlite3.connect(self.file) as there:
                there.backup(connection.connection)


@pytest.fixture
def working(transactional_db: None, tmp_path: Path) -> Iterator[Working]:
    office = an_office()
    desk = Desk(office.membership(office.caseworker))
    upload = importing.receive(desk, "cases.csv", a_table(ROWS))
    importing.check(upload)
    importing.begin(desk, upload, "en", opens_cases=True)
    work = Working(tmp_path)
    yield work
    work.end()


def test_a_worker_may_be_killed_at_any_time(working: Working) -> None:
    answered = 0
    for _time in range(KILLED):
        working.start()
        status, answered = working.wait(answered + IN_A_CHUNK)
        assert status == ImportStatus.RUNNING, "it was killed in the midst of its work"
        working.end(signal.SIGKILL)
    working.start()
    status, _answered = working.wait(ROWS + 1)
    assert status == ImportStatus.DONE
    working.end(signal.SIGTERM)
    working.take_over()

    upload = Import.objects.get()
    assert upload.answered == upload.good == ROWS
    results = [one for chunk in importing.kept_results(upload) for one in chunk]
    assert [one.reference for one in results] == [f"W-{number}" for number in range(ROWS)], "in order, each once"
    assert [one.line for one in results] == list(range(2, ROWS + 2))
    opened = Counter(Case.objects.values_list("pseudonym", flat=True))
    assert opened == Counter({f"W-{number}": 1 for number in range(ROWS)}), "a case for each row, and only one"
    assert StoredAnswer.objects.count() == Event.objects.filter(did="opened").count() == ROWS
    assert sorted(Case.objects.values_list("number", flat=True)) == list(range(1, ROWS + 1))
