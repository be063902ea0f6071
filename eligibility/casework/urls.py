"""The workspace's addresses. All but the first and the links with a token belong to one organisation."""

from django.urls import include, path

from eligibility.casework.views import cases, joining, organisation

app_name = "casework"

urlpatterns = [
    path("", cases.entry, name="entry"),
    path("join/", joining.join, name="join"),
    path("join/<str:token>/", joining.invitation, name="invitation"),
    path(
        "<slug:organisation>/",
        include(
            [
                path("", cases.listed, name="cases"),
                # Members and settings
                path("members/", organisation.listed, name="members"),
                path("members/invite/", organisation.invite, name="invite"),
                path("members/invitations/<int:pk>/revoke/", organisation.revoke, name="revoke"),
                path("members/<int:pk>/role/", organisation.role, name="role"),
                path("members/<int:pk>/end/", organisation.end, name="end"),
                path("settings/", organisation.settings, name="settings"),
                path("leave/", organisation.leave, name="leave"),
            ]
        ),
    ),
]
