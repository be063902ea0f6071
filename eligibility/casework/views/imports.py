"""Many cases at once: a file comes in, is checked, answered in the background, and its answers are fetched."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import bulk, current
from eligibility.casework import importing, importrows, jobs, once
from eligibility.casework.desk import Desk, at_desk
from eligibility.casework.models import Import, ImportStatus, Role, Worker
from eligibility.casework.uploads import TOO_LARGE

WRONG = 422
ON_A_PAGE = 50
LANGUAGES = settings.LANGUAGES


class UploadForm(forms.Form):
    file = forms.FileField(
        label=lazy("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
        help_text=lazy("CSV or Excel (.xlsx), up to 25 MB and 100,000 rows. One row for each worker."),
        error_messages={"empty": lazy("There is nothing in this file.")},
    )


# --- The list ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def listed(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The uploads so far, the template to fill in, and a file that comes in."""
    if request.method != "POST":
        return _list(request, desk, UploadForm())
    if not desk.writes:
        raise Http404
    form = UploadForm(request.POST, request.FILES)
    if TOO_LARGE in request.META:
        form.errors.clear()
        error = bulk.FileError("too_large", accepted=(str(bulk.MOST_BYTES),))
        form.add_error("file", importrows.in_words(error.fault))
    elif form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            upload, _made = once.once(
                request, desk.imports, lambda key: importing.receive(desk, file.name, content, key)
            )
        except bulk.FileError as error:
            form.add_error("file", importrows.in_words(error.fault))
        else:
            return HttpResponseRedirect(desk.url("import", upload.pk))
    return _list(request, desk, form)


def _list(request: HttpRequest, desk: Desk, form: UploadForm) -> HttpResponse:
    context = {
        "desk": desk,
        "form": form,
        "uploads": desk.imports.select_related("by"),
        "languages": LANGUAGES,
        "language": get_language(),
        "key": once.key(request),
    }
    return render(request, "casework/imports.html", context, status=WRONG if form.errors else 200)


