"""From a file's content to the values of the model, collecting every problem instead of stopping at the first."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from eligibility.rulebook import schema
from eligibility.rulebook.conditions import ALWAYS, Condition, OneOf, Range, Test, all_of
from eligibility.rulebook.model import (
    Acceptance,
    Agreement,
    Announcement,
    Article,
    Citation,
    Claim,
    Country,
    CoverageRule,
    Deadline,
    Instrument,
    LeavingRule,
    Office,
    Provision,
    QualifyingRule,
    Rule,
    Scheme,
    Source,
)
from eligibility.rulebook.problems import Problem
from eligibility.rulebook.yamlfile import Document, Path
from eligibility.vocabulary import (
    BUILT_UP,
    FACTS,
    LONG_TERM,
    QUALIFIED,
    AtHome,
    Coverage,
    Fact,
    FactType,
    Ground,
    Sector,
    Status,
    Value,
)

ShapeT = TypeVar("ShapeT", bound=BaseModel)

#: What an exception does not take from its parent: it is about the parent alone.
_OWN = ("rule", "when", "says", "note", "except")
#: What goes with the main effect, and is taken from the parent only while that stays the same.
_WITH_EFFECT = {
    "coverage": ("scope", "because", "if_equal", "crosses", "at_home", "step", "contributions"),
    "leaving": ("scope", "payable", "amount"),
    "qualifying": ("window_months", "requires", "otherwise", "amount"),
}
_EFFECT = {"coverage": "coverage", "leaving": "becomes", "qualifying": "months"}


class Builder:
    """Reads the documents of one rulebook; `problems` is what was wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.sources: dict[str, Source] = {}
        self.facts: dict[str, Fact] = dict(FACTS)
        self.schemes: dict[str, Scheme] = {}
        self.lines: dict[str, tuple[str, int]] = {}

    # --- saying what is wrong ---------------------------------------------------------------------------------

    def complain(self, doc: Document, path: Path, where: str, what: str, cure: str = "") -> None:
        self.problems.append(Problem(doc.file, doc.line(path), where, what, cure))

    def shaped(self, doc: Document, path: Path, where: str, shape: type[ShapeT], data: object) -> ShapeT | None:
        """`data` as `shape`, or None after complaining of each thing that does not fit."""
        try:
            return shape.model_validate(data)
        except ValidationError as error:
            known = sorted(field.alias or name for name, field in shape.model_fields.items())
            known += ["except"] if issubclass(shape, schema.RuleShape) else []
            for item in error.errors():
                inner: Path = tuple(item["loc"])
                what, cure = _in_words(item, known if len(inner) == 1 else [])
                self.complain(doc, (*path, *inner), where, what, cure)
            return None

    # --- small things -----------------------------------------------------------------------------------------

    def register(self, doc: Document, path: Path, kind: str, identifier: str) -> None:
        if identifier in self.lines:
            file, line = self.lines[identifier]
            self.complain(doc, path, identifier, f"this {kind} id stands already at {file}:{line}.", "Rename one.")
        else:
            self.lines[identifier] = (doc.file, doc.line(path))

    def read_sources(self, doc: Document, data: dict[str, Any]) -> None:
        for key, raw in data.items():
            if shaped := self.shaped(doc, ("sources", key), key, schema.SourceShape, raw):
                self.register(doc, ("sources", key), "source", key)
                self.sources[key] = Source(
                    key, *(getattr(shaped, f) for f in ("title", "publisher", "kind", "url", "date"))
                )

    def cited(
        self, doc: Document, path: Path, where: str, shapes: Iterable[schema.CitationShape]
    ) -> tuple[Citation, ...]:
        result = []
        for index, shape in enumerate(shapes):
            if shape.source not in self.sources:
                cure = _nearest(shape.source, self.sources, "Add it under `sources:`.")
                self.complain(doc, (*path, index), where, f"no source is called '{shape.source}'.", cure)
            result.append(Citation(shape.source, shape.at))
        return tuple(result)

    def read_facts(self, doc: Document, code: str, data: dict[str, Any]) -> None:
        for name, raw in data.items():
            path: Path = ("facts", name)
            if not name.startswith(code.lower() + "_"):
                self.complain(
                    doc, path, name, "a country's own fact begins with its code.", f"Call it {code.lower()}_{name}."
                )
            if shaped := self.shaped(doc, path, name, schema.FactShape, raw):
                self.register(doc, path, "fact", name)
                fields = shaped.model_dump()
                fields["choices"] = tuple(shaped.choices.items())
                fields["yes_from"] = next(iter(shaped.yes_from.items()), None)
                self.facts[name] = Fact(name, **fields)

    # --- conditions -------------------------------------------------------------------------------------------

    def condition(
        self, doc: Document, path: Path, where: str, data: dict[str, Any], *, leaving: bool = False
    ) -> Condition:
        """The `when:` of a rule. Complains of unknown facts and values; what it cannot read counts as always."""
        parts = [ALWAYS]
        for name, raw in data.items():
            here = (*path, name)
            if name == "any":
                if not isinstance(raw, list) or not raw or not all(isinstance(item, dict) for item in raw):
                    self.complain(doc, here, where, "`any` holds a list of conditions.", "Write `any: [{…}, {…}]`.")
                    continue
                options = [self.condition(doc, (*here, i), where, item, leaving=leaving) for i, item in enumerate(raw)]
                parts.append(Condition(tuple(clause for option in options for clause in option.clauses)))
            elif (test := self._test(doc, here, where, name, raw, leaving)) is not None:
                parts.append(Condition((((name, test),),)))
        return all_of(parts)

    def _test(self, doc: Document, path: Path, where: str, name: str, raw: Any, leaving: bool) -> Test | None:
        words: dict[str, Iterable[Value]] = {"sector": list(Sector), "status": list(Status)}
        if name in ("origin", "destination"):
            codes = raw["not"] if isinstance(raw, dict) and set(raw) == {"not"} else raw
            codes = codes if isinstance(codes, list) else [codes]
            if bad := [c for c in codes if not (isinstance(c, str) and len(c) == 2 and c.isupper())]:
                self.complain(
                    doc, path, where, f"{bad[0]!r} is no country code.", "Use two capital letters, such as MY."
                )
                return None
            if not codes:
                self.complain(doc, path, where, f"'{name}' names no country.", "Name one, or leave the line out.")
                return None
            return OneOf(frozenset(codes), negated=isinstance(raw, dict))
        if name == QUALIFIED:
            if leaving and isinstance(raw, bool):
                return OneOf(frozenset({raw}))
            self.complain(
                doc, path, where, "`qualified` is true or false, in leaving rules only.", "Name the months instead."
            )
            return None
        if name not in words:
            fact = self.facts.get(name)
            if fact is None or fact.type is FactType.SCHEMES:
                known = [*words, "origin", "destination", *(f for f in self.facts if f != "joined")]
                cure = _nearest(name, known, "Declare it under `facts:`, or keep it as a `note`.")
                self.complain(doc, path, where, f"no fact is called '{name}'.", cure)
                return None
            if fact.type is FactType.NUMBER:
                return self._range(doc, path, where, name, raw)
            words[name] = [True, False] if fact.type is FactType.BOOLEAN else [value for value, _ in fact.choices]
        negated = isinstance(raw, dict) and set(raw) == {"not"}
        values = raw["not"] if negated else raw
        values = values if isinstance(values, list) else [values]
        allowed = list(words[name])
        for value in values:
            if not any(value == word and isinstance(value, bool) == isinstance(word, bool) for word in allowed):
                shown = ", ".join(str(word).lower() if isinstance(word, bool) else str(word) for word in allowed)
                self.complain(doc, path, where, f"{value!r} is no value of '{name}'.", f"It is one of: {shown}.")
                return None
        chosen = frozenset(word for word in allowed if (word in values) is not negated)
        if not chosen:
            self.complain(doc, path, where, f"'{name}' allows no value at all.", "Leave the rule out, or name a value.")
            return None
        return OneOf(chosen)

    def _range(self, doc: Document, path: Path, where: str, name: str, raw: Any) -> Range | None:
        good = isinstance(raw, dict) and raw and set(raw) <= {"at_least", "below"}
        if not good or not all(isinstance(n, int) and not isinstance(n, bool) for n in raw.values()):
            cure = f"Write `{name}: {{at_least: 12}}`, `{{below: 60}}` or both."
            self.complain(doc, path, where, f"'{name}' is a number and needs a range.", cure)
            return None
        if raw.get("at_least", -1) >= raw.get("below", 10**9):
            self.complain(
                doc, path, where, f"'{name}' allows no number at all.", "Let `at_least` be smaller than `below`."
            )
            return None
        return Range(raw.get("at_least"), raw.get("below"))

    # --- countries --------------------------------------------------------------------------------------------

    def read_schemes(self, doc: Document, code: str, data: dict[str, Any]) -> tuple[Scheme, ...]:
        result = []
        for key, raw in data.items():
            path: Path = ("schemes", key)
            shaped = self.shaped(doc, path, key, schema.SchemeShape, raw)
            if shaped is None:
                continue
            self.register(doc, path, "scheme", key)
            offices = tuple(
                Office(
                    o.name,
                    o.address,
                    o.phone,
                    o.url,
                    o.form,
                    o.note,
                    self.cited(doc, (*path, "offices", i), key, o.sources),
                )
                for i, o in enumerate(shaped.offices)
            )
            for benefit in shaped.gives_since:
                if benefit not in shaped.gives:
                    self.complain(
                        doc, (*path, "gives_since", benefit), key, f"it does not give {benefit}.", "Add it to `gives`."
                    )
            scheme = Scheme(
                id=key,
                country=code,
                name=shaped.name,
                short=shaped.short or shaped.name,
                local_name=shaped.local_name,
                kind=shaped.kind,
                institution=shaped.institution,
                law=shaped.law,
                gives=tuple(shaped.gives),
                serves=shaped.serves,
                since=shaped.since,
                until=shaped.until,
                gives_since=tuple(shaped.gives_since.items()),
                offices=offices,
                sources=self.cited(doc, (*path, "sources"), key, shaped.sources),
            )
            self.schemes[key] = scheme
            result.append(scheme)
        return tuple(result)

    def read_country(self, doc: Document) -> Country | None:
        frame = self.shaped(doc, (), str(doc.data.get("country", "?")), schema.CountryShape, doc.data)
        if frame is None:
            return None
        self.register(doc, ("country",), "country", frame.country)
        self.read_facts(doc, frame.country, frame.facts)
        schemes = self.read_schemes(doc, frame.country, frame.schemes)
        rules: dict[str, list[Any]] = {part: [] for part in _EFFECT}
        for part, found in rules.items():
            for index, raw in enumerate(getattr(frame, part)):
                base = {"checked": frame.checked} if frame.checked else {}
                if rule := self.rule(doc, (part, index), part, frame.country, {**base, **raw}, None):
                    found.append(rule)
        announced = []
        for index, raw in enumerate(frame.announced):
            path: Path = ("announced", index)
            if shaped := self.shaped(doc, path, str(raw.get("id", "?")), schema.AnnouncementShape, raw):
                self.register(doc, path, "announcement", shaped.id)
                sources = self.cited(doc, (*path, "sources"), shaped.id, shaped.sources)
                who = self.condition(doc, (*path, "who"), shaped.id, shaped.who)
                announced.append(
                    Announcement(
                        shaped.id, frame.country, tuple(shaped.benefits), who, shaped.expected, shaped.says, sources
                    )
                )
        return Country(
            code=frame.country,
            roles=frozenset(frame.roles),
            schemes=schemes,
            coverage=tuple(rules["coverage"]),
            leaving=tuple(rules["leaving"]),
            qualifying=tuple(rules["qualifying"]),
            announced=tuple(announced),
            gaps=tuple(frame.gaps),
        )

    def rule(
        self, doc: Document, path: Path, part: str, code: str, raw: dict[str, Any], parent: Rule | None
    ) -> Rule | None:
        """One rule and its exceptions. `raw` already holds what an exception takes from its parent."""
        name = str(raw.get("rule", f"{part}[{path[-1]}]"))
        own = {key: value for key, value in raw.items() if key != "except"}
        shapes: dict[str, type[schema.RuleShape]] = {
            "coverage": schema.CoverageShape,
            "leaving": schema.LeavingShape,
            "qualifying": schema.QualifyingShape,
        }
        shaped = self.shaped(doc, path, name, shapes[part], own)
        if shaped is None:
            return None
        self.register(doc, path, "rule", name)
        scheme = self.schemes.get(shaped.scheme)
        if scheme is None or scheme.country != code:
            cure = _nearest(shaped.scheme, [s for s in self.schemes if self.schemes[s].country == code], "Declare it.")
            self.complain(doc, (*path, "scheme"), name, f"{code} has no scheme called '{shaped.scheme}'.", cure)
            return None
        for benefit in shaped.benefits:
            if benefit not in scheme.gives:
                cure = f"Add {benefit} to the scheme's `gives`, or take it out here."
                self.complain(doc, (*path, "benefits"), name, f"{shaped.scheme} does not give {benefit}.", cure)
        when = self.condition(doc, (*path, "when"), name, shaped.when, leaving=part == "leaving")
        if not when.clauses:
            self.complain(
                doc, (*path, "when"), name, "this condition can never hold.", "Mend it, or leave the rule out."
            )
        elif parent is not None:
            self._fits_parent(doc, path, name, shaped, when, parent)
        exceptions = []
        inners = raw.get("except") or []
        for index, inner in enumerate(inners if isinstance(inners, list) else [inners]):
            if not isinstance(inner, dict):
                self.complain(
                    doc, (*path, "except", index), name, "an exception is a rule of its own.", "Begin it with `rule:`."
                )
                continue
            for key in ("scheme", "direction"):
                if key in inner and inner[key] != raw.get(key):
                    what = f"it speaks of {inner[key]}, but excepts from a rule on {raw.get(key)}."
                    here = (*path, "except", index, key)
                    self.complain(doc, here, str(inner.get("rule", "?")), what, "Write it as a rule of its own.")
            merged = {**_inherited(part, raw, inner), **inner}
            whole = all_of([when, parent.when]) if parent is not None else when
            stub = _common(code, shaped, name, whole, (), ())
            child = self.rule(doc, (*path, "except", index), part, code, merged, Rule(**stub))
            if child is not None:
                exceptions.append(child)
        common = _common(
            code, shaped, name, when, self.cited(doc, (*path, "sources"), name, shaped.sources), tuple(exceptions)
        )
        return _finish(shaped, common, scheme)

    def _fits_parent(
        self, doc: Document, path: Path, name: str, shaped: schema.RuleShape, when: Condition, parent: Rule
    ) -> None:
        if not set(shaped.benefits) <= set(parent.benefits):
            extra = ", ".join(sorted(set(shaped.benefits) - set(parent.benefits)))
            cure = "Write it as a rule of its own."
            self.complain(
                doc, (*path, "benefits"), name, f"it excepts {extra}, of which '{parent.id}' does not speak.", cure
            )
        if not all_of([when, parent.when]).clauses:
            cure = f"Let its `when` lie within that of '{parent.id}', or write it as a rule of its own."
            self.complain(doc, (*path, "when"), name, "this exception can never apply.", cure)
        low, high = parent.from_ or date.min, parent.until or date.max
        if (shaped.from_ or date.min) < low or (shaped.until or date.max) > high:
            cure = f"Keep `from` and `until` within those of '{parent.id}' ({parent.from_} to {parent.until})."
            self.complain(doc, (*path, "from"), name, "this exception reaches beyond the rule that it excepts.", cure)

    # --- agreements and instruments ---------------------------------------------------------------------------

    def read_agreement(self, doc: Document) -> Agreement | None:
        frame = self.shaped(doc, (), str(doc.data.get("agreement", "?")), schema.AgreementShape, doc.data)
        if frame is None:
            return None
        self.register(doc, ("agreement",), "agreement", frame.agreement)
        if len(set(frame.parties)) < 2:
            self.complain(
                doc, ("parties",), frame.agreement, "an agreement has at least two different parties.", "Name them."
            )
        provisions = []
        for index, raw in enumerate(frame.provisions):
            path: Path = ("provisions", index)
            name = str(raw.get("provision", f"provisions[{index}]"))
            base = {**({"checked": frame.checked} if frame.checked else {}), "schemes": frame.schemes}
            shaped = self.shaped(doc, path, name, schema.ProvisionShape, {**base, **raw})
            if shaped is None:
                continue
            self.register(doc, path, "provision", name)
            if shaped.country and shaped.country not in frame.parties:
                self.complain(
                    doc, (*path, "country"), name, f"{shaped.country} is no party.", "Name one of the parties."
                )
            for scheme in shaped.schemes:
                if scheme not in self.schemes:
                    cure = _nearest(scheme, self.schemes, "Name a scheme of a country's file.")
                    self.complain(doc, (*path, "schemes"), name, f"no scheme is called '{scheme}'.", cure)
            fields = {field: getattr(shaped, field) for field in _PROVISION_FIELDS}
            provisions.append(
                Provision(
                    id=name,
                    agreement=frame.agreement,
                    benefits=tuple(shaped.benefits),
                    when=self.condition(doc, (*path, "when"), name, shaped.when),
                    schemes=frozenset(shaped.schemes),
                    sources=self.cited(doc, (*path, "sources"), name, shaped.sources),
                    **fields,
                )
            )
        return Agreement(
            id=frame.agreement,
            title=frame.title,
            parties=tuple(frame.parties),
            binding=frame.binding,
            signed=frame.signed,
            in_force=frame.in_force,
            until=frame.until,
            note=frame.note,
            sources=self.cited(doc, ("cites",), frame.agreement, frame.cites),
            provisions=tuple(provisions),
        )

    def read_instruments(self, doc: Document, agreements: Collection[str]) -> tuple[Instrument, ...]:
        """`agreements` are the ids of all agreements, which an instrument may name."""
        result = []
        found = doc.data.get("instruments") or {}
        if not isinstance(found, dict):
            self.complain(
                doc, ("instruments",), "instruments", "it holds no instruments by id.", "Write `id: {title: …}`."
            )
            found = {}
        for key, raw in found.items():
            path: Path = ("instruments", key)
            shaped = self.shaped(doc, path, key, schema.InstrumentShape, raw)
            if shaped is None:
                continue
            self.register(doc, path, "instrument", key)
            if shaped.agreement and shaped.agreement not in agreements:
                cure = _nearest(shaped.agreement, agreements, "Name an agreement of the rulebook.")
                self.complain(doc, (*path, "agreement"), key, f"no agreement is called '{shaped.agreement}'.", cure)
            sources = self.cited(doc, (*path, "sources"), key, shaped.sources)
            articles = tuple(
                Article(
                    at=article.at,
                    benefits=tuple(article.benefits),
                    who=self.condition(doc, (*path, "articles", i, "who"), key, article.who),
                    says=article.says,
                    sources=self.cited(doc, (*path, "articles", i, "sources"), key, article.sources) or sources,
                    confidence=article.confidence,
                )
                for i, article in enumerate(shaped.articles)
            )
            result.append(
                Instrument(
                    id=key,
                    title=shaped.title,
                    short=shaped.short,
                    adopted=shaped.adopted,
                    binding=shaped.binding,
                    members=tuple(shaped.members),
                    sources=sources,
                    articles=articles,
                    asked_of=tuple(shaped.asked_of),
                    accepted={
                        code: Acceptance(
                            on=one.on,
                            branches=tuple(one.branches),
                            part=one.part,
                            sources=self.cited(doc, (*path, "accepted", code, "sources"), key, one.sources),
                            confidence=one.confidence,
                        )
                        for code, one in shaped.accepted.items()
                    },
                    agreement=shaped.agreement,
                )
            )
        return tuple(result)


