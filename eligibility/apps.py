"""How Django knows this package."""

from django.apps import AppConfig


class EligibilityConfig(AppConfig):
    name = "eligibility"
    verbose_name = "Social security eligibility"
