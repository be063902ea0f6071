"""The addresses of the worker's pages. None of them can hold an answer, but for the link that
a worker asks for: there it stands behind the question mark, which no log of ours keeps."""

from django.urls import URLPattern, URLResolver, path

from eligibility.web import views

app_name = "web"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.start, name="start"),
    path("answer/", views.answer, name="answer"),
    path("answer/what-if/", views.what_if, name="what_if"),
    path("answer/other-countries/", views.career, name="career"),
    path("answer/stopped/", views.stopped, name="stopped"),
    path("answer/calendar/", views.calendar, name="calendar"),
    path("answer/keep/", views.keep, name="keep"),
    path("shared/", views.shared, name="shared"),
    path("forget/", views.forget, name="forget"),
    path("leave/", views.leave, name="leave"),
    path("wrong/", views.wrong, name="wrong"),
    path("offline/", views.offline, name="offline"),
    path("kept/<slug:name>/", views.kept_page, name="kept"),
    path("offline.js", views.worker, name="worker"),
    path("app.webmanifest", views.manifest, name="manifest"),
    path("about/", views.about, name="about"),
    path("law/", views.law, name="law"),
    path("law/<str:code>/", views.country, name="country"),
    path("rules/<str:name>/", views.rule, name="rule"),
]
