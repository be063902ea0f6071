"""Published tables that the rulebook is checked against, `fixtures/tables/*.yaml`.

A table of benefits says of some countries which of the nine benefits they provide for migrant workers. Where the
rulebook says otherwise, the file holds the reason with its sources. No cell of the rulebook's own side is written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from eligibility.rulebook.build import Builder
from eligibility.rulebook.load import DEFAULT_PATH
from eligibility.rulebook.model import Citation, Rulebook
from eligibility.rulebook.problems import RulebookError
from eligibility.rulebook.schema import Citations, Code, Shape, Words
from eligibility.rulebook.yamlfile import Document
from eligibility.vocabulary import Benefit

TABLES = DEFAULT_PATH.parent / "tables"


@dataclass(frozen=True, slots=True)
class Difference:
    """Why the law says something else than the table about one cell, from one day to another (None: open)."""

    country: str
    benefit: Benefit
    why: str
    sources: tuple[Citation, ...]
    from_: date | None
    until: date | None

    def explains(self, country: str, benefit: Benefit, on: date) -> bool:
        """Is it about this cell on that day?"""
        begun = self.from_ is None or self.from_ <= on
        return (self.country, self.benefit) == (country, benefit) and begun and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Table:
    """Which of `countries` a publication says to provide each benefit for migrant workers, as of one day (`on`)."""

    title: str
    paper: str
    on: date
    countries: tuple[str, ...]
    provides: dict[Benefit, frozenset[str]]
    differs: tuple[Difference, ...]


class DifferenceShape(Shape):
    country: Code
    benefit: Benefit
    why: Words
    sources: Annotated[Citations, Field(min_length=1)]
    from_: Annotated[date | None, Field(alias="from")] = None
    until: date | None = None


class TableShape(Shape):
    table: Words
    paper: Words
    as_of: date
    countries: Annotated[list[Code], Field(min_length=1)]
    provides: dict[Benefit, list[Code]]
    differs: list[DifferenceShape] = []

    @model_validator(mode="after")
    def _whole(self) -> TableShape:
        if missing := [benefit.value for benefit in Benefit if benefit not in self.provides]:
            raise ValueError(
                f"it says nothing of {', '.join(missing)}; give each benefit its list, if only an empty one"
            )
        return self


def read_table(file: Path, rulebook: Rulebook) -> Table:
    """The table in a file. Raises RulebookError with file, line and cure for everything that is wrong."""
    doc = Document(file.name, file.read_text(encoding="utf-8"))
    builder = Builder()
    builder.problems += doc.problems
    builder.sources = dict(rulebook.sources)
    shaped = builder.shaped(doc, (), "table", TableShape, doc.data)
    differs = []
    for index, one in enumerate(shaped.differs if shaped else []):
        path = ("differs", index)
        name = f"{one.country} {one.benefit}"
        sources = builder.cited(doc, (*path, "sources"), name, one.sources)
        if shaped and one.country not in shaped.countries:
            builder.complain(doc, (*path, "country"), name, "it is no column of the table.", "Name one of `countries`.")
        differs.append(Difference(one.country, one.benefit, one.why, sources, one.from_, one.until))
    if builder.problems or shaped is None:
        raise RulebookError(builder.problems)
    return Table(
        title=shaped.table,
        paper=shaped.paper,
        on=shaped.as_of,
        countries=tuple(shaped.countries),
        provides={benefit: frozenset(shaped.provides[benefit]) for benefit in Benefit},
        differs=tuple(differs),
    )
