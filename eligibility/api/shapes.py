"""What goes in and out, as JSON Schema 2020-12, worked out from the vocabulary and the loaded rulebook."""

from __future__ import annotations

from enum import Enum
from typing import Any

from eligibility.api.law import CATALOGUES, RULE_KINDS
from eligibility.api.problems import KINDS
from eligibility.api.reading import MOST_CASES, MOST_STAYS
from eligibility.api.texting import MOST_LETTERS
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import (
    AtHome,
    Benefit,
    Binding,
    Confidence,
    Coverage,
    Fact,
    FactType,
    OnLeaving,
    Outcome,
    SchemeKind,
    Scope,
    Sector,
    Side,
    SourceKind,
    Status,
)

Shape = dict[str, Any]
TEXT: Shape = {"type": "string"}
ID: Shape = {"type": "string", "minLength": 1}
TRUTH: Shape = {"type": "boolean"}
WHOLE: Shape = {"type": "integer"}
DAY: Shape = {"type": "string", "format": "date"}
EDITION: Shape = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
ANY_DAY = r"^(19\d\d|20\d\d|2100)-\d\d-\d\d$"
ASKED_DAY: Shape = {
    "type": "string",
    "format": "date",
    "pattern": ANY_DAY,
    "description": "A day from 1900-01-01 to 2100-12-31.",
}


def ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def one_of(words: type[Enum] | tuple[str, ...] | list[str]) -> Shape:
    values = [word.value if isinstance(word, Enum) else word for word in words]
    return {"type": "string", "enum": values}


def maybe(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]}


def listed(shape: Shape, **more: Any) -> Shape:
    return {"type": "array", "items": shape, **more}


def mapped(shape: Shape) -> Shape:
    return {"type": "object", "additionalProperties": shape}


def thing(optional: tuple[str, ...] = (), **properties: Shape) -> Shape:
    """An object with these members, all there but the optional ones. A trailing underscore is for Python's words. More
    members may come: clients pass over what they do not know."""
    named = {name.rstrip("_"): shape for name, shape in properties.items()}
    return {"type": "object", "properties": named, "required": [name for name in named if name not in optional]}


def asked(required: tuple[str, ...], **properties: Shape) -> Shape:
    """An object that a program sends: no other members."""
    named = {name.rstrip("_"): shape for name, shape in properties.items()}
    shape: Shape = {"type": "object", "properties": named, "additionalProperties": False}
    return shape | ({"required": list(required)} if required else {})


def shapes(law: Rulebook) -> dict[str, Shape]:
    """Every named shape of the interface."""
    return {**_sent(law), **_answers(), **_law(), **_problems()}


# --- what programs send -----------------------------------------------------------------------------------------------


def value_of(fact: Fact, law: Rulebook) -> Shape:
    """What a program may send for a fact."""
    match fact.type:
        case FactType.BOOLEAN:
            shape: Shape = {"type": "boolean"}
        case FactType.NUMBER:
            shape = {"type": "integer", "minimum": fact.minimum, "maximum": fact.maximum}
        case FactType.CHOICE:
            shape = one_of([value for value, _label in fact.choices])
        case _:
            shape = listed(one_of(list(law.schemes)))
    said = " ".join(filter(None, (fact.question, f"In {fact.unit}." if fact.unit else "")))
    return {**shape, "description": said}


def word_of(fact: Fact, law: Rulebook) -> Shape:
    """The same in an address."""
    match fact.type:
        case FactType.BOOLEAN:
            return one_of(["true", "false"])
        case FactType.SCHEMES:
            return listed(one_of(list(law.schemes)))
    return {name: part for name, part in value_of(fact, law).items() if name != "description"}


def four(law: Rulebook) -> dict[str, Shape]:
    return {
        "origin": one_of(law.with_role("origin")),
        "destination": one_of(law.with_role("destination")),
        "sector": one_of(Sector),
        "status": one_of(Status),
    }


def _sent(law: Rulebook) -> dict[str, Shape]:
    facts = ref("Facts")
    where = {name: shape for name, shape in four(law).items() if name != "origin"}
    months = law.facts["months_contributed"].maximum
    paid = {"type": "integer", "minimum": 0, "maximum": months}
    return {
        "Facts": asked((), **{name: value_of(fact, law) for name, fact in law.facts.items()})
        | {"description": "What is known of the worker beside the four answers. What is not known is left out."},
        "Case": asked(tuple(four(law)), **four(law), on=ASKED_DAY, facts=facts)
        | {"description": "The worker, and the day of the law (today if not given). Origin and destination differ."},
        "Batch": asked(("cases",), cases=listed({}, minItems=1, maxItems=MOST_CASES))
        | {"description": f"Up to {MOST_CASES} cases, each as `Case`."},
        "Stay": asked(
            ("destination", "sector", "status", "from"),
            **where,
            from_=ASKED_DAY,
            until=ASKED_DAY,
            months=paid,
            facts=facts,
        ),
        "Career": asked(
            ("origin", "stays"),
            origin=four(law)["origin"],
            on=ASKED_DAY,
            months_at_home=paid,
            stays=listed(ref("Stay"), minItems=1, maxItems=MOST_STAYS),
        ),
        "Known": asked((), **four(law), on=ASKED_DAY, facts=facts, unknown=listed(one_of(list(law.facts)))),
        "Pair": asked(("a", "b"), a=ref("Case"), b=ref("Case")),
        "TextMessage": asked(
            ("from", "text"),
            from_={"type": "string", "pattern": r"^\+?[0-9]{3,20}$", "description": "The number that wrote."},
            text={"type": "string", "maxLength": MOST_LETTERS},
        ),
        "Reply": {"type": "string", "description": "The text message to send."},
    }


# --- answers ----------------------------------------------------------------------------------------------------------


