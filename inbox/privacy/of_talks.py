"""What is told of each conversation of somebody who asks: what they said, what we answered, and our work on it.

Where others take part, only the work that names them or is about a message of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select

from inbox.privacy import of_messages
from inbox.privacy.telling_rows import Asker, columns, naming, told
from store.raw import RawCodec
from store.schema import (
    author,
    conversation,
    conversation_tag,
    conversation_theme,
    draft,
    event,
    kpi_fact,
    mention,
    note,
    outbox,
    outgoing_mail,
    promise,
    specialist_link,
    theme,
    theme_verdict,
)

_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_PRIVATE = ("_id", "_ids", "_by")
_PRIVATE_TOO = frozenset({"named", "version", "recorded_at"})
"""What an event keeps of colleagues, and for the machine."""


def conversations(conn: Connection, codec: RawCodec, asker: Asker) -> tuple[dict[str, Any], ...]:
    """Every conversation in which something of theirs stands, by number."""
    return tuple(_conversation(conn, codec, number, asker) for number in sorted(set(asker.said.values())))


def others_in(conn: Connection, asker: Asker, number: int) -> list[str | None]:
    """Names of the other customers in a conversation."""
    here = (mention.c.conversation_id == number, mention.c.direction == "inbound")
    theirs = select(mention.c.author_id).where(*here, mention.c.author_id.not_in(asker.ids))
    query = select(author.c.handle, author.c.name, author.c.url, author.c.external_id).where(author.c.id.in_(theirs))
    return [name for row in conn.execute(query) for name in row]


def elsewhere(conn: Connection, asker: Asker) -> list[dict[str, Any]]:
    """Work on conversations of others that names who asks: where and when; the words are about others too."""
    found: list[dict[str, Any]] = []
    talks = set(asker.said.values())
    for table, column, at in (
        (note, "text", "at"),
        (draft, "text", "updated_at"),
        (promise, "text", "created_at"),
        (outbox, "text", "created_at"),
        (specialist_link, "question", "created_at"),
        (outgoing_mail, "text", "created_at"),
    ):
        query = select(table).where(naming(table, (column,), asker.naming.sure)).order_by(*table.primary_key.columns)
        found += [
            {"where": table.name, "at": getattr(row, at)}
            for row in conn.execute(query)
            if row.conversation_id not in talks and asker.naming.surely(getattr(row, column))
        ]
    return found


def _conversation(conn: Connection, codec: RawCodec, number: int, asker: Asker) -> dict[str, Any]:
    row = conn.execute(select(conversation).where(conversation.c.id == number)).one()
    said = of_messages.messages(conn, codec, number, asker)
    talk = _Talk(conn, number, asker, of_messages.keys_of(said), _n_others(conn, number, asker))
    facts = told(conversation, row, "why", "status_reason")
    reason = row.status_reason if talk.alone or asker.naming.names(row.status_reason) else None
    return {
        "number": number,
        **facts,
        "status_reason": reason,
        "reason_for_contact": row.why,
        "tags": talk.tags(),
        "themes": talk.themes(),
        "themes_judged": talk.verdicts(),
        "messages": said,
        "messages_of_others": talk.n_others,
        "answers": talk.answers(),
        "notes": talk.work(note, "text"),
        "drafts": talk.work(draft, "text"),
        "promises": talk.work(promise, "text"),
        "answers_not_sent": talk.outbox(),
        "shared_with": [*talk.work(specialist_link, "question"), *talk.mails()],
        "steps": talk.steps(),
        "measured": talk.measured(),
    }


def _n_others(conn: Connection, number: int, asker: Asker) -> int:
    """How many messages of others stand there."""
    here = (mention.c.conversation_id == number, mention.c.direction == "inbound", mention.c.deleted_at.is_(None))
    return sum(one not in asker.said for one in conn.execute(select(mention.c.id).where(*here)).scalars())


@dataclass(frozen=True, slots=True)
class _Talk:
    """One conversation, as far as it is told."""

    conn: Connection
    number: int
    asker: Asker
    keys: Sequence[str]
    n_others: int

    @property
    def alone(self) -> bool:
        """Whether nobody else takes part, so that all work is about who asks."""
        return not self.n_others

    def _rows(self, table: Table, *conditions: ColumnElement[bool]) -> list[Row[Any]]:
        query = select(table).where(table.c.conversation_id == self.number, *conditions)
        return list(self.conn.execute(query.order_by(*table.primary_key.columns)))

    def work(self, table: Table, words: str) -> list[dict[str, Any]]:
        """Rows with words of ours; where others take part, those that name who asks."""
        names = columns(table)
        rows = [one for one in self._rows(table) if getattr(one, words)]
        return [told(table, one) for one in rows if self.alone or self._names(one, names)]

    def _names(self, row: Row[Any], names: Sequence[str]) -> bool:
        return self.asker.naming.names([getattr(row, name) for name in names if isinstance(getattr(row, name), str)])

    def outbox(self) -> list[dict[str, Any]]:
        """What was to be done on the platform: all that was about a message of theirs too."""
        rows = [
            one
            for one in self._rows(outbox)
            if self.alone or one.mention_id in self.asker.said or self._names(one, columns(outbox))
        ]
        return [{"text": "", **told(outbox, one)} for one in rows]

    def mails(self) -> list[dict[str, Any]]:
        """Mails about it to colleagues and specialists, without links into this workspace, which open it."""
        found = []
        for one in self._rows(outgoing_mail):
            facts = told(outgoing_mail, one, "text")
            lines = [_LINK.sub("", line) for line in one.text.splitlines()]
            facts["text"] = "\n".join(line for line in lines if self.alone or self.asker.naming.names(line))
            if self.alone or facts["text"] or self.asker.naming.names(one.subject):
                found.append(facts)
        return found

    def tags(self) -> list[str]:
        """Tags, by name."""
        return sorted(row.tag for row in self._rows(conversation_tag))

    def themes(self) -> list[dict[str, Any]]:
        """Themes it raises, and how that came."""
        c = conversation_theme.c
        query = select(theme.c.name, c.day, c.how, c.linked_at).join(theme, theme.c.id == c.theme_id)
        rows = self.conn.execute(query.where(c.conversation_id == self.number).order_by(theme.c.name))
        return [dict(row) for row in rows.mappings()]

    def verdicts(self) -> list[dict[str, Any]]:
        """What people said of themes for it."""
        c = theme_verdict.c
        query = select(theme.c.name, theme_verdict).join(theme, theme.c.id == c.theme_id)
        rows = self.conn.execute(query.where(c.conversation_id == self.number).order_by(theme.c.name))
        return [{"name": row.name, **told(theme_verdict, row)} for row in rows]

    def answers(self) -> list[dict[str, Any]]:
        """What we answered; where others take part, what answers who asks or names them."""
        ours = (mention.c.direction == "outbound", mention.c.deleted_at.is_(None))
        rows = self.conn.execute(
            select(mention).where(mention.c.conversation_id == self.number, *ours).order_by(mention.c.sort_at)
        )
        return [
            {"title": row.title, "text": row.text, "url": row.url, "at": row.sort_at}
            for row in rows
            if self.alone or row.parent_external_id in self.keys or self.asker.naming.names(row.text)
        ]

    def steps(self) -> list[dict[str, Any]]:
        """What was done, by what kind of doer; without who of us."""
        about = (event.c.object_type == "conversation", event.c.object_id == str(self.number))
        rows = self.conn.execute(select(event).where(*about).order_by(event.c.id)).all()
        plain = [{**told(event, row), "before": _plain(row.before), "after": _plain(row.after)} for row in rows]
        return [one for one in plain if self.alone or self.asker.naming.names(one)]

    def measured(self) -> list[dict[str, Any]]:
        """How long our steps took; where others take part, that is not of one of them."""
        return [told(kpi_fact, row) for row in self._rows(kpi_fact)] if self.alone else []


def _plain(value: Any) -> Any:
    """What an event keeps, without colleagues."""
    if isinstance(value, Mapping):
        kept = {key: each for key, each in value.items() if key not in _PRIVATE_TOO and not key.endswith(_PRIVATE)}
        return {key: _plain(each) for key, each in kept.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
