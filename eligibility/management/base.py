"""What our commands have in common: examples under `--help`, as they are written."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand


class WithExamples(BaseCommand):
    """A command whose help ends with `examples`, and which needs no checks of the site before it runs."""

    examples = ""
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, epilog=self.examples, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )
