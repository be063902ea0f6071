"""For each field that a rule can have in a file, a law before and after an edit of that field alone."""

from __future__ import annotations

from collections.abc import Iterator

import yaml
from pydantic import BaseModel

from eligibility.rulebook import Rulebook, schema
from tests.synthetic import law_of, nation, treaty

SHAPES = {
    "inbound": schema.CoverageShape,
    "leaving": schema.LeavingShape,
    "qualifying": schema.QualifyingShape,
    "provision": schema.ProvisionShape,
}
"""What a rule may hold, by where it stands in `nation`."""

USUAL = {
    "inbound": {"coverage": "mandatory"},
    "leaving": {"becomes": "withdrawn"},
    "qualifying": {"months": "12"},
    "provision": {"kind": "totalisation", "benefits": "[old_age]"},
}

EDITS = {
    "scheme": ("scheme: qm-fund", "scheme: qm-other"),
    "benefits": ("benefits: [old_age]", "benefits: [old_age, invalidity]"),
    "when": ("when: {sector: [fishing]}", "when: {sector: [fishing, seafaring], age: {at_least: 18}}"),
    "from": ("from: 2019-01-01", "from: 2020-01-01"),
    "until": ("until: 2027-12-31", "until: 2028-12-31"),
    "says": ("says: Before.", "says: After."),
    "note": ("note: Before.", "note: After."),
    "sources": ("sources: [law]", "sources: [{source: paper, at: s. 2}]"),
    "checked": ("checked: 2026-11-01", "checked: 2026-11-02"),
    "confidence": ("confidence: high", "confidence: low"),
    "direction": ("direction: inbound", "direction: returning"),
    "coverage": ("coverage: mandatory", "coverage: voluntary"),
    "scope": ("scope: [capped]", "scope: [capped, emergency_only]"),
    "because": ("coverage: excluded, because: status", "coverage: excluded, because: sector"),
    "if_equal": ("if_equal: mandatory", "if_equal: voluntary"),
    "crosses": ("direction: outbound, crosses: false", "direction: outbound, crosses: true"),
    "at_home": ("direction: outbound, at_home: continues", "direction: outbound, at_home: stops"),
    "step": ("coverage: voluntary, step: Before.", "coverage: voluntary, step: After."),
    "contributions": ("contributions: {worker: 2 %}", "contributions: {worker: 3 %}"),
    "becomes": ("becomes: paid_abroad", "becomes: forfeited"),
    "claim.how": ("claim: {how: Before.}", "claim: {how: After.}"),
    "claim.papers": ("claim: {papers: [Passport]}", "claim: {papers: [Passport, Pay slip]}"),
    "claim.deadline.says": ("claim: {deadline: {says: Before.}}", "claim: {deadline: {says: After.}}"),
    "claim.deadline.months": (
        "claim: {deadline: {says: Soon., months: 6, from: leaving}}",
        "claim: {deadline: {says: Soon., months: 12, from: leaving}}",
    ),
    "claim.deadline.from": (
        "claim: {deadline: {says: Soon., months: 6, from: leaving}}",
        "claim: {deadline: {says: Soon., months: 6, from: job_end}}",
    ),
    "amount": ("amount: Before.", "amount: After."),
    "payable.at_age": ("becomes: frozen, payable: {at_age: 55}", "becomes: frozen, payable: {at_age: 60}"),
    "payable.where": ("becomes: frozen, payable: {where: there}", "becomes: frozen, payable: {where: anywhere}"),
    "months": ("months: 12", "months: 180"),
    "window_months": ("window_months: 24", "window_months: 36"),
    "requires": ("requires: Before.", "requires: After."),
    "otherwise": ("otherwise: Before.", "otherwise: After."),
    "kind": ("kind: totalisation", "kind: export_of_benefits"),
    "at": ("at: art. 1", "at: art. 2"),
    "operative": ("operative: true", "operative: false"),
    "country": ("country: QM", "country: QN"),
    "min_own_months": ("min_own_months: 6", "min_own_months: 12"),
    "max_months": ("max_months: 60", "max_months: 36"),
    "extension_months": ("extension_months: 6", "extension_months: 12"),
    "to": ("kind: lump_sum_transfer, to: worker", "kind: lump_sum_transfer, to: home_scheme"),
    "schemes": ("schemes: [qm-fund]", "schemes: [qm-fund, qm-other]"),
}
"""The fields by their names in a file; a new field of the schema is added here, or the tests that walk them fail."""


def fields_of(shape: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The names of what a shape may hold, as they stand in a file; of a part of a part with a dot."""
    for name, field in shape.model_fields.items():
        within = [one for one in (field.annotation, *getattr(field.annotation, "__args__", ())) if _is_shape(one)]
        if within:
            yield from fields_of(within[0], f"{prefix}{name}.")
        elif name not in ("rule", "provision"):
            yield f"{prefix}{field.alias or name}"


def _is_shape(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, schema.Shape)


EVERY_FIELD = [(part, field) for part, shape in SHAPES.items() for field in fields_of(shape)]


def edited(part: str, field: str) -> tuple[Rulebook, Rulebook]:
    """The law before and after. The rule is `qm-` and its part, or `ag-qm-qn-1`."""
    before, after = (law_with(part, body) for body in EDITS[field])
    return before, after


def law_with(part: str, body: str) -> Rulebook:
    """The law of QM and QN with one rule, in which only its particulars need to be written."""
    named = yaml.load(f"{{{body}}}", yaml.BaseLoader)
    rule = ", ".join([body, *(f"{key}: {value}" for key, value in USUAL[part].items() if key not in named)])
    parts = {} if part == "provision" else {part: rule}
    agreements = [treaty(rule)] if part == "provision" else [treaty()]
    return law_of(nation("QM", "old_age, invalidity", other="", **parts), nation("QN", "old_age"), *agreements)
