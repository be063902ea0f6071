"""How every form of the site looks: label, help, error and field, tied together for screen readers by Django."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
