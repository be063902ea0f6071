"""Which benefits a country provides for migrant workers: the rulebook's side of a published table.

The one definition of a cell. The question is put to every *ordinary* worker: a national of each other country of
origin, in each kind of work but self-employment, public service and informal work, with a permit for regular or
professional work, who has paid in for long enough and has told nothing else.

- **yes**: for more than half of them some scheme of the country gives the benefit at work without a step of their own,
  and not only for accidents, emergencies or what work causes;
- **no**: for none of them any scheme does;
- **partly**: for the rest: only for some workers, or only in such a part, or where a fact or the sources leave it open.

Employer's liability and insurance that an employer must buy count like social insurance: for the worker they are the
same promise. Voluntary cover does not count: it presumes a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from eligibility.engine.answer import Protection
from eligibility.engine.determine import answer, index_of
from eligibility.engine.headline import narrowness
from eligibility.engine.survey import ORDINARY_STATUSES, UNUSUAL_SECTORS
from eligibility.rulebook.model import Rulebook
from eligibility.vocabulary import Benefit, Coverage, Sector, Side

MONTHS = "months_contributed"


class Provides(StrEnum):
    """Does a country provide a benefit for migrant workers?"""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Cell:
    """One country and benefit on one day: of the workers `asked`, how many have it (`whole`) and how many only in part
    or perhaps (`part`). `rules` are the ids of those by which they have it."""

    country: str
    benefit: Benefit
    asked: int
    whole: int
    part: int
    rules: tuple[str, ...]

    @property
    def provides(self) -> Provides:
        if not self.whole and not self.part:
            return Provides.NO
        return Provides.YES if 2 * self.whole > self.asked else Provides.PARTLY


def cells(rulebook: Rulebook, country: str, on: date) -> dict[Benefit, Cell]:
    """The nine cells of a country on one day."""
    index = index_of(rulebook)
    long_enough = {MONTHS: rulebook.facts[MONTHS].maximum}
    asked = 0
    whole = dict.fromkeys(Benefit, 0)
    part = dict.fromkeys(Benefit, 0)
    rules: dict[Benefit, set[str]] = {benefit: set() for benefit in Benefit}
    for origin in (code for code in rulebook.with_role("origin") if code != country):
        corridor = index.corridor(origin, country)
        for sector in (sector for sector in Sector if sector not in UNUSUAL_SECTORS):
            for status in ORDINARY_STATUSES:
                asked += 1
                for matter in corridor.matters(sector, status, on):
                    benefit = matter.benefit
                    told = answer(matter, index, long_enough)
                    given = [p for p in told.at_work if p.side is Side.DESTINATION and p.protects]
                    if any(map(_wholly, given)):
                        whole[benefit] += 1
                    elif given:
                        part[benefit] += 1
                    rules[benefit] |= {p.rule.id for p in given if p.rule is not None}
    return {b: Cell(country, b, asked, whole[b], part[b], tuple(sorted(rules[b]))) for b in Benefit}


def _wholly(protection: Protection) -> bool:
    causes_left_out, _limits = narrowness(protection.scope)
    return protection.certain and protection.coverage is not Coverage.UNCLEAR and not causes_left_out
