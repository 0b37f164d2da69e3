"""Of answering: drafts, templates, what goes out, and what was promised."""

from __future__ import annotations

from store.indexes.shape import Index

ANSWERING: tuple[Index, ...] = (
    Index(
        "ix_draft_user",
        "draft",
        ("user_id", "updated_at"),
        ("store.drafts.of_person", "store.drafts.forget_emptied"),
        "what one person has not sent; the key begins with the conversation",
    ),
    Index(
        "ix_template_owner",
        "template",
        ("owner_id", "id"),
        ("store.templates.of_owner",),
        "templates of everybody and one's own, asked by every picker, among those of all people",
    ),
    Index(
        "ix_outbox_due",
        "outbox",
        ("not_before", "id"),
        ("store.outbox.due",),
        "what is to be sent or looked after now, among all that ever was sent",
        where="state IN ('queued', 'unknown')",
    ),
    Index(
        "ix_outbox_lapsed",
        "outbox",
        ("lease_until", "id"),
        ("store.outbox.lapsed",),
        "what a worker that died was sending",
        where="state = 'sending'",
    ),
    Index(
        "ix_outbox_conversation",
        "outbox",
        ("conversation_id", "id"),
        ("store.outbox.of_conversation",),
        "the answers of one conversation, also for each own post that comes in",
    ),
    Index(
        "ix_outbox_approval",
        "outbox",
        ("id",),
        ("store.outbox.waiting_for_approval",),
        "what waits for a colleague's yes",
        where="state = 'approval'",
    ),
    Index(
        "ix_outbox_troubled",
        "outbox",
        ("id",),
        ("store.outbox.troubled",),
        "what did not get through and needs a person",
        where="state IN ('unknown', 'held', 'failed', 'rejected')",
    ),
    Index(
        "ix_promise_conversation",
        "promise",
        ("conversation_id", "id"),
        ("store.promises.of_conversation",),
        "the promises of one conversation, asked by every page and every answer",
    ),
    Index(
        "ix_promise_pending",
        "promise",
        ("due_at", "id"),
        ("store.promises.over",),
        "the clock asks every two seconds which promises are over",
        where="state IN ('open', 'suggested')",
    ),
    Index(
        "ix_promise_remind",
        "promise",
        ("remind_at", "id"),
        ("store.promises.to_remind",),
        "the clock asks every two seconds whom to remind",
        where="(state = 'open' AND reminded_at IS NULL)",
    ),
    Index(
        "ix_promise_due",
        "promise",
        ("due_at", "state"),
        ("store.promises.fell_due",),
        "promises kept in a period, among all that were ever made",
    ),
)
