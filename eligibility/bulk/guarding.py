"""A cell of a CSV file must never run: spreadsheet programs take text that begins with certain signs for a formula.

After OWASP, "CSV Injection": an apostrophe goes before what begins with = + - @ (wide forms too, and behind spaces or
quotation marks), a tab or a line's end. It also goes in the middle of a text where a program with other separators than
ours would begin a new cell. `unguarded` takes exactly those apostrophes away again, so that nothing changes on the way.
"""

from __future__ import annotations

import re

_PASSED_OVER = r"[\s\"'“”‘’\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]*"
_SIGNS = r"=+\-@＝＋－＠﹢﹣﹦﹫−"
_FIRST = rf"(?={_PASSED_OVER}[{_SIGNS}]|[\s\"']*[\t\r\n])"
_LATER = rf"(?={_PASSED_OVER}[{_SIGNS}])"
_PLACES = re.compile(rf"\A{_FIRST}|(?<=[;\t\r\n]){_LATER}")
_GUARDS = re.compile(rf"\A'{_FIRST}|(?<=[;\t\r\n])'{_LATER}")
_SUSPECT = re.compile(rf"\A{_FIRST}|[;\t\r\n]")


def guarded(text: str) -> str:
    """The text as it may stand in a CSV file."""
    return _PLACES.sub("'", text) if _SUSPECT.search(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return _GUARDS.sub("", text) if "'" in text else text
