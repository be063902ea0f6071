"""What an organisation keeps: its members, its cases, and what was answered; never the law itself.

Every row belongs to one organisation, through its case or directly. Rows are reached through a `desk.Desk`, which knows
whose they are. What would tell who a worker is, and what was noted of them, is sealed (`fields`).
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from eligibility.casework.fields import SealedBytes, SealedText
from eligibility.vocabulary import Benefit, Outcome

LANGUAGES = [(code, name) for code, name in settings.LANGUAGES]
USER = settings.AUTH_USER_MODEL

OUTCOME_LETTERS = {
    Outcome.PORTABLE: "p",
    Outcome.RETAINED: "r",
    Outcome.LOST: "l",
    Outcome.NONE: "n",
    Outcome.DEPENDS: "d",
}
"""The last answer's outcomes are kept beside a case as nine letters, in the order of `Benefit`."""


class Role(models.TextChoices):
    """What a member may do: a reader looks; a caseworker also changes cases; an owner also runs the organisation."""

    OWNER = "owner", lazy("Owner")
    CASEWORKER = "caseworker", lazy("Caseworker")
    READER = "reader", lazy("Reader")

    @property
    def rank(self) -> int:
        return (Role.READER, Role.CASEWORKER, Role.OWNER).index(self)


class Organisation(models.Model):
    """An NGO, a union, a hotline: whoever helps workers and answers for their cases."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(lazy("Name"), max_length=120)
    language = models.CharField(
        lazy("Language of the office"),
        max_length=16,
        choices=LANGUAGES,
        default="en",
        help_text=lazy("Letters stand in this language beside the worker's own."),
    )
    letterhead = models.TextField(
        lazy("Address and telephone, as letters show them"),
        max_length=600,
        blank=True,
    )
    second_factor = models.BooleanField(
        lazy("Everyone must sign in with a second factor"),
        default=False,
        help_text=lazy("A code from an app, or a passkey."),
    )
    retention_months = models.PositiveSmallIntegerField(
        lazy("Months to keep a closed case"),
        default=24,
        help_text=lazy("After that the case is deleted by itself, with everything in it."),
    )
    cases_numbered = models.PositiveIntegerField(default=0, editable=False)
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    def next_numbers(self, many: int) -> range:
        """The numbers of new cases. Inside a transaction; no two cases get the same."""
        Organisation.objects.filter(pk=self.pk).update(cases_numbered=F("cases_numbered") + many)
        self.refresh_from_db(fields=["cases_numbered"])
        return range(self.cases_numbered + 1 - many, self.cases_numbered + 1)


class Membership(models.Model):
    """One person in one organisation. It is ended, never deleted: what was done stays somebody's.

    `digest_day`: the last day for which an e-mail was begun; `digest_told` and `digest_change`: the day up to which,
    and the last change of law about which, the member was told for certain (`digest`).
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(USER, models.CASCADE, related_name="memberships")
    role = models.CharField(lazy("Role"), max_length=12, choices=Role)
    since = models.DateTimeField(auto_now_add=True)
    ended = models.DateTimeField(null=True, blank=True)
    digest = models.BooleanField(lazy("E-mail when the law changes cases or a deadline is near"), default=True)
    calendar_hash = models.CharField(max_length=64, blank=True, db_index=True)
    digest_day = models.DateField(null=True, editable=False)
    digest_told = models.DateField(null=True, editable=False)
    digest_change = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint("organisation", "user", condition=Q(ended=None), name="one_membership_at_a_time"),
        )
        ordering = ("since",)

    def __str__(self) -> str:
        return self.user.get_full_name() or str(self.user.email or self.user.get_username()).partition("@")[0]

    def may(self, role: Role) -> bool:
        """Has at least this role."""
        return self.ended is None and Role(self.role).rank >= role.rank


