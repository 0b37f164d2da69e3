"""What a delivery tells of a Threads account: that there is something to read, or that a post of ours was removed."""

from __future__ import annotations

from connectors.fields import text_of
from connectors.items import Deleted
from connectors.meta.webhooks import threads_changes_in
from connectors.threads.options import ThreadsOptions
from connectors.webhooks import Delivery, Told

_READ = frozenset({"mentions", "publish", "replies"})


def told(delivery: Delivery, options: ThreadsOptions) -> Told | None:
    """See the contract. A reply is told without our name, so each account of the app is read."""
    changes = list(threads_changes_in(delivery))
    if not changes:
        return None
    gone = []
    for change in changes:
        writer = text_of(change.value, "username")
        key = text_of(change.value, "id")
        if change.field == "delete" and key is not None and (writer is None or writer.casefold() == options.username):
            gone.append(Deleted(key))
    return Told(due=any(change.field in _READ for change in changes), deleted=tuple(gone))
