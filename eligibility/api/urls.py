"""The addresses of the hotline's interface, all below /api/v1/. What follows the 1 may grow, and nothing in it goes."""

from django.urls import URLPattern, URLResolver, path, re_path

from eligibility.api import lawviews, pages, views
from eligibility.api.law import CATALOGUES
from eligibility.api.problems import nothing_here

app_name = "api"

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", lawviews.Root.as_view(), name="root"),
    path("v1/determinations", views.Determinations.as_view(), name="determinations"),
    path("v1/determinations/batch", views.Batch.as_view(), name="batch"),
    path("v1/careers", views.Careers.as_view(), name="careers"),
    path("v1/questions", views.Questions.as_view(), name="questions"),
    path("v1/compare", views.Compare.as_view(), name="compare"),
    path("v1/sms", views.Sms.as_view(), name="sms"),
    *[path(f"v1/{name}", lawviews.many(one), name=name) for name, one in CATALOGUES.items()],
    *[path(f"v1/{name}/<str:name>", lawviews.one(one), name=one.one) for name, one in CATALOGUES.items()],
    path("v1/changes", lawviews.Changes.as_view(), name="changes"),
    path("v1/help-points", lawviews.HelpPoints.as_view(), name="help-points"),
    path("v1/problems", lawviews.Problems.as_view(), name="problems"),
    path("v1/openapi.json", pages.openapi, name="openapi"),
    path("v1/docs", pages.docs, name="docs"),
    re_path(r"^", nothing_here),
]
