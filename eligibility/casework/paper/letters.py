"""The letter to the worker: what is theirs, how to claim it, what could be better, whom to ask.

All in the active language.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eligibility.casework.paper import telling
from eligibility.casework.paper.content import Block, Kind, Line, Paper
from eligibility.engine.answer import Determination
from eligibility.explain import present, words
from eligibility.explain.page import Told, ToldBenefit, ToldClaim, ToldOffice, ToldStep
from eligibility.vocabulary import Confidence, Outcome


def blocks(paper: Paper) -> Iterator[Block]:
    """The letter from top to bottom."""
    told = present(paper.determination, paper.rulebook)
    yield Block(Kind.TITLE, title=told.title, lines=(Line(words.day(paper.written)),))
    yield from telling.drafts(paper)
    hello = _("Dear %(name)s,") % {"name": paper.worker} if paper.worker else _("Hello,")
    about = _("This letter tells which benefits you carry home, keep or lose, and what you can do.")
    papers = _("Papers: %(status)s") % {"status": words.status(paper.determination.case.status)}
    yield Block(
        Kind.TEXT, lines=(Line(hello), Line(about), Line(f"{words.sentence(papers)} {words.sentence(told.law_of)}"))
    )
    yield from telling.stays(paper)
    yield from telling.dues(paper)
    claimed: set[tuple[object, ...]] = set()
    yield from _ledger(paper, claimed)
    yield from _benefits(told, claimed)
    yield from _better(told, paper.determination)
    if told.questions:
        number = len(told.questions)
        heading = ngettext(
            "One more question makes this surer", "%(counter)s more questions make this surer", number
        ) % {"counter": number}
        yield Block(Kind.SECTION, title=heading)
        yield from (telling.question(one) for one in told.questions)
    if told.presumed:
        yield Block(Kind.SECTION, title=_("What we assume"))
        yield from (Block(Kind.ITEM, lines=(Line(one.text),)) for one in told.presumed)
    yield from _offices(told)
    edition = _("Edition %(edition)s") % {"edition": paper.determination.edition.removeprefix("sha256:")[:8]}
    notice = _("This is information, not legal advice.")
    yield Block(Kind.CLOSING, lines=(Line(notice), Line(f"{words.sentence(told.law_of)} {words.sentence(edition)}")))
    yield Block(Kind.OWN, lines=(Line(" · ".join(filter(None, (paper.caseworker, paper.organisation)))),))


def _ledger(paper: Paper, claimed: set[tuple[object, ...]]) -> Iterator[Block]:
    """What becomes of the rights of other stays, and how to claim them; those of the answer itself stand below."""
    if paper.career is None:
        return
    others = [stay for stay, answer in paper.career.stays if answer.case != paper.determination.case]
    rights = list(telling.rights(paper.career, others, months=False))
    if rights:
        yield Block(Kind.SECTION, title=_("What becomes of what you earned"))
    for right, claim in rights:
        yield right
        yield from _claim(claim, claimed) if claim else ()


def _benefits(told: Told, claimed: set[tuple[object, ...]]) -> Iterator[Block]:
    for group in told.groups:
        yield Block(Kind.SECTION, title=group.heading)
        if group.outcome is Outcome.NONE:
            yield Block(Kind.TEXT, lines=(Line(words.listed(one.label for one in group.benefits)),))
            continue
        for benefit in group.benefits:
            yield _benefit(benefit)
            for claim in benefit.claims:
                yield from _claim(claim, claimed)


def _benefit(benefit: ToldBenefit) -> Block:
    lines = [telling.verdict(benefit)]
    if benefit.confidence is Confidence.LOW:
        lines.append(Line(benefit.sureness, label=_("How sure we are:")))
    return Block(Kind.BENEFIT, title=benefit.label, lines=tuple(lines))


def _claim(claim: ToldClaim, claimed: set[tuple[object, ...]]) -> Iterator[Block]:
    """How to claim: told with the first benefit, not again with others that are `claimed` in the same go."""
    if claim.claim_key in claimed:
        return
    claimed.add(claim.claim_key)
    lines = [Line(claim.how, label=_("To get your money from %(scheme)s") % {"scheme": claim.scheme} + ":")]
    if claim.papers:
        lines.append(Line(_(", ").join(claim.papers), label=_("Take these papers:")))
    if claim.deadline:
        lines.append(Line(claim.deadline, label=_("Until when:")))
    if claim.amount:
        lines.append(Line(claim.amount, label=_("How much:")))
    yield from (Block(Kind.TEXT, lines=(line,)) for line in lines)


def _better(told: Told, determination: Determination) -> Iterator[Block]:
    """Each step once, with all the benefits that it makes better."""
    by_benefit = {one.benefit: one for group in told.groups for one in group.benefits}
    found: dict[tuple[object, ...], tuple[ToldStep, list[str]]] = {}
    for benefit, answer in determination.answers.items():
        steps = answer.could_be.steps if answer.could_be else ()
        for step, said in zip(steps, by_benefit[benefit].steps, strict=True):
            key = step.scheme.id, step.rule, said.outcome
            found.setdefault(key, (said, []))[1].append(by_benefit[benefit].label)
    if found:
        yield Block(Kind.SECTION, title=_("What would make it better"))
    for said, labels in found.values():
        then = _("%(outcome)s: %(benefits)s") % {"outcome": said.outcome_label, "benefits": _(", ").join(labels)}
        yield Block(Kind.ITEM, lines=(Line(f"{said.text} {said.how}".strip()), Line(then, label=_("Then:"))))


def _offices(told: Told) -> Iterator[Block]:
    found: dict[str, ToldOffice] = {}
    for group in told.groups:
        for benefit in group.benefits:
            for office in benefit.offices:
                found.setdefault(office.name, office)
    if found:
        yield Block(Kind.SECTION, title=_("Whom to ask"))
    for office in found.values():
        where = " · ".join(filter(None, (office.phone, office.address)))
        yield Block(Kind.OWN, lines=(Line(where, label=office.name, url=office.url),))
