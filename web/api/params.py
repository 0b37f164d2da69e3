"""What may stand in a question: the filters of the lists, as they are written in an address."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from inbox.kpis.views import By as KpiSplitBy
from inbox.states import Status
from inbox.trends.views import Slice
from inbox.views import Filters
from web.api.problems import FieldProblem, Refused

MOST_ROWS = 500
HIGHEST_ID = (1 << 53) - 1
_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
# No database takes NUL.
Word = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Id = Annotated[int, Field(ge=0, le=HIGHEST_ID)]


def _written_out(value: object) -> object:
    """Refuse a bare number, which would be taken for seconds since 1970."""
    if not isinstance(value, str) or value.strip().lstrip("+-").replace(".", "", 1).isdecimal():
        msg = "write it out, such as 2026-03-01T00:00:00Z"
        raise ValueError(msg)
    return value


When = Annotated[AwareDatetime, BeforeValidator(_written_out)]
Day = Annotated[date, BeforeValidator(_written_out)]
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS, description="Rows of a page.")]
Cursor = Annotated[
    str | None,
    Field(
        max_length=200, pattern=r"^[A-Za-z0-9_-]*$", description="`next` of the page before; the same filters go along."
    ),
]
Mask = Annotated[
    bool, Field(description="Replace personal data in titles and texts by its kind; the flag `pii_masked` tells of it.")
]


class Why(StrEnum):
    """Why somebody wrote."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    COMPLIMENT = "compliment"
    IDEA = "idea"
    CRISIS = "crisis"
    PRESS = "press"
    JOB = "job"


class Tone(StrEnum):
    """The tone of a message."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
    UNSURE = "unsure"


class Direction(StrEnum):
    """From customers, or ours."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Asked(BaseModel):
    """Base of questions: a name that is not known is refused, so that a slip of the pen is not taken for no filter."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Asked):
    """A question that takes no filters."""


Unfiltered = Annotated[Nothing, Query()]


class Step(StrEnum):
    """How long the steps of a volume are."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


class VolumeBy(StrEnum):
    """What a volume is split by."""

    SOURCE = "source"
    BRAND = "brand"
    LANG = "lang"
    KIND = "kind"
    SENTIMENT = "sentiment"
    THEME = "theme"


class KpiPart(StrEnum):
    """Which rows of a figure are told."""

    COUNTED = "counted"
    MISSED = "missed"
    LEFT_OUT = "left_out"
    OPEN = "open"


class Largest(StrEnum):
    """What is told the largest of."""

    AUTHORS = "authors"
    SITES = "sites"
    WORDS = "words"
    LINKS = "links"


class KpiBy(StrEnum):
    """What a figure is split by."""

    TEAM = "team"
    SOURCE = "source"
    HOUR = "hour"
    WEEKDAY = "weekday"
    DAY = "day"
    WEEK = "week"


class Between(Asked):
    """A stretch of time."""

    since: When | None = Field(None, description="From this instant on; with its offset or Z.")
    until: When | None = Field(None, description="Before this instant.")

    def stretch(self) -> tuple[datetime | None, datetime | None]:
        """[since, until) in UTC, within the centuries that calendars agree on.

        Raises:
            Refused: it ends before it begins.
        """
        since = None if self.since is None else _within(self.since)
        until = None if self.until is None else _within(self.until)
        if since is not None and until is not None and since >= until:
            wrong = FieldProblem(at="query.until", detail="It must lie after `since`.")
            raise Refused(400, "This stretch of time ends before it begins.", problems=[wrong])
        return since, until


class WorkFilter(Between):
    """What narrows conversations, and messages by their conversation."""

    q: str = Field("", max_length=2_000, pattern=r"^[^\x00]*$", description="A search, in the language of the inbox.")
    source: list[Word] = Field([], max_length=100, description="Ids of sources.")
    brand: list[Word] = Field([], max_length=100, description="Ids of brands.")
    lang: list[Word] = Field([], max_length=100, description="Languages, such as nl.")
    sentiment: list[Tone] = Field([], max_length=10)
    kind: list[Word] = Field([], max_length=20, description="post, comment, review, article, topic, answer, message …")
    status: list[Status] = Field([], max_length=20, description="State of the conversation.")
    priority: list[Annotated[int, Field(ge=0, le=4)]] = Field([], max_length=5, description="0 (risk) to 4 (low).")
    why: list[Why] = Field([], max_length=10)
    tag: list[Word] = Field([], max_length=100)
    theme: list[Id] = Field([], max_length=100, description="Ids of themes.")
    team: Word | None = Field(None, description="Id of a team.")
    assignee: Id | None = Field(None, description="Id of somebody who works here.")

    def filters(self) -> Filters:
        """The same for the inbox.

        Raises:
            Refused: an impossible stretch of time.
        """
        since, until = self.stretch()
        return Filters(
            search=self.q,
            source_ids=tuple(self.source),
            brand_ids=tuple(self.brand),
            langs=tuple(self.lang),
            sentiments=tuple(one.value for one in self.sentiment),
            kinds=tuple(self.kind),
            statuses=tuple(one.value for one in self.status),
            priorities=tuple(self.priority),
            whys=tuple(one.value for one in self.why),
            tags=tuple(self.tag),
            theme_ids=tuple(self.theme),
            team_id=self.team,
            assignee_id=self.assignee,
            since=since,
            until=until,
        )

    def question(self) -> str:
        """What a cursor belongs to: the question without where in its answer one is."""
        return self.model_dump_json(exclude={"limit", "cursor", "mask"})


