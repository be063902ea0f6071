"""Two answers side by side: as it is, and as it would be with one thing changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from eligibility.engine import CaseError, Determination, determine, make_case
from eligibility.explain import present, words
from eligibility.explain.page import ToldBenefit
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import Status
from eligibility.web.answers import Answers


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that can be changed: `value` as a form sends it, `question` as a button says it."""

    value: str
    question: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One benefit in both answers."""

    now: ToldBenefit
    then: ToldBenefit

    @property
    def same(self) -> bool:
        return (self.now.outcome, self.now.verdict, self.now.in_part) == (
            self.then.outcome,
            self.then.verdict,
            self.then.in_part,
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both answers: what was asked, the benefits that differ, and the names of those that do not."""

    question: str
    differing: tuple[Pair, ...]
    same: tuple[str, ...]


def changes(answers: Answers, determination: Determination) -> tuple[Change, ...]:
    """What a worker may want to try: without papers, with papers, and each scheme that can be joined by oneself."""
    found = []
    if answers.status != Status.IRREGULAR:
        found.append(Change(f"status:{Status.IRREGULAR}", _("What if my permit ran out?")))
    else:
        found.append(Change(f"status:{Status.REGULAR}", _("What if I had a work permit?")))
    schemes = {
        step.scheme.id: step.scheme
        for answer in determination.answers.values()
        if answer.could_be
        for step in answer.could_be.steps
    }
    for scheme in schemes.values():
        question = _("What if I joined %(scheme)s by myself?") % {"scheme": words.scheme(scheme)}
        found.append(Change(f"joined:{scheme.id}", question))
    return tuple(found)


def compare(answers: Answers, value: str, law: Rulebook, today: date) -> Comparison | None:
    """Both answers for one of the `changes`; None for anything else."""
    now = _determination(answers, law, today)
    if now is None:
        return None
    change = next((one for one in changes(answers, now) if one.value == value), None)
    if change is None:
        return None
    kind, _colon, word = value.partition(":")
    changed = replace(answers, status=word) if kind == "status" else _joining(answers, word)
    then = _determination(changed, law, today)
    if then is None:
        return None
    pairs = [Pair(a, b) for a, b in zip(_benefits(now, law), _benefits(then, law), strict=True)]
    return Comparison(
        question=change.question,
        differing=tuple(pair for pair in pairs if not pair.same),
        same=tuple(pair.now.label for pair in pairs if pair.same),
    )


def _joining(answers: Answers, scheme: str) -> Answers:
    joined = {*filter(None, answers.facts.get("joined", "").split(",")), scheme}
    return answers.with_fact("joined", ",".join(sorted(joined)))


def _determination(answers: Answers, law: Rulebook, today: date) -> Determination | None:
    try:
        return determine(make_case({**answers.four(), "facts": answers.facts}, law, today), law)
    except CaseError:
        return None


def _benefits(determination: Determination, law: Rulebook) -> list[ToldBenefit]:
    """The nine benefits in their usual order."""
    cards = [card for group in present(determination, law).groups for card in group.benefits]
    order = list(determination.answers)
    return sorted(cards, key=lambda card: order.index(card.benefit))
