"""What a worker can keep of an answer: a text message, a link with its picture to scan, a calendar of deadlines."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import segno
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from eligibility.explain.page import ToldDeadline

REMIND = (timedelta(days=-60), timedelta(days=-14), timedelta(days=-2))
"""How long before a deadline the calendar reminds."""


def qr_code(address: str) -> str:
    """A link as a picture to scan: a data URI that stands in an `img`."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=4))


def calendar(deadlines: Sequence[ToldDeadline], stamp: date) -> bytes:
    """The deadlines as an iCalendar file (RFC 5545): whole days, with reminders. Nothing in it tells of the worker."""
    file = Calendar()
    file.add("prodid", "-//portability//deadlines//EN")
    file.add("version", "2.0")
    for one in deadlines:
        event = Event()
        title = _("Last day to claim from %(scheme)s") % {"scheme": one.scheme}
        event.add("summary", title)
        event.add("description", "\n".join([*one.benefits, one.how]).strip())
        event.add("dtstart", one.by)
        event.add("dtend", one.by + timedelta(days=1))
        event.add("dtstamp", datetime.combine(stamp, time(), get_default_timezone()))
        event.add("uid", hashlib.sha256(f"{one.scheme} {one.by}".encode()).hexdigest()[:32])
        for before in REMIND:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", title)
            alarm.add("trigger", before)
            event.add_component(alarm)
        file.add_component(event)
    return bytes(file.to_ical())