def _answers() -> dict[str, Shape]:
    outcome, scope = one_of(Outcome), listed(one_of(Scope))
    cited = listed(thing(id=ID, at=maybe(TEXT)))
    protection = thing(
        ("or",),
        scheme=ID,
        side=one_of(Side),
        coverage=maybe(one_of(Coverage)),
        protects=TRUTH,
        scope=scope,
        rule=maybe(ID),
        provision=maybe(ID),
        qualifying=maybe(WHOLE),
        certain=TRUTH,
        or_=listed({"type": "object"}),
    )
    departure = {
        "scheme": ID,
        "becomes": maybe(one_of(OnLeaving)),
        "rule": maybe(ID),
        "deadline": maybe(thing(says=TEXT, months=maybe(WHOLE), from_=maybe(TEXT))),
        "scope": scope,
        "provision": maybe(ID),
        "certain": TRUTH,
        "months": thing(there=maybe(WHOLE), at_home=maybe(WHOLE), needed=WHOLE),
        "payable": thing(at_age=maybe(WHOLE), where=maybe(TEXT)),
    }
    home = thing(scheme=ID, becomes=one_of(AtHome), rule=maybe(ID), provision=maybe(ID), certain=TRUTH)
    could_be = thing(
        outcome=outcome, steps=listed(thing(("provision",), do=TEXT, scheme=ID, rule=maybe(ID), provision=ID))
    )
    told_case = thing(origin=ID, destination=ID, sector=one_of(Sector), status=one_of(Status), facts={"type": "object"})
    short = thing(
        outcome=outcome,
        verdict=TEXT,
        scope=scope,
        confidence=maybe(one_of(Confidence)),
        could_be=maybe(ref("CouldBe")),
    )
    option = thing(value={"type": ["string", "boolean"]}, label=TEXT, help=TEXT)
    question = thing(
        ("decides", "unit", "minimum", "maximum"),
        field=ID,
        type=one_of(FactType),
        text=TEXT,
        help=TEXT,
        options=listed(option),
        decides=listed(one_of(Benefit)),
        unit=TEXT,
        minimum=WHOLE,
        maximum=WHOLE,
    )
    return {
        "CouldBe": could_be,
        "BenefitAnswer": thing(
            outcome=outcome,
            verdict=TEXT,
            scope=scope,
            confidence=maybe(one_of(Confidence)),
            could_be=maybe(ref("CouldBe")),
            depends_on=listed(thing(("unclear",), fact=ID, outcomes=mapped(outcome), unclear=ID)),
            presumed=listed(thing(fact=ID, value={}, otherwise=mapped(outcome))),
            at_work=listed(protection),
            on_leaving=listed(thing(("months", "payable"), **departure)),
            at_home=listed(home),
            on_return=listed(thing(scheme=ID, coverage=one_of(Coverage), rule=ID)),
            reasons=listed(thing(code=ID, scheme=maybe(ID), rule=maybe(ID), decides=TRUTH, text=TEXT, sources=cited)),
            promises=listed(
                thing(
                    ("provision", "accepted_by", "not_accepted_by"),
                    instrument=ID,
                    at=maybe(TEXT),
                    says=TEXT,
                    provision=ID,
                    accepted_by=listed(ID),
                    not_accepted_by=listed(ID),
                )
            ),
            coming_changes=listed(thing(("rule", "announced"), from_=maybe(TEXT), says=TEXT, rule=ID, announced=ID)),
        ),
        "Determination": thing(
            edition=EDITION,
            on=DAY,
            case=told_case,
            benefits={
                "type": "object",
                "propertyNames": one_of(Benefit),
                "additionalProperties": ref("BenefitAnswer"),
                "description": "All nine, by name. (The example shows one.)",
            },
        ),
        "BatchAnswer": thing(
            edition=EDITION,
            answers=listed(
                {
                    "anyOf": [thing(answer=ref("Determination")), thing(problem=ref("Problem"))],
                    "description": "In the order of the cases.",
                }
            ),
        ),
        "CareerAnswer": thing(
            edition=EDITION,
            origin=ID,
            on=DAY,
            stays=listed(
                thing(
                    destination=ID,
                    sector=one_of(Sector),
                    status=one_of(Status),
                    from_=DAY,
                    until=maybe(DAY),
                    months=maybe(WHOLE),
                    determination=ref("Determination"),
                )
            ),
            ledger=listed(
                thing(
                    ("months", "payable"),
                    benefit=one_of(Benefit),
                    stay=WHOLE,
                    text=TEXT,
                    months_paid=maybe(WHOLE),
                    claim_by=maybe(DAY),
                    expired=TRUTH,
                    together=mapped(maybe(WHOLE)),
                    needed=maybe(WHOLE),
                    total=maybe(WHOLE),
                    **departure,
                )
            ),
            at_home=listed(thing(benefit=one_of(Benefit), scheme=ID, becomes=one_of(AtHome), rule=maybe(ID))),
        ),
        "NextStep": thing(edition=EDITION, done=TRUTH, question=maybe(question), answer=maybe(ref("Determination"))),
        "Comparison": thing(
            edition=EDITION,
            a=thing(on=DAY, case=told_case),
            b=thing(on=DAY, case=told_case),
            differs=listed(thing(benefit=one_of(Benefit), outcome_differs=TRUTH, in_=listed(ID), a=short, b=short)),
            same=listed(one_of(Benefit)),
        ),
    }


# --- the law ----------------------------------------------------------------------------------------------------------


