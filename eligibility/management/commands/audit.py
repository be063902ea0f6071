"""`manage.py audit`: look at the audit trail from the machine itself, and check that nobody has altered it."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from eligibility.casework import audit, guard, privacy
from eligibility.casework.models import Event, Organisation
from eligibility.management.base import WithExamples

EXAMPLES = """
examples:
  python manage.py audit verify                              check every organisation's trail
  python manage.py audit verify --seen 5f0c…                 also that the row with this digest is still there
  python manage.py audit list --organisation helpers --days 7
  python manage.py audit forget --organisation helpers --confirm helpers

`verify` prints the digest of each organisation's newest row. Note it elsewhere: the chain shows every change but one,
that the newest rows were cut off, and the noted digest shows that.

`forget` deletes an organisation with everything in it, its trail included. The database refuses that otherwise.

exit status: 0 if all is as it was written, 1 if not, 2 for an argument that means nothing.
"""


class Command(WithExamples):
    examples = EXAMPLES
    help = "Show and check the audit trail; delete an organisation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("do", choices=("verify", "list", "forget"))
        parser.add_argument("--organisation", metavar="SLUG", help="only this one")
        parser.add_argument("--days", type=int, default=30, help="list: how far back (30)")
        parser.add_argument("--seen", metavar="DIGEST", help="verify: the digest of a row that must still be there")
        parser.add_argument("--confirm", metavar="SLUG", help="forget: the organisation's short name once more")

    def handle(self, *args: Any, **options: Any) -> None:
        organisations = Organisation.objects.order_by("slug")
        if slug := options["organisation"]:
            organisations = organisations.filter(slug=slug)
            if not organisations:
                raise CommandError(f"there is no organisation {slug}", returncode=2)
        match options["do"]:
            case "verify":
                self._verify(list(organisations), options["seen"])
            case "list":
                self._list(list(organisations), options["days"])
            case "forget":
                if not slug or options["confirm"] != slug:
                    raise CommandError("name it twice: --organisation SLUG --confirm SLUG", returncode=2)
                rows = privacy.forget_organisation(organisations[0])
                self.stdout.write(f"{slug}: deleted, with {rows} rows of its audit trail")

    def _verify(self, organisations: list[Organisation], seen: str | None) -> None:
        faults = 0
        if not guard.stands(connection):
            self.stderr.write("The database does not refuse changes of the trail: a trigger is missing.")
            faults += 1
        for one in organisations:
            broken = audit.first_break(one)
            if broken is None:
                last = audit.newest(one)
                rows = audit.events(one).count()
                counted = f"{rows} {'row' if rows == 1 else 'rows'}"
                self.stdout.write(f"{one.slug}: {counted}, unbroken; the newest {last.digest if last else '-'}")
            else:
                self.stderr.write(f"{one.slug}: broken at row {broken.pk}, {broken.at:%Y-%m-%d %H:%M:%S}")
                faults += 1
        if seen and not Event.objects.filter(organisation__in=organisations, digest=seen).exists():
            self.stderr.write(f"no row has the digest {seen}: the trail was cut off, or it is another trail")
            faults += 1
        if faults:
            raise CommandError("the audit trail is not as it was written", returncode=1)

    def _list(self, organisations: list[Organisation], days: int) -> None:
        since = timezone.now() - timedelta(days=days)
        for one in organisations:
            for row in audit.said(audit.events(one, at__gte=since).iterator(chunk_size=1000)):
                case = f" [{row.event.case}]" if row.event.case else ""
                detail = f" ({row.detail})" if row.detail else ""
                who = row.who or "the site"
                self.stdout.write(f"{row.event.at:%Y-%m-%d %H:%M:%S}  {one.slug}  {who} {row.did}{case}{detail}")
