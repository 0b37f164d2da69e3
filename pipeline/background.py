"""What a message answers, out of a thread that was fetched for it. Pure.

Only the line upward is kept, the nearest first: what else stands in a thread comes in by collecting, or is not ours.
Kept as context: shown above the message, and no work for anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.items import Item
from store.keys import conversation_key
from store.records import CONTEXT, MentionRecord

MOST = 20
"""Messages above one that are kept; the nearest tell most."""


def line(items: Sequence[Item], parent: str | None) -> tuple[Item, ...]:
    """The item that is answered, after the one that it answers, and so on: oldest first. Empty when it is not there."""
    by_id = {item.external_id: item for item in items}
    found: dict[str, Item] = {}
    while parent in by_id and parent not in found and len(found) < MOST:
        item = by_id[parent]
        found[parent] = item
        parent = item.parent_external_id
    return tuple(reversed(found.values()))


def as_context(records: Sequence[MentionRecord], *, namespace: str, external_id: str) -> tuple[MentionRecord, ...]:
    """The records as background of the message with this identity: in its conversation, whatever else they tie to."""
    key = conversation_key(namespace, external_id)
    return tuple(replace(record, thread_key=key, flags=(*record.flags, CONTEXT)) for record in records)
