"""Attachments as they are shown with their messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from inbox.pictures.views import AttachmentView
from store import pictures
from store.pictures import Attachment, State


def attachments_of(conn: Connection, mention_ids: Iterable[int]) -> Mapping[int, tuple[AttachmentView, ...]]:
    """What is attached to messages, in the platform's order; messages without are missing."""
    found = pictures.of_mentions(conn, mention_ids)
    return {mention_id: tuple(map(_view, attached)) for mention_id, attached in found.items()}


def _view(one: Attachment) -> AttachmentView:
    kept = one.state == State.KEPT
    reason = "" if kept else one.reason or State.WANTED.value
    return AttachmentView(one.kind, one.link if kept else None, reason, one.alt, one.width, one.height)