class Invitation(models.Model):
    """A link that makes whoever opens it first a member. Only its hash is kept."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="invitations")
    role = models.CharField(lazy("Role"), max_length=12, choices=Role, default=Role.CASEWORKER)
    for_whom = models.CharField(lazy("For whom"), max_length=120, blank=True, help_text=lazy("Only you see this."))
    token_hash = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return f"{self.role} until {self.until:%Y-%m-%d}"


class CaseStatus(models.TextChoices):
    OPEN = "open", lazy("Open")
    WAITING = "waiting", lazy("Waiting for somebody")
    CLOSED = "closed", lazy("Closed")


class ConsentHow(models.TextChoices):
    SPOKEN = "spoken", lazy("Said so")
    WRITTEN = "written", lazy("Signed")
    MESSAGE = "message", lazy("By message")
    REPRESENTATIVE = "representative", lazy("Through a relative or representative")


class KeptBecause(models.TextChoices):
    """The grounds on which a case may be kept though consent was withdrawn (as GDPR art. 17(3)(b) and (e))."""

    CLAIM = "claim", lazy("A legal claim is under way, or may still be made")
    DUTY = "duty", lazy("A law obliges us to keep it")


class Case(models.Model):
    """One client. `version` counts changes, so that two people who edit at once do not overwrite each other.

    `destination`, `sector` and `work_status` are those of the latest stay, `outcomes`, `asks` and `edition` those of
    the latest answer, `next_due` that of the claims: kept here so that lists of many cases stay fast. `kept_because`:
    why it is still there after consent was withdrawn, "" if it waits to be erased. `came_from`: the upload that opened
    it. `law` and `law_on`: the edition and the day up to which changes of the law have been
    looked for (`lawchange`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="cases")
    number = models.PositiveIntegerField(editable=False)
    pseudonym = models.CharField(
        lazy("Pseudonym"),
        max_length=80,
        blank=True,
        help_text=lazy("What you call this case in lists. Not the real name."),
    )
    name = SealedText(
        lazy("Name"), max_length=200, blank=True, help_text=lazy("Kept encrypted. Leave it empty if you need none.")
    )
    contacts = SealedText(
        lazy("Contacts"), max_length=1_000, blank=True, help_text=lazy("Telephone, e-mail, address. Kept encrypted.")
    )
    language = models.CharField(lazy("Language of the worker"), max_length=16, choices=LANGUAGES, default="en")
    origin = models.CharField(lazy("Country of origin"), max_length=2)
    months_at_home = models.PositiveSmallIntegerField(lazy("Months paid in at home"), null=True, blank=True)
    status = models.CharField(lazy("Status"), max_length=8, choices=CaseStatus, default=CaseStatus.OPEN)
    caseworker = models.ForeignKey(
        Membership, models.SET_NULL, null=True, blank=True, related_name="cases", verbose_name=lazy("Caseworker")
    )
    consent_on = models.DateField(lazy("Consent given on"), null=True, blank=True)
    consent_how = models.CharField(lazy("How"), max_length=14, choices=ConsentHow, blank=True)
    consent_withdrawn = models.DateField(null=True, blank=True)
    kept_because = models.CharField(max_length=5, choices=KeptBecause, blank=True, editable=False)
    came_from = models.ForeignKey(
        "Import", models.SET_NULL, null=True, blank=True, editable=False, related_name="cases"
    )
    closed_on = models.DateField(null=True, blank=True, editable=False)
    keep_until = models.DateField(null=True, blank=True, editable=False, db_index=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    changed = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    destination = models.CharField(max_length=2, blank=True, editable=False)
    sector = models.CharField(max_length=24, blank=True, editable=False)
    work_status = models.CharField(max_length=28, blank=True, editable=False)
    outcomes = models.CharField(max_length=len(Benefit), blank=True, editable=False)
    asks = models.BooleanField(default=False, editable=False)
    edition = models.CharField(max_length=80, blank=True, editable=False)
    law = models.CharField(max_length=80, blank=True, editable=False)
    law_on = models.DateField(null=True, editable=False)
    next_due = models.DateField(null=True, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint("organisation", "number", name="one_number_for_each_case"),)
        indexes = (
            models.Index("organisation", "status", F("changed").desc(), name="cases_as_listed"),
            models.Index("organisation", F("changed").desc(), name="cases_by_change"),
            models.Index("organisation", "next_due", name="cases_by_due"),
            models.Index("organisation", "origin", "destination", name="cases_by_corridor"),
            # Everything that `numbers` counts cases by, so that counting reads no case.
            models.Index(
                fields=(
                    "organisation",
                    "created",
                    "outcomes",
                    "origin",
                    "destination",
                    "sector",
                    "work_status",
                    "consent_on",
                    "consent_withdrawn",
                ),
                name="cases_counted",
            ),
        )

    def __str__(self) -> str:
        return self.pseudonym or _("Case %(number)d") % {"number": self.number}

    def answer(self) -> StoredAnswer | None:
        """The answer that holds; None for a case without any, or whose times of work were all taken away."""
        return self.answers.first() if self.edition else None

    def outcome(self, benefit: Benefit) -> Outcome | None:
        """The latest answer's outcome for a benefit; None before the first answer."""
        letters = {letter: outcome for outcome, letter in OUTCOME_LETTERS.items()}
        place = list(Benefit).index(benefit)
        return letters[self.outcomes[place]] if self.outcomes else None


class CaseWord(models.Model):
    """A search mark for each word of a case's name and contacts (`keys.marks`)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="words")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    mark = models.CharField(max_length=16)

    class Meta:
        constraints = (models.UniqueConstraint("case", "mark", name="each_word_once"),)
        indexes = (models.Index("organisation", "mark", name="words_of_an_organisation"),)

    def __str__(self) -> str:
        return self.mark


class Removable(models.Manager["Any"]):
    """Rows that were not removed. What is removed can be brought back for a day; then `purge` deletes it."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(removed=None)


class Part(models.Model):
    """Something that belongs to a case and can be taken away from it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="%(class)ss")
    removed = models.DateTimeField(null=True, editable=False)

    all_rows = models.Manager()
    objects = Removable()

    class Meta:
        abstract = True
        base_manager_name = "all_rows"
        default_manager_name = "objects"


class Stay(Part):
    """A time of work in one country, as the engine's `career.Stay`. `facts` are further answers, by name."""

    destination = models.CharField(max_length=2)
    sector = models.CharField(max_length=24)
    status = models.CharField(max_length=28)
    began = models.DateField()
    ended = models.DateField(null=True, blank=True)
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    facts = models.JSONField(default=dict, blank=True)

    class Meta(Part.Meta):
        ordering = ("began", "pk")

    def __str__(self) -> str:
        return f"{self.destination} {self.began}"


class Note(Part):
    """What a caseworker wrote down."""

    text = SealedText(lazy("Note"), max_length=10_000)
    by = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta(Part.Meta):
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"


class ClaimStatus(models.TextChoices):
    TO_FILE = "to_file", lazy("To be filed")
    FILED = "filed", lazy("Filed")
    GRANTED = "granted", lazy("Granted")
    REFUSED = "refused", lazy("Refused")
    DROPPED = "dropped", lazy("Dropped")

    @property
    def open(self) -> bool:
        """Somebody still has to do something, or waits."""
        return self in (ClaimStatus.TO_FILE, ClaimStatus.FILED)


class Claim(Part):
    """A claim to a scheme: until when, how far. `scheme` is a scheme's id, "" for one that the rulebook does not know;
    `filed_on` and `decided_on` the days on which that happened."""

    benefit = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Benefit])
    scheme = models.CharField(max_length=80, blank=True)
    due = models.DateField(lazy("Last day to claim"), null=True, blank=True)
    status = models.CharField(lazy("How far"), max_length=8, choices=ClaimStatus, default=ClaimStatus.TO_FILE)
    filed_on = models.DateField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    note = SealedText(lazy("Note"), max_length=2_000, blank=True)

    class Meta(Part.Meta):
        ordering = (F("due").asc(nulls_last=True), "pk")
        indexes = (models.Index("due", name="claims_by_due"),)

    def __str__(self) -> str:
        return f"{self.scheme or self.benefit} {self.due or ''}".strip()


