"""Many cases in one file: an upload is kept, checked, begun, stopped, handed out. `importjob` answers it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import IO
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility import bulk, current
from eligibility.bulk.lexicon import OWN
from eligibility.casework import importjob, retention
from eligibility.casework.changing import pseudonym_of
from eligibility.casework.desk import Desk
from eligibility.casework.models import Case, Import, ImportChunk, ImportFile, ImportStatus, Organisation
from eligibility.rulebook import Rulebook
from eligibility.rulebook.editions import EditionError

MOST_RUNNING = 5
"""Uploads of one organisation that are at work at the same time: others want to be answered too."""


class Refused(Exception):
    """What was asked cannot be done now; the message says why, in the active language."""


# --- A file comes in --------------------------------------------------------------------------------------------------


def receive(desk: Desk, name: str, content: bytes, key: UUID | None = None) -> Import:
    """Keep a file, sealed, with what its columns seem to say; under that key, if one is given. Raises FileError if it
    is no table, and keeps nothing."""
    law = current.rulebook()
    columns = bulk.propose(bulk.open_sheet(content, law), law)
    with transaction.atomic():
        upload = Import.objects.create(
            id=key or uuid4(),
            organisation=desk.organisation,
            by=desk.membership.user,
            file_name=name[: Import._meta.get_field("file_name").max_length],
            mapping=_kept(bulk.mapping_of(columns)),
        )
        ImportFile.objects.create(of=upload, content=content)
        desk.record("uploaded", bytes=len(content))
    return upload


def mapping_of(upload: Import) -> bulk.Mapping:
    """What each column of the file holds."""
    return bulk.Mapping(tuple(upload.mapping.get("fields", ())))


def _kept(mapping: bulk.Mapping) -> dict[str, list[str | None]]:
    return {"fields": list(mapping.fields)}


def law_of(upload: Import) -> Rulebook:
    """The law that the upload is answered by: today's until it has begun. Raises EditionError."""
    return current.law_of(upload.edition or None)


def law_is_kept(upload: Import) -> bool:
    """Whether the law that the upload is answered by can still be had."""
    try:
        law_of(upload)
    except EditionError:
        return False
    return True


def day_of(upload: Import) -> date:
    """The day that counts as today in rows without a date: that on which the work began."""
    return timezone.localdate(upload.started) if upload.started else timezone.localdate()


