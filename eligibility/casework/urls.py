"""The workspace's addresses. All but the first and the links with a token belong to one organisation."""

from django.urls import include, path

from eligibility.casework.views import cases

app_name = "casework"

urlpatterns = [
    path("", cases.entry, name="entry"),
    path(
        "<slug:organisation>/",
        include(
            [
                path("", cases.listed, name="cases"),
            ]
        ),
    ),
]
