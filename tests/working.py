"""`manage.py work` as a process of its own, for tests that kill it: hasty, so that nobody waits for a dead worker.

    python -m tests.working DATABASE EDITIONS ROWS

works until it is stopped: on that database (a file of SQLite, or a name beside DATABASE_URL), with editions kept in
that folder, with so many rows in a chunk.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path


def main(database: str, editions: str, rows: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    settings.RULEBOOK_EDITIONS = Path(editions)
    django.setup()
    from django.core.management import execute_from_command_line

    from eligibility.casework import importjob, jobs

    jobs.EVERY, jobs.SILENT = timedelta(seconds=0.2), timedelta(seconds=1)
    importjob.ROWS_WITH_CASES, importjob.SECONDS = int(rows), 1.0
    execute_from_command_line(["manage.py", "work", "--interval", "0.05"])


if __name__ == "__main__":
    main(*sys.argv[1:])