class MentionFilter(WorkFilter):
    """What narrows messages. `since` and `until` are of when they were published."""

    direction: list[Direction] = Field([], max_length=2)
    mask: Mask = False


class MentionsAsked(MentionFilter):
    """A page of messages."""

    external_id: Word | None = Field(None, description="The one that its source calls so; other filters do not count.")
    limit: Limit = 100
    cursor: Cursor = None


class LinesAsked(MentionFilter):
    """All messages."""

    after: Id = Field(0, description="The header Klankbord-Up-To of the last time: only what came in since.")


class TalksAsked(WorkFilter):
    """A page of conversations."""

    limit: Limit = 100
    cursor: Cursor = None


class MentionAsked(Asked):
    """One message."""

    mask: Mask = False


class MessagesAsked(Asked):
    """A page of what was said in a conversation."""

    mask: Mask = False
    limit: Limit = 100
    cursor: Cursor = None


class EventsAsked(Between):
    """A page of what was done."""

    conversation: Id | None = Field(None, description="Of this conversation only.")
    action: list[Word] = Field([], max_length=50, description="Only these, such as answered, resolved.")
    limit: Limit = 100
    cursor: Cursor = None

    def question(self) -> str:
        """What a cursor belongs to."""
        return self.model_dump_json(exclude={"limit", "cursor"})


class FiguresAsked(Asked):
    """Figures of a period."""

    since: When = Field(description="From this instant on; with its offset or Z.")
    until: When = Field(description="Before this instant.")
    team: list[Word] = Field([], max_length=100)
    source: list[Word] = Field([], max_length=100)
    brand: list[Word] = Field([], max_length=100)

    def period(self) -> tuple[datetime, datetime]:
        """[since, until) in UTC. The inbox says what is wrong with it."""
        return _within(self.since), _within(self.until)


class SplitAsked(FiguresAsked):
    """A figure of a period, split."""

    by: KpiBy


class RowsAsked(FiguresAsked):
    """A page of the rows behind a figure."""

    part: KpiPart = Field(KpiPart.COUNTED, description="What n counts; of it what was missed; what is left out; open.")
    by: KpiBy | None = Field(None, description="Only of a part of a split by this; `key` says which.")
    key: Word | None = Field(None, description="A key, as the split tells it.")
    limit: Limit = 100
    cursor: Cursor = None

    def only(self) -> tuple[KpiSplitBy, str] | None:
        """The part of a split.

        Raises:
            Refused: one of `by` and `key` without the other.
        """
        if self.by is not None and self.key is not None:
            return self.by.value, self.key
        if self.by is None and self.key is None:
            return None
        missing = FieldProblem(at="query.key" if self.key is None else "query.by", detail="It is missing.")
        raise Refused(400, "A part of a split is said by `by` and `key` together.", problems=[missing])

    def question(self) -> str:
        """What a cursor belongs to."""
        return self.model_dump_json(exclude={"limit", "cursor"})


class SaidAsked(Asked):
    """What was said on some days."""

    first: Day = Field(description="First day, in the workspace's time zone.")
    last: Day = Field(description="Last day, included.")
    brand: list[Word] = Field([], max_length=100)
    source: list[Word] = Field([], max_length=100)
    lang: list[Word] = Field([], max_length=100)
    kind: list[Word] = Field([], max_length=20)
    sentiment: list[Tone] = Field([], max_length=10)

    def slice(self) -> Slice:
        """The same for the inbox, which says what is wrong with it."""
        return Slice(
            first=self.first,
            last=self.last,
            brand_ids=tuple(self.brand),
            source_ids=tuple(self.source),
            langs=tuple(self.lang),
            kinds=tuple(self.kind),
            sentiments=tuple(one.value for one in self.sentiment),
        )


class VolumesAsked(SaidAsked):
    """Volumes of some days."""

    step: Step = Step.DAY
    by: VolumeBy | None = None
    theme: list[Id] = Field([], max_length=100)


class TopAsked(SaidAsked):
    """The largest of some days."""

    limit: Annotated[int, Field(ge=1, le=200, description="Rows.")] = 20


def _within(instant: datetime) -> datetime:
    try:
        return min(max(instant.astimezone(UTC), _FIRST), _LAST)
    except OverflowError:  # the first and last day there are, in a zone far away
        return _FIRST if instant.year < _LAST.year else _LAST