# --- It is checked ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class WithoutCase:
    """Which rows could not open a case: how many that could, and the lines of the others by what they lack."""

    openable: int = 0
    lines: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What would come of an upload. `faults`: why no row can be read, in which case `preview` is None; `warnings`: what
    to say aloud."""

    columns: tuple[bulk.Column, ...]
    mapping: bulk.Mapping
    warnings: tuple[bulk.Fault, ...]
    faults: tuple[bulk.Fault, ...]
    preview: bulk.Preview | None
    cases: WithoutCase


def check(upload: Import, mapping: bulk.Mapping | None = None) -> Checked:
    """Read every row, with another mapping if one is given, which is then kept with the numbers that were counted."""
    law, today = current.rulebook(), timezone.localdate()
    try:
        sheet = bulk.open_sheet(upload.file.content, law)
    except bulk.FileError as error:  # its headings were known when it came in, and today's law knows them no more
        return Checked((), bulk.Mapping(()), (), (error.fault,), None, WithoutCase())
    columns = bulk.propose(sheet, law)
    mapping = _fitting(mapping or mapping_of(upload), len(columns))
    faults: tuple[bulk.Fault, ...] = bulk.faults_of(mapping, sheet, law)
    preview, cases = None, WithoutCase()
    if not faults:
        try:
            preview = bulk.preview(sheet, mapping, law, today, _case_counter(cases, upload.organisation_id, today))
        except bulk.FileError as error:  # a line in the middle of the file is broken
            faults = (error.fault,)
    upload.mapping = _kept(mapping)
    upload.good, upload.bad = (preview.good, preview.bad_count) if preview else (0, 0)
    counted = {"mapping": upload.mapping, "good": upload.good, "bad": upload.bad}
    Import.objects.filter(pk=upload.pk, status=ImportStatus.MAPPING).update(**counted)
    warnings = bulk.warnings_of(columns, sheet)
    return Checked(columns, mapping, warnings, faults, preview, cases)


def _fitting(mapping: bulk.Mapping, columns: int) -> bulk.Mapping:
    """The mapping for exactly so many columns."""
    return bulk.Mapping((*mapping.fields, *[None] * columns)[:columns])


def _case_counter(found: WithoutCase, organisation: int, today: date) -> Callable[[bulk.Row], None]:
    """Counts which rows could open a case: for each reference one, and none where there is one already."""
    taken = set(
        Case.objects.filter(organisation=organisation).exclude(pseudonym="").values_list("pseudonym", flat=True)
    )

    def count(row: bulk.Row) -> None:
        pseudonym = pseudonym_of(row.reference)
        lacks = importjob.no_case(row, today) or ("known" if pseudonym in taken else "")
        if lacks:
            found.lines.setdefault(lacks, []).append(row.line)
        else:
            found.openable += 1
            taken.add(pseudonym)

    return count


def bad_rows(upload: Import) -> Iterator[bulk.BadRow]:
    """The rows that cannot be read, one after the other. None where the columns do not suffice, and none after a line
    that is broken."""
    try:
        law = law_of(upload)
    except EditionError:  # the law is gone, the mistakes are the same
        law = current.rulebook()
    try:
        sheet = bulk.open_sheet(upload.file.content, law)
        for piece in bulk.chunks(sheet, mapping_of(upload), law, day_of(upload)):
            yield from piece.bad
    except (bulk.MappingError, bulk.FileError):
        return


# --- It is answered ---------------------------------------------------------------------------------------------------


def begin(desk: Desk, upload: Import, language: str, opens_cases: bool) -> None:
    """Have the rows answered by the law of today, in that language. Raises Refused."""
    edition = current.keep()
    with transaction.atomic():
        _lock(desk, upload)
        begun = Import.objects.filter(pk=upload.pk, status=ImportStatus.MAPPING, good__gt=0).update(
            status=ImportStatus.RUNNING,
            started=timezone.now(),
            edition=edition,
            language=language,
            opens_cases=opens_cases,
        )
        if begun:
            desk.record("began_upload", rows=upload.good, cases=opens_cases)
            importjob.answer.enqueue(str(upload.pk))


def stop(desk: Desk, upload: Import) -> None:
    """Let the work rest. What is answered stays."""
    with transaction.atomic():
        if Import.objects.filter(pk=upload.pk, status=ImportStatus.RUNNING).update(status=ImportStatus.STOPPED):
            desk.record("stopped_upload")


def go_on(desk: Desk, upload: Import) -> None:
    """Take the work up again where it was stopped. Raises Refused."""
    with transaction.atomic():
        _lock(desk, upload)
        stopped = Import.objects.filter(pk=upload.pk, status=ImportStatus.STOPPED)
        if stopped.update(status=ImportStatus.RUNNING, alive=None):
            desk.record("began_upload", rows=upload.good - upload.answered)
            importjob.answer.enqueue(str(upload.pk))


def _lock(desk: Desk, upload: Import) -> None:
    """Lock the upload and then the organisation, in the order of the job, and see that not too much is at work."""
    Import.objects.only("pk").select_for_update().filter(pk=upload.pk).first()
    Organisation.objects.select_for_update().get(pk=desk.organisation.pk)
    if desk.imports.filter(status=ImportStatus.RUNNING).count() >= MOST_RUNNING:
        said = _("%(number)d uploads of your organisation are at work. Wait until one of them is done, or stop one.")
        raise Refused(said % {"number": MOST_RUNNING})


def delete(desk: Desk, upload: Import) -> None:
    """Delete an upload with its rows and results, at work or not. Cases that were opened from it stay."""
    with transaction.atomic():
        if retention.delete_imports([upload.pk]):
            desk.record("deleted_upload", of=upload.created.date().isoformat())


# --- What comes of it -------------------------------------------------------------------------------------------------

EXCEL_ROWS = 20_000
"""Rows of the upload in one Excel file: it must be whole before its first byte can go out."""


def kept_results(upload: Import, part: int | None = None) -> Iterator[list[bulk.Result]]:
    """The results chunk by chunk, each fetched and unsealed when its turn comes; `part`: only one Excel file's."""
    done = upload.chunks.exclude(done=None).order_by("number").values_list("pk", "number")
    for pk in [pk for pk, number in done if part in (None, _part_of(upload, number))]:
        packed = ImportChunk.objects.values_list("results", flat=True).get(pk=pk) or b""
        with bulk.undisturbed():
            found = bulk.unpack(packed)
        yield found


def told(upload: Import) -> tuple[str, ...]:
    """The facts that the file told, in the order of its columns: also where the law of that day is gone."""
    return tuple(one for one in mapping_of(upload).fields if one is not None and one not in OWN)


def excel_parts(upload: Import) -> list[int]:
    """The Excel files that the results come in, by number, from 1."""
    return sorted({_part_of(upload, number) for number in upload.chunks.values_list("number", flat=True)})


def _part_of(upload: Import, chunk: int) -> int:
    """In which Excel file a chunk stands."""
    return 1 + chunk * importjob.rows_in_a_chunk(upload) // EXCEL_ROWS


def excel(upload: Import, part: int) -> IO[bytes]:
    """One of the Excel files. It has no name on the disk and is gone once it is closed."""
    book = tempfile.TemporaryFile()  # noqa: SIM115  # closed by whoever sends it
    bulk.write_excel(kept_results(upload, part), told(upload), book, upload.language)
    book.seek(0)
    return book
