"""Where the pages for addresses and passwords differ from allauth's, and that no browser keeps them."""

import functools
from collections.abc import Callable
from typing import Any

from allauth.account.views import ConfirmEmailVerificationCodeView
from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.generic import FormView


def with_mail(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of allauth's that mails something. Without e-mail it says so, instead of a promise that nobody keeps."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if settings.SENDS_EMAIL else render(request, "account/no_mail.html")

    return inner


class ConfirmEmail(ConfirmEmailVerificationCodeView):  # type: ignore[misc]
    """Where a new member enters the code from the e-mail, or corrects a mistyped address."""

    def _change_form_invalid(self, form: Form) -> HttpResponse:
        """The corrected address is wrong too. allauth 65 calls this, and forgot to write it."""
        return FormView.form_invalid(self, form)


def never_kept(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: no page about somebody's account stays in the browser, where the back button would show it after
    signing out: addresses, the secret of a second factor, recovery codes. allauth says so of a few pages only."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path_info.startswith("/account/"):
            add_never_cache_headers(response)
        return response

    return answered
