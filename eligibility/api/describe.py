"""What each address does, in a line for the OpenAPI description. `schema` adds parameters, shapes and examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema

from eligibility.api.law import Catalogue


class KeyScheme(OpenApiAuthenticationExtension):
    """How a key is shown."""

    target_class = "eligibility.api.access.ByKey"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Api-Key` and the key. Without one, you are served at a low rate.",
        }


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _operation(name: str, tag: str, summary: str, says: str, asks: str | None, gives: str | None) -> Any:
    gives_this: Any = {200: ref(gives)} if gives else {200: None}
    request = {"application/json": ref(asks)} if asks else None
    return extend_schema(
        operation_id=name, tags=[tag], summary=summary, description=says, request=request, responses=gives_this
    )


ANSWERS, LAW, MORE = "Answers", "The law", "About"

determination = _operation(
    "determine",
    ANSWERS,
    "Answer one case",
    "Nine benefits, each with its outcome, reasons and sources. Nothing of the case is stored or logged. The same case "
    "on the same day `on`, by the same edition, always gets the same answer.",
    "Case",
    "Determination",
)
determination_by_get = _operation(
    "determineByGet",
    ANSWERS,
    "Answer one case, cacheable",
    "The same as POST, with every value in the address: addresses end up in logs and histories, so ask this way only "
    "for cases of nobody, such as examples. Each fact is a parameter of its own. Carries an ETag.",
    None,
    "Determination",
)
batch = _operation(
    "determineBatch",
    ANSWERS,
    "Answer up to 1,000 cases",
    "Each case is answered or refused by itself, in the order in which they came. Twenty cases count as one request.",
    "Batch",
    "BatchAnswer",
)
career = _operation(
    "answerCareer",
    ANSWERS,
    "Answer work in several countries",
    "Each stay is answered, and the rights of all of them are folded into one ledger.",
    "Career",
    "CareerAnswer",
)
questions = _operation(
    "askNext",
    ANSWERS,
    "Get the next question, or the answer",
    "A dialogue without a memory: send what is known, get the question that could change most; put the worker's answer "
    "into the field that it names, or the fact's name into `unknown`, and send all of it again.",
    "Known",
    "NextStep",
)
compare = _operation(
    "compare",
    ANSWERS,
    "Compare two cases",
    "Which benefits differ between two cases, and in which parts of the answer.",
    "Pair",
    "Comparison",
)
sms = _operation(
    "sms",
    ANSWERS,
    "Go on with a dialogue by text message",
    "What a phone wrote comes in, the next text message for it goes out, in at most three segments. What was told is "
    "kept for a day at most, under a keyed hash of the number, and deleted with the answer. As JSON, as a form, or as "
    "Kannel's `post-url` sends it (text/plain with the header X-Kannel-From).",
    "TextMessage",
    "Reply",
)
changes = _operation(
    "listChanges",
    LAW,
    "What reform changed",
    "`since` a day: the rules that began or ended up to `until` (today if not given). `since` a stored edition: what "
    "was added, removed or changed up to the edition that answers.",
    None,
    "Changes",
)
help_points = _operation(
    "listHelpPoints",
    LAW,
    "Where to claim and whom to call",
    "With `format=hsds` as a page of services of Open Referral's Human Services Data Specification 3.",
    None,
    "HelpPoints",
)
problems = _operation("listProblems", MORE, "The kinds of problems", "What `type` may say.", None, "ProblemKinds")
root = _operation("root", MORE, "Where everything is", "The addresses, and the loaded edition.", None, "Root")


def many(catalogue: Catalogue) -> Any:
    name = _camel(catalogue.name)
    return _operation(f"list{name}", LAW, f"List {catalogue.name}", catalogue.says, None, f"{name}Page")


def one(catalogue: Catalogue) -> Any:
    name = _camel(catalogue.one)
    return _operation(f"get{name}", LAW, f"Get one {catalogue.one}", catalogue.says, None, f"{name}Found")


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))
