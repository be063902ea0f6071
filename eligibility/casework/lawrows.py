"""What the law changed for a case, in words, as pages and e-mails show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as msgid

from eligibility.casework import rows
from eligibility.casework.models import AnswerReason, Change
from eligibility.engine.impact import Aspect
from eligibility.explain import lawwords, words
from eligibility.explain.lawwords import ToldField
from eligibility.rulebook import Rulebook
from eligibility.rulebook.differences import BESIDE, Field, How, Kind
from eligibility.vocabulary import Benefit, Outcome

_ASPECTS = {
    Aspect.SCOPE: msgid("in which part"),
    Aspect.COULD_BE: msgid("what a voluntary step reaches"),
    Aspect.DEPENDS_ON: msgid("what it depends on"),
    Aspect.AT_WORK: msgid("what protects at work"),
    Aspect.ON_LEAVING: msgid("what becomes of it on leaving"),
    Aspect.DEADLINE: msgid("the last day to claim"),
    Aspect.PAPERS: msgid("the papers to take"),
    Aspect.AT_HOME: msgid("what becomes of it at home"),
    Aspect.ON_RETURN: msgid("what there is after the return"),
}
"""What differs, in a few words, where the outcome is the same."""

_UNSAID = {"exceptions"}
"""Fields of a rule that say nothing to a caseworker: an exception is a rule of its own."""

_HOW = {
    How.ADDED: (msgid("new"), msgid("new, in force since %(day)s")),
    How.REMOVED: (msgid("no longer law"), msgid("no longer law")),
    How.CHANGED: (msgid("changed"), msgid("changed, in force since %(day)s")),
    How.BEGAN: (msgid("began"), msgid("began on %(day)s")),
    How.ENDED: (msgid("ended"), msgid("last day %(day)s")),
}
_HOW_COMING = msgid("in force from %(day)s")


@dataclass(frozen=True, slots=True)
class Tag:
    """An outcome as the pages show it."""

    outcome: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One benefit: before and after, or, where these are the same, what else differs. `country` only where the case has
    been in several."""

    benefit: str
    country: str
    before: Tag
    after: Tag
    moved: bool
    differs: str


@dataclass(frozen=True, slots=True)
class Cause:
    """A part of the law that did it. `of`: what it is part of, in words; `page`: its name in the address of a rule's
    page, "" if it has none."""

    name: str
    of: str
    page: str
    how: str
    fields: tuple[ToldField, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Benefits that the same parts of the law changed."""

    lines: tuple[Line, ...]
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change of one case: what has another outcome now, and what has the same but differs otherwise. `silent`: the
    law does not speak of the case any more; `again`: it does once more."""

    change: Change
    corridor: str
    moved: tuple[Group, ...]
    same: tuple[Group, ...]
    silent: bool
    again: bool
    by_day: bool

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for group in (*self.moved, *self.same) for line in group.lines)

    @property
    def same_lines(self) -> int:
        return sum(len(group.lines) for group in self.same)


def with_cases(changes: QuerySet[Change]) -> QuerySet[Change]:
    """With what a row shows; nothing of a case is unsealed."""
    return changes.select_related("case", "adoption", "seen_by").defer("case__name", "case__contacts")


def change_rows(changes: Iterable[Change], law: Rulebook, today: date) -> list[ChangeRow]:
    """The changes in words. `law`: the one whose rules have pages."""
    told: dict[str, Cause] = {}

    def cause(by: dict[str, Any]) -> Cause:
        """One edition changes many cases alike, so each part of the law is put into words once."""
        key = repr(by)
        if key not in told:
            told[key] = _cause(by, law, today)
        return told[key]

    return [_row(change, cause) for change in changes]


Say = Callable[[dict[str, Any]], Cause]


def _row(change: Change, cause: Say) -> ChangeRow:
    here = change.case.destination
    several = any(one["destination"] != here for one in change.benefits)
    moved = [one for one in change.benefits if one["before"] != one["after"]]
    same = [one for one in change.benefits if one["before"] == one["after"]]
    return ChangeRow(
        change=change,
        corridor=rows.corridor(change.case),
        moved=_groups(moved, several, cause),
        same=_groups(same, several, cause),
        silent=change.after_id is None,
        again=change.after_id is not None and not change.benefits,
        by_day=change.reason == AnswerReason.DAY,
    )


def _groups(benefits: list[dict[str, Any]], several: bool, cause: Say) -> tuple[Group, ...]:
    """Together what the same parts of the law changed."""
    found: dict[tuple[tuple[str, str], ...], list[dict[str, Any]]] = {}
    for one in benefits:
        found.setdefault(tuple((by["kind"], by["id"]) for by in one["by"]), []).append(one)
    return tuple(
        Group(tuple(_line(one, several) for one in group), tuple(map(cause, group[0]["by"])))
        for group in found.values()
    )


def _line(one: dict[str, Any], several: bool) -> Line:
    moved = one["before"] != one["after"]
    others = [_(_ASPECTS[Aspect(word)]) for word in one["aspects"] if Aspect(word) in _ASPECTS]
    return Line(
        benefit=words.benefit(Benefit(one["benefit"])),
        country=words.country(one["destination"]) if several else "",
        before=_tag(one["before"]),
        after=_tag(one["after"]),
        moved=moved,
        differs="" if moved else words.listed(others),
    )


def _tag(word: str) -> Tag:
    return Tag(word, words.outcome(Outcome(word)))


def _cause(by: dict[str, Any], law: Rulebook, today: date) -> Cause:
    kind, name = Kind(by["kind"]), by["id"]
    return Cause(
        name=name,
        of=lawwords.part(kind, name, law),
        page=name if name in law.rules or name in law.provisions else "",
        how=_how(How(by["how"]), date.fromisoformat(by["day"]) if by["day"] else None, today),
        fields=tuple(
            lawwords.told_field(kind, name, Field(field["field"], field["old"], field["new"]), law)
            for field in sorted(by["fields"], key=lambda field: field["field"] in BESIDE)  # what decides comes first
            if field["field"] not in _UNSAID
        ),
    )


def _how(how: How, day: date | None, today: date) -> str:
    plain, dated = _HOW[how]
    if day is None:
        return _(plain)
    if day > today and how is not How.ENDED:
        dated = _HOW_COMING
    return _(dated) % {"day": words.day(day)}
