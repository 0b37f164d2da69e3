"""Exports made in tests, and somebody whose words leave in them."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

from inbox import export
from inbox.export import PLAIN, Form, Snapshot
from inbox.views import EVERYTHING, CurrentUser, Filters
from store.schema import author, conversation, mention
from tests.inbox.conftest import World


def said(world: World, text: str) -> int:
    """A conversation of a message by somebody with a profile of their own."""
    number, who = world.conversation(text=text), world.store.new_id()
    with world.store.write() as conn:
        values = {
            "id": who,
            "platform": "discourse",
            "external_id": f"u{who}",
            "handle": f"jan{who}",
            "name": f"Jan {who}",
        }
        conn.execute(author.insert().values(**values, url=f"https://forum.example/u/{who}"))
        conn.execute(mention.update().where(mention.c.conversation_id == number).values(author_id=who))
        conn.execute(conversation.update().where(conversation.c.id == number).values(author_id=who, title="Titel"))
    return number


def rows(world: World, table: str, filters: Filters = EVERYTHING, form: Form = PLAIN) -> list[dict[str, Any]]:
    """Rows of a table as JSON lines tell them."""
    return [json.loads(line) for line in written(world, table, filters, form).splitlines()]


def written(
    world: World,
    table: str,
    filters: Filters = EVERYTHING,
    form: Form = PLAIN,
    *,
    actor: CurrentUser | None = None,
    bound: Snapshot | None = None,
) -> bytes:
    """A file, which its manifest must describe."""
    out = io.BytesIO()
    to, bound = export.recipient(world.desk, actor), bound or export.now(world.desk)
    told = export.write(world.desk, table, filters, form, out, to=to, snapshot=bound)
    data = out.getvalue()
    assert told.sha256 == hashlib.sha256(data).hexdigest()
    assert told.size == len(data)
    return data
