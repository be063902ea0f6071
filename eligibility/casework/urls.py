"""The workspace's addresses. All but the first and the links with a token belong to one organisation."""

from django.urls import include, path

from eligibility.casework.views import audit, cases, numbers, privacy

app_name = "casework"

# Accountability: who did what, one worker's data, numbers.
ACCOUNT = [
    path("trail/", audit.trail, name="trail"),
    path("numbers/", numbers.page, name="numbers"),
    path("numbers/table.csv", numbers.table, name="numbers_table"),
    path("case/<uuid:pk>/consent/", privacy.consent, name="consent"),
    path("case/<uuid:pk>/withdraw/", privacy.withdraw, name="withdraw"),
    path("case/<uuid:pk>/personal/", privacy.personal, name="personal"),
    path("case/<uuid:pk>/personal/export/", privacy.export, name="personal_export"),
    path("case/<uuid:pk>/personal/erase/", privacy.erase, name="personal_erase"),
]

urlpatterns = [
    path("", cases.entry, name="entry"),
    path(
        "<slug:organisation>/",
        include(
            [
                path("", cases.listed, name="cases"),
                *ACCOUNT,
            ]
        ),
    ),
]
