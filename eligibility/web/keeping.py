"""What a worker can keep of an answer: a text message, a link with its picture to scan, a calendar of deadlines."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, time

import segno
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from eligibility.explain import agenda
from eligibility.explain.page import ToldDeadline


def qr_code(address: str) -> str:
    """A link as a picture to scan: a data URI that stands in an `img`."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=4))


def calendar(deadlines: Sequence[ToldDeadline], stamp: date) -> bytes:
    """The deadlines as a file for the phone's calendar. Nothing in it tells of the worker."""
    entries = [
        agenda.Entry(
            day=one.by,
            title=_("Last day to claim from %(scheme)s") % {"scheme": one.scheme},
            uid=hashlib.sha256(f"{one.scheme} {one.by}".encode()).hexdigest()[:32],
            description="\n".join([*one.benefits, one.how]).strip(),
        )
        for one in deadlines
    ]
    return agenda.calendar(entries, datetime.combine(stamp, time(), get_default_timezone()))