_PROVISION_FIELDS = (
    *("kind", "at", "operative", "country", "from_", "until", "min_own_months", "max_months", "extension_months"),
    *("to", "says", "note", "checked", "confidence"),
)


def _inherited(part: str, raw: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
    """What an exception takes from its parent (docs/law/README.md, "How it is read")."""
    effect = _EFFECT[part]
    same = inner.get(effect, raw.get(effect)) == raw.get(effect)
    left_out = _OWN if same else (*_OWN, *_WITH_EFFECT[part])
    return {key: value for key, value in raw.items() if key not in left_out}


def _common(
    code: str,
    shaped: schema.RuleShape,
    name: str,
    when: Condition,
    sources: tuple[Citation, ...],
    exceptions: tuple[Rule, ...],
) -> dict[str, Any]:
    return {
        "id": name,
        "country": code,
        "scheme": shaped.scheme,
        "benefits": tuple(shaped.benefits),
        "when": when,
        "from_": shaped.from_,
        "until": shaped.until,
        "says": shaped.says,
        "note": shaped.note,
        "sources": sources,
        "checked": shaped.checked,
        "confidence": shaped.confidence,
        "exceptions": exceptions,
    }


def _finish(shaped: schema.RuleShape, common: dict[str, Any], scheme: Scheme) -> Rule:
    if isinstance(shaped, schema.CoverageShape):
        contributions = shaped.contributions or {}
        return CoverageRule(
            **common,
            direction=shaped.direction,
            coverage=shaped.coverage,
            scope=tuple(shaped.scope),
            because=shaped.because or Ground.OTHER,
            if_equal=shaped.if_equal,
            crosses=shaped.crosses,
            at_home=shaped.at_home or _at_home(shaped, scheme),
            step=shaped.step,
            contributions=tuple(contributions.items()) if isinstance(contributions, dict) else (("of", contributions),),
        )
    if isinstance(shaped, schema.LeavingShape):
        claim = shaped.claim or schema.ClaimShape()
        deadline = claim.deadline and Deadline(claim.deadline.says, claim.deadline.months, claim.deadline.from_)
        payable = shaped.payable or schema.PayableShape()
        return LeavingRule(
            **common,
            becomes=shaped.becomes,
            scope=tuple(shaped.scope),
            claim=Claim(claim.how, tuple(claim.papers), deadline or None),
            amount=shaped.amount,
            at_age=payable.at_age,
            where=payable.where,
        )
    assert isinstance(shaped, schema.QualifyingShape)
    fields = ("months", "window_months", "requires", "otherwise", "amount")
    return QualifyingRule(**common, **{field: getattr(shaped, field) for field in fields})


def _at_home(shaped: schema.CoverageShape, scheme: Scheme) -> AtHome:
    """What an outbound rule makes of the membership at home, where the file does not say it."""
    match shaped.coverage:
        case Coverage.MANDATORY | Coverage.EMPLOYER_LIABILITY:
            return AtHome.CONTINUES
        case Coverage.VOLUNTARY:
            return AtHome.MAY_CONTINUE
        case Coverage.UNCLEAR:
            return AtHome.UNCLEAR
    return AtHome.PRESERVED if scheme.kind in BUILT_UP and set(shaped.benefits) & LONG_TERM else AtHome.STOPS


def _nearest(word: str, known: Iterable[str], otherwise: str) -> str:
    close = difflib.get_close_matches(str(word), [str(k) for k in known], n=1, cutoff=0.6)
    return f"Did you mean '{close[0]}'? {otherwise}".strip() if close else otherwise


def _in_words(item: Any, known: list[str]) -> tuple[str, str]:
    """A pydantic error as (what is wrong, what would be right)."""
    key = item["loc"][-1] if item["loc"] else "file"
    match item["type"]:
        case "extra_forbidden":
            otherwise = (
                f"Known keys: {', '.join(known)}." if known else "Mend its spelling or its place, or leave it out."
            )
            return f"the key '{key}' is unknown here.", _nearest(str(key), known, otherwise)
        case "missing":
            return f"'{key}' is missing.", f"Add `{key}:`."
        case "enum" | "literal_error":
            expected = item["ctx"]["expected"].replace("'", "")
            words = expected.replace(" or ", ", ").split(", ")
            cure = _nearest(str(item["input"]), words, f"It is one of: {', '.join(words)}.")
            return f"{item['input']!r} is no value of '{key}'.", cure
        case "value_error":
            return f"{item['ctx']['error']}.", ""
        case "too_short":
            return f"'{key}' is empty.", f"Name at least {item['ctx'].get('min_length', 1)}."
        case "date_from_datetime_parsing" | "date_from_datetime_inexact" | "date_parsing" | "date_type":
            return f"{item['input']!r} is no date.", "Write a day such as 2025-10-01."
    return f"'{key}': {item['msg']} (found {str(item['input'])[:60]!r}).", ""
