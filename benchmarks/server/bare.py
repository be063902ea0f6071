"""The bare view: a Django project as `startproject` makes it, REST framework, four fields checked, one fixed answer.

BODY names a file with that answer. /rendered puts it into JSON each time, as REST framework does; /ready sends bytes.
"""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings

settings.configure(
    SECRET_KEY="only for a benchmark on this machine",  # noqa: S106 (guards nothing)
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "rest_framework",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "UNAUTHENTICATED_USER": None,
    },
    USE_TZ=True,
)

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()

# REST framework can be imported only where there are settings.
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from eligibility.vocabulary import Sector, Status  # noqa: E402

BODY = Path(os.environ["BODY"]).read_bytes()
DATA: Any = json.loads(BODY)
COUNTRIES = json.loads(os.environ["COUNTRIES"])


class Four(serializers.Serializer):
    origin = serializers.ChoiceField(COUNTRIES)
    destination = serializers.ChoiceField(COUNTRIES)
    sector = serializers.ChoiceField([one.value for one in Sector])
    status = serializers.ChoiceField([one.value for one in Status])


class Rendered(APIView):
    def post(self, request: Request) -> Response:
        Four(data=request.data).is_valid(raise_exception=True)
        return Response(DATA)


class Ready(APIView):
    def post(self, request: Request) -> HttpResponse:
        Four(data=request.data).is_valid(raise_exception=True)
        return HttpResponse(BODY, content_type="application/json")


urlpatterns = [path("rendered", Rendered.as_view()), path("ready", Ready.as_view())]
