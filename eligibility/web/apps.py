"""How Django knows this room: it keeps data of its own."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "eligibility.web"
    label = "web"
    verbose_name = "The worker's pages"
