"""What a conversation shows, derived from its mentions. Pure.

`summarize` derives it from all mentions, `combine` adds newcomers to what stands without reading the others;
both give the same whatever the order of arrival, which a property test holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

SNIPPET = 280


@dataclass(frozen=True, slots=True)
class MentionFacts:
    """What of a mention its conversation shows. Instants aware UTC; `old` mentions ask for no answer.

    `context` was fetched because another mention answers it: its conversation shows it and counts it nowhere.
    `addressed`: said to the brand itself.
    """

    id: int
    direction: str
    sort_at: datetime
    first_seen_at: datetime
    kind: str
    visibility: str
    lang: str
    text: str
    title: str | None = None
    url: str | None = None
    author_id: int | None = None
    author_name: str = ""
    sentiment: str | None = None
    rating: float | None = None
    brand_ids: tuple[str, ...] = ()
    old: bool = False
    deleted: bool = False
    context: bool = False
    addressed: bool = False

    @property
    def inbound(self) -> bool:
        """Whether somebody else than the brand wrote it."""
        return self.direction == "inbound"

    @property
    def asks(self) -> bool:
        """Whether it can wait for an answer."""
        return self.inbound and not self.old and not self.deleted

    @property
    def order(self) -> tuple[datetime, int]:
        """Position in the conversation."""
        return self.sort_at, self.id


@dataclass(frozen=True, slots=True)
class Summary:
    """What a conversation shows.

    Attributes:
        first: the opening mention: kind, title, link, rating of the card.
        card: the newest living inbound mention, or the newest of all: author, first lines, language, mood.
        unanswered_since: when the oldest inbound mention without a later answer was first seen.
        private: whether any mention is private.
    """

    n_inbound: int
    n_outbound: int
    first: MentionFacts
    card: MentionFacts
    first_inbound_at: datetime | None
    last_inbound_at: datetime | None
    last_outbound_at: datetime | None
    unanswered_since: datetime | None
    private: bool
    brand_ids: tuple[str, ...]

    @property
    def sort_at(self) -> datetime:
        """Time of the last inbound mention; of the card where there is none."""
        return self.last_inbound_at or self.card.sort_at


def summarize(mentions: Sequence[MentionFacts]) -> Summary:
    """Derive what a conversation shows from all its mentions (at least one)."""
    private = any(each.visibility == "private" for each in mentions)
    mentions = [each for each in mentions if not each.context] or mentions
    inbound = [each for each in mentions if each.inbound]
    outbound = [each for each in mentions if not each.inbound]
    last_outbound = max((each.sort_at for each in outbound), default=None)
    return Summary(
        n_inbound=len(inbound),
        n_outbound=len(outbound),
        first=min(mentions, key=lambda each: each.order),
        card=max(mentions, key=_card_order),
        first_inbound_at=min((each.sort_at for each in inbound), default=None),
        last_inbound_at=max((each.sort_at for each in inbound), default=None),
        last_outbound_at=last_outbound,
        unanswered_since=_oldest_unanswered(mentions, last_outbound),
        private=private,
        brand_ids=tuple(sorted({brand for each in mentions for brand in each.brand_ids})),
    )


def combine(before: Summary, newcomers: Sequence[MentionFacts]) -> Summary | None:
    """What a conversation shows with newcomers added; None when only reading all its mentions can tell.

    That is when an answer arrives that is older than the last inbound mention: whether that one came before or
    after, and so waits, stands in the mentions.
    """
    if all(each.context for each in newcomers):
        return replace(before, private=before.private or any(each.visibility == "private" for each in newcomers))
    added = summarize(newcomers)
    unanswered = before.unanswered_since
    if added.last_outbound_at is not None and unanswered is not None:
        if before.last_inbound_at is not None and before.last_inbound_at >= added.last_outbound_at:
            return None
        unanswered = None
    last_outbound = _latest(before.last_outbound_at, added.last_outbound_at)
    fresh = _oldest_unanswered(newcomers, last_outbound)
    return replace(
        before,
        n_inbound=before.n_inbound + added.n_inbound,
        n_outbound=before.n_outbound + added.n_outbound,
        first=min(before.first, added.first, key=lambda each: each.order),
        card=max(before.card, added.card, key=_card_order),
        first_inbound_at=_earliest(before.first_inbound_at, added.first_inbound_at),
        last_inbound_at=_latest(before.last_inbound_at, added.last_inbound_at),
        last_outbound_at=last_outbound,
        unanswered_since=_earliest(unanswered, fresh),
        private=before.private or added.private,
        brand_ids=tuple(sorted({*before.brand_ids, *added.brand_ids})),
    )


def snippet_of(text: str) -> str:
    """The first lines of a text on one line, at most 280 code points."""
    # A text of a megabyte need not be split whole for its first lines.
    line = " ".join(text[: SNIPPET * 8].split())
    return line if len(line) <= SNIPPET else line[: SNIPPET - 1].rstrip() + "…"


def _card_order(each: MentionFacts) -> tuple[bool, bool, datetime, int]:
    return not each.deleted, each.inbound, each.sort_at, each.id


def _oldest_unanswered(mentions: Iterable[MentionFacts], last_outbound: datetime | None) -> datetime | None:
    waiting = [
        each.first_seen_at
        for each in mentions
        if each.asks and (last_outbound is None or each.sort_at >= last_outbound)
    ]
    return min(waiting, default=None)


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)
