"""Loading: files in, an immutable `Rulebook` out, or every problem found.

Reading and checking some hundred kilobytes of YAML takes a second or so; the result is therefore kept as a snapshot
beside nothing of value: it is named by the content of the files and of this code, so it can be deleted at any time
and can never be stale.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from eligibility.rulebook.build import Builder
from eligibility.rulebook.checks import conflicts, flat
from eligibility.rulebook.model import Agreement, Country, Instrument, Rule, Rulebook
from eligibility.rulebook.problems import Problem, RulebookError
from eligibility.rulebook.yamlfile import Document

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PATH = ROOT / "fixtures" / "rulebook"
SNAPSHOTS = ROOT / "var" / "rulebook"


def load(path: Path | str = DEFAULT_PATH, snapshots: Path | None = SNAPSHOTS) -> Rulebook:
    """The rulebook in the folder `path` (countries/*.yaml, agreements/*.yaml, instruments.yaml, sources.yaml).

    `snapshots` is the folder for snapshots; None reads the files afresh. Raises RulebookError with every problem.
    """
    texts = texts_in(Path(path))
    edition = edition_of(texts)
    if snapshots is None:
        return _assemble(edition, _parts(texts))
    file = snapshots / f"{edition.removeprefix('sha256:')}-{_code_version()}.pickle"
    try:
        return _assemble(edition, pickle.loads(file.read_bytes()))  # noqa: S301 (our own file, named by the hash of all that made it)
    except Exception:  # a damaged file can fail in any way, and the law can always be read afresh
        parts = _parts(texts)
    _keep(file, parts)
    return _assemble(edition, parts)


def check(paths: Sequence[Path], base: Path = DEFAULT_PATH) -> list[Problem]:
    """Everything wrong with these files, read together with the shared sources of `base`."""
    shared = base / "sources.yaml"
    wanted = [*([shared] if shared.exists() and shared not in paths else []), *paths]
    try:
        _parts(_texts(base, wanted))
    except RulebookError as error:
        return list(error.problems)
    return []


def texts_in(folder: Path) -> dict[str, str]:
    """The text of every file of a rulebook by its path inside the folder. Raises RulebookError."""
    return _texts(folder, _files(folder))


def edition_of(texts: Mapping[str, str]) -> str:
    """The hash of the content: of every file's name and text, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        digest.update(f"{name}\0{texts[name]}\0".encode())
    return f"sha256:{digest.hexdigest()}"


def _files(folder: Path) -> list[Path]:
    files = sorted(folder.rglob("*.yaml"))
    if not files:
        raise RulebookError(
            [Problem(str(folder), 1, "rulebook", "there are no files here.", "Name the rulebook's folder.")]
        )
    return files


def _texts(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    def name(file: Path) -> str:
        inside = file.resolve()
        return inside.relative_to(folder.resolve()).as_posix() if inside.is_relative_to(folder.resolve()) else str(file)

    texts = {}
    for file in files:
        content = file.read_bytes()
        try:
            texts[name(file)] = content.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            problem = Problem(name(file), line, "file", "this is no UTF-8.", "Save the file as UTF-8.")
            raise RulebookError([problem]) from error
    return texts


def _parts(texts: dict[str, str]) -> dict[str, Any]:
    """Read, build and check; the rulebook's parts as plain values. Raises RulebookError."""
    builder = Builder()
    documents = [Document(name, text) for name, text in texts.items()]
    kinds: dict[str, list[Document]] = {"country": [], "agreement": [], "instruments": [], "sources": []}
    for doc in documents:
        builder.problems += doc.problems
        if doc.problems:
            continue
        kind = next((k for k in kinds if isinstance(doc.data, dict) and k in doc.data), None)
        if kind is None:
            cure = "A file begins with `country:`, `agreement:`, or holds `instruments:` or `sources:`."
            builder.complain(doc, (), "file", "this is no file of a rulebook.", cure)
            continue
        kinds[kind].append(doc)
    for doc in (doc for group in kinds.values() for doc in group):
        sources = doc.data.get("sources") or {}
        if isinstance(sources, dict):
            builder.read_sources(doc, sources)
    countries = [country for doc in kinds["country"] if (country := builder.read_country(doc))]
    agreements = [agreement for doc in kinds["agreement"] if (agreement := builder.read_agreement(doc))]
    agreed = {agreement.id for agreement in agreements}
    instruments = [one for doc in kinds["instruments"] for one in builder.read_instruments(doc, agreed)]
    for country in countries:
        builder.problems += conflicts(country, builder.lines)
    if builder.problems:
        raise RulebookError(builder.problems)
    return {
        "countries": countries,
        "agreements": agreements,
        "instruments": instruments,
        "sources": builder.sources,
        "facts": builder.facts,
    }


def _assemble(edition: str, parts: dict[str, Any]) -> Rulebook:
    countries: list[Country] = sorted(parts["countries"], key=lambda country: country.code)
    agreements: list[Agreement] = sorted(parts["agreements"], key=lambda agreement: agreement.id)
    instruments: list[Instrument] = sorted(parts["instruments"], key=lambda one: (one.adopted, one.id))
    rules: list[Rule] = [r for c in countries for part in (c.coverage, c.leaving, c.qualifying) for r in flat(part)]
    return Rulebook(
        edition=edition,
        countries=MappingProxyType({country.code: country for country in countries}),
        agreements=tuple(agreements),
        instruments=tuple(instruments),
        sources=MappingProxyType(parts["sources"]),
        facts=MappingProxyType(parts["facts"]),
        schemes=MappingProxyType({s.id: s for country in countries for s in country.schemes}),
        rules=MappingProxyType({rule.id: rule for rule in rules}),
        provisions=MappingProxyType({p.id: p for agreement in agreements for p in agreement.provisions}),
    )


def _code_version() -> str:
    """Changes whenever the code that shapes a snapshot does."""
    digest = hashlib.sha256(sys.version.encode())
    for file in [*sorted(Path(__file__).parent.glob("*.py")), Path(__file__).parents[1] / "vocabulary.py"]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _keep(file: Path, parts: dict[str, Any]) -> None:
    """Write the snapshot whole or not at all; where the disk is read-only, do without."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as out:
            out.write(pickle.dumps(parts, protocol=pickle.HIGHEST_PROTOCOL))
        Path(out.name).replace(file)
    except OSError:
        return
