"""The addresses of the worker's pages. None of them can hold an answer."""

from django.urls import URLPattern, URLResolver, path

from eligibility.web import views

app_name = "web"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.start, name="start"),
    path("answer/", views.answer, name="answer"),
    path("forget/", views.forget, name="forget"),
    path("about/", views.about, name="about"),
    path("law/", views.law, name="law"),
    path("law/<str:code>/", views.country, name="country"),
    path("rules/<str:name>/", views.rule, name="rule"),
]
