"""One worker's rights over what is kept: consent given and withdrawn, everything handed over, everything erased."""

from __future__ import annotations

import io
import itertools
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from eligibility import bulk, current
from eligibility.casework import audit, guard, keys, retention
from eligibility.casework.desk import Desk
from eligibility.casework.models import Case, ConsentHow, Import, ImportFile, KeptBecause, Organisation
from eligibility.casework.searching import TooLarge, folded, texts_in

SHORTEST = 3  # letters: a shorter name would stand in every upload
CHINESE = re.compile("[\u3400-\u9fff]")
# Thai and Lao, Burmese, Khmer, Japanese, Chinese: written without spaces between words.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uaa60-\uaa7f]")
LATIN_ACCENTS = re.compile("[\u0300-\u036f]+")


def record_consent(desk: Desk, pk: UUID, on: date, how: ConsentHow) -> None:
    """The worker agrees that the case is kept. Given anew, it ends an earlier withdrawal."""
    with transaction.atomic():
        _change(desk, pk, consent_on=on, consent_how=how, consent_withdrawn=None, kept_because="")
        desk.record("consented", desk.case(pk), how=str(how))


def withdraw_consent(desk: Desk, pk: UUID, on: date, because: KeptBecause | None) -> None:
    """The worker no longer agrees. `because`: the legal ground on which the case is kept all the same, until its time
    is over; None if it waits for an owner to erase it."""
    with transaction.atomic():
        _change(desk, pk, consent_withdrawn=on, kept_because=because or "")
        desk.record("withdrew", desk.case(pk), kept=str(because or "no"))


def _change(desk: Desk, pk: UUID, **fields: Any) -> None:
    desk.cases.filter(pk=pk).update(**fields, changed=timezone.now(), version=F("version") + 1)


def erase(desk: Desk, pk: UUID) -> int:
    """Delete a case with everything in it, and the uploads that name the worker; how many uploads. The audit trail
    keeps its rows: they hold the case's number in the database, and name no worker."""
    with transaction.atomic():
        case = desk.case(pk)
        uploads = list(uploads_naming(case))
        retention.delete_imports(upload.pk for upload in uploads)
        retention.delete_cases([case.pk])
        for upload in uploads:
            audit.record(desk.organisation, desk.who, "forgot_upload", None, of=upload.created.date().isoformat())
        audit.record(desk.organisation, desk.who, "erased", pk)
        transaction.on_commit(_write_back)
    return len(uploads)


