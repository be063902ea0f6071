"""How an owner runs the organisation: its members, invitations, settings. And how anybody leaves it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility.casework import members, retention
from eligibility.casework.desk import Desk, at_desk
from eligibility.casework.models import Invitation, Membership, Organisation, Role

MONTHS_KEPT = (1, 120)
"""The shortest and the longest time that closed cases may be kept."""


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Invitation
        fields = ("for_whom", "role")
        help_texts = {"for_whom": lazy("Only owners see this.")}


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """`owner` is who changes the settings."""

    class Meta:
        model = Organisation
        fields = ("name", "language", "letterhead", "second_factor", "retention_months")
        widgets = {"letterhead": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, owner: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner
        months = self.fields["retention_months"]
        months.validators += [MinValueValidator(MONTHS_KEPT[0]), MaxValueValidator(MONTHS_KEPT[1])]
        months.widget.attrs.update(min=MONTHS_KEPT[0], max=MONTHS_KEPT[1])

    def clean_second_factor(self) -> bool:
        wanted: bool = self.cleaned_data["second_factor"]
        if wanted and not members.has_second_factor(self.owner):
            raise forms.ValidationError(
                format_html(
                    '{} <a href="{}">{}</a>',
                    _("You have no second factor yourself, and would be shut out at once."),
                    reverse("mfa_index"),
                    _("Set one up first."),
                )
            )
        return wanted


@require_safe
@at_desk(Role.OWNER)
def listed(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who is a member, who was, and who is invited."""
    return _members_page(request, desk, InvitationForm())


def _members_page(request: HttpRequest, desk: Desk, form: InvitationForm) -> HttpResponse:
    return render(
        request,
        "casework/members.html",
        {
            "desk": desk,
            "form": form,
            "members": members.current(desk.organisation),
            "former": desk.organisation.memberships.exclude(ended=None).select_related("user").order_by("-ended"),
            "invitations": members.open_invitations(desk.organisation),
            "roles": Role.choices,
            "days": members.INVITATION_HOLDS.days,
        },
    )


@require_POST
@at_desk(Role.OWNER, fresh=True)
def invite(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Make an invitation and show its link, this once."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _members_page(request, desk, form)
    role, for_whom = Role(form.cleaned_data["role"]), form.cleaned_data["for_whom"]
    token = members.invite(desk.organisation, desk.who, role, for_whom, by=request.user)
    says = _("Send this link to whom it is for. It is shown only now, holds for %(days)s days, and works once:")
    # Like a new key of the API's, it travels in the message's cookie and stays in no database.
    messages.success(
        request,
        format_html(
            '{} <code class="once">{}</code>',
            says % {"days": members.INVITATION_HOLDS.days},
            request.build_absolute_uri(members.link_to(token)),
        ),
    )
    return HttpResponseRedirect(desk.url("members"))


@require_POST
@at_desk(Role.OWNER)
def revoke(request: HttpRequest, desk: Desk, invitation: int) -> HttpResponse:
    """Take an invitation back."""
    members.revoke(get_object_or_404(members.open_invitations(desk.organisation), pk=invitation), desk.who)
    messages.success(request, _("The invitation is taken back. Its link opens nothing any more."))
    return HttpResponseRedirect(desk.url("members"))


@require_POST
@at_desk(Role.OWNER, fresh=True)
def role(request: HttpRequest, desk: Desk, membership: int) -> HttpResponse:
    """Give a member another role."""
    whose, form = _member(desk, membership), RoleForm(request.POST)
    if form.is_valid():
        try:
            members.change_role(whose, Role(form.cleaned_data["role"]), desk.who)
        except members.Refused as refused:
            messages.error(request, str(refused))
        else:
            said = {"who": whose, "role": Role(whose.role).label}
            messages.success(request, _("%(who)s now has the role “%(role)s”.") % said)
    stepped_down = whose.pk == desk.membership.pk and whose.role != Role.OWNER
    return HttpResponseRedirect(desk.url("cases" if stepped_down else "members"))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Role.OWNER, fresh=True)
def end(request: HttpRequest, desk: Desk, membership: int) -> HttpResponse:
    """End somebody's membership, after one more question."""
    return _ending(request, desk, _member(desk, membership))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def leave(request: HttpRequest, desk: Desk) -> HttpResponse:
    """End one's own membership, after one more question."""
    return _ending(request, desk, desk.membership)


def _ending(request: HttpRequest, desk: Desk, membership: Membership) -> HttpResponse:
    own = membership.pk == desk.membership.pk
    if request.method != "POST":
        return render(request, "casework/end.html", {"desk": desk, "membership": membership, "own": own})
    try:
        members.end(membership, desk.who)
    except members.Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(desk.url("members"))
    if own:
        messages.success(request, _("You have left %(name)s.") % {"name": desk.organisation.name})
        return HttpResponseRedirect(reverse("casework:entry"))
    messages.success(request, _("%(who)s is no longer a member.") % {"who": membership})
    return HttpResponseRedirect(desk.url("members"))


def _member(desk: Desk, pk: int) -> Membership:
    return get_object_or_404(desk.organisation.memberships.select_related("user"), pk=pk, ended=None)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Role.OWNER, fresh=True)
def settings(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The organisation's name, letterhead, and how long it keeps cases."""
    # A copy of its own: what is refused must not stand in the page's head.
    organisation = Organisation.objects.get(pk=desk.organisation.pk)
    form = SettingsForm(request.POST or None, instance=organisation, owner=request.user)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            # Cases before the organisation, as every change of a case locks them; and only what was changed is written:
            # meanwhile somebody may have opened a case, which counts up the organisation's numbers.
            if "retention_months" in form.changed_data:
                retention.new_period(organisation)
            if form.changed_data:
                organisation.save(update_fields=form.changed_data)
                desk.record("changed_settings", fields=form.changed_data)
        messages.success(request, _("Kept."))
        return HttpResponseRedirect(desk.url("settings"))
    return render(request, "casework/settings.html", {"desk": desk, "form": form})
