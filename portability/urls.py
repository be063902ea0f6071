"""Every address: the health check, the admin for those who run the site, and those of the rooms of `eligibility`."""

from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_safe
from django.views.i18n import set_language

from portability.signin import ConfirmEmail, with_mail

# Staff sign in like members, with their second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers, for whoever watches over it. Touches neither the database nor the rulebook."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("api/", include("eligibility.api.urls")),
    path("account/email/", with_mail(account.email)),
    path("account/password/reset/", with_mail(account.password_reset)),
    *([path("account/confirm-email/", ConfirmEmail.as_view())] if settings.SENDS_EMAIL else []),
    path("account/", include("allauth.urls")),
    path("casework/", include("eligibility.casework.urls")),
    path("", include("eligibility.web.urls")),
]
