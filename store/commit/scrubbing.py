"""Mentions that the platform says are gone: text, author and payload go, the key and what was counted stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection, select

from store.commit.known import Identity, KnownMention
from store.commit.updates import append_events, update_rows
from store.emptied import EMPTIED, forget_incoming
from store.engine import Store
from store.folding import Leaving, leave
from store.keeping import Keepings
from store.records import PageCommit
from store.schema import (
    author,
    media,
    media_picture,
    mention,
    mention_edit,
    mention_html,
    mention_raw,
)


def scrub(
    conn: Connection, store: Store, commit: PageCommit, gone: Mapping[Identity, KnownMention], keepings: Keepings
) -> None:
    """Take text, author, payload and old texts of deleted mentions away; keys, links and counts stay."""
    if not gone:
        return
    ids = sorted(known.mention_id for known in gone.values())
    leaving = [Leaving(each.mention_id, each.conversation_id, each.dup_hash, each.dup_of) for each in gone.values()]
    leave(conn, store, leaving, at=commit.fetched_at)
    update_rows(
        conn,
        mention,
        [
            {
                **EMPTIED,
                "at_id": known.mention_id,
                "deleted_at": commit.fetched_at,
                "erase_at": keepings.of(known.source_id).erase_at(known.sort_at, None),
            }
            for known in gone.values()
        ],
    )
    for table in (media, media_picture, mention_html, mention_raw, mention_edit):
        conn.execute(table.delete().where(store.dialect.among(table.c.mention_id, ids)))
    for namespace in sorted({key[0] for key in gone}):
        external_ids = [key[1] for key in gone if key[0] == namespace]
        forget_incoming(conn, store, namespace, external_ids, (commit.source_id,))
    authors = {known.author_id for known in gone.values() if known.author_id is not None}
    if authors:
        # Nothing else is known of somebody whose only words are gone.
        still = select(mention.c.author_id).where(store.dialect.among(mention.c.author_id, authors))
        silent = (store.dialect.among(author.c.id, authors), author.c.id.not_in(still))
        conn.execute(author.delete().where(*silent, author.c.person_id.is_(None)))
        within = keepings.of(commit.source_id).erase_s
        if within is not None:
            # Somebody with a person of their own stands in its history; their profile goes when the terms say.
            until = commit.fetched_at + timedelta(seconds=within)
            conn.execute(author.update().where(*silent).values(profile_ends_at=until))
    append_events(
        conn,
        store,
        commit,
        [(known.conversation_id, "mention_deleted", {"mention_id": known.mention_id}, None) for known in gone.values()],
    )
