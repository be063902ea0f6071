"""Where a member sits: the one way to an organisation's rows. Whoever is no member finds nothing, not even a "no"."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from eligibility.casework import audit, members
from eligibility.casework.models import Case, Change, Import, Membership, Organisation, Role

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Desk:
    """A member at work in one organisation. Every row that a view touches is reached from here."""

    membership: Membership

    @property
    def organisation(self) -> Organisation:
        return self.membership.organisation

    @property
    def who(self) -> str:
        """As the audit trail names the member: the address that they sign in with."""
        return str(self.membership.user.email or self.membership.user.get_username())

    @property
    def writes(self) -> bool:
        """May change cases."""
        return self.membership.may(Role.CASEWORKER)

    @property
    def owns(self) -> bool:
        """May run the organisation."""
        return self.membership.may(Role.OWNER)

    @property
    def cases(self) -> QuerySet[Case]:
        return Case.objects.filter(organisation=self.organisation)

    @functools.cached_property
    def unseen(self) -> int:
        """How many changes by law nobody has marked as seen, 100 for more."""
        return Change.objects.filter(organisation=self.organisation, seen=None)[:100].count()

    def case(self, pk: UUID) -> Case:
        """One of this organisation's cases. Raises Http404 for any other."""
        return get_object_or_404(self.cases.select_related("caseworker__user"), pk=pk)

    @property
    def imports(self) -> QuerySet[Import]:
        """This organisation's uploads, without the files themselves: those are large, and sealed."""
        return Import.objects.filter(organisation=self.organisation)

    def upload(self, pk: UUID) -> Import:
        """One of this organisation's uploads. Raises Http404 for any other."""
        return get_object_or_404(self.imports, pk=pk)

    def record(self, did: str, case: Case | None = None, **detail: Any) -> None:
        """Write into the audit trail what this member just did."""
        audit.record(self.organisation, self.who, did, case.pk if case else None, **detail)

    def url(self, name: str, *args: object, **kwargs: object) -> str:
        """The address of one of this organisation's pages."""
        return reverse(f"casework:{name}", args=[self.organisation.slug, *args], kwargs=kwargs or None)


def desk_of(request: HttpRequest, slug: str) -> Desk:
    """The desk of whoever asks, in that organisation. Raises Http404 if they have none."""
    membership = (
        Membership.objects.select_related("organisation", "user")
        .filter(user=request.user, organisation__slug=slug, ended=None)
        .first()
    )
    if membership is None:
        raise Http404
    return Desk(membership)


def at_desk(role: Role = Role.READER, *, fresh: bool = False) -> Callable[[View], View]:
    """A page for members with at least this role: `view(request, desk, …)`.

    A stranger, a former member and a member with too small a role get the same 404 as for a page that does not exist.
    `fresh`: whoever did not show again within five minutes who they are is asked to, since what follows leaves the
    house; then the page goes on as it was asked, with what was posted. That waits in the session: no forms with
    workers' data here.
    """

    def decorate(view: View) -> View:
        inner = reauthentication_required(view) if fresh else view

        @functools.wraps(view)
        @never_cache
        @login_required
        def seated(request: HttpRequest, organisation: str, *args: Any, **kwargs: Any) -> HttpResponse:
            desk = desk_of(request, organisation)
            if not desk.membership.may(role):
                raise Http404
            if desk.organisation.second_factor and not members.has_second_factor(request.user):
                messages.info(request, _("Your organisation asks for a second factor. Set one up to go on."))
                return HttpResponseRedirect(reverse("mfa_index"))
            response = inner(request, desk, *args, **kwargs)
            response["Cache-Control"] = "no-store, private"
            return response

        seated.role = role  # type: ignore[attr-defined]  # read by the test that walks every page as every stranger
        seated.fresh = fresh  # type: ignore[attr-defined]
        return seated

    return decorate
