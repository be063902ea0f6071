"""The second half of `make bench-bulk`: the same 100,000 rows through the workspace's pages, the database and the job.

An empty database (SQLite, or the one that DATABASE_URL names, which must be empty); the file is posted, checked, begun,
answered by the job as a worker does it, and fetched. Everything is sealed on its way. Times are the processor's.
"""

from __future__ import annotations

import resource
import sys
import time

from benchmarks.casework import site

CASES = 500


def main() -> None:
    from django.contrib.auth.models import User
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    # Only now: whoever imports these reads the settings.
    from benchmarks.bulk import ROWS, Clock, made_up
    from eligibility import bulk, current
    from eligibility.casework import importing, importjob
    from eligibility.casework.desk import Desk
    from eligibility.casework.models import Case, Import, Membership, Organisation, Role

    call_command("catalogues", "compile", verbosity=0)
    organisation = Organisation.objects.create(slug="bench", name="Bench")
    user = User.objects.create_user("bench@bench.example", "bench@bench.example")
    desk = Desk(Membership.objects.create(organisation=organisation, user=user, role=Role.OWNER))
    browser = Client()
    browser.force_login(user)
    content = made_up(current.rulebook(), ROWS)
    sys.stdout.write(f"{connection.vendor}, {len(content) / 1e6:.1f} MB\n")
    clock = Clock()
    browser.post(reverse("casework:imports", args=["bench"]), {"file": SimpleUploadedFile("cases.csv", content)})
    clock("send in: recognise, seal, store")
    upload = Import.objects.get()
    browser.get(reverse("casework:import", args=["bench", upload.pk]))
    upload.refresh_from_db()
    clock("check page", f"{upload.good} good, {upload.bad} bad")
    importing.begin(desk, upload, "en", opens_cases=False)
    clock("begin")
    began = time.monotonic()
    call_command("work", batch=True)
    clock("the job", f"{time.monotonic() - began:.1f} s by the clock on the wall, on a machine that others use too")
    upload.refresh_from_db()
    assert (upload.status, upload.answered) == ("done", upload.good)
    pieces = bytes_of = 0
    for piece in bulk.csv_pieces(importing.kept_results(upload), importing.told(upload)):
        pieces, bytes_of = pieces + 1, bytes_of + len(piece.encode())
    clock("fetch CSV", f"{bytes_of / 1e6:.1f} MB in {pieces} pieces")
    for part in importing.excel_parts(upload):
        importing.excel(upload, part).close()
        clock(f"fetch Excel, part {part}", f"at most {importing.EXCEL_ROWS} rows")
    few = importing.receive(desk, "few.csv", _with_days(made_up(current.rulebook(), CASES, seed=7)))
    importing.check(few)
    importing.begin(desk, few, "en", opens_cases=True)
    clock.since = time.process_time()
    importjob.work_on(few.pk, time.monotonic() + 600)
    spent = clock(f"{CASES} rows that open cases")
    opened = Case.objects.count()
    sys.stdout.write(f"{opened} opened, {1000 * spent / opened:.1f} ms each\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"most memory{peak:31.0f} MB\n")


def _with_days(content: bytes) -> bytes:
    """The same table with a first day of work in each row."""
    lines = content.decode("utf-8-sig").splitlines()
    return "\n".join([f"{lines[0]},Start date", *(f"{line},2024-01-01" for line in lines[1:])]).encode()


if __name__ == "__main__":
    with site():
        main()
