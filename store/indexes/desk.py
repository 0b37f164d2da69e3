"""Of the desk: what happened, notes, views, and who is where."""

from __future__ import annotations

from store.indexes.shape import Index

DESK: tuple[Index, ...] = (
    Index(
        "ix_event_object",
        "event",
        ("object_type", "object_id", "id"),
        ("store.thread.events_of",),
        "the history of one conversation",
    ),
    Index(
        "ix_event_rule",
        "event",
        ("actor_id", "at", "id"),
        ("store.ruling.hit_counts", "store.ruling.hits_of"),
        "how often each rule hit, and what its last run did; events of people are a hundred times as many",
        where="actor_type = 'rule'",
    ),
    Index(
        "ix_event_record",
        "event",
        ("id",),
        ("store.record.record",),
        "the record of people and settings, among a hundred times as many steps of work",
        where="object_type <> 'conversation'",
    ),
    Index(
        "ix_note_conversation",
        "note",
        ("conversation_id", "id"),
        ("store.thread.notes_of",),
        "the notes of one conversation",
    ),
    Index(
        "ix_presence_at",
        "presence",
        ("at", "conversation_id"),
        ("store.presence.recent",),
        "every tab asks every few seconds who is around; tabs of long ago stay in the table",
    ),
    Index(
        "ix_saved_view_owner",
        "saved_view",
        ("owner_id", "team_id"),
        ("store.saved.seen_by",),
        "the sidebar of everybody asks for its own few among all that people keep",
    ),
    Index(
        "ix_note_mention_unseen",
        "note_mention",
        ("user_id", "conversation_id", "note_id"),
        ("store.named.count_unseen", "store.named.unseen_in"),
        "the badge of mentions, and whether the opened conversation holds one",
        where="seen_at IS NULL",
    ),
    Index(
        "ix_note_mention_user",
        "note_mention",
        ("user_id", "note_id", "conversation_id"),
        ("store.named.conversations_naming",),
        "the view of mentions of one person, newest first",
    ),
    Index(
        "ix_hand_over_standing",
        "hand_over",
        ("id",),
        ("store.hand_overs.standing",),
        "the strip over the inbox, drawn with every page; usually it holds nothing",
        where="done_at IS NULL",
    ),
)
