"""What the law changed for the organisation's cases, and the e-mail about it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import current
from eligibility.casework import digest as mailing
from eligibility.casework import lawchange
from eligibility.casework.desk import Desk, at_desk
from eligibility.casework.lawrows import change_rows, with_cases
from eligibility.casework.models import Adoption, Change, Role

ON_A_PAGE = 50


def _changes(desk: Desk) -> QuerySet[Change]:
    return with_cases(Change.objects.filter(organisation=desk.organisation))


@require_safe
@at_desk()
def listed(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cases that the law changed: those that nobody has marked as seen, or all."""
    everything = request.GET.get("show") == "all"
    found = _changes(desk) if everything else _changes(desk).filter(seen=None)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "desk": desk,
        "rows": change_rows(page.object_list, current.rulebook(), timezone.localdate()),
        "page": page,
        "all": everything,
        "newest": found.aggregate(newest=Max("pk"))["newest"],
        "adoption": Adoption.objects.first(),
        "waiting": lawchange.waiting(desk.cases),
    }
    return render(request, "casework/law.html", context)


@require_POST
@at_desk(Role.CASEWORKER)
@transaction.atomic
def seen(request: HttpRequest, desk: Desk, change: int) -> HttpResponse:
    """Mark one change as seen, or as not seen after all. Asked from the case's page, it leads back there."""
    row = get_object_or_404(_changes(desk), pk=change)
    mark = request.POST.get("seen") != "0"
    if mark is not (row.seen is not None):
        row.seen, row.seen_by = (timezone.now(), desk.membership.user) if mark else (None, None)
        row.save(update_fields=["seen", "seen_by"])
        desk.record("saw_change" if mark else "unsaw_change", row.case)
    if request.htmx:  # type: ignore[attr-defined]
        found = change_rows([row], current.rulebook(), timezone.localdate())
        return render(request, "casework/_changed.html", {"desk": desk, "row": found[0], "focus": True})
    where = desk.url("case", row.case_id) if "case" in request.POST else desk.url("law")
    if mark:
        undo = f"{desk.url('law_seen', row.pk)} seen=0"
        messages.success(request, _("Marked as seen."), extra_tags=undo)
    return HttpResponseRedirect(where)


@require_POST
@at_desk(Role.CASEWORKER)
@transaction.atomic
def all_seen(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Mark as seen whatever was there when the page was opened (`newest`); or undo that (`back`: when it was done)."""
    mine = Change.objects.filter(organisation=desk.organisation)
    if back := _instant(request.POST.get("back", "")):
        undone = mine.filter(seen=back, seen_by=desk.membership.user).update(seen=None, seen_by=None)
        if undone:
            desk.record("unsaw_change", number=undone)
        return HttpResponseRedirect(desk.url("law"))
    newest, now = request.POST.get("newest", ""), timezone.now()
    if newest.isascii() and newest.isdigit() and len(newest) < 19:
        number = mine.filter(seen=None, pk__lte=int(newest)).update(seen=now, seen_by=desk.membership.user)
        if number:
            desk.record("saw_change", number=number)
            said = ngettext("One change marked as seen.", "%(number)d changes marked as seen.", number)
            undo = f"{desk.url('law_all_seen')} back={now.isoformat()}"
            messages.success(request, said % {"number": number}, extra_tags=undo)
    return HttpResponseRedirect(desk.url("law"))


def _instant(word: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(word)
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
@transaction.atomic
def digest(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One's own e-mail about changes and deadlines: on or off."""
    if request.method == "POST":
        desk.membership.digest = request.POST.get("digest") == "1"
        desk.membership.save(update_fields=["digest"])
        desk.record("digest", on=desk.membership.digest)
        messages.success(
            request,
            _("You get the e-mail.") if desk.membership.digest else _("You get no such e-mail any more."),
            extra_tags=f"{desk.url('digest')} digest={0 if desk.membership.digest else 1}",
        )
        return HttpResponseRedirect(desk.url("digest"))
    return render(request, "casework/digest.html", {"desk": desk})


@csrf_exempt  # a mail program posts this by itself (RFC 8058), and all that it can do is stop an e-mail
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def no_digest(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the e-mail without signing in. Looking alone stops nothing: programs that check links look at all."""
    membership = mailing.member_of(token)
    if membership is None:
        raise Http404
    if request.method == "POST" and membership.digest:
        membership.digest = False
        with transaction.atomic():
            membership.save(update_fields=["digest"])
            Desk(membership).record("digest", on=False)
    return render(request, "casework/no_digest.html", {"membership": membership})
