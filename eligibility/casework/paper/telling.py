"""What a letter and an evidence sheet both tell: drafts, stays, until when to claim. In the active language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from eligibility.casework.paper.content import Block, Due, Kind, Line, Paper
from eligibility.engine.answer import key_of
from eligibility.engine.career import Career, Stay
from eligibility.explain import record, words
from eligibility.explain.page import ToldBenefit, ToldClaim, ToldQuestion, ToldReason, ToldRight
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import OnLeaving


def drafts(paper: Paper) -> Iterator[Block]:
    """A line for each of the paper's languages that no native speaker has checked, under its own name."""
    names = dict(settings.LANGUAGES)
    for language in paper.languages:
        if language not in settings.LANGUAGES_REVIEWED:
            text = _("This translation is a draft. No native speaker has checked it yet.")
            yield Block(Kind.TEXT, lines=(Line(text, label=f"{names.get(language, language)}:"),))


def stays(paper: Paper) -> Iterator[Block]:
    """Where the worker has worked; nothing without a career."""
    if paper.career is None:
        return
    yield Block(Kind.SECTION, title=_("Where you have worked"))
    for stay, _determination in paper.career.stays:
        told = record.stay(stay)
        what = _(", ").join(filter(None, (told.work, told.papers, told.months)))
        yield Block(Kind.ITEM, lines=(Line(f"{words.sentence(told.when)} {what}", label=told.country),))


def dues(paper: Paper) -> Iterator[Block]:
    """Until when to claim: the organisation's claims or, if it follows none, the career's.

    The nearest day that is still to come is first, what is over last."""
    found: dict[tuple[str, date | None, date | None], list[str]] = {}
    for due in paper.dues or _from_career(paper):
        found.setdefault((due.scheme, due.by, due.filed), []).append(words.benefit(due.benefit))
    if not found:
        return
    yield Block(Kind.SECTION, title=_("Until when to claim"))

    def urgency(key: tuple[str, date | None, date | None]) -> tuple[bool, date]:
        _scheme, by, filed = key
        return filed is not None or (by is not None and by < paper.written), by or date.max

    for scheme, by, filed in sorted(found, key=urgency):
        names = _(", ").join(dict.fromkeys(found[scheme, by, filed]))
        whose = f"{_scheme(scheme, paper.rulebook)} ({names})" if scheme else names
        lines = [Line(whose, label=words.day(by) if by else "")]
        if filed:
            lines.append(Line(_("Handed in on %(day)s.") % {"day": words.day(filed)}))
        elif by and by < paper.written:
            lines.append(Line(_("This day has passed. Ask the office all the same.")))
        yield Block(Kind.ITEM, lines=tuple(lines))


def _from_career(paper: Paper) -> list[Due]:
    rights = paper.career.ledger if paper.career else ()
    known = [one for one in rights if one.claim_by and one.departure.becomes is not None]
    return [Due(one.benefit, one.departure.scheme.id, one.claim_by) for one in known]


def _scheme(name: str, rulebook: Rulebook) -> str:
    return words.scheme(rulebook.schemes[name]) if name in rulebook.schemes else name


def rights(career: Career, stays: Sequence[Stay], *, months: bool) -> Iterator[tuple[Block, ToldClaim | None]]:
    """The ledger of these stays, with how to claim each right. What one scheme gives by one rule stands together; what
    ended with the job, so that nothing is left to claim, is left out. `months` also says how many were paid in."""
    found: dict[tuple[object, ...], list[ToldRight]] = {}
    for told in record.rights(career):
        over = told.of.departure.becomes is OnLeaving.ENDS and told.of.claim_by is None
        if not over and any(told.of.stay is stay for stay in stays):
            key = id(told.of.stay), *key_of(told.of.departure), told.of.claim_by, told.of.together
            found.setdefault(key, []).append(told)
    for same in found.values():
        first = same[0]
        title = f"{first.country}: {_(', ').join(dict.fromkeys(one.benefit for one in same))}"
        lines = [Line(first.text if first.certain else f"{first.text} {_('(This depends on an answer.)')}")]
        if first.together:
            lines.append(Line(first.together))
        elif months and first.months is not None:
            lines = [Line(f"{lines[0].text} ({words.months(first.months)})")]
        if first.by and first.expired:
            lines.append(Line(_("The last day to claim was %(day)s.") % {"day": first.by}))
        elif first.by:
            lines.append(Line(_("Claim by %(day)s.") % {"day": first.by}))
        yield Block(Kind.BENEFIT, title=title, lines=tuple(lines)), first.claim


def verdict(benefit: ToldBenefit) -> Line:
    """The headline in one sentence, and in which part only."""
    part = " " + _("But in part: %(part)s.") % {"part": benefit.in_part} if benefit.in_part else ""
    return Line(benefit.verdict + part)


def question(asked: ToldQuestion) -> Block:
    """A question that is still open, and what it could change."""
    change = Line(_("It can change: %(benefits)s.") % {"benefits": _(", ").join(asked.decides)})
    return Block(Kind.ITEM, lines=(Line(asked.text), *([Line(asked.help)] if asked.help else []), change))


def in_force(reason: ToldReason) -> str:
    """Since when and until when a rule holds."""
    params = {"since": reason.since, "until": reason.until}
    if reason.since and reason.until:
        return _("from %(since)s until %(until)s") % params
    if reason.since:
        return _("since %(since)s") % params
    if reason.until:
        return _("until %(until)s") % params
    return _("for longer than these pages look back")
