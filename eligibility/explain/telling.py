"""From a determination to sentences: the view that every surface prints (`page.Told`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from eligibility.engine.answer import (
    Answer,
    Departure,
    Determination,
    Home,
    Promise,
    Protection,
    Question,
    Reason,
    Step,
)
from eligibility.engine.career import after_months
from eligibility.engine.case import Case
from eligibility.explain import sentences, words
from eligibility.explain.page import (
    Told,
    ToldBenefit,
    ToldClaim,
    ToldDeadline,
    ToldGroup,
    ToldOffice,
    ToldOption,
    ToldPresumption,
    ToldPromise,
    ToldQuestion,
    ToldReason,
    ToldSource,
    ToldStep,
)
from eligibility.rulebook.model import Announcement, Citation, CoverageRule, LeavingRule, Rule, Rulebook
from eligibility.vocabulary import Coverage, Fact, FactType, Outcome

ORDER = (Outcome.PORTABLE, Outcome.RETAINED, Outcome.LOST, Outcome.DEPENDS, Outcome.NONE)
MOST_QUESTIONS = 3


def present(determination: Determination, rulebook: Rulebook) -> Told:
    """The whole answer in the active language."""
    case = determination.case
    told = [_benefit(answer, case, rulebook) for answer in determination.answers.values()]
    presumed: dict[str, ToldPresumption] = {}
    for benefit in told:
        for one in benefit.presumed:
            presumed.setdefault(one.fact, one)
    groups = []
    for outcome in ORDER:
        members = tuple(benefit for benefit in told if benefit.outcome is outcome)
        if members:
            groups.append(
                ToldGroup(outcome, words.outcome_heading(outcome), words.outcome_count(outcome, len(members)), members)
            )
    params = {
        "origin": words.country(case.origin),
        "destination": words.country(case.destination),
        "sector": words.sector(case.sector),
    }
    return Told(
        title=_("%(origin)s → %(destination)s: %(sector)s") % params,
        law_of=_("The law of %(day)s") % {"day": words.day(case.on)},
        on=case.on,
        edition=determination.edition,
        groups=tuple(groups),
        questions=questions(determination, rulebook),
        presumed=tuple(presumed.values()),
    )


# --- questions --------------------------------------------------------------------------------------------------------


def questions(determination: Determination, rulebook: Rulebook, most: int = MOST_QUESTIONS) -> tuple[ToldQuestion, ...]:
    """The facts that could change something, the one that could change most benefits first."""
    touched: dict[str, list[str]] = {}
    for answer in determination.answers.values():
        for question in answer.depends_on:
            if question.unclear is None:
                touched.setdefault(question.fact, []).append(words.benefit(answer.benefit))
    order = list(rulebook.facts)
    ranked = sorted(touched, key=lambda fact: (-len(touched[fact]), order.index(fact)))
    return tuple(ask(rulebook.facts[fact], determination.case, tuple(touched[fact])) for fact in ranked[:most])


def ask(fact: Fact, case: Case, decides: tuple[str, ...] = ()) -> ToldQuestion:
    """A fact as a question to this worker."""
    names = _names(case)
    options: tuple[ToldOption, ...] = ()
    if fact.type is FactType.BOOLEAN:
        options = (ToldOption("true", _("Yes")), ToldOption("false", _("No")))
    elif fact.type is FactType.CHOICE:
        options = tuple(ToldOption(value, _fill(label, names)) for value, label in fact.choices)
    return ToldQuestion(
        fact=fact.name,
        text=_fill(fact.question, names),
        help=_fill(fact.help, names),
        unit=unit(fact),
        minimum=fact.minimum,
        maximum=fact.maximum,
        options=options,
        decides=decides,
        kind=fact,
    )


def unit(fact: Fact) -> str:
    """The unit after a number, in words."""
    match fact.unit:
        case "months":
            return _("months")
        case "years":
            return _("years")
        case "hours":
            return _("hours")
        case "workers":
            return _("people")
    return ""


def _names(case: Case) -> dict[str, str]:
    return {
        "origin": words.place(case.origin),
        "destination": words.place(case.destination),
        "sector": words.sector(case.sector),
    }


def _fill(text: str, names: dict[str, str]) -> str:
    """A fact's text in the active language with the names of the case filled in."""
    return _(text).format_map(names) if text else ""


