"""The rooms of `eligibility` look only downwards, and the law is data.

    vocabulary ← rulebook ← engine ← explain ← the surfaces (bulk, web, api, casework, region)

`bulk` has no pages of its own: the workspace stands on it. The surfaces also share `current`, the rulebook that this
installation answers by. Management commands, and the files at the top of `eligibility`, stand above all rooms.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "eligibility"

SURFACES = {"bulk", "web", "api", "casework", "region"}
BELOW: dict[str, set[str]] = {
    "vocabulary": set(),
    "rulebook": {"vocabulary"},
    "engine": {"vocabulary", "rulebook"},
    "explain": {"vocabulary", "rulebook", "engine"},
    "current": {"vocabulary", "rulebook"},
    **{surface: {"vocabulary", "rulebook", "engine", "explain", "current"} for surface in SURFACES},
}
BELOW["casework"].add("bulk")
# Above all rooms: Django looks for these names at the top of an app. A room that keeps data is an app of its own.
ABOVE = {"__init__", "apps", "checks", "management", "migrations", "models"}
# Usable in a notebook, without the site.
PURE = {"vocabulary", "rulebook", "engine"}
SITE = {"django", "rest_framework", "csp", "whitenoise", "portability"}

COUNTRIES = set("BN ID KH LA MM MY PH SG TH TL VN KR JP TW HK SA AE QA KW".split()) | {
    file.stem.upper() for file in (ROOT / "fixtures" / "rulebook" / "countries").glob("*.yaml") if len(file.stem) == 2
}


def imports(tree: ast.Module, module: str) -> Iterator[str]:
    """The full name of every module that `module` imports anywhere, in a function or for type checking included.

    `from a import b` gives both `a` and `a.b`, since only `a` itself knows whether `b` is a module. A relative name is
    made whole; `module` is the dotted name of a file, with `.__init__` for a package.
    """
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=name, names=names, level=level):
                base = ".".join([*(module.split(".")[:-level] if level else []), *([name] if name else [])])
                yield base
                yield from (f"{base}.{alias.name}" for alias in names)
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name


def upward_looks(source: str, module: str) -> list[str]:
    """What a module of `eligibility` imports though its room may not."""
    room = module.split(".")[1]
    wrong = set()
    for name in imports(ast.parse(source), module):
        top, _, rest = name.partition(".")
        seen = rest.partition(".")[0]
        if (top == "eligibility" and seen in BELOW.keys() | ABOVE and seen not in BELOW[room] | {room, "__init__"}) or (
            top in SITE and room in PURE
        ):
            wrong.add(f"{module} imports {name}")
    return sorted(wrong)


def country_comparisons(source: str, where: str) -> list[str]:
    """Places where code decides by a country's code: in a comparison, in a `match`, or as a key that is looked up."""

    def codes(*nodes: ast.AST) -> Iterator[ast.Constant]:
        for node in nodes:
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and part.value in COUNTRIES:
                    yield part

    found: set[tuple[int, str]] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(left=left, comparators=comparators):
                found |= {(code.lineno, code.value) for code in codes(left, *comparators)}
            case ast.MatchValue(value=value):
                found |= {(code.lineno, code.value) for code in codes(value)}
            case ast.Dict(keys=keys):
                found |= {(code.lineno, code.value) for code in codes(*filter(None, keys))}
    return [f"{where}:{line} decides by the country {code}" for line, code in sorted(found)]


def template_comparisons(source: str, where: str) -> list[str]:
    """Places where a template decides by a country's code."""
    tags = re.finditer(r"{%-?\s*(?:if|elif)\b(.*?)%}", source, re.DOTALL)
    return [
        f"{where} decides by the country {code}"
        for tag in tags
        for code in re.findall(r"""["']([A-Z]{2})["']""", tag[1])
        if code in COUNTRIES
    ]


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def dotted(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def test_every_file_belongs_to_a_known_room() -> None:
    rooms = {dotted(file).split(".")[1] for file in modules()}
    assert rooms <= BELOW.keys() | ABOVE, "a new room must be given its place in tests/test_layers.py"


def test_rooms_look_only_downwards() -> None:
    looks = [
        look
        for file in modules()
        if dotted(file).split(".")[1] in BELOW
        for look in upward_looks(file.read_text(encoding="utf-8"), dotted(file))
    ]
    assert not looks, "\n".join(looks)


def test_no_code_decides_by_a_country() -> None:
    found = [
        place
        for file in modules()
        for place in country_comparisons(file.read_text(encoding="utf-8"), str(file.relative_to(ROOT)))
    ]
    assert not found, "\n".join(found)


def test_no_template_decides_by_a_country() -> None:
    found = [
        place
        for folder in (ROOT / "templates", PACKAGE)
        for file in sorted(folder.rglob("*.html"))
        for place in template_comparisons(file.read_text(encoding="utf-8"), str(file.relative_to(ROOT)))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("eligibility.vocabulary", "import eligibility.rulebook"),
        ("eligibility.rulebook.load", "from eligibility import engine"),
        ("eligibility.engine.case", "from eligibility.explain.words import say"),
        ("eligibility.engine.case", "from ..explain import say"),
        ("eligibility.engine.__init__", "from .. import explain"),
        ("eligibility.engine.case", "def f():\n    from eligibility.web import views"),
        ("eligibility.engine.case", "import importlib\nimportlib.import_module('eligibility.web')"),
        ("eligibility.explain.words", "from eligibility.bulk import columns"),
        ("eligibility.web.views", "from eligibility.api import serializers"),
        ("eligibility.vocabulary", "from django.utils.translation import gettext"),
        ("eligibility.rulebook.load", "import portability.settings"),
        ("eligibility.engine.case", "from rest_framework import views"),
        ("eligibility.explain.words", "from eligibility.models import Answer"),
    ],
)
def test_a_look_upwards_is_found(module: str, source: str) -> None:
    assert upward_looks(source, module)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("eligibility.rulebook.load", "from eligibility.vocabulary import Benefit\nfrom . import schema"),
        ("eligibility.engine.__init__", "from .case import Case\nfrom ..rulebook import Rulebook"),
        ("eligibility.explain.words", "from django.utils.translation import gettext\nimport eligibility.engine.case"),
        ("eligibility.web.views", "from eligibility.explain import say\nfrom django.http import HttpResponse"),
    ],
)
def test_a_look_downwards_is_allowed(module: str, source: str) -> None:
    assert not upward_looks(source, module)


@pytest.mark.parametrize(
    "source",
    [
        "if case.destination == 'MY': pass",
        "x = 'TH' != country",
        "x = country in ('SG', 'XX')",
        "x = country not in frozenset({'BN'})",
        "match country:\n    case 'VN' | 'LA': pass",
        "RATES = {'ID': 2}",
        "x = (origin, destination) == ('PH', other)",
    ],
)
def test_a_decision_by_country_is_found(source: str) -> None:
    assert country_comparisons(source, "sample.py")


@pytest.mark.parametrize(
    "source", ["if case.destination == scheme.country: pass", "EXAMPLE = 'MY'", "x = language == 'my'", "d = {'id': 1}"]
)
def test_code_that_names_no_country_in_a_decision_is_allowed(source: str) -> None:
    assert not country_comparisons(source, "sample.py")


def test_a_decision_by_country_in_a_template_is_found() -> None:
    assert template_comparisons('{% if case.destination == "MY" %}…{% endif %}', "sample.html")
    assert not template_comparisons('{% if case.destination %}<p lang="en">"MY"</p>{% endif %}', "sample.html")