def _write_back() -> None:
    """SQLite's log still holds the pages as they were. It is emptied now, or at the next write if somebody reads."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def uploads_naming(case: Case) -> Iterator[Import]:
    """The uploads that hold this worker: the one that opened the case, and any in which the name, the pseudonym, an
    e-mail address or a telephone number of the case stands, or might: those too large to be searched. A name also
    stands in a row that has all its words, in whatever order: first and last names often are in columns of their own.
    """
    addresses = [word for word in case.contacts.split() if "@" in word]
    whole = [_whole(name) for name in (case.name, case.pseudonym, *addresses) if _tells(name)]
    words = [_whole(word) for word in case.name.split()] if _tells(case.name) else []
    # Digits of two cells may meet, and an upload go that did not name the worker: better one that goes than one that
    # stays.
    phones = [
        re.compile(r"[\s().-]*".join(word))
        for word in keys.words_of(case.contacts)
        if word.isdigit() and len(word) == keys.PHONE_DIGITS
    ]

    def stands_in(upload: Import) -> bool:
        missing = words
        try:
            for text in _texts_of(upload):
                plain, digits = _comparable(text), keys.in_plain_digits(keys.without_unseen(text))
                if any(stands(plain) for stands in whole) or any(one.search(digits) for one in phones):
                    return True
                missing = [word for word in missing if not word(plain)]
        except TooLarge:
            return True  # nobody knows: better one that goes than one that stays
        # To read the table takes a while: only where each word stands somewhere.
        rows = _rows_of(upload) if words and not missing else ()
        return any(all(word(row) for word in words) for row in map(_comparable, rows))

    for upload in Import.objects.filter(organisation=case.organisation_id):
        if upload.pk == case.came_from_id or stands_in(upload):
            yield upload


def _tells(name: str) -> bool:
    """Is the name long enough to tell of somebody? Two Chinese signs are."""
    return len(name.strip()) >= SHORTEST or len(CHINESE.findall(name)) > 1


def _whole(name: str) -> Callable[[str], bool]:
    """Says whether a name stands in a comparable text, but not within another word; where its script puts no spaces
    between words, anywhere."""
    plain = _comparable(name)
    before = "" if UNSPACED.match(plain) else r"(?<!\w)"
    after = "" if UNSPACED.match(plain[-1:]) else r"(?!\w)"
    pattern = re.compile(f"{before}{re.escape(plain)}{after}")
    return lambda text: plain in text and pattern.search(text) is not None  # the first is fast, and mostly says no


def _comparable(text: str) -> str:
    """A text without case, and without the accents of Latin letters: they are often left out."""
    plain = folded(text)
    if plain.isascii():
        return plain
    return LATIN_ACCENTS.sub("", unicodedata.normalize("NFKD", plain)).replace("đ", "d")


def _texts_of(upload: Import) -> Iterator[str]:
    """The file's name, the file, with the rows that were refused, and the rows as they were read. Results only repeat
    those. Files are unsealed one after the other: each may be large."""
    content = ImportFile.objects.filter(of=upload).values_list("content", flat=True)
    rows = upload.chunks.values_list("rows", flat=True)
    parts = itertools.chain([upload.file_name], content, rows.iterator(chunk_size=20))
    return ("\n".join(filter(None, texts_in(part))) for part in parts)


def _rows_of(upload: Import) -> Iterator[str]:
    """The rows of the file, as far as it is a table, each as one text."""
    for content in ImportFile.objects.filter(of=upload).values_list("content", flat=True):
        with suppress(bulk.FileError):
            for _line, cells in bulk.open_sheet(bytes(content), current.rulebook()).rows():
                yield " ".join(map(str, cells))


def forget_organisation(organisation: Organisation) -> int:
    """Delete an organisation with everything in it, its audit trail included; how many rows that had. For an operator
    alone: no page leads here, and the database refuses it in any other way."""
    with guard.lifted(connection):
        rows, _by_model = organisation.events.all().delete()
        retention.delete_cases(organisation.cases.values_list("pk", flat=True))
        retention.delete_imports(organisation.imports.values_list("pk", flat=True))
        organisation.delete()
    return rows


def everything(case: Case) -> dict[str, Any]:
    """All that is kept about one worker, names and notes in clear, as plain data; what was removed and not yet deleted
    included."""
    return {
        "case": _row(case),
        "stays": [_row(stay) for stay in case.stays(manager="all_rows").all()],
        "notes": [_row(note) for note in case.notes(manager="all_rows").select_related("by")],
        "claims": [_row(claim) for claim in case.claims(manager="all_rows").all()],
        "answers": [
            _row(answer) | {"answer": json.loads(_body(answer.body))} for answer in case.answers.select_related("by")
        ],
        "changes": [_row(change) for change in case.changes.select_related("adoption", "seen_by")],
        "trail": [
            {"at": one.event.at, "who": one.who, "did": one.did, "detail": one.detail}
            for one in audit.said(audit.events(case.organisation, case=case.pk))
        ],
        "uploads": [{"file": upload.file_name, "of": upload.created} for upload in uploads_naming(case)],
    }


def export(case: Case) -> bytes:
    """A ZIP archive: `case.json` for programs, `case.html` for people, and each answer as it was stored."""
    found = everything(case)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("case.json", json.dumps(found, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
        files.writestr("case.html", render_to_string("casework/export.html", {"case": case, "kept": _readable(found)}))
        for answer in case.answers.all():
            files.writestr(f"answers/{answer.at:%Y-%m-%d}-{answer.pk}.json", _body(answer.body))
    return archive.getvalue()


def _body(body: Any) -> bytes:
    return zlib.decompress(bytes(body))


def _row(row: models.Model) -> dict[str, Any]:
    """A row's fields by name; whom it points to in words. Not whose case it is, nor a file."""
    found: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.name in ("case", "organisation", "body"):
            continue
        value = getattr(row, field.name if field.many_to_one else field.attname)
        found[field.name] = str(value) if field.many_to_one and value is not None else value
    return found


def _readable(found: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """For people: without what is empty and without the answers' own data, which stand in files beside."""
    lists = {name: part if isinstance(part, list) else [part] for name, part in found.items()}
    return {
        name: [
            {key: _plain(value) for key, value in row.items() if value not in (None, "", {}, []) and key != "answer"}
            for row in rows
        ]
        for name, rows in lists.items()
        if rows
    }


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False, indent=1) if isinstance(value, (dict, list)) else value