class AnswerReason(models.TextChoices):
    ASKED = "asked", lazy("Somebody changed the case")
    LAW = "law", lazy("The law changed")
    DAY = "day", lazy("Asked again on another day")


class StoredAnswer(models.Model):
    """What was answered, with the edition of the law and everything that was asked, so that `replay` gives the same
    bytes again. `body`: the canonical JSON of `career_as_data` in English, compressed; `asked`: what `replay` needs."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="answers")
    edition = models.CharField(max_length=80, db_index=True)
    asked = models.JSONField()
    body = models.BinaryField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=5, choices=AnswerReason, default=AnswerReason.ASKED)
    by = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.edition[:19]} {self.at:%Y-%m-%d}"


class Adoption(models.Model):
    """An edition of the law taken into use, numbered one after the other by its key; the last one holds. An edition
    that is taken back into use has two. `asked`: how many cases were asked again because of it."""

    edition = models.CharField(max_length=80)
    before = models.CharField(max_length=80, blank=True)
    started = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(null=True)
    asked = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.edition[:19]


class Change(models.Model):
    """What the law changed for a case, by a new edition or by a day on which a rule began or ended (`reason`).

    `benefits`: for each stay and benefit the outcome before and after, what else differs, and the parts of the law that
    did it. It is empty where the law speaks of the case no longer (then there is no answer `after`), or again. `on`:
    the day as of which both were asked. `before` is the answer that held.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="changes")
    adoption = models.ForeignKey(Adoption, models.CASCADE, related_name="changes")
    reason = models.CharField(max_length=5, choices=AnswerReason, default=AnswerReason.LAW)
    on = models.DateField(default=timezone.localdate)
    before = models.ForeignKey(StoredAnswer, models.CASCADE, null=True, related_name="+")
    after = models.ForeignKey(StoredAnswer, models.CASCADE, null=True, related_name="+")
    benefits = models.JSONField()
    at = models.DateTimeField(default=timezone.now)
    seen = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint("case", "adoption", "reason", "on", name="each_change_once"),)
        indexes = (
            models.Index("organisation", F("id").desc(), name="changes_of_an_organisation"),
            models.Index(fields=("organisation", "-id"), condition=Q(seen=None), name="changes_unseen"),
        )
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{len(self.benefits)} benefits"