def _law() -> dict[str, Shape]:
    cited = listed(thing(id=ID, at=maybe(TEXT)))
    benefits, since_until = listed(one_of(Benefit)), {"from_": maybe(DAY), "until": maybe(DAY)}
    test = thing(
        ("is_one_of", "is_none_of", "at_least", "below"),
        fact=ID,
        is_one_of=listed({}),
        is_none_of=listed({}),
        at_least=maybe(WHOLE),
        below=maybe(WHOLE),
    )
    when = listed(listed(test)) | {"description": "One list is enough, and of that list all must hold."}
    office = thing(name=TEXT, address=TEXT, phone=TEXT, url=TEXT, form=TEXT, note=TEXT, sources=cited)
    announced = thing(id=ID, country=ID, benefits=benefits, expected=TEXT, says=TEXT, sources=cited)
    things = {
        "Country": thing(
            id=ID,
            name=TEXT,
            roles=listed(TEXT),
            schemes=listed(ID),
            rules=WHOLE,
            announced=listed(announced),
            gaps=listed(TEXT),
        ),
        "Scheme": thing(
            id=ID,
            country=ID,
            name=TEXT,
            short=TEXT,
            local_name=TEXT,
            kind=one_of(SchemeKind),
            institution=TEXT,
            law=TEXT,
            gives=benefits,
            serves=TEXT,
            since=maybe(DAY),
            until=maybe(DAY),
            offices=listed(office),
            sources=cited,
        ),
        "Rule": thing(
            RULE_KINDS,
            id=ID,
            kind=one_of(RULE_KINDS),
            country=maybe(ID),
            scheme=maybe(ID),
            benefits=benefits,
            when=when,
            says=TEXT,
            note=TEXT,
            confidence=one_of(Confidence),
            checked=DAY,
            exceptions=listed(ID),
            sources=cited,
            **since_until,
            **{kind: {"type": "object"} for kind in RULE_KINDS},
        ),
        "Agreement": thing(
            id=ID,
            title=TEXT,
            parties=listed(ID),
            binding=one_of(Binding),
            signed=TEXT,
            in_force=maybe(DAY),
            until=maybe(DAY),
            note=TEXT,
            provisions=listed(ID),
            sources=cited,
        ),
        "Instrument": thing(
            id=ID,
            title=TEXT,
            short=TEXT,
            adopted=DAY,
            binding=one_of(Binding),
            members=listed(ID),
            asked_of=listed(ID),
            accepted=mapped(DAY),
            articles=listed(
                thing(at=TEXT, benefits=benefits, who=when, says=TEXT, confidence=one_of(Confidence), sources=cited)
            ),
            sources=cited,
        ),
        "Source": thing(id=ID, title=TEXT, publisher=TEXT, kind=one_of(SourceKind), url=TEXT, date=TEXT),
        "Corridor": thing(
            id=ID,
            origin=ID,
            destination=ID,
            agreements=listed(thing(id=ID, title=TEXT, binding=one_of(Binding), in_force=maybe(DAY))),
            instruments=listed(ID),
            schemes=thing(origin=listed(ID), destination=listed(ID)),
        ),
    }
    named: dict[str, Shape] = {}
    for catalogue in CATALOGUES.values():
        one, name = catalogue.one.capitalize(), catalogue.name.capitalize()
        named[one] = things[one]
        named[f"{name}Page"] = _page(ref(one))
        named[f"{one}Found"] = thing(edition=EDITION, **{catalogue.one: ref(one)})
    change = thing(
        ("day", "fields", "was"),
        change=one_of(("begins", "last_day", "added", "removed", "changed")),
        rule=ref("Rule"),
        day=DAY,
        fields=listed(TEXT),
        was=ref("Rule"),
    )
    named["Changes"] = _page(change)
    named["Changes"]["properties"] |= {"since": TEXT, "until": TEXT}
    point = thing(id=ID, country=ID, scheme=ID, benefits=benefits, **office["properties"])
    services = thing(
        total_items=WHOLE,
        total_pages=WHOLE,
        page_number=WHOLE,
        size=WHOLE,
        first_page=TRUTH,
        last_page=TRUTH,
        empty=TRUTH,
        contents=listed(ref("Service")),
        edition=EDITION,
    )
    named["Service"] = thing(id=ID, name=TEXT, status=TEXT) | {"description": "A service of HSDS 3."}
    # With names of their own: generators of clients would make up the same name for both.
    named["HelpPointsPage"], named["ServicesPage"] = _page(point), services
    named["HelpPoints"] = {"anyOf": [ref("HelpPointsPage"), ref("ServicesPage")]}
    named["Root"] = thing(edition=EDITION, addresses=mapped(TEXT))
    return named


def _page(shape: Shape) -> Shape:
    return thing(edition=EDITION, count=WHOLE, next=maybe(WHOLE), items=listed(shape))


def _problems() -> dict[str, Shape]:
    error = thing(field=TEXT, code=TEXT, given=TEXT, accepted=listed(TEXT), detail=TEXT)
    return {
        "Problem": thing(
            ("detail", "errors", "loaded", "stored"),
            type=TEXT,
            title=TEXT,
            status=WHOLE,
            detail=TEXT,
            errors=listed(error),
            loaded=EDITION,
            stored=listed(EDITION),
        )
        | {"description": "RFC 9457 problem details."},
        "ProblemKinds": thing(problems=listed(thing(id=one_of(list(KINDS)), status=WHOLE, title=TEXT))),
    }
