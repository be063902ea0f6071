"""Work in the background that nobody has to start: what is done once a day, and tasks whose worker died.

Each worker (`manage.py work`) gives a sign of life every few seconds, in a row of its own. Whoever gives one also looks
whether the day's chores are still to be done, and whether a task belongs to a worker that has fallen silent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from eligibility.casework import digest, lawchange, retention
from eligibility.casework.models import Chore, Worker

logger = logging.getLogger(__name__)

EVERY = timedelta(seconds=5)
"""Between two signs of life."""

SILENT = timedelta(seconds=30)
"""A worker that gave none for so long is dead. Longer than any wait for a locked database."""

MOST_TRIES = 10
"""A task that took so many workers with it is given up."""

CHORES: tuple[Callable[[datetime], object], ...] = (retention.purge, lawchange.follow, digest.send)
"""What is done once a day, with the time at which it begins, in this order: e-mails tell of what the day changed."""


@task()
def daily() -> dict[str, str]:
    """Every chore; what each said. One that fails does not keep the others from being done, but the task then fails."""
    said: dict[str, str] = {}
    failed: list[Exception] = []
    for chore in CHORES:
        try:
            said[chore.__name__] = str(chore(timezone.now()))
        except Exception as error:
            failed.append(error)
    if failed:
        raise ExceptionGroup("not every chore could be done", failed)
    return said


def pulse(worker: str, now: datetime) -> None:
    """A worker's sign of life, and a look at what is to be done."""
    Worker.objects.update_or_create(name=worker, defaults={"alive": now})
    enqueue_daily(now)
    requeue_abandoned(now)


def enqueue_daily(now: datetime) -> bool:
    """Have the day's chores done, unless another worker saw to it; whether it was us."""
    today = timezone.localdate(now)
    with transaction.atomic():
        Chore.objects.get_or_create(name="daily")
        # One statement, so that of two workers only one finds the old day.
        if not Chore.objects.filter(name="daily").exclude(day=today).update(day=today):
            return False
        daily.enqueue()
    return True


def requeue_abandoned(now: datetime) -> int:
    """Let tasks whose worker died be done by another; how many.

    A worker that was only stopped for a while may come back and go on with a task that another one has taken up: tasks
    must bear being done twice, and at once.
    """
    alive = set(Worker.objects.filter(alive__gt=now - SILENT).values_list("name", flat=True))
    running = DBTaskResult.objects.running().filter(started_at__lt=now - SILENT)
    return sum(hand_back(result) for result in running if not alive.intersection(result.worker_ids[-1:]))


def hand_back(result: DBTaskResult) -> bool:
    """Make a task ready again that its worker did not finish; whether it still was as `result` says."""
    unchanged = DBTaskResult.objects.filter(pk=result.pk, status=result.status, started_at=result.started_at)
    if len(result.worker_ids) >= MOST_TRIES:
        logger.error("Task %s is given up: %d workers died of it", result.task_path, len(result.worker_ids))
        given_up = "Every worker that took this task died."
        return bool(unchanged.update(status=TaskResultStatus.FAILED, finished_at=timezone.now(), traceback=given_up))
    logger.warning("Task %s was cut short and is taken up again", result.task_path)
    return bool(
        unchanged.update(
            status=TaskResultStatus.READY, started_at=None, finished_at=None, exception_class_path="", traceback=""
        )
    )
