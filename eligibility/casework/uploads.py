"""How files come in: in memory alone, and no more than one file may have."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler, SkipFile
from django.http import HttpRequest

from eligibility.bulk import MOST_BYTES

TOO_LARGE = "casework.upload_too_large"
"""Stands in a request's META when a file was passed over."""


class InMemory(MemoryFileUploadHandler):
    """Django's own handler writes large files to a folder for temporary files, where a process that is killed leaves
    them. This one holds all files of a request together to MOST_BYTES, and passes over what comes after."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.taken = 0

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.taken += len(raw_data)
        if self.taken > MOST_BYTES:
            self.file.close()
            if self.request is not None:
                self.request.META[TOO_LARGE] = "yes"
            raise SkipFile
        return super().receive_data_chunk(raw_data, start)
