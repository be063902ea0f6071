"""The evidence sheet: what was told, what follows, and the law behind each point, for an office, an employer or a
lawyer. In the active language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from eligibility.casework.paper import telling
from eligibility.casework.paper.content import Block, Kind, Line, Paper, source_line
from eligibility.engine.answer import Determination
from eligibility.explain import present, record, words
from eligibility.explain.data import case_data
from eligibility.explain.page import Told, ToldBenefit, ToldPromise, ToldReason, ToldSource
from eligibility.explain.telling import promises


def blocks(paper: Paper) -> Iterator[Block]:
    """The sheet from top to bottom: first the answer that the letter tells, then those of the other stays."""
    yield Block(Kind.TITLE, title=_("The law behind one case"), lines=(Line(words.day(paper.written)),))
    yield from telling.drafts(paper)
    about = _("The sentences speak to the worker: “you” is the worker.")
    notice = _("This is information, not legal advice.")
    yield Block(Kind.TEXT, lines=(*([Line(paper.worker)] if paper.worker else []), Line(f"{about} {notice}")))
    yield from telling.stays(paper)
    yield from _ledger(paper)
    yield from telling.dues(paper)
    others = [one for _stay, one in paper.career.stays if one.case != paper.determination.case] if paper.career else []
    seen: set[object] = set()
    for determination in (paper.determination, *others):
        yield from _answer(determination, paper, seen)
    yield Block(Kind.SECTION, title=_("Edition of the rules"))
    yield Block(Kind.OWN, lines=(Line(paper.determination.edition), *map(_asked, (paper.determination, *others))))


def _asked(determination: Determination) -> Line:
    """What the engine was asked, to ask it again: as the API takes it."""
    asked = {**case_data(determination.case), "on": determination.on.isoformat()}
    return Line(json.dumps(asked, sort_keys=True, ensure_ascii=False))


def _ledger(paper: Paper) -> Iterator[Block]:
    if paper.career is None:
        return
    yield Block(Kind.SECTION, title=_("What becomes of what you earned"))
    rights = list(telling.rights(paper.career, [stay for stay, _answer in paper.career.stays], months=True))
    if not rights:
        yield Block(Kind.TEXT, lines=(Line(_("We found nothing that goes on after you leave.")),))
    yield from (block for block, _claim in rights)


def _answer(determination: Determination, paper: Paper, seen: set[object]) -> Iterator[Block]:
    """One stay. `seen` are the rules, sources and promises that stand above in full."""
    told = present(determination, paper.rulebook)
    yield Block(Kind.SECTION, title=told.title, lines=(Line(words.sentence(told.law_of)),))
    yield from _given(determination, paper, told)
    for group in told.groups:
        for benefit in group.benefits:
            yield from _benefit(benefit, seen)
    yield from _coming(told, determination)
    yield from _promised(told, seen)


def _given(determination: Determination, paper: Paper, told: Told) -> Iterator[Block]:
    case = determination.case
    yield Block(Kind.BENEFIT, title=_("Your answers"))
    yield Block(
        Kind.ITEM,
        items=(
            _("From: %(country)s") % {"country": words.country(case.origin)},
            _("Work in: %(country)s") % {"country": words.country(case.destination)},
            _("Work: %(sector)s") % {"sector": words.sector(case.sector)},
            _("Papers: %(status)s") % {"status": words.status(case.status)},
        ),
    )
    for fact in record.facts(case, paper.rulebook):
        yield Block(
            Kind.ITEM, items=(_("%(question)s %(answer)s") % {"question": fact.question, "answer": fact.value},)
        )
    if told.questions:
        yield from (telling.question(one) for one in told.questions)
    if told.presumed:
        yield Block(Kind.BENEFIT, title=_("What we assume"))
    for one in told.presumed:
        otherwise = [Line(_("; ").join(one.otherwise), label=_("Otherwise:"))] if one.otherwise else []
        yield Block(Kind.ITEM, lines=(Line(one.text), *otherwise))


def _benefit(benefit: ToldBenefit, seen: set[object]) -> Iterator[Block]:
    """A benefit with the rules that decide it; how sure the whole is, unless its only rule says the same below."""
    deciding = [one for one in benefit.reasons if one.decides] or list(benefit.reasons)
    lines = [telling.verdict(benefit)]
    whole = benefit.confidence, benefit.checked
    if [(one.confidence, one.checked) for one in deciding if one.rule not in seen] != [whole] or len(deciding) > 1:
        sure = _("Checked on %(day)s.") % {"day": benefit.checked} if benefit.checked else ""
        lines.append(Line(f"{benefit.sureness} {sure}".strip(), label=_("How sure we are:")))
    yield Block(Kind.BENEFIT, title=benefit.label, tag=benefit.outcome_label, lines=tuple(lines))
    if benefit.depends_on:
        yield Block(Kind.TEXT, lines=(Line("", label=_("What it depends on")), *map(Line, benefit.depends_on)))
    for reason in deciding:
        yield from _reason(reason, seen)


def _reason(reason: ToldReason, seen: set[object]) -> Iterator[Block]:
    """A rule in full where it first decides; later only its sentence and its name."""
    text = reason.text if reason.certain else f"{reason.text} {_('(This depends on an answer.)')}"
    if reason.rule in seen:
        yield Block(Kind.TEXT, lines=(Line(f"{text} ({reason.rule})"),))
        return
    lines = [Line(text)]
    if reason.detail:
        lines.append(Line(reason.detail))
    sure = ""
    if reason.confidence:
        sure = f"{words.confidence(reason.confidence)} {_('Checked on %(day)s.') % {'day': reason.checked}}"
    if reason.rule:
        seen.add(reason.rule)
        lines.append(Line(f"{words.sentence(telling.in_force(reason))} {sure}".strip(), label=_("In force")))
    elif sure:
        lines.append(Line(sure, label=_("How sure we are:")))
    yield Block(Kind.TEXT, lines=tuple(lines))
    named = (Line(" · ".join(filter(None, (reason.scheme, reason.agreement))), label=reason.rule),)
    note = (Line(reason.note),) if reason.note else ()
    yield Block(Kind.OWN, lines=(*named, *_cited(reason.sources, seen), *note))


def _coming(told: Told, determination: Determination) -> Iterator[Block]:
    """Each change that is coming once, whichever benefits it bears on."""
    found: dict[object, str] = {}
    for group in told.groups:
        for benefit in group.benefits:
            found.update(zip(determination.answers[benefit.benefit].coming, benefit.coming, strict=True))
    if found:
        yield Block(Kind.BENEFIT, title=_("What may change soon"))
    yield from (Block(Kind.ITEM, lines=(Line(text),)) for text in found.values())


def _cited(sources: Iterable[ToldSource], seen: set[object]) -> Iterator[Line]:
    """Sources, each with its address where it is first cited."""
    for source in sources:
        yield replace(source_line(source), url="") if _key(source) in seen else source_line(source)
        seen.add(_key(source))


def _key(source: ToldSource) -> tuple[str, str]:
    return source.title, source.url


def _promised(told: Told, seen: set[object]) -> Iterator[Block]:
    """Promises, in full those that no stay above was told."""
    found = promises(told)
    if not found:
        return
    text = _("Governments have promised these things. They are not law, so they change no answer.")
    yield Block(Kind.BENEFIT, title=_("Promised, not law"), lines=(Line(text),))
    above: list[str] = []
    for promise in found:
        key = promise.sources, promise.at, promise.standing
        if promise.near and key in seen:
            above.append(_named(promise))
        elif promise.near:
            seen.add(key)
            yield from _promise(promise, seen)
    if above:
        yield Block(Kind.TEXT, lines=(Line(_("As told above: %(names)s.") % {"names": _("; ").join(above)}),))
    norms = list(dict.fromkeys(one.instrument for one in found if not one.near))
    if norms:
        text = _("The world has promised this too, but neither country has accepted it:")
        yield Block(Kind.TEXT, lines=(Line(f"{text} {words.sentence(words.listed(norms))}"),))


def _promise(promise: ToldPromise, seen: set[object]) -> Iterator[Block]:
    """A promise, with those sources that were not cited yet: as a rule its text is the only one."""
    text = f"{promise.text} {promise.standing}".strip()
    yield Block(Kind.TEXT, lines=(Line(text, label=f"{_named(promise)}:"),))
    if new := [one for one in promise.sources if _key(one) not in seen]:
        yield Block(Kind.OWN, lines=tuple(_cited(new, seen)))


def _named(promise: ToldPromise) -> str:
    return f"{promise.instrument}, {promise.at}" if promise.at else promise.instrument