def _class_of_values(fact: Fact, label: str, case: Case) -> str:
    """One class of a fact's values in words: "12 to 35 months", "Yes"."""
    if fact.type is FactType.BOOLEAN:
        return _("Yes") if label == "true" else _("No")
    if fact.type is FactType.CHOICE:
        return _fill(dict(fact.choices)[label], _names(case))
    low, _dash, high = label.partition("-")
    if label == "<1":
        text = _("none")
    elif label.startswith(">="):
        text = _("%(number)s %(unit)s or more") % {"unit": unit(fact), "number": label[2:]}
    elif label.startswith("<"):
        text = _("fewer than %(number)s %(unit)s") % {"unit": unit(fact), "number": label[1:]}
    else:
        text = _("%(low)s to %(high)s %(unit)s") % {"unit": unit(fact), "low": low, "high": high}
    return " ".join(text.split())  # some facts have no unit


def sentence_of(departure: Departure, case: Case) -> str:
    """What becomes of one right, in a sentence."""
    return sentences.reason(Reason(departure), case)


# --- one benefit ------------------------------------------------------------------------------------------------------


def _benefit(answer: Answer, case: Case, rulebook: Rulebook) -> ToldBenefit:
    reasons = tuple(_reason(given, case, rulebook) for given in with_what_earned_it(answer))
    cited = [given.rule for given in answer.reasons if given.decides and given.rule is not None]
    checked = min((rule.checked for rule in cited), default=None)
    return ToldBenefit(
        benefit=answer.benefit,
        label=words.benefit(answer.benefit),
        outcome=answer.outcome,
        outcome_label=words.outcome(answer.outcome),
        verdict=sentences.verdict(answer, case),
        in_part=_(", ").join(words.scope(word) for word in answer.scope),
        before=tuple(sentences.before(answer)),
        during=tuple(sentences.during(answer, case)),
        after=tuple(sentences.after(answer, case)),
        reasons=reasons,
        depends_on=tuple(line for question in answer.depends_on for line in _depends(question, case, rulebook)),
        presumed=tuple(_presumption(p.fact, p.otherwise, case, rulebook) for p in answer.presumed),
        steps=_steps(answer),
        claims=tuple(told for departure in answer.on_leaving if (told := claim(departure)) is not None),
        offices=_offices(answer),
        promises=tuple(_promise(promise, rulebook) for promise in answer.promises),
        coming=tuple(_coming(change, rulebook) for change in answer.coming),
        confidence=answer.confidence,
        sureness=words.confidence(answer.confidence) if answer.confidence else _("We found no rule about this."),
        checked=words.day(checked) if checked else "",
    )


def with_what_earned_it(answer: Answer) -> list[Reason]:
    """The reasons, with the coverage under which a deciding right was earned right behind it."""
    earned = {r.item.earned_by for r in answer.reasons if r.decides and isinstance(r.item, Departure)}
    told = [
        Reason(given.item, given.decides or (isinstance(given.item, Protection) and given.rule in earned - {None}))
        for given in answer.reasons
    ]
    return sorted(told, key=lambda given: not given.decides)


def _reason(given: Reason, case: Case, rulebook: Rulebook) -> ToldReason:
    rule, provision, item = given.rule, given.provision, given.item
    behind = provision or rule
    agreement = next((a.title for a in rulebook.agreements if provision and a.id == provision.agreement), "")
    detail = (provision.says if provision else "") or (rule.says if rule else "")
    return ToldReason(
        text=sentences.reason(given, case),
        detail=_(detail) if detail else "",
        scheme=_scheme_name(item) if item else "",
        rule=behind.id if behind else "",
        since=words.day(behind.from_) if behind and behind.from_ else "",
        until=words.day(behind.until) if behind and behind.until else "",
        agreement=agreement,
        note=rule.note if rule else "",
        confidence=behind.confidence if behind else None,
        checked=words.day(behind.checked) if behind else "",
        decides=given.decides,
        certain=item.certain if item else True,
        sources=sources(behind.sources if behind else (item.scheme.sources if item else ()), rulebook),
    )


