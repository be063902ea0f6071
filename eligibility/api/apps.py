"""How Django knows this room: it keeps data of its own, the keys of organisations."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "eligibility.api"
    label = "api"
    verbose_name = "The hotline's interface"
