"""A row about somebody in every table of the store, with a mark of its own in every column that can hold words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import zstandard
from sqlalchemy import Boolean, Column, Connection, Date, LargeBinary, String, Table, select
from sqlmodel import AutoString, SQLModel

from store.engine import Store
from store.ingest import commit_page
from store.raw import compress_payload
from store.records import AuthorRecord, MentionRecord, PageCommit
from store.schema import author, mention
from store.types import Instant, JsonDoc

PLATFORM = "mastodon"
BY_INGEST = frozenset({"author", "conversation", "mention", "mention_key", "mention_raw"})
"""Tables whose row comes with a message; their columns are marked afterwards."""
STRUCTURE = frozenset(
    {
        # By these a row is found or what it tells is chosen, so they hold what they must.
        ("author", "external_id"),
        ("author", "handle"),
        ("author", "platform"),
        ("conversation", "key"),
        ("event", "object_id"),
        ("event", "object_type"),
        ("label_item", "month"),
        ("made_file", "kind"),
        ("mention", "direction"),
        ("mention", "namespace"),
        ("mention", "parent_external_id"),
        ("mention", "source_id"),
        ("mention_key", "namespace"),
        ("mention_key", "external_id"),
        ("noise_declined", "kind"),
        ("noise_declined", "value"),
        ("source", "id"),
        ("source_duty", "source_id"),
        ("top_day", "what"),
    }
)


@dataclass(frozen=True)
class Planted:
    """Somebody in the store: `name` is their handle, and stands in every mark about them."""

    name: str
    number: int
    author_id: int
    mention_id: int


def mark(name: str, table: str, column: str) -> str:
    """What a column holds: it names somebody, and tells where it stands."""
    return f"{name} {spot(name, table, column)}"


def spot(name: str, table: str, column: str) -> str:
    """The part of a mark that stands nowhere else."""
    return f"{name}_{table}__{column}"


def said(external_id: str, who: str, at: datetime, *, answers: str | None = None) -> MentionRecord:
    """A message of somebody."""
    payload, _ = compress_payload(
        {
            "account": {"acct": who, "note": spot(who, "mention_raw", "payload")},
            "content": "hallo",
            "replies": [{"account": {"acct": "vreemdeling"}, "content": "van een vreemde"}],
            "card": {"title": "van een ander"},
        }
    )
    return MentionRecord(
        external_id=external_id,
        namespace=PLATFORM,
        platform=PLATFORM,
        kind="post",
        text=f"tekst van {who}",
        content_hash=who.encode(),
        url=f"https://s.example/@{who}/{external_id}",
        parent_external_id=answers,
        published_at=at,
        author=AuthorRecord(f"id-{who}-1234", PLATFORM, who, f"{who} Naam", f"https://s.example/@{who}"),
        payload=payload,
    )


def plant(store: Store, name: str, at: datetime, *, base: int) -> Planted:
    """Somebody with a message, and a row in every table. `base`: ids count up from it."""
    commit_page(store, PageCommit(f"source-{name}", "q", at, mentions=(said(f"post-{name}", name, at),)))
    with store.write() as conn:
        row = conn.execute(select(mention).where(mention.c.external_id == f"post-{name}")).one()
        one = Planted(name, row.conversation_id, row.author_id, row.id)
        for table in SQLModel.metadata.sorted_tables:
            if table.name in BY_INGEST:
                _mark(conn, table, one)
            else:
                conn.execute(table.insert().values(**_row(table, one, at, base)))
        conn.execute(author.update().where(author.c.id == one.author_id).values(person_id=base))
    return one


def words_of(table: Table) -> list[str]:
    """Columns that can hold words."""
    return [column.name for column in table.c if _holds_words(column) and (table.name, column.name) not in STRUCTURE]


def _holds_words(column: Column[Any]) -> bool:
    return isinstance(column.type, AutoString | JsonDoc | LargeBinary | String)


def _mark(conn: Connection, table: Table, one: Planted) -> None:
    """Marks in the words of a row that a message brought."""
    key = {"author": ("id", one.author_id), "conversation": ("id", one.number), "mention": ("id", one.mention_id)}
    name, value = key.get(table.name, ("mention_id", one.mention_id))
    values = {
        column: _value(table, table.c[column], one, one.mention_id)
        for column in words_of(table)
        if (table.name, column) != ("mention_raw", "payload")
    }
    conn.execute(table.update().where(table.c[name] == value).values(**values))


def _row(table: Table, one: Planted, at: datetime, base: int) -> dict[str, Any]:
    given = {
        "conversation_id": one.number,
        "mention_id": one.mention_id,
        "author_id": one.author_id,
        "item_id": one.mention_id,
        "other_id": base + 1,
        "merged_into": None,
        "deleted_at": None,
        "released_at": None,
    }
    own: dict[str, dict[str, Any]] = {
        "event": {"object_type": "conversation", "object_id": str(one.number)},
        "hand_over": {"author_id": 1},
        "note": {"author_id": 1},
        "noise_declined": {"kind": "author", "value": str(one.author_id)},
        "person_suggestion": {"reasons": [mark(one.name, "person_suggestion", "reasons")]},
        "phrase_day": {"counts": orjson.dumps({mark(one.name, "phrase_day", "counts"): 3}).decode()},
        "quarantine": {"payload": zstandard.compress(_document(one, "quarantine", "payload"))},
        "intake": {"body": _document(one, "intake", "body"), "read_at": None},
        "user_account": {"name": "Sanne Collega", "email": "sanne.collega@acme.example"},
        "made_file": {"kind": "backup"},
        "person": {"badges": [mark(one.name, "person", "badges")]},
        "source": {"id": f"source-{one.name}"},
        "source_duty": {"source_id": f"source-{one.name}"},
        "top_day": {"what": "words", "counts": orjson.dumps({mark(one.name, "top_day", "counts"): 3}).decode()},
    }
    values = {column.name: given.get(column.name, _value(table, column, one, base, at)) for column in table.c}
    return {**values, **{key: value for key, value in own.get(table.name, {}).items() if key in table.c}}


def _document(one: Planted, table: str, column: str) -> bytes:
    """A page of a platform with something of theirs, and something of somebody else."""
    theirs = {"from": {"username": one.name}, "message": spot(one.name, table, column)}
    return orjson.dumps({"entry": [theirs, {"from": {"username": "vreemdeling"}, "message": "van een vreemde"}]})


def _value(table: Table, column: Column[Any], one: Planted, number: int, at: datetime | None = None) -> Any:
    words = mark(one.name, table.name, column.name)
    kind = column.type
    length = getattr(kind, "length", None)
    made = (
        (JsonDoc, {"told": words}),
        (LargeBinary, words.encode()),
        (AutoString | String, words if length is None else words[:length]),
        (Instant, None if at is None else at + timedelta(minutes=1)),
        (Date, None if at is None else at.date()),
        (Boolean, False),
    )
    return next((value for of, value in made if isinstance(kind, of)), number)
