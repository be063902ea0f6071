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
    """A page of allauth's that mails something. Without e-mail it says so, instead of a promise that nobody keeps. What
    is put into `request.afterwards` meanwhile is done once the page is out."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.SENDS_EMAIL:
            return render(request, "account/no_mail.html")
        request.afterwards = []  # type: ignore[attr-defined]
        response = view(request, *args, **kwargs)
        close = response.close

        def close_and_go_on() -> None:
            close()
            for do in request.afterwards:  # type: ignore[attr-defined]
                do()

        response.close = close_and_go_on  # type: ignore[method-assign]  # servers call it after the last byte
        return response

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
