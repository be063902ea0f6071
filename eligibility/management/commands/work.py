"""`manage.py work`: does the work in the background, and what is to be done daily. No other service is needed."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker as Tasks
from django_tasks_db.models import DBTaskResult

from eligibility.casework import jobs, lawchange
from eligibility.casework.models import Worker
from eligibility.management.base import WithExamples

logger = logging.getLogger(__name__)

EXAMPLES = """
examples:
  python manage.py work            run one worker until it is stopped; start several for several cores or machines
  python manage.py work --batch    do what waits, and end

SIGTERM or Ctrl-C: the task at hand is finished first. Twice: it is left, and the next worker takes it up again. A
worker that is killed leaves its task likewise; another one takes it up after half a minute of silence.
"""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)
NOT_ITS_FAULT = (
    "builtins.SystemExit",
    "builtins.KeyboardInterrupt",
    "django.db.utils.OperationalError",  # locked, a deadlock, or started anew meanwhile
    "django.db.utils.InterfaceError",
)


class Handing(Tasks):
    """django_tasks_db's worker, which also hands back a task that was interrupted or could not have the database,
    rather than call it failed."""

    def run_task(self, db_task_result: DBTaskResult) -> None:
        super().run_task(db_task_result)
        if db_task_result.exception_class_path in NOT_ITS_FAULT:
            jobs.hand_back(db_task_result)


class Command(WithExamples):
    examples = EXAMPLES
    help = "Do the work in the background."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", action="store_true", help="do what waits, and end")
        parser.add_argument("--interval", type=float, default=1, help="seconds between two looks for work (1)")

    def handle(self, *args: Any, **options: Any) -> None:
        name = f"{socket.gethostname()[:24]} {os.getpid()} {get_random_string(12)}"
        worker = Handing(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=options["interval"],
            batch=options["batch"],
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=name,
        )
        lawchange.adopt()
        with _signals_given_back(), _alive(name):
            worker.configure_signals()
            worker.run()


@contextmanager
def _alive(name: str) -> Iterator[None]:
    """Signs of life, from a thread of their own, so that no long task delays them."""
    jobs.pulse(name, timezone.now())
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(name, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        Worker.objects.filter(name=name).delete()


def _beat(name: str, over: threading.Event) -> None:
    while not over.wait(jobs.EVERY.total_seconds()):
        try:
            jobs.pulse(name, timezone.now())
        except DatabaseError:
            # Locked or out of reach: it may be there again at the next beat.
            logger.exception("No sign of life could be given")
            connection.close()
    connection.close()


@contextmanager
def _signals_given_back() -> Iterator[None]:
    had = {one: signal.getsignal(one) for one in SIGNALS}
    try:
        yield
    finally:
        for one, handler in had.items():
            signal.signal(one, handler)