def _scheme_name(item: Protection | Departure | Home) -> str:
    scheme = item.scheme
    return f"{scheme.name} ({scheme.local_name})" if scheme.local_name else scheme.name


def sources(citations: Iterable[Citation], rulebook: Rulebook) -> tuple[ToldSource, ...]:
    """Where it was read: titles stay in their own language."""
    found = []
    for citation in citations:
        source = rulebook.sources[citation.source]
        found.append(ToldSource(source.title, source.publisher, citation.at, source.url))
    return tuple(found)


def _depends(question: Question, case: Case, rulebook: Rulebook) -> list[str]:
    if question.unclear is not None:
        results = {words.outcome(outcome) for _label, outcome in question.outcomes}
        return [_("The law is unclear here. It could be: %(results)s.") % {"results": _(", ").join(sorted(results))}]
    fact = rulebook.facts[question.fact]
    lines = [_fill(fact.question, _names(case))]
    for label, outcome in question.outcomes:
        params = {"answer": _class_of_values(fact, label, case), "outcome": words.outcome(outcome)}
        lines.append(_("%(answer)s: %(outcome)s") % params)
    return lines


def _presumption(
    name: str, otherwise: tuple[tuple[str, Outcome], ...], case: Case, rulebook: Rulebook
) -> ToldPresumption:
    fact = rulebook.facts[name]
    lines = []
    for label, outcome in otherwise:
        params = {"answer": _class_of_values(fact, label, case), "outcome": words.outcome(outcome)}
        lines.append(_("%(answer)s: %(outcome)s") % params)
    text = _("We assume that %(assumed)s.") % {"assumed": _fill(fact.assumed, _names(case))}
    return ToldPresumption(name, text, tuple(lines))


def _steps(answer: Answer) -> tuple[ToldStep, ...]:
    if answer.could_be is None:
        return ()
    outcome = answer.could_be.outcome
    found = []
    for step in answer.could_be.steps:
        how = _(step.rule.step) if step.rule and step.rule.step else ""
        found.append(ToldStep(step_text(step), how, outcome, words.outcome(outcome)))
    return tuple(found)


def step_text(step: Step) -> str:
    """What the worker can do, in a sentence."""
    return _("Join %(scheme)s by yourself.") % {"scheme": words.scheme(step.scheme)}


def claim(departure: Departure) -> ToldClaim | None:
    """How to get what one scheme owes on leaving; None where nothing of it is known."""
    rule = departure.rule
    if not isinstance(rule, LeavingRule):
        return None
    deadline = rule.claim.deadline
    if not (rule.claim.how or rule.claim.papers or deadline or rule.amount):
        return None
    return ToldClaim(
        scheme=words.scheme(departure.scheme),
        how=_(rule.claim.how) if rule.claim.how else "",
        papers=tuple(_(paper) for paper in rule.claim.papers),
        deadline=_(deadline.says) if deadline else "",
        amount=_(rule.amount) if rule.amount else "",
        of=departure,
    )


def has_deadlines(determination: Determination) -> bool:
    """Would the day on which the work ended give days to claim by?"""
    return any(_months_to_claim(one) is not None for a in determination.answers.values() for one in a.on_leaving)