class Event(models.Model):
    """Who did or saw what. Nobody can alter it: the site has no way to, the database refuses, and each row carries the
    hash of the row before it. It names no worker: `case` is only an id, and `detail` holds no content."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    who = models.CharField(max_length=254)
    did = models.CharField(max_length=32)
    case = models.UUIDField(null=True, db_index=True)
    detail = models.JSONField(default=dict)
    before = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index("organisation", F("id").desc(), name="events_of_an_organisation"),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.who} {self.did}"


class ImportStatus(models.TextChoices):
    MAPPING = "mapping", lazy("Waiting for you to check")
    RUNNING = "running", lazy("At work")
    DONE = "done", lazy("Done")
    STOPPED = "stopped", lazy("Stopped")


class Import(models.Model):
    """Many cases in one file. `mapping` says what each column holds; the rows wait in chunks until answered.

    `good` and `bad` rows were counted at the preview; `answered` grows. `alive` is when the job last gave a sign.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="imports")
    by = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=200)
    mapping = models.JSONField(default=dict)
    language = models.CharField(max_length=16, choices=LANGUAGES, default="en")
    opens_cases = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=ImportStatus, default=ImportStatus.MAPPING)
    edition = models.CharField(max_length=80, blank=True)
    good = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    created = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    alive = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return self.file_name


class ImportFile(models.Model):
    """What was sent in, apart from the import: or each sign of life of the job would write the whole file anew."""

    of = models.OneToOneField(Import, models.CASCADE, primary_key=True, related_name="file")
    content = SealedBytes()

    def __str__(self) -> str:
        return str(self.of)


class ImportChunk(models.Model):
    """Some hundred rows of an import, and their results once they are answered: written together or not at all."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    rows = SealedBytes()
    results = SealedBytes(null=True)
    done = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint("of", "number", name="each_chunk_once"),)
        ordering = ("number",)

    def __str__(self) -> str:
        return str(self.number)


class Worker(models.Model):
    """A process that does the work in the background: when it last gave a sign of life (`jobs`)."""

    name = models.CharField(max_length=64, primary_key=True)
    alive = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Chore(models.Model):
    """Something done once a day, by whichever worker comes first: the last day for which it was."""

    name = models.CharField(max_length=32, primary_key=True)
    day = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.name} {self.day}"
