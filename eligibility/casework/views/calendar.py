"""The deadlines as a calendar that programs subscribe to. Its address is the key to it, so it names no worker."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from eligibility import current
from eligibility.casework import rows
from eligibility.casework.desk import Desk, at_desk
from eligibility.casework.models import CaseStatus, Claim, ClaimStatus, Membership
from eligibility.explain import agenda, words
from eligibility.vocabulary import Benefit


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
@transaction.atomic
def settings(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Make an address to subscribe to, shown once; making another one, or none, ends the old one."""
    context: dict[str, object] = {"desk": desk}
    if request.method == "POST":
        token = "" if "stop" in request.POST else secrets.token_urlsafe(24)
        desk.membership.calendar_hash = _hash(token) if token else ""
        desk.membership.save(update_fields=["calendar_hash"])
        desk.record("calendar", on=bool(token))
        if token:
            context["address"] = request.build_absolute_uri(reverse("casework:feed", args=[token]))
    return render(request, "casework/calendar.html", context)


@require_safe
@never_cache
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The claims of all open cases that are still to be filed (RFC 5545). For a former member, or one whose
    account was shut, there is nothing."""
    membership = (
        Membership.objects.select_related("organisation")
        .filter(calendar_hash=_hash(token), ended=None, user__is_active=True)
        .first()
    )
    if membership is None:
        raise Http404
    claims = (
        Claim.objects.select_related("case")
        .filter(case__organisation=membership.organisation, status=ClaimStatus.TO_FILE, due__isnull=False)
        .exclude(case__status=CaseStatus.CLOSED)
    )
    law = current.rulebook()
    entries = [
        agenda.Entry(
            day=claim.due,
            title=_("Case %(number)d: last day to claim from %(scheme)s")
            % {
                "number": claim.case.number,
                "scheme": rows.scheme_name(claim.scheme, law) or words.benefit(Benefit(claim.benefit)),
            },
            uid=f"claim-{claim.pk}@{membership.organisation.slug}",
            url=request.build_absolute_uri(
                reverse("casework:case", args=[membership.organisation.slug, claim.case_id])
            ),
        )
        for claim in claims
    ]
    file = agenda.calendar(entries, timezone.now(), membership.organisation.name)
    return HttpResponse(file, content_type="text/calendar; charset=utf-8")