def deadlines(determination: Determination, left: date, today: date) -> tuple[ToldDeadline, ...]:
    """The last days to claim for who stopped working there on the day `left`, the nearest first. One for each way to
    claim: a scheme that gives several benefits is claimed from once."""
    found: dict[tuple[str, date], tuple[list[str], str]] = {}
    for answer in determination.answers.values():
        for departure in answer.on_leaving:
            months = _months_to_claim(departure)
            if months is None or not isinstance(departure.rule, LeavingRule):
                continue
            how = _(departure.rule.claim.how) if departure.rule.claim.how else ""
            key = words.scheme(departure.scheme), after_months(left, months)
            found.setdefault(key, ([], how))[0].append(words.benefit(answer.benefit))
    return tuple(
        ToldDeadline(scheme, tuple(benefits), by, words.day(by), how, by < today)
        for (scheme, by), (benefits, how) in sorted(found.items(), key=lambda one: one[0][1])
    )


def _months_to_claim(departure: Departure) -> int | None:
    """Within how many months of the end of the work to claim; None where the law counts otherwise, or not at all."""
    deadline = departure.rule.claim.deadline if departure.rule else None
    if deadline is None or deadline.from_ not in ("leaving", "job_end"):
        return None
    return deadline.months


def _offices(answer: Answer) -> tuple[ToldOffice, ...]:
    """The offices of the schemes that protect, may be joined or are unclear, not of those that leave one out."""
    silent = (Coverage.EXCLUDED, None)
    schemes = dict.fromkeys(p.scheme for p in answer.at_work if p.coverage not in silent)
    return tuple(
        ToldOffice(
            name=office.name,
            scheme=words.scheme(scheme),
            address=office.address,
            phone=office.phone,
            url=office.url,
            form=_(office.form) if office.form else "",
            note=_(office.note) if office.note else "",
        )
        for scheme in schemes
        for office in scheme.offices
    )


def _promise(promise: Promise, rulebook: Rulebook) -> ToldPromise:
    if promise.instrument is not None and promise.article is not None:
        article = promise.article
        return ToldPromise(
            _(promise.instrument.short),
            article.at,
            _(article.says),
            sources(article.sources, rulebook),
            _standing(promise),
            near=bool(promise.instrument.members or promise.accepted_by),
        )
    provision = promise.provision
    assert provision is not None
    title = next(a.title for a in rulebook.agreements if a.id == provision.agreement)
    return ToldPromise(
        title, provision.at, _(provision.says) if provision.says else "", sources(provision.sources, rulebook)
    )


def promises(told: Told) -> tuple[ToldPromise, ...]:
    """Every promise of an answer that has a source, each once, those that the two countries gave themselves first."""
    found = [one for group in told.groups for benefit in group.benefits for one in benefit.promises if one.sources]
    found.sort(key=lambda one: not one.near)
    return tuple({(one.instrument, one.at): one for one in found}.values())


def _standing(promise: Promise) -> str:
    """Who of the two countries has ratified a norm, and who has not."""
    given = [words.country(code) for code in promise.accepted_by]
    refused = [words.country(code) for code in promise.not_accepted_by]
    parts = [_("Accepted by %(countries)s.") % {"countries": words.listed(given)}] if given else []
    parts += [_("Not accepted by %(countries)s.") % {"countries": words.listed(refused)}] if refused else []
    return " ".join(parts)


def _coming(change: Rule | Announcement, rulebook: Rulebook) -> str:
    if isinstance(change, Announcement):
        return _("%(when)s: %(what)s") % {"when": _(change.expected), "what": _(change.says)}
    assert change.from_ is not None
    says = _(change.says) if change.says else _change(change, rulebook)
    return _("From %(day)s: %(what)s") % {"day": words.day(change.from_), "what": says}


def _change(rule: Rule, rulebook: Rulebook) -> str:
    """A new rule that has no words of its own, in a few."""
    scheme = words.scheme(rulebook.schemes[rule.scheme])
    if isinstance(rule, CoverageRule):
        return _("%(scheme)s: %(what)s") % {"scheme": scheme, "what": words.coverage(rule.coverage)}
    if isinstance(rule, LeavingRule):
        return _("%(scheme)s: %(what)s") % {"scheme": scheme, "what": words.on_leaving(rule.becomes)}
    return _("%(scheme)s: there are new rules") % {"scheme": scheme}
