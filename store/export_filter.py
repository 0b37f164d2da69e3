"""What narrows an export, as conditions on a mention and the conversation it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select

from store.export_shape import Snapshot
from store.filters import NOBODY, Nobody, Residual, raising, tagged
from store.handing import Recipient
from store.schema import conversation, mention
from store.search import may_match
from store.search_nodes import TextSearch, of_brands, settle


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """What to export. Empty tuples and None mean "any"; several values of one field mean "one of these".

    Attributes:
        since, until: on the mention's `sort_at`, [since, until).
        statuses, team_id, assignee_id, priorities, whys, tags, theme_ids: of the mention's conversation.
        unanswered: somebody waits for an answer in it.
        text: search in title and text of the mention.
        no_private: private messages stay out.
    """

    since: datetime | None = None
    until: datetime | None = None
    source_ids: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    visibility: str | None = None
    brand_ids: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    whys: tuple[str, ...] = ()
    team_id: str | Nobody | None = None
    assignee_id: int | Nobody | None = None
    unanswered: bool = False
    tags: tuple[str, ...] = ()
    theme_ids: tuple[int, ...] = ()
    text: TextSearch | None = None
    no_private: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One export.

    Attributes:
        wanted: its filter.
        to: who takes it out; platforms allow a person so many a day.
        bound: what is beyond it stays out.
    """

    wanted: ExportFilter
    to: Recipient
    bound: Snapshot


def conditions_of(wanted: ExportFilter) -> list[ColumnElement[bool]]:
    """What a filter asks of mention and conversation, but for the words of its text."""
    return [*_of_mentions(wanted), *of_conversations(wanted)]


def _of_mentions(wanted: ExportFilter) -> list[ColumnElement[bool]]:
    asked: dict[str, tuple[Any, ...]] = {
        "source_id": wanted.source_ids,
        "platform": wanted.platforms,
        "lang": wanted.langs,
        "kind": wanted.kinds,
        "sentiment": wanted.sentiments,
        "direction": wanted.directions,
        "visibility": () if wanted.visibility is None else (wanted.visibility,),
    }
    found: list[ColumnElement[bool]] = [
        Residual.of(mention.c[name]).in_(values) for name, values in asked.items() if values
    ]
    if wanted.no_private:
        found.append(Residual.of(mention.c.visibility) != "private")
    if wanted.since is not None:
        found.append(Residual.of(mention.c.sort_at) >= wanted.since)
    if wanted.until is not None:
        found.append(Residual.of(mention.c.sort_at) < wanted.until)
    if wanted.brand_ids:
        found.append(of_brands(wanted.brand_ids))
    return found


def of_conversations(wanted: ExportFilter) -> list[ColumnElement[bool]]:
    """What a filter asks of the conversation; nothing where it need not be looked at."""
    asked: dict[str, tuple[Any, ...]] = {
        "status": wanted.statuses,
        "priority": wanted.priorities,
        "why": wanted.whys,
    }
    found: list[ColumnElement[bool]] = [
        Residual.of(conversation.c[name]).in_(values) for name, values in asked.items() if values
    ]
    for name, value in (("team_id", wanted.team_id), ("assignee_id", wanted.assignee_id)):
        if value is NOBODY:
            found.append(Residual.of(conversation.c[name]).is_(None))
        elif value is not None:
            found.append(Residual.of(conversation.c[name]) == value)
    if wanted.unanswered:
        found.append(Residual.of(conversation.c.unanswered_since).is_not(None))
    if wanted.tags:
        found.append(tagged(wanted.tags))
    if wanted.theme_ids:
        found.append(raising(wanted.theme_ids))
    return found


def columns_match(wanted: ExportFilter) -> list[ColumnElement[bool]]:
    """What the search of a filter asks beside its words."""
    return [] if wanted.text is None else settle(wanted.text.node).beside_words


def may_find(conn: Connection, wanted: ExportFilter, after: int, up_to: int) -> Select[Any] | None:
    """Ids of the mentions that the search of an export may find; None without a search, or when all may match."""
    if wanted.text is None:
        return None
    return may_match(wanted.text, after=after, up_to=up_to, dialect=conn.dialect.name)
