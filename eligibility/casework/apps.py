"""How Django knows this room: it keeps data of its own, organisations and their cases."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "eligibility.casework"
    label = "casework"
    verbose_name = "The caseworker's workspace"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added
        from django.contrib.auth.signals import user_logged_out

        from eligibility.casework.accounts import forget_messages, sign_out_elsewhere

        authenticator_added.connect(sign_out_elsewhere)
        user_logged_out.connect(forget_messages)