@require_safe
@at_desk()
def template(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The table to fill in: `?language=…&as=csv|xlsx`."""
    language, today = request.GET.get("language", ""), timezone.localdate()
    if language not in dict(LANGUAGES):
        language = get_language() or settings.LANGUAGE_CODE
    as_csv = request.GET.get("as") == "csv"
    law = current.rulebook()
    content = bulk.csv_template(law, language, today) if as_csv else bulk.excel_template(law, language, today)
    form = "csv" if as_csv else "xlsx"
    return HttpResponse(content, content_type=TYPES[form], headers=_attached(f"template-{language}.{form}"))


# --- One upload -------------------------------------------------------------------------------------------------------


@require_safe
@at_desk()
def page(request: HttpRequest, desk: Desk, upload: UUID) -> HttpResponse:
    """One upload: to be checked first, then how far it is, then what came of it."""
    one = desk.upload(upload)
    if one.status == ImportStatus.MAPPING and desk.writes:
        return _check_page(request, desk, one, importing.check(one))
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "casework/_import.html", _progress(desk, one))
    return render(request, "casework/import.html", _progress(desk, one))


def _progress(desk: Desk, upload: Import) -> dict[str, Any]:
    now = timezone.now()
    at_work = upload.status == ImportStatus.RUNNING
    opened = upload.cases.count() if upload.opens_cases else 0
    return {
        "desk": desk,
        "upload": upload,
        "at_work": at_work,
        "opened": opened,
        "unopened": upload.answered - opened,
        "nobody": at_work and not Worker.objects.filter(alive__gt=now - jobs.SILENT - timedelta(seconds=10)).exists(),
        "law_is_gone": upload.status == ImportStatus.STOPPED and not importing.law_is_kept(upload),
        "language": dict(LANGUAGES).get(upload.language, upload.language),
        "parts": importing.excel_parts(upload) if upload.status == ImportStatus.DONE else [],
    }


@require_POST
@at_desk(Role.CASEWORKER)
def check(request: HttpRequest, desk: Desk, upload: UUID) -> HttpResponse:
    """What the columns hold, as somebody who knows better says it; and the word to begin (`do=begin`)."""
    one = desk.upload(upload)
    if one.status != ImportStatus.MAPPING:
        return HttpResponseRedirect(desk.url("import", one.pk))
    known = bulk.fields(current.rulebook())
    before = importing.mapping_of(one)
    said = [request.POST.get(f"column-{number}", "") for number in range(len(before.fields))]
    mapping = bulk.Mapping(tuple(field if field in known else None for field in said))
    language = request.POST.get("language", "")
    options = {
        "results_in": language if language in dict(LANGUAGES) else get_language(),
        "opens_cases": request.POST.get("opens_cases") == "1",
    }
    if request.POST.get("do") == "begin" and mapping == before:
        try:
            importing.begin(desk, one, options["results_in"], options["opens_cases"])
        except importing.Refused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(desk.url("import", one.pk))
    if request.POST.get("do") == "begin":
        messages.info(request, _("You changed what a column holds. Look at the numbers once more, then go on."))
    return _check_page(request, desk, one, importing.check(one, mapping), **options)


def _check_page(
    request: HttpRequest, desk: Desk, upload: Import, found: importing.Checked, **options: Any
) -> HttpResponse:
    preview = found.preview
    context = {
        "desk": desk,
        "upload": upload,
        "columns": importrows.columns(found),
        "groups": importrows.groups(current.rulebook()),
        "warnings": [importrows.said(one) for one in found.warnings],
        "faults": [importrows.said(one) for one in found.faults],
        "preview": preview,
        "kinds": importrows.kinds(preview) if preview else [],
        "bad": importrows.bad_rows(preview.bad[:ON_A_PAGE]) if preview else [],
        "sample": importrows.sample(preview.sample, found.mapping) if preview else None,
        "cases": found.cases,
        "without": importrows.without_case(found.cases),
        "button": ngettext("Answer %(number)d row", "Answer %(number)d rows", upload.good) % {"number": upload.good},
        "languages": LANGUAGES,
        "results_in": options.get("results_in", get_language()),
        "opens_cases": options.get("opens_cases", False),
    }
    return render(request, "casework/import_check.html", context)


@require_safe
@at_desk()
def bad(request: HttpRequest, desk: Desk, upload: UUID) -> HttpResponse:
    """Every row that cannot be read, page by page."""
    one = desk.upload(upload)
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    number = max(1, min(number, 1 + one.bad // ON_A_PAGE))
    start = (number - 1) * ON_A_PAGE
    found = list(islice(importing.bad_rows(one), start, start + ON_A_PAGE + 1))
    context = {
        "desk": desk,
        "upload": one,
        "bad": importrows.bad_rows(found[:ON_A_PAGE]),
        "number": number,
        "pages": -(-one.bad // ON_A_PAGE),
        "more": len(found) > ON_A_PAGE,
    }
    return render(request, "casework/import_bad.html", context)


@require_safe
@at_desk(fresh=True)
def bad_csv(request: HttpRequest, desk: Desk, upload: UUID) -> HttpResponseBase:
    """The same as a file."""
    one = desk.upload(upload)
    desk.record("took_faults", of=one.created.date().isoformat(), rows=one.bad)
    pieces = bulk.fault_pieces(importing.bad_rows(one), get_language() or settings.LANGUAGE_CODE)
    name = _name(one, _("not-read"), "csv")
    return StreamingHttpResponse(pieces, content_type=TYPES["csv"], headers=_attached(name))


@require_POST
@at_desk(Role.CASEWORKER)
def stop(request: HttpRequest, desk: Desk, upload: UUID) -> HttpResponse:
    """Let the work rest."""
    importing.stop(desk, desk.upload(upload))
    return HttpResponseRedirect(desk.url("import", upload))


@require_POST
@at_desk(Role.CASEWORKER)
def go_on(request: HttpRequest, desk: Desk, upload: UUID) -> HttpResponse:
    """Take it up again."""
    try:
        importing.go_on(desk, desk.upload(upload))
    except importing.Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(desk.url("import", upload))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Role.CASEWORKER)
def delete(request: HttpRequest, desk: Desk, upload: UUID) -> HttpResponse:
    """Delete an upload and its answers, after one more question."""
    one = desk.upload(upload)
    if request.method != "POST":
        return render(request, "casework/import_delete.html", {"desk": desk, "upload": one})
    importing.delete(desk, one)
    messages.success(request, _("The upload and its answers are deleted."))
    return HttpResponseRedirect(desk.url("imports"))


# --- Files that go out ------------------------------------------------------------------------------------------------

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@require_safe
@at_desk(fresh=True)
def results(request: HttpRequest, desk: Desk, upload: UUID, form: str) -> HttpResponseBase:
    """The answers, once all are there. Written as they are sent, but for Excel; `?part=` is which of its files."""
    one = desk.upload(upload)
    if one.status != ImportStatus.DONE:
        raise Http404
    name = _name(one, _("answers"), form)
    if form == "xlsx":
        parts, asked = importing.excel_parts(one), request.GET.get("part", "1")
        if asked not in map(str, parts):
            raise Http404
        if len(parts) > 1:
            name = _name(one, f"{_('answers')}-{asked}", form)
        desk.record("took_results", form=form, of=one.created.date().isoformat(), part=int(asked))
        return FileResponse(importing.excel(one, int(asked)), content_type=TYPES[form], headers=_attached(name))
    desk.record("took_results", form=form, of=one.created.date().isoformat(), rows=one.answered)
    kept = importing.kept_results(one)
    pieces = bulk.json_pieces(kept) if form == "json" else bulk.csv_pieces(kept, importing.told(one), one.language)
    return StreamingHttpResponse(pieces, content_type=TYPES[form], headers=_attached(name))


def _name(upload: Import, what: str, form: str) -> str:
    return f"{PurePath(upload.file_name).stem}-{what}.{form}"


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
