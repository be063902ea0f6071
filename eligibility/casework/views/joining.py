"""How an invited person becomes a member. No desk here: whoever comes belongs to no organisation yet."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from eligibility.casework import members
from eligibility.casework.accounts import INVITATION


@require_safe
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """A link was opened: keep its hash in the session, and lead on to an address that tells nothing."""
    request.session[INVITATION] = members.hash_of(token)
    return HttpResponseRedirect(reverse("casework:join"))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def join(request: HttpRequest) -> HttpResponse:
    """Ask whether to join; who is not signed in does that first, or signs up, and comes back."""
    found = members.open_invitation(request.session.get(INVITATION))
    if found is None:
        request.session.pop(INVITATION, None)
        return render(request, "casework/join.html", {"invitation": None}, status=404)
    # Another link that was opened in the same browser must not change what an open page's button does.
    if request.method != "POST" or request.POST.get("invitation", str(found.pk)) != str(found.pk):
        return render(request, "casework/join.html", {"invitation": found})
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('account_login')}?next={reverse('casework:join')}")
    try:
        members.join(found, request.user)
    except members.Refused as refused:
        del request.session[INVITATION]
        messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("casework:entry"))
    del request.session[INVITATION]
    return HttpResponseRedirect(reverse("casework:cases", args=[found.organisation.slug]))
