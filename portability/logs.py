"""Keeps what people ask out of the logs."""

import logging
import re
from typing import Any

DETAIL = re.compile(r"^DETAIL: .*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
QUERY = re.compile(r"\?\S*")


class WithoutQuery(logging.Filter):
    """Cuts the query string from the request line that the development server logs (`GET /path?query HTTP/1.1`)."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "django.server" and isinstance(record.args, tuple):
            record.args = tuple(QUERY.sub("", arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


class WithoutRows(logging.Formatter):
    """Leaves out what PostgreSQL tells of a row that it refused: "DETAIL: Failing row contains (…)"."""

    def formatException(self, ei: Any) -> str:
        return DETAIL.sub("", super().formatException(ei))
