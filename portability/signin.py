"""What the pages for addresses and passwords say where nothing is mailed."""

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render


def with_mail(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of allauth's that mails something. Without e-mail it says so, instead of a promise that nobody keeps."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if settings.SENDS_EMAIL else render(request, "account/no_mail.html")

    return inner
