"""The table of the cache that all processes share, so that nobody has to think of `createcachetable`."""

from typing import Any

from django.core.management import call_command
from django.db import migrations


def make(apps: Any, schema_editor: Any) -> None:
    call_command("createcachetable", "cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = (("api", "0001_keys"),)
    operations = (migrations.RunPython(make, migrations.RunPython.noop),)
