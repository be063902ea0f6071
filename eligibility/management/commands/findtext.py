"""`manage.py findtext`: look for words in the whole database, so that an erasure can be proven."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandError

from eligibility.casework.searching import search
from eligibility.management.base import WithExamples

EXAMPLES = """
examples:
  python manage.py findtext < words.txt      one name, number or phrase on each line
  python manage.py findtext                  type them, then Ctrl-D

The words are read from standard input and never from the command line, which other users of the machine can see and
which the shell keeps. They are not repeated either: a find names the line that the word stood on.

Looked at: every column of every table, unsealed, decompressed and decoded, and the search marks of each word. Not
looked at: backups, and what is no text to a program, such as a scan.

exit status: 0 if nothing was found, 1 if something was, 2 if no word was given, 3 if a sealed text could not be opened
or a value was too large to search.
"""


class Command(WithExamples):
    examples = EXAMPLES
    help = "Look for words in every table, to prove that what was erased is gone."

    def handle(self, *args: Any, **options: Any) -> None:
        words = [line.strip() for line in sys.stdin]
        if not any(words):
            raise CommandError("no word on standard input", returncode=2)
        searched = search(words)
        for one in searched.found:
            self.stdout.write(f"line {one.word + 1}: {one.table}.{one.column}, row {one.row}")
        self.stderr.write(f"{searched.tables} tables, {searched.rows} rows, {searched.values} values looked at")
        if searched.found:
            raise CommandError(f"found in {len(searched.found)} places", returncode=1)
        if searched.unreadable:
            raise CommandError(
                f"{searched.unreadable} sealed texts could not be opened: CASEWORK_KEYS lacks a secret", returncode=3
            )
        if searched.too_large:
            raise CommandError(f"{searched.too_large} values were too large to search to their end", returncode=3)
        self.stderr.write("nothing found")
