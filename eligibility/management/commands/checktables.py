"""`manage.py checktables`: the published table of benefits, worked out again from the rulebook, side by side."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from eligibility.engine import provides
from eligibility.engine.provides import Cell, Provides
from eligibility.management.base import WithExamples
from eligibility.rulebook import Rulebook, RulebookError, load
from eligibility.rulebook.published import TABLES, Table, read_table
from eligibility.vocabulary import Benefit

SIGNS = {Provides.YES: "●", Provides.PARTLY: "◐", Provides.NO: "–"}
EXAMPLES = """
examples:
  python manage.py checktables                  for the day of the table, and for today
  python manage.py checktables --on 2018-01-01  for another day
  python manage.py checktables --define         what "provides" means

exit status: 0 every cell agrees or has its reason, 1 if not, or if a file is wrong.
"""


class Command(WithExamples):
    examples = EXAMPLES
    help = "Work out table 2 of the founding paper from the rulebook and show it beside the paper's."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--on", type=date.fromisoformat, action="append", metavar="DAY", help="a day, YYYY-MM-DD; may be repeated"
        )
        parser.add_argument("--define", action="store_true", help="say what a yes means, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["define"]:
            self.stdout.write(provides.__doc__ or "")
            return
        try:
            law = load(settings.RULEBOOK_PATH)
            table = read_table(TABLES / "table_2.yaml", law)
        except RulebookError as error:
            raise CommandError(str(error), returncode=1) from error
        wanted = options["on"] or [table.on, timezone.localdate()]
        faults = sum(self._on(law, table, on, judged=not options["on"]) for on in wanted)
        if faults:
            raise CommandError(
                f"{faults} cell{'s' if faults != 1 else ''} without a reason, or with one too many", returncode=1
            )

    def _on(self, law: Rulebook, table: Table, on: date, *, judged: bool) -> int:
        """Print the table for one day; the number of things wrong with it (0 for a day that only was asked for)."""
        found = {code: provides.cells(law, code, on) for code in table.countries if code in law.countries}
        self.stdout.write(f"\n{table.title}\n{table.paper}\n")
        self.stdout.write(f"The paper's cell, then the law's on {on}: ● yes, ◐ partly, – no; * they differ\n")
        width = max(map(len, Benefit)) + 2
        self.stdout.write(" " * width + "".join(f"{code:^7}" for code in found))
        differing: list[Cell] = []
        for benefit in Benefit:
            line = []
            for code, row in found.items():
                said, cell = code in table.provides[benefit], row[benefit]
                differs = cell.provides is not (Provides.YES if said else Provides.NO)
                differing += [cell] if differs else []
                line.append(f"{('●' if said else '–') + ' ' + SIGNS[cell.provides] + ('*' if differs else ' '):^7}")
            self.stdout.write(f"{benefit:{width}}" + "".join(line))
        same = len(found) * len(Benefit) - len(differing)
        self.stdout.write(f"\n{same} of {len(found) * len(Benefit)} cells agree; {len(differing)} differ:")
        faults = sum([self._explain(table, cell, on) for cell in differing])
        cells = {(cell.country, cell.benefit) for cell in differing}
        for one in table.differs:
            if one.explains(one.country, one.benefit, on) and (one.country, one.benefit) not in cells:
                self.stdout.write(f"  {one.country} {one.benefit}: a reason is given, but the cells agree; take it out")
                faults += 1
        return faults if judged else 0

    def _explain(self, table: Table, cell: Cell, on: date) -> int:
        counted = f"{cell.whole} of {cell.asked} workers" + (f", in part {cell.part}" if cell.part else "")
        rules = ", ".join(cell.rules) or "no rule"
        self.stdout.write(f"  {cell.country} {cell.benefit}: {cell.provides} ({counted}; {rules})")
        reasons = [one for one in table.differs if one.explains(cell.country, cell.benefit, on)]
        for one in reasons:
            cited = ", ".join(citation.source + (f" {citation.at}" if citation.at else "") for citation in one.sources)
            self.stdout.write(f"      {one.why} [{cited}]")
        if not reasons:
            self.stdout.write("      no reason is given; write one under `differs:` in fixtures/tables/table_2.yaml")
        return not reasons
