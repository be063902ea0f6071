"""The list of cases."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from eligibility.casework.desk import Desk, at_desk
from eligibility.casework.models import Membership


@require_safe
@never_cache
@login_required
def entry(request: HttpRequest) -> HttpResponse:
    """To the member's organisation; to a choice where there are several or none."""
    memberships = list(Membership.objects.select_related("organisation").filter(user=request.user, ended=None))
    if len(memberships) == 1:
        return HttpResponseRedirect(reverse("casework:cases", args=[memberships[0].organisation.slug]))
    return render(request, "casework/entry.html", {"memberships": memberships})


@require_safe
@at_desk()
def listed(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cases."""
    return render(request, "casework/cases.html", {"desk": desk})
