"""Invented law for tests: small rulebooks written as YAML inside the test that needs them.

The countries have codes that ISO 3166 leaves to its users (QM, QN, QO, XA), so nobody takes them for real law. Files
are sorted into their places by what they hold. `SURE` in a text stands for a source and high confidence, which every
rule needs and few tests care about; `LAW` is the file that holds that source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any

from eligibility.engine import Answer, Case, determine, make_case
from eligibility.rulebook import Problem, Rulebook, RulebookError, load
from eligibility.vocabulary import Benefit

TODAY = date(2026, 11, 24)
SURE = "sources: [law], confidence: high"
LAW = """
sources:
  law: {title: The Law, kind: statute}
  paper: {title: A newspaper, kind: news}
"""


def written(text: str) -> str:
    """A text as it goes into a file."""
    return dedent(text).lstrip("\n").replace("SURE", SURE)


def place_of(text: str) -> str:
    """Where in a rulebook's folder a file with this text belongs."""
    if found := re.search(r"^country: *(\S+)", text, re.M):
        return f"countries/{found[1].lower()}.yaml"
    if found := re.search(r"^agreement: *(\S+)", text, re.M):
        return f"agreements/{found[1]}.yaml"
    return "instruments.yaml" if re.search(r"^instruments:", text, re.M) else "sources.yaml"


def write(folder: Path, *texts: str) -> Path:
    """Write the texts as the files of one rulebook, and the file of sources that `SURE` cites."""
    for text in (LAW, *texts):
        text = written(text)
        file = folder / place_of(text)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    return folder


@cache
def law_of(*texts: str) -> Rulebook:
    """The rulebook that these texts are. Raises RulebookError."""
    with TemporaryDirectory() as folder:
        return load(write(Path(folder), *texts), snapshots=None)


def problems_of(*texts: str) -> tuple[Problem, ...]:
    """What is wrong with the rulebook that these texts are; nothing if it loads."""
    try:
        law_of(*texts)
    except RulebookError as error:
        return error.problems
    return ()


def case_of(law: Rulebook, facts: Mapping[str, Any] | None = None, **answers: Any) -> Case:
    """A worker from QN with a permit, in a factory in QM; `answers` say what is different."""
    given = {"origin": "QN", "destination": "QM", "sector": "manufacturing", "status": "regular", **answers}
    return make_case({**given, "facts": facts or {}}, law, TODAY)


def answer_of(law: Rulebook, benefit: str, facts: Mapping[str, Any] | None = None, **answers: Any) -> Answer:
    """What that worker is told about one benefit."""
    return determine(case_of(law, facts, **answers), law).answers[Benefit(benefit)]
