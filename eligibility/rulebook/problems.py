"""What is wrong with a rulebook file, where, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong: `file` and `line` (1-based), `where` (the rule's id or the path in the file), `what`, `cure`."""

    file: str
    line: int
    where: str
    what: str
    cure: str = ""

    def __str__(self) -> str:
        cure = f" {self.cure}" if self.cure else ""
        return f"{self.file}:{self.line}: {self.where}: {self.what}{cure}"


class RulebookError(ValueError):
    """A rulebook that must not be used. `problems` lists everything that was found wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        head = f"the rulebook does not load: {count} problem{'s' if count != 1 else ''}"
        super().__init__("\n".join([head, *map(str, self.problems)]))
