"""What the pages' templates need beyond Django's own."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from eligibility.explain import words

register = template.Library()

# Groups of digits, some in brackets, with one sign or space between: "+60 3-8922 6000", "(02) 1455", "1-300-22-8000".
NUMBER = re.compile(r"\+?(?:\(\d+\)|\d+)(?:[ .\-–]{1,2}(?:\(\d+\)|\d+))*")
SHORTEST = 3  # digits: 191, 1506


@register.filter
def phones(text: str) -> SafeString:
    """A text with telephone numbers as links that a phone can dial."""
    parts: list[SafeString] = []
    end = 0
    for match in NUMBER.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if len(digits) >= SHORTEST:
            plus = "+" if match[0].startswith("+") else ""
            parts.append(format_html('{}<a href="tel:{}{}">{}</a>', text[end : match.start()], plus, digits, match[0]))
            end = match.end()
    parts.append(format_html("{}", text[end:]))
    return format_html_join("", "{}", ((part,) for part in parts))


@register.filter
def sentence(text: str) -> str:
    """The text with the stop that ends a sentence in the language of the page."""
    return words.sentence(text)


@register.filter
def listed(items: list[str]) -> str:
    """Names in one line, with the language's own comma."""
    return _(", ").join(items)
