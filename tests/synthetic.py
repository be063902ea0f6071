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

import yaml

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


def nation(code: str, benefits: str, **parts: str | list[str]) -> str:
    """A country's file with one fund, `qm-fund` in QM. Each part holds one rule or several as YAML without the outer
    braces, with what every rule needs left out: `inbound="coverage: mandatory"`. The first inbound rule is called
    `qm-inbound`, the second `qm-inbound-2`, and so on. `scheme` and `other` describe the fund and a second one.
    """
    low = code.lower()
    schemes = {f"{low}-fund": str(parts.pop("scheme", ""))}
    if "other" in parts:
        schemes[f"{low}-other"] = str(parts.pop("other"))
    lines = [f"country: {code}", "checked: 2026-11-01"]
    lines += [f"{part}: {parts.pop(part)}" for part in ("roles", "facts", "announced") if part in parts]
    lines.append("schemes:")
    for scheme, body in schemes.items():
        usual = {"name": scheme, "kind": "social_insurance", "gives": f"[{benefits}]", "sources": "[law]"}
        lines.append(f"  {scheme}: {_completed(body, usual)}")
    groups: dict[str, list[str]] = {}
    for part, rules in parts.items():
        covering = part in ("inbound", "outbound", "returning")
        for number, rule in enumerate([rules] if isinstance(rules, str) else rules, 1):
            usual = {"rule": f"{low}-{part}" + (f"-{number}" if number > 1 else ""), "scheme": f"{low}-fund"}
            usual |= {"benefits": f"[{benefits}]", "sources": "[law]", "confidence": "high"}
            usual |= {"direction": part} if covering else {}
            groups.setdefault("coverage" if covering else part, []).append(f"  - {_completed(rule, usual)}")
    for group, found in groups.items():
        lines += [f"{group}:", *found]
    return "\n".join([*lines, ""])


def treaty(*provisions: str, name: str = "ag-qm-qn", parties: str = "QM, QN", **more: str) -> str:
    """An agreement of QM and QN, in force since 2020. Provisions are written as in `nation`: `ag-qm-qn-1` and so on."""
    given = {"binding": "treaty", "in_force": "2020-01-01", "until": "null", **more}
    lines = [f"agreement: {name}", "title: An agreement", f"parties: [{parties}]", "checked: 2026-11-01"]
    lines += [f"{key}: {value}" for key, value in given.items()]
    lines.append("provisions:" if provisions else "provisions: []")
    for number, provision in enumerate(provisions, 1):
        usual = {"provision": f"{name}-{number}", "sources": "[law]", "confidence": "high"}
        lines.append(f"  - {_completed(provision, usual)}")
    return "\n".join([*lines, ""])


def _completed(body: str, usual: Mapping[str, str]) -> str:
    """A YAML mapping with the usual values of the keys that it does not name itself."""
    named = yaml.load(f"{{{body}}}", yaml.BaseLoader)
    rest = [f"{key}: {value}" for key, value in usual.items() if key not in named]
    return f"{{{', '.join([*([body] if body else []), *rest])}}}"
