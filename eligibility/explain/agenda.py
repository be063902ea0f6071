"""Last days to claim as a calendar that any program reads (iCalendar, RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

REMIND = (timedelta(days=-60), timedelta(days=-14), timedelta(days=-2))
"""How long before a deadline the calendar reminds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One whole day. `uid` stays the same when the entry is sent again; `description` and `url` may be ""."""

    day: date
    title: str
    uid: str
    description: str = ""
    url: str = ""


def calendar(entries: Iterable[Entry], stamp: datetime, name: str = "") -> bytes:
    """The entries as a file, each with reminders. `stamp` is when it was made, `name` what the calendar is called."""
    file = Calendar()
    file.add("prodid", "-//portability//deadlines//EN")
    file.add("version", "2.0")
    if name:
        file.add("x-wr-calname", name)
    for entry in entries:
        event = Event()
        event.add("summary", entry.title)
        if entry.description:
            event.add("description", entry.description)
        event.add("dtstart", entry.day)
        if entry.day < date.max:
            event.add("dtend", entry.day + timedelta(days=1))
        event.add("dtstamp", stamp)
        event.add("uid", entry.uid)
        if entry.url:
            event.add("url", entry.url)
        for before in REMIND:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", entry.title)
            alarm.add("trigger", before)
            event.add_component(alarm)
        file.add_component(event)
    return bytes(file.to_ical())
