"""The database refuses to alter the audit trail (eligibility/casework/guard.py)."""

from django.db import migrations

from eligibility.casework import guard


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]
    operations = [
        migrations.RunPython(
            lambda apps, editor: guard.put_up(editor.connection),
            lambda apps, editor: guard.take_down(editor.connection),
        )
    ]
