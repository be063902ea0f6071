"""What a paper is made from, and what it is made of: blocks that stand side by side in two languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from eligibility.engine.answer import Determination
from eligibility.engine.career import Career
from eligibility.explain.page import ToldSource
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import Benefit


@dataclass(frozen=True, slots=True)
class Due:
    """A claim that is followed up: `scheme` is a scheme's id, "" or any other name for one that the rulebook does not
    know; `by` the last day to claim, None if none is known; `filed` the day on which it was handed in."""

    benefit: Benefit
    scheme: str = ""
    by: date | None = None
    filed: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Everything that a letter or an evidence sheet tells.

    `determination` is the answer that is told in full, as a rule that of the latest stay; `career` adds the other stays
    and the ledger of rights over all of them. `language` is the worker's, `office_language` that of the organisation;
    if they are the same, there is one column. `contacts` are the lines of the letterhead. `worker` and `caseworker`
    may be "". `dues` are the claims that the organisation follows; without any, the career's own deadlines are told.
    """

    determination: Determination
    rulebook: Rulebook
    language: str
    office_language: str
    organisation: str
    contacts: tuple[str, ...]
    reference: str
    written: date
    worker: str = ""
    caseworker: str = ""
    dues: tuple[Due, ...] = ()
    career: Career | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The columns, the worker's first."""
        return tuple(dict.fromkeys((self.language, self.office_language)))


LONG = 700
"""Characters of a row that may be parted: about fifteen lines of a column."""


class Kind(StrEnum):
    """How a block is set."""

    TITLE = "title"
    SECTION = "section"
    BENEFIT = "benefit"
    TEXT = "text"
    ITEM = "item"
    OWN = "own"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a block: `label` in bold before it; `url` is printed behind it and can be followed."""

    text: str
    label: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """What stands at one height in both columns: a heading, one benefit, one thing to do.

    A block of the kind `OWN` holds names in their own language (sources, offices) and stands once, across both columns.
    `tag` is the short word of an outcome. The blocks of a paper are the same in number and kind in every language; only
    their texts differ.
    """

    kind: Kind
    title: str = ""
    tag: str = ""
    lines: tuple[Line, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One block in one language; `language` is "" for names that stay as they are."""

    language: str
    block: Block


@dataclass(frozen=True, slots=True)
class Row:
    """A block in each language, or once across all columns."""

    kind: Kind
    cells: tuple[Cell, ...]

    @property
    def long(self) -> bool:
        """May it run on over the page? What is shorter would leave a line of one column alone there."""
        return any(sum(len(line.label + line.text) for line in cell.block.lines) > LONG for cell in self.cells)


def side_by_side(columns: Iterable[tuple[str, Iterable[Block]]]) -> tuple[Row, ...]:
    """The rows of a paper from its blocks in each language."""
    languages, blocks = zip(*columns, strict=True)
    return tuple(
        Row(pair[0].kind, (Cell("", pair[0]),) if pair[0].kind is Kind.OWN else tuple(map(Cell, languages, pair)))
        for pair in zip(*blocks, strict=True)
    )


def source_line(source: ToldSource) -> Line:
    """A source as it is cited: "Title, s. 54 (Publisher)"."""
    at = f", {source.at}" if source.at else ""
    publisher = f" ({source.publisher})" if source.publisher else ""
    return Line(f"{source.title}{at}{publisher}", url=source.url)
